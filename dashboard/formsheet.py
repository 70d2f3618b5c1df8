"""The statutory form redrawn with what a report says: states told in signs, failing sums marked.

Rows, columns and groups come from the build's dictionary; nothing of the form is known here but
that table 3 groups its rows and table 4 stands in one line. Pure: text in, HTML out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard import formats, i18n
from dashboard.i18n import Text
from dashboard.judged import Issue, Judged
from dashboard.markup import esc
from dashboard.queries.meta import Cell, Meta, Row

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def mark(number: int) -> str:
    """The sign of an issue in a cell and before its line in the list."""
    return _CIRCLED[number - 1] if number <= len(_CIRCLED) else f"({number})"


class Sheet:
    """One document's tables in one language."""

    def __init__(self, judged: Judged, meta: Meta, lang: str, t: Text) -> None:
        self.judged, self.meta, self.lang, self.t = judged, meta, lang, t
        self.marks = judged.marks()

    def tables(self) -> list[tuple[str, str, str]]:
        """``(heading, form in words, html)`` of every statutory table."""
        out = []
        for table, draw in (("t2", self._t2), ("t3", self._t3), ("t4", self._t4)):
            form = str(self.judged.parsed["forms"].get(table, ""))
            known = {f.form: f for f in self.meta.forms}
            words = i18n.of(known[form], "", self.lang) if form in known else ""
            heading = i18n.of(self.meta.tables[table], "", self.lang)
            out.append((heading, words, draw(form) if form else ""))
        return out

    def _cells(self, table: str, form: str) -> dict[str, list[Cell]]:
        """Row → its cells that the form has or the document printed, in the form's order."""
        order = {(c.table_key, c.column_key): c.position for c in self.meta.columns}
        out: dict[str, list[Cell]] = {}
        for cell in self.meta.cells.values():
            if cell.table_key != table:
                continue
            if form in cell.forms or self.judged.state(cell.key) != "absent":
                out.setdefault(cell.row_key, []).append(cell)
        for cells in out.values():
            cells.sort(key=lambda c: order[c.table_key, c.column_key])
        return out

    def _rows(self, table: str, cells: dict[str, list[Cell]]) -> list[Row]:
        rows = [r for r in self.meta.rows if r.table_key == table and r.row_key in cells]
        return sorted(rows, key=lambda r: r.position)

    def _column(self, cell: Cell) -> str:
        return cell.column_zh if self.lang == "zh" else cell.column_en

    def _label(self, row: Row) -> str:
        return i18n.of(row, "", self.lang)

    def _t2(self, form: str) -> str:
        """Each line of rows with the same columns has its own header, as the form prints it."""
        cells = self._cells("t2", form)
        width = max((len(c) for c in cells.values()), default=1)
        body, last = [], None
        for row in self._rows("t2", cells):
            columns = [c.column_key for c in cells[row.row_key]]
            if columns != last:
                heads = "".join(
                    f'<th scope="col"{_span(c, columns, width)}>{esc(self._column(c))}</th>'
                    for c in cells[row.row_key]
                )
                body.append(f'<tr><th scope="col">{esc(self.t("check.content"))}</th>{heads}</tr>')
                last = columns
            tds = "".join(self._td(c, _span(c, columns, width)) for c in cells[row.row_key])
            body.append(f'<tr><th scope="row">{esc(self._label(row))}</th>{tds}</tr>')
        return self._table("t2", "".join(body))

    def _t3(self, form: str) -> str:
        cells = self._cells("t3", form)
        rows = self._rows("t3", cells)
        if not rows:
            return ""
        columns = max(cells.values(), key=len)
        grouped = {c.column_key for c in self.meta.columns if c.table_key == "t3" and c.grouped}
        top: list[str] = []
        second: list[str] = []
        for cell in columns:
            if cell.column_key not in grouped:
                top.append(f'<th scope="col" rowspan="2">{esc(self._column(cell))}</th>')
                continue
            if not second:
                n = sum(c.column_key in grouped for c in columns)
                top.append(f'<th scope="colgroup" colspan="{n}">{esc(self.t("check.legal"))}</th>')
            second.append(f'<th scope="col">{esc(self._column(cell))}</th>')
        corner = f'<th colspan="3" rowspan="2">{esc(self.t("check.t3_corner"))}</th>'
        body = [f"<tr>{corner}{''.join(top)}</tr><tr>{''.join(second)}</tr>"]
        opened: set[str] = set()
        for row in rows:
            tds = "".join(self._td(c) for c in cells[row.row_key])
            body.append(f"<tr>{self._stub(row, rows, opened)}{tds}</tr>")
        return self._table("t3", "".join(body))

    def _stub(self, row: Row, rows: Sequence[Row], opened: set[str]) -> str:
        """The label cells before a row of table 3: its groups, each once, then its own label."""
        chain: list[str] = []
        key = row.group_key
        while key and key in self.meta.groups:
            chain.insert(0, key)
            key = self.meta.groups[key].parent
        out = ""
        for group in chain:
            if group not in opened:
                opened.add(group)
                n = sum(self._inside(r, group) for r in rows)
                label = i18n.of(self.meta.groups[group], "", self.lang)
                out += f'<th scope="rowgroup" rowspan="{n}" class="g">{esc(label)}</th>'
        span = 3 - len(chain)
        return out + f'<th scope="row" colspan="{span}">{esc(self._label(row))}</th>'

    def _inside(self, row: Row, group: str) -> bool:
        key = row.group_key
        while key:
            if key == group:
                return True
            key = self.meta.groups[key].parent if key in self.meta.groups else None
        return False

    def _t4(self, form: str) -> str:
        """One line of figures under its blocks, as the form has it."""
        cells = self._cells("t4", form)
        rows = self._rows("t4", cells)
        blocks = "".join(
            f'<th scope="colgroup" colspan="{len(cells[r.row_key])}">{esc(self._label(r))}</th>'
            for r in rows
        )
        flat = [c for r in rows for c in cells[r.row_key]]
        heads = "".join(f'<th scope="col">{esc(self._column(c))}</th>' for c in flat)
        tds = "".join(self._td(c) for c in flat)
        return self._table("t4", f"<tr>{blocks}</tr><tr>{heads}</tr><tr>{tds}</tr>")

    def _table(self, table: str, body: str) -> str:
        caption = i18n.of(self.meta.tables[table], "", self.lang)
        return (
            f'<div class="do-scroll" tabindex="0" role="region" aria-label="{esc(caption)}">'
            f'<table class="do-doc do-form {table}"><caption class="do-hidden">{esc(caption)}'
            f"</caption><tbody>{body}</tbody></table></div>"
        )

    def _td(self, cell: Cell, span: str = "") -> str:
        found: dict[str, Any] = self.judged.parsed["cells"].get(cell.key, {})
        state = self.judged.state(cell.key)
        issues = self.marks.get(cell.key, [])
        label = i18n.of(cell, "label", self.lang)
        name = i18n.of(self.meta.states[state], "", self.lang)
        title = f"{label}{self.t('check.colon')}{name}"
        css = f"n s-{state}" + (" s-failed" if issues else "")
        signs = "".join(
            f'<sup class="do-mark" title="{esc(i.message)}">{mark(i.number)}</sup>' for i in issues
        )
        values = "".join(_values(i) for i in issues if i.cells[-1] == cell.key)
        return (
            f'<td class="{css}"{span} data-cell="{esc(cell.key)}" title="{esc(title)}">'
            f"{self._shown(state, found)}{signs}{values}</td>"
        )

    def _shown(self, state: str, found: dict[str, Any]) -> str:
        raw = str(found.get("raw") or "")
        if state == "number":
            return esc(formats.exact(found.get("value")))
        if state == "not_applicable":
            return esc(raw or "/")
        sign = f'<i class="do-sign">{esc(self.t(f"check.sign.{state}"))}</i>'
        return f"{sign} {esc(raw[:60])}" if raw and state in ("text", "unread") else sign


def _span(cell: Cell, columns: Sequence[str], width: int) -> str:
    """The last cell of a shorter line takes the room that is left, as in the form."""
    room = width - len(columns) + 1
    return f' colspan="{room}"' if cell.column_key == columns[-1] and room > 1 else ""


def _values(issue: Issue) -> str:
    """Both values of a failing comparison, on its last cell."""
    if issue.left is None or issue.right is None:
        return ""
    shown = f"{formats.exact(issue.left)} ≠ {formats.exact(issue.right)}"
    return f'<small class="do-vs">{esc(shown)}</small>'
