"""The document as it was read: its own tables, the state of every cell, the chosen one marked.

The first half is pure (blocks to HTML); the page part is at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import formats, i18n
from dashboard.components import held, places
from dashboard.markup import Link, anchor, esc, safe_href
from dashboard.queries.profile import Provenance, Reading
from dashboard.view import View

Position = tuple[int, int, int]
Span = tuple[int, int, str]
#: Lines of running text shown around the tables before "show all".
LINE_LIMIT = 400
#: Lines before and after a figure that stands in a line: its row and the head of its column.
BEFORE, AFTER = 25, 10


def grid_html(
    block: Mapping[str, Any],
    number: int,
    *,
    keys: Mapping[Position, str],
    states: Mapping[str, str],
    titles: Mapping[str, str],
    hrefs: Callable[[str], str] | None,
    picked: str = "",
    failed: frozenset[str] = frozenset(),
    caption: str = "",
) -> str:
    """A grid of the document as an HTML table, spans kept, every text escaped.

    ``keys`` maps (block, row, column) to the form's cell read there; ``titles`` its words for the
    tooltip; ``hrefs`` makes the link that picks it.
    """
    rows: dict[int, list[list[Any]]] = {}
    for item in block["cells"]:
        rows.setdefault(int(item[0]), []).append(item)
    out = []
    for row in range(int(block["n_rows"])):
        tds = [
            _td(item, keys.get((number, int(item[0]), int(item[1])), ""), states, titles, hrefs,
                picked, failed)
            for item in sorted(rows.get(row, []), key=lambda i: int(i[1]))
        ]  # fmt: skip
        out.append(f"<tr>{''.join(tds)}</tr>")
    return (
        f'<div class="do-scroll" tabindex="0" role="region" aria-label="{esc(caption)}">'
        f'<table class="do-doc"><caption class="do-hidden">{esc(caption)}</caption>'
        f"{''.join(out)}</table></div>"
    )


def _td(
    item: list[Any],
    key: str,
    states: Mapping[str, str],
    titles: Mapping[str, str],
    hrefs: Callable[[str], str] | None,
    picked: str,
    failed: frozenset[str],
) -> str:
    _, _, rowspan, colspan, text = item
    classes = []
    if key:
        classes += ["n", f"s-{states.get(key, '')}"]
        classes += ["s-failed"] if key in failed else []
        classes += ["picked"] if key == picked else []
    spans = "".join(
        f' {name}="{int(n)}"' for name, n in (("rowspan", rowspan), ("colspan", colspan)) if n > 1
    )
    content = esc(text)
    if key and hrefs is not None:
        content = anchor(Link(str(text) or "·", hrefs(key)))
    title = f' title="{esc(titles[key])}"' if key in titles else ""
    current = ' aria-current="true"' if key and key == picked else ""
    css = f' class="{esc(" ".join(classes))}"' if classes else ""
    return f"<td{css}{spans}{title}{current}>{content}</td>"


def line_html(block: Mapping[str, Any], mark: tuple[int, int] | None = None) -> str:
    """A line of running text; ``mark`` highlights characters from–to."""
    text = str(block["text"])
    css = "do-text h" if block.get("heading") else "do-text"
    if mark is None:
        return f'<p class="{css}">{esc(text)}</p>'
    a, b = mark
    return f'<p class="{css}">{esc(text[:a])}<mark>{esc(text[a:b])}</mark>{esc(text[b:])}</p>'


def lines_html(
    lines: Sequence[tuple[int, str]],
    *,
    spans: Mapping[int, Sequence[Span]],
    states: Mapping[str, str],
    titles: Mapping[str, str],
    hrefs: Callable[[str], str],
    picked: str = "",
    failed: frozenset[str] = frozenset(),
    caption: str = "",
) -> str:
    """Lines of a document without tables, every text escaped; each figure read is a link.

    ``lines`` are (block, text); ``spans`` maps a block to the characters from–to of its figures and
    the form's cell read there. Of figures that overlap the first is shown, the picked one always.
    """
    out = []
    for number, text in lines:
        free: list[Span] = []
        for a, b, key in sorted(spans.get(number, ()), key=lambda s: (s[2] != picked, *s)):
            if 0 <= a < b <= len(text) and all(b <= c or a >= d for c, d, _ in free):
                free.append((a, b, key))
        done, pieces = 0, []
        for a, b, key in sorted(free):
            pieces += [esc(text[done:a]), _figure(text[a:b], key, states, titles, hrefs, picked,
                                                  failed)]  # fmt: skip
            done = b
        pieces.append(esc(text[done:]))
        out.append(f"<p>{''.join(pieces)}</p>")
    return (
        f'<div class="do-scroll do-lines" tabindex="0" role="region" aria-label="{esc(caption)}">'
        f"{''.join(out)}</div>"
    )


def _figure(
    text: str,
    key: str,
    states: Mapping[str, str],
    titles: Mapping[str, str],
    hrefs: Callable[[str], str],
    picked: str,
    failed: frozenset[str],
) -> str:
    css = " ".join([f"s-{states.get(key, '')}", *(["s-failed"] if key in failed else [])])
    link = anchor(Link(text, hrefs(key)))
    title = f' title="{esc(titles[key])}"' if key in titles else ""
    if key == picked:
        return f'<mark class="{esc(css)}"{title} aria-current="true">{link}</mark>'
    return f'<span class="{esc(css)}"{title}>{link}</span>'


def spans_of(found: Provenance) -> dict[int, list[Span]]:
    """Block → the figures read in it, for lines of running text."""
    out: dict[int, list[Span]] = {}
    for key, r in found.readings.items():
        if r.block is None or r.a is None or r.b is None:
            continue
        if 0 <= r.block < len(found.blocks) and found.blocks[r.block].get("kind") != "grid":
            out.setdefault(r.block, []).append((r.a, r.b, key))
    return out


def positions(found: Provenance) -> dict[Position, str]:
    """Where in the grids each cell of the form was read."""
    return {
        (r.block, r.a, r.b): key
        for key, r in found.readings.items()
        if r.block is not None
        and r.a is not None
        and r.b is not None
        and 0 <= r.block < len(found.blocks)
        and found.blocks[r.block].get("kind") == "grid"
    }


def reading_html(view: View, reading: Reading, url: str | None, filename: str) -> str:
    """How the chosen cell was read: label, value, state, printed text, place, source."""
    t = view.t
    cell = view.meta.cells[reading.key]
    state = view.meta.states.get(reading.state)
    label = i18n.of(cell, "label", view.lang)
    value = formats.exact(reading.value)
    unit = view.words.named("unit", cell.unit)
    items = [
        (t("doc.value"), f"{value} {unit}" if reading.value is not None else value),
        (t("doc.state"), t("doc.state_note", state=i18n.of(state, "", view.lang),
            note=i18n.of(state, "note", view.lang)) if state else reading.state),
        (t("doc.raw"), reading.raw or t("doc.raw_empty")),
        (t("doc.place"), places.in_words(reading.at, t) if reading.at else t("doc.nowhere")),
    ]  # fmt: skip
    if reading.unit_printed:
        items.append((t("doc.unit_printed"), reading.unit_printed))
    if reading.note:
        items.append((t("doc.note"), reading.note))
    rows = "".join(f"<dt>{esc(k)}</dt><dd>{esc(v)}</dd>" for k, v in items)
    href = safe_href(url)
    source = anchor(Link(filename or str(url), href), outside=True) if href else esc(filename)
    rows += f"<dt>{esc(t('doc.source'))}</dt><dd>{source}</dd>"
    return f'<div class="do-reading" role="status"><b>{esc(label)}</b><dl>{rows}</dl></div>'


def viewer(
    view: View,
    found: Provenance,
    *,
    hrefs: Callable[[str], str],
    picked: str,
    failed: frozenset[str],
    url: str | None,
    filename: str,
) -> None:
    """The document on the page: the chosen cell's reading, its table first, the rest below."""
    t = view.t
    reading = found.readings.get(picked)
    if picked and reading is None:
        st.info(t("doc.unknown_cell"))
    if reading is not None:
        st.html(reading_html(view, reading, url, filename))
    keys = positions(found)
    states = {key: r.state for key, r in found.readings.items()}
    titles = {
        key: i18n.of(view.meta.cells[key], "label", view.lang)
        for key in found.readings
        if key in view.meta.cells
    }
    chosen = reading.block if reading is not None else None
    whole = st.toggle(t("doc.whole"), help=t("doc.whole_help"), **held.keeps("do_doc_whole"))
    read_grids = {block for block, _, _ in keys}
    for number, block in enumerate(found.blocks):
        if block.get("kind") == "grid":
            if not (whole or number == chosen or (chosen is None and number in read_grids)):
                continue
            caption = t("doc.table", number=int(block["number"]))
            place = places.in_words(block.get("place") or "", t)
            st.html(
                f'<p class="do-line">{esc(caption)} {esc(place)}</p>'
                + grid_html(
                    block, number, keys=keys, states=states, titles=titles, hrefs=hrefs,
                    picked=picked, failed=failed, caption=caption,
                )
            )  # fmt: skip
        elif whole and number < LINE_LIMIT:
            at = (
                (int(reading.a or 0), int(reading.b or 0)) if reading and number == chosen else None
            )
            st.html(line_html(block, at))
    spans = spans_of(found)
    if not whole and spans and (chosen in spans or not read_grids):
        first, last = (
            (chosen - BEFORE, chosen + AFTER)
            if chosen is not None and chosen in spans
            else (min(spans) - AFTER, max(spans) + 1)
        )
        lines = [
            (number, str(block.get("text", "")))
            for number, block in enumerate(found.blocks)
            if first <= number <= last and block.get("kind") != "grid"
        ][:LINE_LIMIT]
        st.html(
            lines_html(
                lines, spans=spans, states=states, titles=titles, hrefs=hrefs, picked=picked,
                failed=failed, caption=t("doc.lines"),
            )
        )  # fmt: skip
    st.html(f'<p class="do-line">{esc(t("doc.legend"))}</p>')
