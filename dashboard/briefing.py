"""A briefing as data: which figures under which filters, in which order, with which words. Pure.

A pin is a figure's name and the parameters of the link that shows it, its build included; nothing
of the figures themselves is kept, they are built again from the warehouse. So a briefing opened
later shows the same figures as long as the build is kept, or those of the newest build.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from dashboard import formats
from dashboard.export.base import MAX_CHARTS, OFFICE_PAGE, Item, filters_of, on_paper
from dashboard.export.packs import BY_KEY as PRODUCTS
from dashboard.export.packs import Pack
from dashboard.figures import FIGURES, Figure, names_on
from dashboard.figures import build as figure_named
from dashboard.filters import LANGUAGES, PARAMETERS, to_params
from dashboard.i18n import Text, translator
from dashboard.open import Opener
from dashboard.queries import offices
from dashboard.view import View

TEMPLATES: Final = ("slides", "report")
TITLE_LENGTH: Final = 120
NOTE_LENGTH: Final = 2000
_FIGURE: Final = re.compile(r"[a-z_]+/[a-z_]+(/[\w.\-:~]+)?")


class BriefingError(Exception):
    """A specification that cannot be understood; the message is for its author, zh and en."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One figure of a briefing. ``params`` are those of a link (``filters.to_params``)."""

    figure: str
    params: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    note: str = ""

    @property
    def build(self) -> str:
        """The build it was pinned on, ``""`` for the newest."""
        return self.params.get("build", "")


@dataclass(frozen=True, slots=True)
class Briefing:
    """Pins in order. ``fresh``: build them on the newest data instead of those pinned."""

    title: str = ""
    pins: tuple[Pin, ...] = ()
    template: str = TEMPLATES[0]
    fresh: bool = False
    tables: bool = True


@dataclass(frozen=True, slots=True)
class Trouble:
    """A pin that could not be shown as pinned: its number (from 1), what it is called, and why.

    ``reason`` is a key of the catalogue (``briefing.trouble_<reason>``), ``detail`` its blank: the
    build, the filters, what is not there, charts there are.
    """

    number: int
    reason: str
    name: str
    detail: str = ""


def pin_of(view: View, figure: Figure) -> Pin:
    """A figure as seen on a page; the scope the page decided on is kept as the reader's."""
    return Pin(figure.name, to_params(replace(view.filters, selection=view.selection)))


def place_of(briefing: Briefing, pin: Pin) -> int | None:
    """Where the same figure of the same filters is pinned, in whatever language."""
    return next((n for n, p in enumerate(briefing.pins) if _same(p) == _same(pin)), None)


def _same(pin: Pin) -> tuple[str, dict[str, str]]:
    return pin.figure, {k: v for k, v in pin.params.items() if k != "lang"}


def add(briefing: Briefing, pin: Pin) -> Briefing:
    """With one more pin; none twice, at most ``MAX_CHARTS``."""
    if place_of(briefing, pin) is not None or len(briefing.pins) >= MAX_CHARTS:
        return briefing
    return replace(briefing, pins=(*briefing.pins, pin))


def remove(briefing: Briefing, place: int) -> Briefing:
    """Without the pin at a place."""
    pins = briefing.pins[:place] + briefing.pins[place + 1 :]
    return replace(briefing, pins=pins)


def move(briefing: Briefing, place: int, by: int) -> Briefing:
    """With a pin moved up (-1) or down (1); at the ends nothing changes."""
    to = place + by
    if not 0 <= to < len(briefing.pins):
        return briefing
    pins = list(briefing.pins)
    pins[place], pins[to] = pins[to], pins[place]
    return replace(briefing, pins=tuple(pins))


def change(briefing: Briefing, place: int, *, title: str, note: str) -> Briefing:
    """With other words for one pin."""
    pins = list(briefing.pins)
    pins[place] = replace(pins[place], title=title[:TITLE_LENGTH], note=note[:NOTE_LENGTH])
    return replace(briefing, pins=tuple(pins))


def dumps(briefing: Briefing) -> str:
    """As JSON text; the same briefing gives the same text."""
    return json.dumps(asdict(briefing), ensure_ascii=False, sort_keys=True)


def loads(text: str) -> Briefing:
    """From JSON text.

    Raises:
        BriefingError: it is not a briefing.
    """
    try:
        return from_mapping(json.loads(text))
    except ValueError as error:
        raise BriefingError(f"不是简报 not a briefing: {error}") from None


def from_mapping(found: Any) -> Briefing:
    """From parsed JSON or YAML; unknown keys are named, never passed over.

    Keys: ``title``, ``template`` (slides, report), ``fresh``, ``tables``, ``lang`` and
    ``filters`` (for all pins) and ``pins`` or ``charts``: names, or mappings with ``figure``,
    ``filters`` (a link's query text or a mapping; ``params`` is the same), ``title``, ``note``.

    Raises:
        BriefingError: what is wrong and where.
    """
    if not isinstance(found, Mapping):
        raise BriefingError("应为键值表 a mapping is expected at the top")
    known = {"title", "template", "fresh", "tables", "pins", "charts", "lang", "filters"}
    _only(found, known, "简报 briefing")
    template = str(found.get("template") or TEMPLATES[0])
    if template not in TEMPLATES:
        raise BriefingError(f"template: {template!r} — {' | '.join(TEMPLATES)}")
    listed = found.get("pins", found.get("charts", []))
    if not isinstance(listed, list | tuple):
        raise BriefingError("pins 应为列表 pins must be a list")
    if len(listed) > MAX_CHARTS:
        raise BriefingError(
            f"最多 {MAX_CHARTS} 张图 at most {MAX_CHARTS} charts, got {len(listed)}"
        )
    shared = params_of(found.get("filters"), "filters")
    if found.get("lang"):
        shared["lang"] = _lang(found["lang"])
    pins = tuple(_pin(entry, n, shared) for n, entry in enumerate(listed, start=1))
    return Briefing(
        title=str(found.get("title") or "")[:TITLE_LENGTH],
        pins=pins,
        template=template,
        fresh=bool(found.get("fresh", False)),
        tables=bool(found.get("tables", True)),
    )


def _pin(entry: Any, number: int, shared: dict[str, str]) -> Pin:
    where = f"pins[{number}]"
    if isinstance(entry, str):
        entry = {"figure": entry}
    if not isinstance(entry, Mapping):
        raise BriefingError(f"{where}: 应为图名或键值表 a figure's name or a mapping")
    _only(entry, {"figure", "params", "filters", "title", "note"}, where)
    figure = str(entry.get("figure") or "")
    if not _FIGURE.fullmatch(figure):
        raise BriefingError(f"{where}: 图名无效 no figure's name: {figure!r}")
    params = shared | params_of(entry.get("params", entry.get("filters")), where)
    return Pin(
        figure, params, str(entry.get("title") or "")[:TITLE_LENGTH],
        str(entry.get("note") or "")[:NOTE_LENGTH],
    )  # fmt: skip


def params_of(found: Any, where: str) -> dict[str, str]:
    """Link parameters from a query text (``region=990100&years=2020-2024``) or a mapping.

    Raises:
        BriefingError: a parameter no link has.
    """
    from urllib.parse import parse_qsl

    if not found:
        return {}
    if isinstance(found, str):
        pairs = dict(parse_qsl(found.lstrip("?"), keep_blank_values=True))
    elif isinstance(found, Mapping):
        pairs = {str(k): "" if v is None else str(v) for k, v in found.items()}
    else:
        raise BriefingError(f"{where}: 筛选应为文字或键值表 filters are a text or a mapping")
    _only(pairs, set(PARAMETERS), where)
    return {k: v for k, v in pairs.items() if v}


def _only(found: Mapping[str, Any], known: set[str], where: str) -> None:
    odd = sorted(str(k) for k in found if k not in known)
    if odd:
        raise BriefingError(
            f"{where}: 不认识 unknown: {', '.join(odd)} — 可用 known: {', '.join(sorted(known))}"
        )


def _lang(value: Any) -> str:
    if value not in LANGUAGES:
        raise BriefingError(f"lang: {value!r} — {' | '.join(LANGUAGES)}")
    return str(value)


Progress = Callable[[int, int], None]


def refreshed(briefing: Briefing) -> Briefing:
    """The same briefing on the newest data, whatever it was pinned on."""
    return replace(briefing, fresh=True)


def build(
    briefing: Briefing,
    opener: Opener,
    *,
    lang: str = "",
    progress: Progress = lambda done, total: None,
) -> tuple[list[Item], list[Trouble]]:
    """The figures of a briefing, and what could not be shown as pinned.

    ``lang`` overrides the pins' language. ``progress`` is called before every figure and may
    raise to stop. A pin whose build is no longer kept is built on the newest and named.

    Raises:
        WarehouseError: no readable warehouse.
    """
    items: list[Item] = []
    troubles: list[Trouble] = []
    for number, pin in enumerate(briefing.pins, start=1):
        progress(number - 1, len(briefing.pins))
        chosen = None if briefing.fresh else opener.build(pin.build)
        params = dict(pin.params) | ({"lang": lang} if lang else {})
        page = pin.figure.split("/")[0]
        view = opener.view(page, params, chosen)
        name = pin.title or name_of(pin.figure, view)
        if chosen is None and not briefing.fresh:
            troubles.append(Trouble(number, "build_gone", name, pin.build))
        item = _item(pin, view)
        if item is None:
            troubles.append(Trouble(number, *_why_not(pin, name, view)))
        else:
            items.append(item)
    progress(len(briefing.pins), len(briefing.pins))
    return items, troubles


def name_of(figure: str, view: View) -> str:
    """A chart by its page and what it shows, whether it can be built or not; else as written."""
    page, chart, part = [*figure.split("/", 2), "", ""][:3]
    spec = FIGURES().get(f"{page}/{chart}")
    if spec is None:
        return figure
    what = spec.called(view, part)
    return view.t("format.pair", one=view.t(f"page.{page}.title"), two=what)


def _why_not(pin: Pin, name: str, view: View) -> tuple[str, str, str]:
    """Why a pin has no figure: the reason, the chart's name, what the reason is about."""
    base = "/".join(pin.figure.split("/")[:2])
    if base not in FIGURES():
        near = difflib.get_close_matches(pin.figure, FIGURES(), n=3, cutoff=0.3)
        return "unknown", pin.title or pin.figure, view.t("format.comma").join(near or FIGURES())
    office = view.filters.office
    if view.page == OFFICE_PAGE and (not office or view.query(offices.one, office) is None):
        return "no_office", name, office or "—"
    if view.not_here:
        return "not_here", name, view.t("format.comma").join(view.not_here)
    known = names_on(view.page, view) if view.years else []
    parts = [n for n in known if n.startswith(f"{base}/")]
    if parts and pin.figure not in parts:
        return "unknown", pin.title or pin.figure, view.t("format.comma").join(parts)
    return "nothing", name, view.in_words


def figure_of(pin: Pin, view: View) -> Figure | None:
    """The figure of a pin; ``None`` where the view has none of that name or nothing to draw."""
    if not view.years or pin.figure not in names_on(view.page, view):
        return None
    return figure_named(pin.figure, view)


def _item(pin: Pin, view: View) -> Item | None:
    paper = on_paper(view)
    figure = figure_of(pin, paper)
    return None if figure is None else Item(figure, paper, pin.title, pin.note)


def trouble_words(trouble: Trouble, t: Text) -> str:
    """A trouble in words."""
    return t(
        f"briefing.trouble_{trouble.reason}", number=trouble.number, name=trouble.name,
        detail=trouble.detail,
    )  # fmt: skip


def pack_of(
    briefing: Briefing, items: Sequence[Item], troubles: Sequence[Trouble], *,
    template: bytes | None = None, today: dt.date | None = None,
) -> Pack:  # fmt: skip
    """The built figures ready to be written, with the lines of the cover.

    They say which data: as pinned or the newest, of which builds; and what is missing.
    """
    view = items[0].view
    t, day = view.t, formats.date(today or dt.date.today(), view.lang)
    filters = {filters_of(item.view) for item in items}
    builds = t("format.comma").join(sorted({item.view.build.id for item in items}))
    lines = [filters.pop()] if len(filters) == 1 else []
    lines.append(t("briefing.line_fresh" if briefing.fresh else "briefing.line_pinned",
                   builds=builds, date=day))  # fmt: skip
    lines += [trouble_words(trouble, t) for trouble in troubles]
    return Pack(
        tuple(items), briefing.title or t("briefing.untitled"), tuple(lines),
        briefing.template == "report", briefing.tables, template, today,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A finished product: its file, and in words what is not in it."""

    name: str
    mime: str
    content: bytes
    troubles: tuple[str, ...] = ()


class NothingToDraw(Exception):
    """No figure of the briefing has anything to show; the text says which and why."""


def produce(
    briefing: Briefing, product: str, opener: Opener, *, lang: str,
    template: bytes | None = None, progress: Progress = lambda done, total: None,
) -> Made:  # fmt: skip
    """Build all figures and write one product (``packs.PRODUCTS``); half the progress each.

    Raises:
        NothingToDraw: no figure could be built.
        TemplateError: the user's template cannot be used.
        WarehouseError: no readable warehouse.
    """
    n = len(briefing.pins)
    items, troubles = build(
        briefing, opener, lang=lang, progress=lambda done, _: progress(done, 2 * n)
    )
    t = translator(lang)
    said = tuple(trouble_words(trouble, t) for trouble in troubles)
    if not items:
        raise NothingToDraw("\n".join(said))
    pack = pack_of(briefing, items, troubles, template=template)
    kind = PRODUCTS[product]
    content = kind.make(pack, lambda done, total: progress(n + done * n // max(total, 1), 2 * n))
    return Made(kind.name(pack), kind.mime, content, said)
