"""What the commands print for people: a document's tables, its findings, a load's summary.

Chinese first, a short English gloss behind. Pure functions of data to lines of text.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from etl.check.repair import suggest
from etl.form import load_form
from etl.report import CellReading, Finding, Level, Number, Outcome, ParsedReport, State
from etl.warehouse.load import Summary
from etl.warehouse.shards import Rejection, plain

_SCOPES: Final = {"own_office": "本机关", "region": "本地区汇总", "system": "本系统汇总"}
#: Where the office's name and the year stand.
_PLACES: Final = {
    "title": "标题", "body": "正文", "metadata": "网页或文件属性", "filename": "文件名",
    "period": "统计期限",
}  # fmt: skip
_SIGNS: Final = {
    State.BLANK: "",
    State.NOT_APPLICABLE: "/",
    State.TEXT: "文字",
    State.ABSENT: "·",
    State.UNREAD: "?",
}
_LEVELS: Final = {Level.ERROR: "错误", Level.WARNING: "提醒", Level.INFO: "提示"}
_LABEL_WIDTH: Final = 34
#: Rejected documents listed one by one; the rest are counted.
_LISTED: Final = 20


def width(text: str) -> int:
    """Columns a text takes on a terminal; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, columns: int, *, right: bool = False) -> str:
    """Text cut or padded to a number of terminal columns."""
    if width(text) > columns:
        while width(text) > columns - 1:
            text = text[:-1]
        text += "…"
    pad = " " * (columns - width(text))
    return pad + text if right else text + pad


def head(report: ParsedReport) -> list[str]:
    """Who, when, which form: the first lines of a document."""
    if report.status != "report":
        problem = report.problem
        assert problem is not None
        lines = [report.source, f"  未采用 rejected [{problem.code}] {problem.message}"]
        return [*lines, f"  {problem.hint}"] if problem.hint else lines
    scope = _SCOPES.get(report.scope or "", "口径未写明")
    forms = "、".join(f"{table} {form}年格式" for table, form in report.forms.items())
    evidence = "；".join(
        f"{zh}据{_PLACES.get(report.evidence[key], report.evidence[key])}"
        for key, zh in (("office", "单位"), ("year", "年度"))
        if key in report.evidence
    )
    return [
        report.source,
        f"  {report.office or '单位不明'} · {report.year or '年度不明'} · {scope}"
        + (f" · {forms}" if forms else ""),
        *([f"  {evidence}"] if evidence else []),
        *([f"  {doubt}"] if (doubt := report.evidence.get("office_reasons")) else []),
    ]


def tables(report: ParsedReport) -> Iterator[str]:
    """The three statutory tables as read, one line a row; ``?`` unread, ``·`` absent."""
    form = load_form()
    for table in ("t2", "t3", "t4"):
        keys = [key for key in report.cells if key.startswith(f"{table}.")]
        if not any(report.state(key) is not State.ABSENT for key in keys):
            yield f"  {getattr(form.tables, table).zh}：没有读到 not found"
            continue
        yield f"  {getattr(form.tables, table).zh}"
        rows: dict[str, list[str]] = {}
        for key in keys:
            rows.setdefault(key.split(".")[1], []).append(key)
        values = {key: _shown(report.cells[key]) for key in keys}
        # A figure is never cut: its column is as wide as the widest.
        wide = max(6, *map(width, values.values()))
        for cells in rows.values():
            label = next(iter(form.cells[cells[0]].row_zh.values()))
            names = (next(reversed(form.cells[key].column_zh.values())) for key in cells)
            pairs = zip(names, (values[key] for key in cells), strict=True)
            shown = (f"{fit(name, 12)} {fit(value, wide, right=True)}" for name, value in pairs)
            yield f"    {fit(label, _LABEL_WIDTH)} {'  '.join(shown)}"


def _shown(cell: CellReading) -> str:
    return (plain(cell.value) if cell.value is not None else _SIGNS[cell.state]) or ""


def doubts(report: ParsedReport) -> Iterator[str]:
    """How many cells are in which state, and every one that is printed but no number."""
    counts = Counter(cell.state for cell in report.cells.values())
    names = {state.key: state.zh for state in load_form().notes.states}
    listed = "，".join(f"{names[str(s)]} {counts[s]}" for s in State if counts[s])
    yield f"  单元格 cells：{listed}"
    for key, cell in report.cells.items():
        if cell.state in (State.UNREAD, State.TEXT):
            label = load_form().cells[key].label_zh()
            yield f"    {names[str(cell.state)]} {label}：“{cell.raw}”（{cell.at}）"


def findings(report: ParsedReport) -> Iterator[str]:
    """Failed rules, errors first, then what could not be judged, then the counts."""
    failed = [f for f in report.findings if f.outcome is Outcome.FAIL]
    for level in Level:
        for one in failed:
            if one.level is level:
                yield f"  [{_LEVELS[level]}] {one.rule} {one.message}{_values(one)}"
    for one in report.findings:
        if one.outcome is Outcome.NOT_ASSESSABLE and one.message:
            yield f"  [无法核对] {one.rule} {one.message}"
    for hint in suggest(report):
        yield f"  [可能的更正] {hint.text_zh}"
    counts = Counter(f.outcome for f in report.findings)
    yield (
        f"  核验 checks：通过 {counts[Outcome.PASS]}，不通过 {counts[Outcome.FAIL]}，"
        f"无法核对 {counts[Outcome.NOT_ASSESSABLE]}，不适用 {counts[Outcome.NOT_APPLICABLE]}"
    )


def _values(finding: Finding) -> str:
    def shown(value: Number | None) -> str:
        return plain(value) or "—"

    if finding.left is None and finding.right is None:
        return ""
    return f"（左 left {shown(finding.left)}，右 right {shown(finding.right)}）"


def has_error(reports: Iterable[ParsedReport]) -> bool:
    """Whether an error-level rule failed in any of them."""
    return any(
        f.level is Level.ERROR and f.outcome is Outcome.FAIL for r in reports for f in r.findings
    )


def rejections(found: Sequence[Rejection]) -> Iterator[str]:
    """Rejected documents with reason and remedy; a long list is cut, its rest counted by code."""
    for one in found[:_LISTED]:
        hint = f" — {one.hint}" if one.hint else ""
        yield f"未采用 rejected [{one.code}] {one.source}: {one.message}{hint}"
    rest = Counter(one.code for one in found[_LISTED:])
    if rest:
        codes = "，".join(f"{code} {n}" for code, n in rest.most_common())
        yield f"另有 {len(found) - _LISTED} 个未采用 and more: {codes}（disclosure status）"


def load_summary(summary: Summary) -> Iterator[str]:
    """What a load did."""
    if not summary.published:
        if summary.build is not None:
            yield f"没有变化 unchanged：{summary.n_unchanged} 个文件"
            if summary.known_rejected:
                yield (
                    f"其中以前未采用 {summary.known_rejected} 个文件 still rejected"
                    "（disclosure status；--retry-rejected 重试）"
                )
        return
    assert summary.build is not None
    yield (
        f"已载入 loaded：读取 {summary.n_read} 个文件，得到报告 {summary.n_reports} 份，"
        f"未变 {summary.n_unchanged + summary.n_adopted}，移除 {summary.n_removed}，"
        f"未采用 {len(summary.rejections)}"
    )
    if summary.removed:
        yield (
            f"移除 removed：{summary.n_removed} 个文件已不在所列文件夹中，其报告保留但不再现行；"
            f"放回即恢复。例如 e.g. {summary.removed[0]}"
        )
    if summary.n_skipped:
        yield f"略过 {summary.n_skipped} 个非文档文件 skipped (data, scripts, styles)"
    yield f"现行报告 {summary.total_reports} 份 current reports → {summary.build.path}"
