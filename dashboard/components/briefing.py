"""简报: saved briefings, the pins in order, the file they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import streamlit as st

from dashboard import briefing, cached, figures, formats
from dashboard.briefing import Briefing, Made, NothingToDraw, Pin
from dashboard.charts.base import Look
from dashboard.components import held, job, pins
from dashboard.db import Build, WarehouseError
from dashboard.desk import Desk, DeskError, Saved
from dashboard.export.base import MAX_CHARTS
from dashboard.export.packs import PRODUCTS
from dashboard.export.template import TemplateError
from dashboard.i18n import Text
from dashboard.jobs import Job, Progress
from dashboard.markup import esc
from dashboard.open import Opener
from dashboard.queries.base import Viewer
from dashboard.queries.meta import Meta
from dashboard.queries.offices import Options
from dashboard.view import Ask, View

SLOT: Final = "briefing"
OPENED: Final = "do_briefing_opened"
#: What the last file was made of.
ASKED: Final = "do_briefing_asked"


class _Cached:
    """Builds read through the page's caches."""

    def meta(self, build: Build) -> Meta:
        found: Meta = cached.meta(build.path, build.id)
        return found

    def options(self, build: Build, viewer: Viewer) -> Options:
        return cached.options(build, viewer)

    def ask(self, build: Build) -> Ask:
        return partial(cached.query, build)


# ------------------------------------------------------------------ saved briefings


def shelf(view: View) -> None:
    """Briefings saved by name: open, delete; save this one."""
    t, desk = view.t, Desk()
    try:
        saved = desk.briefings()
    except DeskError as error:
        _desk_failure(t, error)
        return
    now = pins.current()
    if not saved and not now.pins:
        return
    with st.expander(t("briefing.shelf", n=len(saved)), expanded=bool(saved and not now.pins)):
        if saved:
            _open_saved(view, desk, saved)
        if now.pins:
            _save(view, desk, now)


def _open_saved(view: View, desk: Desk, saved: list[Saved]) -> None:
    t, by_name = view.t, {s.name: s for s in saved}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            t("briefing.saved"), list(by_name), key="do_saved", width=420,
            format_func=lambda n: _shelf_line(by_name[n], view),
        )  # fmt: skip
        if name is None:
            return
        st.button(t("briefing.open"), key="do_saved_open", on_click=_take, args=(by_name[name],))
        st.button(
            t("briefing.delete"), key="do_saved_delete", type="tertiary", on_click=_delete,
            args=(desk, name),
        )  # fmt: skip


def _shelf_line(saved: Saved, view: View) -> str:
    return view.t("briefing.shelf_line", name=saved.name, date=_day(saved.at, view.lang))


def _day(stamp: str, lang: str) -> str:
    try:
        return formats.date(datetime.fromisoformat(stamp).astimezone(UTC), lang)
    except ValueError:
        return stamp


def _take(saved: Saved) -> None:
    try:
        pins.put(briefing.loads(saved.spec))
        st.session_state[OPENED] = saved.name
    except briefing.BriefingError:
        st.session_state[OPENED] = None


def _delete(desk: Desk, name: str) -> None:
    try:
        desk.delete_briefing(name)
    except DeskError as error:
        st.session_state["do_desk_error"] = error


def _save(view: View, desk: Desk, now: Briefing) -> None:
    t = view.t
    suggested = st.session_state.get(OPENED) or now.title or t("briefing.untitled")

    def save() -> None:
        name = str(st.session_state["do_save_name"] or "").strip()
        if not name:
            return
        try:
            desk.save_briefing(name, briefing.dumps(pins.current()))
            st.session_state[OPENED] = name
            st.session_state["do_saved_said"] = name
        except DeskError as error:
            st.session_state["do_desk_error"] = error

    st.session_state.setdefault("do_save_name", suggested)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("briefing.save_name"), key="do_save_name", width=420, max_chars=120)
        st.button(t("briefing.save"), key="do_save", on_click=save, icon=":material/save:")
    error = st.session_state.pop("do_desk_error", None)
    if error is not None:
        _desk_failure(t, error)
    elif said := st.session_state.pop("do_saved_said", ""):
        st.success(t("briefing.saved_said", name=said))


def _desk_failure(t: Text, error: DeskError) -> None:
    st.warning(f"{t(f'error.{error.reason}.what')}\n\n{t(f'error.{error.reason}.do')}")
    st.code(error.place, language=None)


# ------------------------------------------------------------------ what it is called, which data


def settings(view: View) -> None:
    """Title, template, data version, tables; which data the pins are of, in words."""
    t, now = view.t, pins.current()
    if OPENED in st.session_state and st.session_state[OPENED] is None:
        del st.session_state[OPENED]
        st.error(t("briefing.damaged"))
    if not now.pins:
        st.info(t("briefing.empty"))
        if view.years:
            st.button(t("briefing.start"), on_click=_start, args=(view,), key="do_start")
        return

    def put(**changes: Any) -> None:
        pins.put(replace(pins.current(), **changes))

    first, data = briefing.TEMPLATES[0], "fresh" if now.fresh else "pinned"
    st.text_input(
        t("briefing.title"), max_chars=briefing.TITLE_LENGTH, placeholder=t("briefing.untitled"),
        **held.shows("do_title", now.title, lambda v: put(title=str(v or ""))),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            t("briefing.template"), briefing.TEMPLATES, required=True,
            format_func=lambda k: t(f"briefing.template_is_{k}"),
            **held.shows("do_template", now.template, lambda v: put(template=v or first)),
        )  # fmt: skip
        st.segmented_control(
            t("briefing.data"), ("pinned", "fresh"), required=True,
            format_func=lambda k: t(f"briefing.data_{k}"),
            **held.shows("do_data", data, lambda v: put(fresh=v == "fresh")),
        )  # fmt: skip
        st.toggle(
            t("briefing.tables"),
            **held.shows("do_tables", now.tables, lambda v: put(tables=bool(v))),
        )
    st.html(f'<p class="do-line">{esc(_data_line(view, now))}</p>')


def _start(view: View) -> None:
    """The overview's figures as a first briefing."""
    made = pins.current()
    here = replace(view, page="overview")
    for name in figures.names_on("overview", here):
        figure = figures.build(name, here)
        if figure is not None:
            made = briefing.add(made, briefing.pin_of(here, figure))
    pins.put(made)


def _data_line(view: View, now: Briefing) -> str:
    """Which data the figures are of, and whether there are newer ones."""
    t, newest = view.t, view.newest.id
    if now.fresh:
        return t("briefing.data_line_fresh", newest=newest)
    old = sorted({p.build for p in now.pins if p.build not in ("", newest)})
    if not old:
        return t("briefing.data_line_current", newest=newest)
    n = sum(p.build in old for p in now.pins)
    builds = t("format.comma").join(old)
    return t("briefing.data_line_old", n=n, builds=builds, newest=newest)


# ------------------------------------------------------------------ the pins


def contents(view: View) -> None:
    """The pins in order: preview, title, note; move, remove, go to where it came from."""
    t, now = view.t, pins.current()
    if not now.pins:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("briefing.contents", n=len(now.pins)), anchor=False)
        shown = st.toggle(t("briefing.preview"), value=True, key="do_preview")
    if len(now.pins) >= MAX_CHARTS:
        st.caption(t("briefing.full", n=MAX_CHARTS))
    opener = Opener(viewer=view.viewer, access=_Cached())
    for place, pin in enumerate(now.pins):
        with st.container(border=True, key=f"do_pin_card_{place}"):
            _pin(view, opener, place, pin, shown=bool(shown))


def _pin(view: View, opener: Opener, place: int, pin: Pin, *, shown: bool) -> None:
    t, now = view.t, pins.current()
    there, gone = _view_of(view, opener, pin, fresh=now.fresh)
    figure = None if there is None else briefing.figure_of(pin, there)
    title = pin.title or (figure.title if figure else pin.figure)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<h4 class="do-title">{place + 1}. {esc(title)}</h4>', width="stretch")
        _tool(view, place, "up", briefing.move, -1, off=place == 0)
        _tool(view, place, "down", briefing.move, 1, off=place == len(now.pins) - 1)
        _tool(view, place, "remove", briefing.remove)
    if gone:
        st.warning(t("briefing.pin_gone", build=pin.build))
    if there is None or figure is None:
        st.warning(t("briefing.pin_nothing"))
    else:
        link = there.href(there.page, replace(there.filters, lang=view.lang))
        line = t("briefing.pin_line", filters=there.in_words, build=there.build.id)
        words = t("briefing.pin_source")
        st.html(f'<p class="do-line">{esc(line)} <a href="{esc(link)}" target="_self">{esc(words)}'
                "</a></p>")  # fmt: skip
    picture, words_ = st.columns([3, 2]) if shown and figure else (None, st.container())
    if picture is not None and figure is not None and there is not None:
        with picture:
            st.vega_lite_chart(
                cached.chart(there, figure), key=f"do_preview_{place}", theme=None, width="stretch"
            )
    with words_:
        _edit(view, place, pin, figure.title if figure else "")


def _view_of(view: View, opener: Opener, pin: Pin, *, fresh: bool) -> tuple[View | None, bool]:
    """The view of a pin in the page's language and colours; whether its build is gone."""
    try:
        chosen = None if fresh else opener.build(pin.build)
        params = dict(pin.params) | {"lang": view.lang}
        found = opener.view(pin.figure.split("/")[0], params, chosen)
    except WarehouseError:
        return None, True
    look = Look(dark=view.look.dark, lang=view.lang)
    return replace(found, look=look, keep=cached.keep), chosen is None and not fresh


def _tool(view: View, place: int, what: str, change: Any, *args: Any, off: bool = False) -> None:
    """A small button that changes the order."""
    icons = {"up": "arrow_upward", "down": "arrow_downward", "remove": "close"}

    def do() -> None:
        pins.put(change(pins.current(), place, *args))

    st.button(
        view.t(f"briefing.tool_{what}"), key=f"do_tool_{what}_{place}", on_click=do, disabled=off,
        icon=f":material/{icons[what]}:", type="tertiary",
    )  # fmt: skip


def _edit(view: View, place: int, pin: Pin, title: str) -> None:
    t = view.t

    def put(**words: str) -> None:
        now = pins.current()
        # Its place has changed where a click moved it before these words arrived.
        at = now.pins.index(pin) if pin in now.pins else place
        if at < len(now.pins):
            held_now = {"title": now.pins[at].title, "note": now.pins[at].note}
            pins.put(briefing.change(now, at, **(held_now | words)))

    st.text_input(
        t("briefing.pin_title"), placeholder=title, max_chars=briefing.TITLE_LENGTH,
        **held.shows(f"do_pin_title_{place}", pin.title, lambda v: put(title=str(v or ""))),
    )  # fmt: skip
    st.text_area(
        t("briefing.pin_note"), height=90, max_chars=briefing.NOTE_LENGTH,
        placeholder=t("briefing.pin_note_help"),
        **held.shows(f"do_pin_note_{place}", pin.note, lambda v: put(note=str(v or ""))),
    )  # fmt: skip


# ------------------------------------------------------------------ the file


def products(view: View) -> None:
    """Choose a format, make it with progress and cancel, take it away."""
    t, now = view.t, pins.current()
    if not now.pins:
        return
    st.subheader(t("briefing.make"), anchor=False)
    keys = [p.key for p in PRODUCTS]
    chosen = st.segmented_control(
        t("briefing.format"), keys, default=keys[0], key="do_product", required=True,
        format_func=lambda k: t(f"briefing.product_{k}"),
    )  # fmt: skip
    key = str(chosen or keys[0])
    st.caption(t(f"briefing.about_{key}"))
    template = None
    if key == "pptx":
        found = st.file_uploader(
            t("briefing.own_template"), type=["pptx"], key="do_own_template",
            help=t("briefing.own_template_help"),
        )  # fmt: skip
        template = found.getvalue() if found is not None else None
    begun = job.find(SLOT)
    running = begun is not None and begun.running
    asked = hash((briefing.dumps(now), key, template, view.lang))
    st.button(
        t("briefing.go"), key="do_make", type="primary", icon=":material/play_arrow:",
        disabled=running, on_click=_begin, args=(view, key, template, asked),
    )  # fmt: skip
    if begun is not None and running:
        job.watch(view, begun, "briefing.working")
    elif begun is not None:
        _made(view, begun, old=st.session_state.get(ASKED) != asked)


def _begin(view: View, product: str, template: bytes | None, asked: int) -> None:
    spec, lang, viewer = pins.current(), view.lang, view.viewer
    st.session_state[ASKED] = asked

    def work(progress: Progress) -> Made:
        # Connections of its own: it runs beside the page and may outlive it.
        with Opener(viewer=viewer) as opener:
            return briefing.produce(
                spec, product, opener, lang=lang, template=template, progress=progress
            )

    job.begin(SLOT, work)


def _made(view: View, ended: Job[Made], *, old: bool) -> None:
    """The file to take away, and what is not in it; ``old``: something was changed after it."""
    t, made = view.t, job.result(view, ended, _reason)
    if made is None:
        return
    size = formats.size(len(made.content))
    st.success(t("briefing.ready", name=made.name, size=size))
    for line in [*made.troubles, *([t("briefing.outdated")] if old else [])]:
        st.warning(line)
    st.download_button(
        t("briefing.take"), made.content, made.name, made.mime, key="do_take_briefing",
        on_click="ignore", type="primary", icon=":material/download:",
    )  # fmt: skip


def _reason(t: Text, error: Exception) -> str:
    if isinstance(error, TemplateError):
        return t(f"briefing.template_{error.reason}")
    if isinstance(error, NothingToDraw):
        return f"{t('briefing.nothing')}\n\n{error}"
    return ""
