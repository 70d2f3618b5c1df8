"""The warehouse's tables, declared once: the DDL, the shards and the export description use them.

Columns of the form's cells and of the metric dictionary come from :func:`etl.form.load_form`; no
cell, metric or quantity is spelled here. ``dashboard`` reads these tables by name and never
imports this module: the names are the contract between the two houses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from etl.form import Cell, load_form

#: Raised with every change of a table that a reader could notice. A build of an older version is
#: carried forward by the columns both have, and its files are read again when a load names them;
#: one of a newer version is refused. ``dashboard/db.py`` lists the versions it understands.
#:
#: 2: findings over several reports name the other report; ``core_history`` and as-of reading.
#: 3: cells and what selects reports in one table, ``core_report`` and ``mart_report`` are views of
#: it; marts of offices, arrivals and failed rules.
#: 4: reports, findings and the roster stand in the order of their offices; marts of what does not
#: carry over from year to year, of reports with unread cells, of quartiles of offices alike and of
#: whose a paragraph is; offices are searched in one folded line each; a reader can take single
#: measures of ``mart_report``.
SCHEMA_VERSION: Final = 4

COUNT: Final = "BIGINT"
#: 万元 with the yuan's cents kept (1 分 = 0.000001 万元); 18 digits before the point.
AMOUNT: Final = "DECIMAL(24,6)"
REGION: Final = ("province", "city", "county")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: DuckDB type and what it holds, for people and for the export description."""

    name: str
    type: str
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``key`` names the columns that identify a row.

    ``kind`` is ``fact`` (from documents, carried forward from build to build), ``derived``
    (computed anew in every build) or ``meta`` (from the definition files). ``view`` is the query
    of a table that is stored in another one and only seen under its own name.
    """

    name: str
    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    zh: str = ""
    en: str = ""
    view: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def ddl(self, *, name: str | None = None, temporary: bool = False) -> str:
        """``CREATE TABLE`` for it. Keys are checked by the build, not by an index.

        An index on a million rows costs more to write and load than all queries ever win: they
        prune on the sort order (architecture.md, measured).
        """
        if self.view and not (name or temporary):
            return f"CREATE VIEW {quoted(self.name)} AS {self.view}"
        body = ",\n  ".join(f"{quoted(c.name)} {c.type}" for c in self.columns)
        kind = "TEMP TABLE" if temporary else "TABLE"
        return f"CREATE {kind} {quoted(name or self.name)} (\n  {body}\n)"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def cell_type(cell: Cell) -> str:
    """Column type of a cell: money is decimal, everything else a whole number."""
    return AMOUNT if cell.value == "amount" else COUNT


def _columns(*specs: str) -> tuple[Column, ...]:
    """``"name TYPE | zh | en"`` → columns; the type may hold blanks."""
    out = []
    for spec in specs:
        head, zh, en = [*spec.split(" | "), "", ""][:3]
        name, _, type_ = head.partition(" ")
        out.append(Column(name, type_, zh, en))
    return tuple(out)


CELL_STRUCT: Final = (
    'STRUCT(key VARCHAR, state VARCHAR, value DECIMAL(24,6), raw VARCHAR, "at" VARCHAR, '
    "block INTEGER, a INTEGER, b INTEGER, unit_printed VARCHAR, note VARCHAR)[]"
)
OUTCOME_STRUCT: Final = "STRUCT(rule VARCHAR, level VARCHAR, outcome VARCHAR, n INTEGER)[]"

_META: Final = (
    Table(
        "meta_build",
        "meta",
        _columns("key VARCHAR", "value VARCHAR"),
        ("key",),
        "构建信息",
        "What this build is",
    ),
    Table(
        "meta_form",
        "meta",
        _columns(
            "form VARCHAR | 格式 | form version",
            "instrument VARCHAR | 文号 | legal instrument",
            "zh VARCHAR",
            "en VARCHAR",
            "first_year INTEGER",
            "last_year INTEGER",
            "n_cells INTEGER",
        ),
        ("form",),
        "表格格式",
        "Versions of the statutory form",
    ),
    Table(
        "meta_section",
        "meta",
        _columns("key VARCHAR", "number INTEGER", "zh VARCHAR", "en VARCHAR", "content VARCHAR"),
        ("key",),
        "报告的六个部分",
        "Sections of the report",
    ),
    Table(
        "meta_table",
        "meta",
        _columns("table_key VARCHAR", "section VARCHAR", "zh VARCHAR", "en VARCHAR"),
        ("table_key",),
        "法定表",
        "Statutory tables",
    ),
    Table(
        "meta_row",
        "meta",
        _columns(
            "table_key VARCHAR",
            "row_key VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "short_zh VARCHAR",
            "kind VARCHAR | flow、leaf、total、item、block | role of the row",
            "group_key VARCHAR",
            "forms VARCHAR[]",
            "position INTEGER",
            "basis VARCHAR | 法条 | article",
        ),
        ("table_key", "row_key"),
        "表的行",
        "Rows",
    ),
    Table(
        "meta_column",
        "meta",
        _columns(
            "table_key VARCHAR",
            "column_key VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "unit VARCHAR",
            "grouped BOOLEAN | 属于法人或其他组织 | under legal persons",
            "forms VARCHAR[]",
            "position INTEGER",
        ),
        ("table_key", "column_key"),
        "表的列",
        "Columns",
    ),
    Table(
        "meta_group",
        "meta",
        _columns(
            "group_key VARCHAR",
            "table_key VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "parent VARCHAR",
            "position INTEGER",
        ),
        ("group_key",),
        "表三的分组",
        "Row groups of table 3",
    ),
    Table(
        "meta_cell",
        "meta",
        _columns(
            "key VARCHAR",
            "sql_name VARCHAR",
            "table_key VARCHAR",
            "row_key VARCHAR",
            "column_key VARCHAR",
            "unit VARCHAR",
            "value_kind VARCHAR",
            "forms VARCHAR[]",
            "order_2019 INTEGER",
            "order_2021 INTEGER",
            "label_zh VARCHAR",
            "label_en VARCHAR",
            "row_zh VARCHAR",
            "row_en VARCHAR",
            "column_zh VARCHAR",
            "column_en VARCHAR",
        ),
        ("key",),
        "单元格",
        "Cells of the form",
    ),
    Table(
        "meta_quantity",
        "meta",
        _columns(
            "key VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "formula_zh VARCHAR",
            "formula_en VARCHAR",
            "cells VARCHAR[]",
            "position INTEGER",
        ),
        ("key",),
        "量",
        "Quantities: named sums of cells",
    ),
    Table(
        "meta_metric",
        "meta",
        _columns(
            "key VARCHAR",
            "group_key VARCHAR",
            "kind VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "num VARCHAR[]",
            "den VARCHAR[]",
            "minus VARCHAR[]",
            "unit VARCHAR",
            "good VARCHAR",
            "family VARCHAR",
            "is_default BOOLEAN",
            "share_of VARCHAR",
            "per VARCHAR",
            "forms VARCHAR[]",
            "formula_zh VARCHAR",
            "formula_en VARCHAR",
            "rows_zh VARCHAR | 来源行 | source rows in words",
            "note_zh VARCHAR",
            "note_en VARCHAR",
            "position INTEGER",
        ),
        ("key",),
        "指标",
        "Metric dictionary",
    ),
    Table(
        "meta_measure",
        "meta",
        _columns(
            "name VARCHAR | 列名 | column of mart_report",
            "expression VARCHAR | 由单元格、量计算的式子 | how it is made of cells or quantities",
        ),
        ("name",),
        "量与指标的算式",
        "Expressions of the measures in mart_report",
    ),
    Table(
        "meta_metric_group",
        "meta",
        _columns("key VARCHAR", "zh VARCHAR", "en VARCHAR", "position INTEGER"),
        ("key",),
        "指标分组",
        "Groups of metrics",
    ),
    Table(
        "meta_family",
        "meta",
        _columns("key VARCHAR", "zh VARCHAR", "en VARCHAR", "position INTEGER"),
        ("key",),
        "指标口径",
        "Families: alternative definitions of one measure",
    ),
    Table(
        "meta_rule",
        "meta",
        _columns(
            "id VARCHAR",
            "level VARCHAR",
            "kind VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "forms VARCHAR[]",
            "advice_zh VARCHAR",
            "advice_en VARCHAR",
            "basis VARCHAR",
            "status VARCHAR",
            "needs VARCHAR | report、years、region、roster | what one evaluation needs",
            "position INTEGER",
        ),
        ("id",),
        "核验规则",
        "Rules",
    ),
    Table(
        "meta_state",
        "meta",
        _columns(
            "key VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "has_value BOOLEAN",
            "note_zh VARCHAR",
            "note_en VARCHAR",
            "position INTEGER",
        ),
        ("key",),
        "单元格状态",
        "States of a cell",
    ),
    Table(
        "meta_annotation",
        "meta",
        _columns(
            "key VARCHAR",
            "at DATE",
            "kind VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "note_zh VARCHAR",
            "note_en VARCHAR",
            "affects VARCHAR[] | 受影响的指标分组 | metric groups affected",
            "source VARCHAR",
        ),
        ("key",),
        "时间轴注记",
        "Breaks on the time axis",
    ),
    Table(
        "meta_deadline",
        "meta",
        _columns(
            "key VARCHAR",
            "kinds VARCHAR[]",
            "month INTEGER",
            "day INTEGER",
            "zh VARCHAR",
            "en VARCHAR",
            "basis VARCHAR",
        ),
        ("key",),
        "法定期限",
        "Statutory dates",
    ),
    Table(
        "meta_crosswalk",
        "meta",
        _columns(
            "from_cells VARCHAR",
            "to_cells VARCHAR",
            "comparable VARCHAR",
            "note_zh VARCHAR",
            "note_en VARCHAR",
            "position INTEGER",
        ),
        ("position",),
        "新旧格式对照",
        "Crosswalk 2019 to 2021",
    ),
    Table(
        "meta_claim",
        "meta",
        _columns("key VARCHAR", "zh VARCHAR", "en VARCHAR", "position INTEGER"),
        ("key",),
        "正文陈述的数",
        "Counts a narrative can state",
    ),
    Table(
        "meta_field",
        "meta",
        _columns(
            "table_name VARCHAR",
            "name VARCHAR",
            "type VARCHAR",
            "zh VARCHAR",
            "en VARCHAR",
            "position INTEGER",
        ),
        ("table_name", "name"),
        "字段",
        "Every column of every table, described",
    ),
)

_FACTS: Final = (
    Table(
        "document",
        "fact",
        _columns(
            "document_id VARCHAR | 内容 SHA-256 | SHA-256 of the content",
            "source VARCHAR | 首次见到的路径 | path first seen",
            "filename VARCHAR",
            "format VARCHAR",
            "bytes BIGINT",
            "status VARCHAR | report、rejected | status",
            "title VARCHAR",
            "published DATE",
            "url VARCHAR",
            "load_id INTEGER | 首次载入 | first load that saw it",
            "problem_code VARCHAR",
            "problem_message VARCHAR",
            "problem_hint VARCHAR",
        ),
        ("document_id",),
        "文件",
        "Documents",
    ),
    Table(
        "source_file",
        "fact",
        _columns(
            "path VARCHAR | 绝对路径 | absolute path",
            "size BIGINT",
            "mtime_ns BIGINT",
            "sha256 VARCHAR",
            "reading VARCHAR | 定义与程序版本 | definitions and code that read it",
            "load_id INTEGER | 最近一次读取 | last load that read it",
            "removed_load_id INTEGER | 载入时已不在 | load that found it gone",
        ),
        ("path",),
        "来源文件",
        "Files on disk, for incremental loads",
    ),
    Table(
        "source_document",
        "fact",
        _columns(
            "path VARCHAR | 来源文件 | file on disk",
            "source VARCHAR | 压缩包内的成员 | member of an archive, else the path",
            "document_id VARCHAR",
            "report_id VARCHAR | 空：未成为报告 | NULL: rejected",
            "load_id INTEGER | 自 | since this load",
            "ended_load_id INTEGER | 至 | until this load; NULL: still there",
            "ended_reason VARCHAR | removed、replaced | why it ended",
        ),
        ("path", "source", "load_id"),
        "文件出处",
        "Where each document was found, and from when to when",
    ),
    Table(
        "rejected_document",
        "fact",
        _columns(
            "document_id VARCHAR",
            "source VARCHAR",
            "code VARCHAR",
            "message VARCHAR",
            "hint VARCHAR",
            "load_id INTEGER",
        ),
        ("document_id", "source"),
        "未采用的文件",
        "Rejected documents",
    ),
    Table(
        "provenance",
        "fact",
        _columns(
            "report_id VARCHAR",
            f"cells {CELL_STRUCT} | 每格的状态与出处 | state and place of every cell",
            "blocks BLOB | zlib 压缩的 JSON | zlib-compressed JSON of the document's blocks",
        ),
        ("report_id",),
        "出处",
        "Provenance, one row per report",
    ),
    Table(
        "narrative",
        "fact",
        _columns(
            "report_id VARCHAR", "section VARCHAR", "heading VARCHAR", "text VARCHAR", "at VARCHAR"
        ),
        (),
        "正文",
        "Narrative sections",
    ),
    Table(
        "text_sketch",
        "fact",
        _columns(
            "report_id VARCHAR",
            "section VARCHAR",
            "grams BIGINT[] | 八字片段的散列抽样 | sampled hashes of character 8-grams",
        ),
        ("report_id", "section"),
        "正文指纹",
        "Sketches of sections, for finding copied text",
    ),
    Table(
        "claim",
        "fact",
        _columns(
            "report_id VARCHAR",
            "what VARCHAR",
            "value DECIMAL(24,6)",
            "text VARCHAR",
            "at VARCHAR",
            "approximate BOOLEAN",
        ),
        (),
        "正文陈述的数",
        "Counts stated in the narrative",
    ),
    Table(
        "extra_row",
        "fact",
        _columns("report_id VARCHAR", "label VARCHAR", "values VARCHAR[]", "at VARCHAR"),
        (),
        "表外行",
        "Printed rows the form does not have",
    ),
    Table(
        "check_outcome",
        "fact",
        _columns("report_id VARCHAR", f"outcomes {OUTCOME_STRUCT}"),
        ("report_id",),
        "单份报告的核验结果计数",
        "Outcomes counted per report and rule, single-report rules only",
    ),
    Table(
        "finding",
        "fact",
        _columns(
            "finding_id VARCHAR | 单位、年度、规则、对象、两值的散列 | stable hash",
            "report_id VARCHAR",
            "office_id VARCHAR",
            "year INTEGER",
            "rule VARCHAR",
            "level VARCHAR",
            "outcome VARCHAR | fail、not_assessable | outcome",
            "subject VARCHAR",
            "subject_zh VARCHAR",
            "subject_en VARCHAR",
            "left_value DECIMAL(24,6)",
            "right_value DECIMAL(24,6)",
            "message_zh VARCHAR",
            "message_en VARCHAR",
            "cells VARCHAR[]",
            "assumed BOOLEAN | 空白按 0 计 | blanks counted as 0",
            "origin VARCHAR | report、cross | one report, or several",
            "other_report_id VARCHAR | 对照的另一报告 | the report it was held against",
            "n_members INTEGER | 参与汇总的成员数 | members in the sum it was held against",
        ),
        ("finding_id", "report_id"),
        "核验发现",
        "Findings: failed and not assessable",
    ),
    Table(
        "correction",
        "fact",
        _columns(
            "report_id VARCHAR",
            "place VARCHAR | 更正文件与序号 | corrections file and number of the record",
            "office_id VARCHAR",
            "year INTEGER",
            "document VARCHAR | 文件名 | file name",
            "key VARCHAR | 单元格，或 scope、published | cell, scope or published",
            "kind VARCHAR | misread 误读、office 机关更正 | reader's or office's error",
            "outcome VARCHAR | applied、stale、obsolete | applied; reading changed; not needed",
            "expected VARCHAR | 记录时的读数 | reading when the record was written",
            "found VARCHAR | 更正前的读数 | reading before the correction",
            "raw VARCHAR | 原文 | as printed",
            "value VARCHAR | 更正为 | put in its place",
            "at DATE | 更正日期 | date of the decision",
            "decided_by VARCHAR",
            "reason VARCHAR",
        ),
        ("report_id", "place"),
        "人工更正",
        "Hand corrections, what they found and what became of them",
    ),
    Table(
        "report_validity",
        "fact",
        _columns(
            "report_id VARCHAR",
            "from_load INTEGER",
            "to_load INTEGER | 空：仍为现行 | NULL: still current",
        ),
        ("report_id", "from_load"),
        "现行期间",
        "From which load to which a report was the current one",
    ),
    Table(
        "load_run",
        "fact",
        _columns(
            "load_id INTEGER",
            "started_at TIMESTAMP",
            "finished_at TIMESTAMP",
            "n_files INTEGER",
            "n_new INTEGER",
            "n_unchanged INTEGER",
            "n_rejected INTEGER",
            "n_removed INTEGER",
            "n_reports INTEGER | 载入后现行报告数 | current reports afterwards",
            "tool_version VARCHAR",
            "reading VARCHAR | 定义与程序版本 | definitions and code",
        ),
        ("load_id",),
        "载入记录",
        "Loads",
    ),
    Table(
        "report",
        "fact",
        _columns(
            "report_id VARCHAR",
            "document_id VARCHAR",
            "office_id VARCHAR",
            "office_printed VARCHAR",
            "year INTEGER",
            "scope VARCHAR | own_office、region、system | what the figures cover",
            "form_t2 VARCHAR",
            "form_t3 VARCHAR",
            "form_t4 VARCHAR",
            "province VARCHAR",
            "city VARCHAR",
            "county VARCHAR",
            "level VARCHAR",
            "kind VARCHAR",
            "published DATE",
            "title VARCHAR",
            "evidence JSON",
            "n_number INTEGER",
            "n_blank INTEGER",
            "n_not_applicable INTEGER",
            "n_text INTEGER",
            "n_absent INTEGER",
            "n_unread INTEGER",
            "n_error_failed INTEGER",
            "n_warning_failed INTEGER",
            "load_id INTEGER | 读取它的载入 | load that read it",
            "superseded_by VARCHAR",
            "superseded_reason VARCHAR | corrected、conflict、duplicate、duplicate_format、"
            "replaced、removed"
            " | why it is not current",
            "is_current BOOLEAN",
        ),
        ("report_id",),
        "报告",
        "Reports, superseded ones included",
    ),
    Table(
        "office",
        "fact",
        _columns(
            "office_id VARCHAR",
            "name VARCHAR",
            "short_name VARCHAR",
            "aliases VARCHAR[]",
            "pinyin VARCHAR",
            "level VARCHAR",
            "kind VARCHAR",
            "function VARCHAR",
            "division_code VARCHAR",
            "code_system VARCHAR",
            "province VARCHAR",
            "city VARCHAR",
            "county VARCHAR",
            "province_name VARCHAR",
            "city_name VARCHAR",
            "county_name VARCHAR",
            "parent_office_id VARCHAR",
            "is_demo BOOLEAN",
            "first_year INTEGER",
            "last_year INTEGER",
        ),
        ("office_id",),
        "单位",
        "Offices",
    ),
    Table(
        "roster",
        "fact",
        _columns(
            "office_id VARCHAR",
            "year INTEGER",
            "expected BOOLEAN",
            "due DATE",
            "reason VARCHAR | roster：名册；seen：按已见年度推定 | basis of the expectation",
            "source VARCHAR | 名册文件 | roster file",
        ),
        ("office_id", "year"),
        "应报名册",
        "Who was expected to report",
    ),
)

#: Tables that a build stores in the order of their offices: ids begin with the place, so that an
#: office or a region is a short run of rows, and the smallest and largest id of a block tell a
#: reader to pass over it (measured at a million reports, five million findings:
#: ``profile.findings`` takes 18 ms of processor time instead of 380). A few findings of small loads
#: may stand behind (:data:`etl.warehouse.assemble.ASTRAY`).
SORTED: Final = {
    "report": ("office_id", "year", "report_id"),
    "finding": ("office_id", "year", "report_id", "rule", "subject", "finding_id"),
    "roster": ("office_id", "year"),
}

_DERIVED: Final = (
    Table(
        "division",
        "derived",
        _columns(
            "code VARCHAR",
            "code_system VARCHAR",
            "name VARCHAR",
            "level VARCHAR",
            "parent_code VARCHAR",
        ),
        ("code", "code_system"),
        "行政区划",
        "Divisions in use, with ancestors",
    ),
    Table(
        "rule_count",
        "derived",
        _columns("year INTEGER", "rule VARCHAR", "outcome VARCHAR", "n BIGINT"),
        ("year", "rule", "outcome"),
        "规则结果计数",
        "Outcomes of rules by year, current reports only",
    ),
    Table(
        "report_rule",
        "derived",
        _columns(
            "report_id VARCHAR",
            "passed INTEGER",
            "failed INTEGER",
            "not_assessable INTEGER",
            "not_applicable INTEGER",
        ),
        ("report_id",),
        "报告的核验结果计数",
        "Outcomes per report",
    ),
)


def _core() -> Table:
    cells = tuple(
        Column(c.sql_name, cell_type(c), c.label_zh(), c.label_en)
        for c in load_form().cells.values()
    )
    head = _columns(
        "report_id VARCHAR",
        "year INTEGER",
        "province VARCHAR",
        "office_id VARCHAR",
    )
    return Table(
        "core_report",
        "fact",
        head + cells,
        ("report_id",),
        "报告的全部单元格",
        "All cells of a report; NULL is never 0",
        f"SELECT {', '.join(quoted(c.name) for c in (*head, *cells))} FROM {WIDE}",
    )


def _core_history() -> Table:
    """Figures that another reading of the same document replaced, for reading as of a load."""
    core = _core()
    return Table(
        "core_history",
        "fact",
        (
            *core.columns,
            *_columns("until_load INTEGER | 自此次载入起被替换 | replaced by this load"),
        ),
        ("report_id", "until_load"),
        "被重新读取替换的单元格",
        "Cells as read before the document was read again; for reading as of a load",
    )


def quantity_type(key: str) -> str:
    """Column type of a quantity: decimal as soon as one of its cells is money."""
    form = load_form()
    cells = (
        form.cells[cell]
        for term in form.quantities[key].terms
        for alternative in form.term_cells(term)
        for cell in alternative
    )
    return AMOUNT if any(cell.value == "amount" for cell in cells) else COUNT


def metric_type(key: str) -> str:
    """Column type of a metric's numerator and denominator."""
    metric = load_form().metrics[key]
    names = (*metric.num, *metric.den, *metric.minus)
    return AMOUNT if any(quantity_type(name) == AMOUNT for name in names) else COUNT


def _metric_columns(*, with_n: bool) -> Iterator[Column]:
    for metric in load_form().metrics.values():
        type_ = metric_type(metric.key)
        yield Column(
            f"m_{metric.key}_num", type_, f"{metric.zh}（分子）", f"{metric.en}: numerator"
        )
        yield Column(
            f"m_{metric.key}_den", type_, f"{metric.zh}（分母）", f"{metric.en}: denominator"
        )
        if with_n:
            yield Column(
                f"m_{metric.key}_n", "BIGINT", f"{metric.zh}（有此指标的报告数）", "reports with it"
            )


PLACE: Final = (
    "year INTEGER",
    "province VARCHAR",
    "city VARCHAR",
    "county VARCHAR",
    "level VARCHAR",
    "kind VARCHAR",
)
#: Quantities that are held against their own value of the year before: what is carried from one
#: year into the next, and the answers that a year's disputes may be about.
PRIOR: Final = ("carried_out", "handled", "rules_in_force", "normdocs_in_force")
#: The table that holds every report once: its cells and what decides whether it is counted.
WIDE: Final = "wide_report"
#: Bit 0 of a set of years. Sets of years are whole numbers, one bit a year: a balanced panel is a
#: comparison of two numbers then, not a second reading of all reports.
YEAR_ZERO: Final = 2000
YEARS: Final = 62


def selecting() -> tuple[Column, ...]:
    """What decides whether a report is counted, beside its place."""
    return (
        *_columns(
            "scope VARCHAR",
            "ok BOOLEAN | 没有错误级问题 | no error-level rule failed",
        ),
    )


def beside() -> tuple[Column, ...]:
    """What is known of a report besides its figures, so that no page has to join for it."""
    return (
        *_columns(
            "report_no INTEGER | 构建内的序号 | number in this build",
            "office_no INTEGER | 单位在构建内的序号 | number of the office in this build",
            "errors VARCHAR | 未通过的错误级规则 | error-level rules it fails",
            "panel BIGINT | 该单位有同口径报告的年度 | years with a report of this scope, as bits",
            "panel_ok BIGINT | 其中没有错误的年度 | those of them without an error, as bits",
            "before_ok BOOLEAN | 上年报告没有错误 | the report of the year before has no error",
        ),
        *(
            Column(f"p_{q.key}", quantity_type(q.key), f"{q.zh}（上年）", f"{q.en}, year before")
            for q in map(load_form().quantities.__getitem__, PRIOR)
        ),
    )


def _wide() -> Table:
    core = _core().columns
    head, cells = core[:4], core[4:]
    place = tuple(c for c in _columns(*PLACE) if c.name not in {h.name for h in head})
    current = _columns("is_current BOOLEAN")
    return Table(
        WIDE,
        "derived",
        (*head, *place, *selecting(), *current, *beside(), *cells),
        ("report_id",),
        "报告的全部单元格与筛选项",
        "Cells of a report and what selects it; core_report and mart_report show parts of it",
    )


def _marts() -> tuple[Table, ...]:
    from etl.warehouse import marts  # it needs the names above

    place, chosen = _columns(*PLACE), selecting()
    quantities = tuple(
        Column(f"q_{q.key}", quantity_type(q.key), q.zh, q.en)
        for q in load_form().quantities.values()
    )
    report = Table(
        "mart_report",
        "derived",
        (
            *_columns("report_id VARCHAR", "office_id VARCHAR"),
            *place,
            *chosen,
            *beside(),
            *quantities,
            *_metric_columns(with_n=False),
        ),
        ("report_id",),
        "现行报告的量与指标",
        "Quantities and metrics of current reports",
        marts.report_view_sql(),
    )
    region = Table(
        "mart_region",
        "derived",
        (
            *place,
            *chosen,
            Column("n_reports", "BIGINT", "报告数", "reports"),
            *_metric_columns(with_n=True),
        ),
        tuple(column.name for column in (*place, *chosen)),
        "按地区、层级、类型汇总的指标",
        "Sums of mart_report; all columns may be summed again",
    )
    by_name = {column.name: column for column in (*place, *chosen, *beside())}
    panel = Table(
        "mart_panel",
        "derived",
        (
            *map(by_name.__getitem__, marts.SUMMED["mart_panel"]),
            Column("n_reports", "BIGINT", "报告数", "reports"),
            *_metric_columns(with_n=True),
        ),
        marts.SUMMED["mart_panel"],
        "按单位有报告的年度汇总的指标",
        "Sums of mart_report by the years an office has reports of, for balanced panels",
    )
    office = Table(
        "mart_office",
        "derived",
        _columns(
            "office_no INTEGER",
            "office_id VARCHAR",
            "name VARCHAR",
            "place_no INTEGER | 按区划、名称的次序 | order by place, then name",
            "applications BIGINT | 各年新收申请之和 | applications received, all years",
            "line VARCHAR | 供查找的各种名称 | all names, spellings, codes and places, folded",
        ),
        ("office_no",),
        "供查找的单位",
        "Offices as they are searched, those with the most applications first",
    )
    sets = ("own", "own_ok", "whole", "whole_ok")
    arrival = Table(
        "mart_arrival",
        "derived",
        (
            *_columns("office_no INTEGER"),
            *place,
            *_columns(
                "due DATE",
                "published DATE | 最早公布 | first published",
                "arrival VARCHAR | on_time、late、undated、missing | how the report arrived",
                "last INTEGER | 缺报前最近有报告的年度 | of a missing report: last year with one",
            ),
            *(Column(name, "BIGINT", "有报告的年度", "years with reports, as bits")
              for name in sets),
        ),
        ("office_no", "year"),
        "应报与实到",
        "Reports expected and how they arrived",
    )  # fmt: skip
    rule = Table(
        "mart_rule",
        "derived",
        (
            *place,
            *_columns("rule VARCHAR", "rule_level VARCHAR", "reports BIGINT", "findings BIGINT"),
        ),
        (*(column.name for column in place), "rule", "rule_level"),
        "按地区汇总的未通过规则",
        "Failed rules by place, current reports only",
    )
    finding = Table(
        "mart_finding",
        "derived",
        (
            *_columns("position INTEGER | 排序 | newest, gravest first"),
            *place,
            *_columns(
                "rule VARCHAR",
                "rule_level VARCHAR",
                "report_no INTEGER",
                "office_no INTEGER",
                "nth UTINYINT | 本单位的第几份（从0起） | of its office's failing reports, from 0",
                "finding_row BIGINT | finding 表的行号 | its row in table finding",
                "finding_key UINTEGER | finding_id 的散列 | 32 bits of the id's MD5",
            ),
        ),
        ("position",),
        "未通过的核验，按列出的顺序",
        "Failures of current reports in the order they are listed",
    )
    continuity = Table(
        "mart_continuity",
        "derived",
        (
            *place,
            *_columns(
                "office_no INTEGER",
                "report_no INTEGER",
                "went BIGINT | 上年结转下年度 | carried out of the year before",
                "came BIGINT | 本年上年结转 | carried in",
                "other_no INTEGER | 更名前单位的报告 | report of the office before its renaming",
            ),
        ),
        ("report_no",),
        "结转不衔接的报告",
        "Reports whose 上年结转 is not what the year before carried out",
    )
    unread = Table(
        "mart_unread",
        "derived",
        (
            *_columns("position INTEGER | 排序 | most unread cells, newest first"),
            *place,
            *_columns(
                "report_no INTEGER",
                "format VARCHAR",
                "n_unread INTEGER",
                "n_number INTEGER",
                "n_absent INTEGER",
            ),
        ),
        ("position",),
        "有未读出单元格的报告，按列出的顺序",
        "Reports with unread cells in the order they are listed; current reports only",
    )
    layout = Table(
        "mart_layout",
        "derived",
        (
            *place,
            *_columns(
                "format VARCHAR",
                "reports BIGINT",
                "reports_unread BIGINT | 有未读出单元格的报告 | reports with unread cells",
                "unread BIGINT | 未读出的单元格 | unread cells",
                "cells BIGINT | 单元格总数 | cells of these reports",
            ),
        ),
        (*(column.name for column in place), "format"),
        "按文件格式汇总的读取结果",
        "How completely files were read, by format; current reports only",
    )
    paragraph = Table(
        "mart_paragraph",
        "derived",
        _columns(
            "paragraph BIGINT | narrative 表的行号 | its row in table narrative",
            "report_no INTEGER",
        ),
        ("paragraph",),
        "现行报告的段落",
        "Paragraphs of current reports in the order they are stored in",
    )
    peer = Table(
        "mart_peer",
        "derived",
        _columns(
            "metric VARCHAR",
            "year INTEGER",
            "level VARCHAR",
            "kind VARCHAR",
            "own BOOLEAN | 本机关的报告 | of the office's own figures",
            "n INTEGER | 有值的报告数 | reports with a value",
            "low DOUBLE[] | 下四分位附近的值 | values around the first quartile",
            "mid DOUBLE[] | 中位数附近的值 | values around the median",
            "high DOUBLE[] | 上四分位附近的值 | values around the third quartile",
        ),
        ("metric", "year", "level", "kind", "own"),
        "同类单位的分布",
        "How the values of offices alike are spread, enough to leave one of them out",
    )
    return (
        report, region, panel, office, arrival, rule, finding, continuity, unread, layout,
        paragraph, peer,
    )  # fmt: skip


@cache
def tables() -> dict[str, Table]:
    """All tables of a build by name, in the order they are created."""
    all_tables = (*_META, *_FACTS, _wide(), _core(), _core_history(), *_DERIVED, *_marts())
    return {table.name: table for table in all_tables}


#: Views of a build: name → query.
VIEWS: Final = {"report_current": "SELECT * FROM report WHERE is_current"}
#: Table functions of a build: what the warehouse said as of a load, and the load of a moment. What
#: follows from all reports together (duplicates, findings, counts) is known for the present only.
MACROS: Final = {
    "load_at(_moment)": """TABLE
        SELECT max(load_id) AS load_id FROM load_run WHERE finished_at <= _moment""",
    "report_as_of(_load)": """TABLE
        SELECT r.* EXCLUDE (n_error_failed, n_warning_failed, superseded_by, superseded_reason,
                            is_current), v.from_load, v.to_load
        FROM report r JOIN report_validity v USING (report_id)
        WHERE v.from_load <= _load AND (v.to_load IS NULL OR v.to_load > _load)""",
    "core_as_of(_load)": """TABLE
        WITH past AS (
            SELECT * FROM core_history WHERE until_load > _load
            QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY until_load) = 1
        ), valid AS (
            SELECT report_id FROM report_validity
            WHERE from_load <= _load AND (to_load IS NULL OR to_load > _load)
        )
        SELECT * EXCLUDE (until_load) FROM past WHERE report_id IN (FROM valid)
        UNION ALL BY NAME
        SELECT * FROM core_report WHERE report_id IN (FROM valid)
        AND report_id NOT IN (SELECT report_id FROM past)""",
}


def create_all(*, but: Collection[str] = ()) -> Iterator[str]:
    """The statements that make an empty build; ``but``: tables that are there already."""
    yield from (table.ddl() for table in tables().values() if table.name not in but)
    yield from (f"CREATE VIEW {quoted(name)} AS {query}" for name, query in VIEWS.items())
    yield from (f"CREATE OR REPLACE MACRO {head} AS {query}" for head, query in MACROS.items())
