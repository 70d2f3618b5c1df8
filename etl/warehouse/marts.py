"""Marts: what readers select, add up and list, worked out from the cells in the load.

Every report is stored once, in ``wide_report``: its cells beside what selects it. ``core_report``
shows the cells of it, ``mart_report`` the quantities and metrics of current reports, which are sums
of a few cells of one row and cost less to add than to store and read a second time (measured:
docs/benchmarks.md). What needs many rows or another table is worked out here, in the load.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Sequence
from typing import Final

from etl.form import load_form
from etl.form.spec import MetricSpec
from etl.warehouse import schema
from etl.warehouse.cross_series import NOT_FIRST, statute_due
from etl.warehouse.measures import cast, measures, quantity_sql
from etl.warehouse.schema import WIDE, YEAR_ZERO, YEARS, quoted

#: Columns a reader selects by.
PLACE = ("year", "province", "city", "county", "level", "kind", "scope")
#: Columns of each table of sums. That of balanced panels has the sets of years and no place below
#: the province: with both there would be as many rows as a third of the reports.
SUMMED: Final = {
    "mart_region": (*PLACE, "ok"),
    "mart_panel": ("year", "province", "level", "kind", "scope", "ok", "panel", "panel_ok"),
}
_DIVISION: Final = ("province", "city", "county", "level", "kind")
#: An office's own figures, or those of a region or system: never added together.
_OWN: Final = "scope IS NULL OR scope = 'own_office'"


def year_bit(year: str) -> str:
    """A year as a set of one; no member for a year that no report can be of."""
    span = f"{YEAR_ZERO} AND {YEAR_ZERO + YEARS}"
    return f"CASE WHEN {year} BETWEEN {span} THEN 1::BIGINT << ({year} - {YEAR_ZERO}) END"


def report_view_sql() -> str:
    """``mart_report``: quantities and metrics of current reports, from their cells."""
    made = [(name, f"{sql} AS {quoted(name)}") for name, sql in measures().items()]
    quantities = [sql for name, sql in made if name.startswith("q_")]
    metrics = [sql for name, sql in made if name.startswith("m_")]
    beside = ("ok", *(column.name for column in schema.beside()))
    known = ", ".join(f"c.{quoted(name)}" for name in ("report_id", "office_id", *PLACE, *beside))
    return (
        f"SELECT *, {', '.join(metrics)} FROM "
        f"(SELECT {known}, {', '.join(quantities)} FROM {WIDE} c WHERE c.is_current) q"
    )


def _folding() -> tuple[str, str]:
    """Characters that stand for another one (全角, radicals, compatibility forms), and those.

    Those of Unicode's compatibility mapping (NFKC) that map one character to one.
    """
    plain = {c: unicodedata.normalize("NFKC", c) for c in map(chr, range(0x80, 0x10000))}
    pairs = [(c, to) for c, to in plain.items() if len(to) == 1 and to != c and to > " "]
    pairs += [(c, " ") for c, to in plain.items() if to == " "]
    return "".join(c for c, _ in pairs), "".join(to for _, to in pairs)


def fold_sql(expression: str) -> str:
    """A text as it is looked for; ``dashboard.office_index.fold`` folds what a reader types so.

    ``translate`` makes its table of characters anew for every row (measured: 0.1 ms); the few names
    that need it are found first.
    """
    old, new = (literal.replace("'", "''") for literal in _folding())
    plain = f"translate({expression}, '{old}', '{new}')"
    plain = f"CASE WHEN regexp_matches({expression}, '[{old}]') THEN {plain} ELSE {expression} END"
    return f"trim(regexp_replace(lower({plain}), '[\\x00-\\x20\\x7f]+', ' ', 'g'))"


def _offices_sql() -> str:
    """Numbers in the order reports are sorted by; rows in the order offices are listed in.

    A line is the name, short name, other names, spellings, division code and place, each once and
    followed by a separator, at last the id as it is and the end of the line.
    """
    between, mark = "chr(31)", "chr(57344)"  # a private character: folding leaves it alone
    printed = "regexp_replace(n, '[\\x00-\\x1f]+', ' ', 'g')"
    joined = f"array_to_string(list_transform(names, lambda n: {printed}), {mark})"
    return f"""
        INSERT INTO mart_office BY NAME
        WITH asked AS (
            SELECT office_id, sum({quantity_sql(load_form().quantities["new"])}) AS n
            FROM core_report c SEMI JOIN (FROM report WHERE is_current) r USING (report_id)
            GROUP BY office_id
        ), named AS (
            SELECT office_id, list_filter(list_concat([name, short_name], coalesce(aliases, []),
                       coalesce(string_split(pinyin, ' '), []),
                       [division_code, concat(province_name, city_name, county_name)]),
                       lambda n: n <> '') AS names
            FROM office
        ), folded AS (
            SELECT office_id, list_filter(string_split({fold_sql(joined)}, {mark}),
                       lambda n: trim(n) <> '') AS names FROM named
        ), line AS (
            SELECT office_id, array_to_string(list_transform(list_filter(names,
                       lambda n, i: list_position(names, n) = i), lambda n: trim(n)), {between})
                       AS words
            FROM folded
        )
        SELECT row_number() OVER (ORDER BY o.level, o.kind, o.function, o.office_id)::INTEGER
                   AS office_no,
               row_number() OVER (ORDER BY o.division_code NULLS LAST, o.name, o.office_id)::INTEGER
                   AS place_no,
               o.office_id, o.name, a.n::BIGINT AS applications,
               concat(l.words, {between}, o.office_id, {between}, chr(10)) AS line
        FROM office o JOIN line l USING (office_id) LEFT JOIN asked a USING (office_id)
        ORDER BY a.n DESC NULLS LAST, o.name, o.office_id"""


def _wide_sql() -> str:
    """Fills ``wide_report`` from ``report`` and the cells.

    Sorted by year, then by level, kind and function: offices alike have figures alike, so that a
    run of rows needs few bits (measured: two thirds of the size of a sort by place), and office ids
    begin with their place.
    """
    form = load_form()
    prior = [f"b.{quoted(f'p_{key}')}" for key in schema.PRIOR]
    before = ", ".join(
        f"any_value({cast(quantity_sql(form.quantities[key]), schema.quantity_type(key))}) "
        f"AS {quoted(f'p_{key}')}"
        for key in schema.PRIOR
    )
    place = ", ".join(f"r.{name}" for name in _DIVISION if name != "province")
    return f"""
        INSERT INTO {WIDE} BY NAME
        WITH current AS (
            SELECT report_id, office_id, year, scope, ({_OWN}) AS own, n_error_failed = 0 AS ok,
                   {year_bit("year")} AS bit
            FROM report WHERE is_current
        ), panel AS (
            SELECT office_id, own, coalesce(bit_or(bit), 0) AS panel,
                   coalesce(bit_or(bit) FILTER (ok), 0) AS panel_ok
            FROM current GROUP BY ALL
        ), before AS (
            SELECT r.office_id, r.year + 1 AS year, r.scope, any_value(r.ok) AS before_ok, {before}
            FROM current r JOIN core_report c USING (report_id)
            GROUP BY r.office_id, r.year, r.scope
        ), failed AS (
            SELECT report_id, string_agg(DISTINCT rule, ', ' ORDER BY rule) AS errors
            FROM finding WHERE outcome = 'fail' AND level = 'error' GROUP BY report_id
        ), known AS (
            SELECT r.report_id, {place}, r.scope, r.is_current, r.n_error_failed = 0 AS ok,
                   o.office_no, f.errors, p.panel, p.panel_ok, b.before_ok, {", ".join(prior)},
                   row_number() OVER (ORDER BY r.year, o.office_no, r.scope, r.report_id)::INTEGER
                       AS report_no
            FROM report r LEFT JOIN mart_office o USING (office_id)
            LEFT JOIN failed f USING (report_id)
            LEFT JOIN panel p ON r.is_current AND p.office_id = r.office_id
                 AND p.own = (r.scope IS NULL OR r.scope = 'own_office')
            LEFT JOIN before b ON r.is_current AND b.office_id = r.office_id AND b.year = r.year
                 AND b.scope IS NOT DISTINCT FROM r.scope
        )
        SELECT c.*, k.* EXCLUDE (report_id) FROM core_report c JOIN known k USING (report_id)
        ORDER BY report_no"""


def sums_sql(table: str) -> str:
    """Fills one of :data:`SUMMED`: sums of ``mart_report``; sums of its rows are sums again.

    Sums of offices alike over as many reports have as many digits: in that order they take a third
    less room than by year (measured at a million reports: 35.7 MB instead of 51.9 for both). A
    question reads all rows of a few columns in any order: they are one or two blocks.
    """
    sums = [
        f"CAST(sum({column}) AS {schema.metric_type(key)}) AS {column}"
        for key in load_form().metrics
        for column in (quoted(f"m_{key}_num"), quoted(f"m_{key}_den"))
    ]
    counts = [
        f"count({quoted(f'm_{key}_num')}) AS {quoted(f'm_{key}_n')}" for key in load_form().metrics
    ]
    keys = SUMMED[table]
    first = ("kind", "level", "scope", "ok", "n_reports")
    order = ", ".join((*first, *(key for key in keys if key not in first)))
    keys_sql = ", ".join(keys)
    return f"""
        INSERT INTO {table} BY NAME
        SELECT {keys_sql}, count(*) AS n_reports, {", ".join((*sums, *counts))}
        FROM mart_report GROUP BY {keys_sql}
        ORDER BY {order}
    """


def _arrivals_sql() -> str:
    """Fills ``mart_arrival``: a row an expected report. Its first publication decides.

    Copies and corrections of later days make nobody late. A date before the year's end is none of
    publication, one more than a year late a moved page's.
    """
    place = ", ".join(f"o.{name}" for name in _DIVISION)
    bits = ", ".join(
        f"coalesce(bit_or(bit) FILTER ({which}), 0) AS {name}"
        for name, which in (
            ("own", "own"), ("own_ok", "own AND ok"),
            ("whole", "NOT own"), ("whole_ok", "NOT own AND ok"),
        )
    )  # fmt: skip
    sets = ", ".join(f"coalesce(s.{n}, 0) AS {n}" for n in ("own", "own_ok", "whole", "whole_ok"))
    return f"""
        INSERT INTO mart_arrival BY NAME
        WITH come AS (
            SELECT office_id, year,
                   min(shown) FILTER (WHERE shown > make_date(year, 12, 31)) AS first
            FROM (SELECT r.office_id, r.year, r.is_current,
                         coalesce(r.published, d.published) AS shown
                  FROM report r LEFT JOIN document d USING (document_id))
            GROUP BY office_id, year HAVING bool_or(is_current)
        ), sets AS (
            SELECT office_id, {bits}
            FROM (SELECT office_id, ({_OWN}) AS own, n_error_failed = 0 AS ok,
                         {year_bit("year")} AS bit FROM report WHERE is_current)
            GROUP BY office_id
        ), found AS (
            SELECT x.office_id, x.year, l.year AS last,
                   coalesce(x.due, {statute_due("w.kind", "x.year")}) AS day,
                   CASE WHEN p.first <= day + {NOT_FIRST} THEN p.first END AS published,
                   CASE WHEN p.office_id IS NULL THEN 'missing'
                        WHEN published IS NULL THEN 'undated'
                        WHEN published > day THEN 'late' ELSE 'on_time' END AS arrival
            FROM roster x LEFT JOIN office w USING (office_id)
            LEFT JOIN come p ON p.office_id = x.office_id AND p.year = x.year
            ASOF LEFT JOIN come l ON l.office_id = x.office_id AND l.year < x.year
            WHERE x.expected
        )
        SELECT n.office_no, f.year, {place}, f.day AS due, f.published, f.arrival,
               CASE WHEN f.arrival = 'missing' THEN f.last END AS last, {sets}
        FROM found f JOIN office o USING (office_id) JOIN mart_office n USING (office_id)
        LEFT JOIN sets s USING (office_id)
        ORDER BY f.year, n.office_no"""


#: Readers count an office's failing reports as bits of a HUGEINT. Four scopes in each of thirty
#: years would be fewer; the statute's reports began in 2008.
_BITS: Final = 126


def _rules_sql() -> Iterator[str]:
    """Fill ``mart_finding`` and ``mart_rule``: failures of current reports, listed and counted."""
    place = ", ".join(f"w.{name}" for name in _DIVISION)
    yield f"""
        INSERT INTO mart_finding BY NAME
        SELECT row_number() OVER (ORDER BY f.year DESC,
                   list_position(['error', 'warning', 'info'], f.level), f.rule, o.name,
                   f.office_id, f.subject, f.finding_id, f.report_id)::INTEGER AS position,
               f.year, {place}, f.rule, f.level AS rule_level, w.report_no, w.office_no,
               f.rowid AS finding_row,
               CASE WHEN w.office_no IS NOT NULL THEN least({_BITS}, dense_rank() OVER (
                   PARTITION BY w.office_no ORDER BY w.report_no) - 1) END::UTINYINT AS nth,
               (md5_number_lower(f.finding_id) & 4294967295)::UINTEGER AS finding_key
        FROM finding f JOIN {WIDE} w USING (report_id) LEFT JOIN office o
             ON o.office_id = f.office_id
        WHERE f.outcome = 'fail' AND w.is_current ORDER BY position"""
    keys = ", ".join(("year", *_DIVISION, "rule", "rule_level"))
    yield f"""
        INSERT INTO mart_rule BY NAME
        SELECT {keys}, count(DISTINCT report_no) AS reports, count(*) AS findings
        FROM mart_finding GROUP BY ALL ORDER BY year, rule, level, kind, province, city, county"""


#: The rule that holds last year's 结转下年度 against this year's 上年结转, and its total.
_CONTINUITY: Final = ("T3-YEAR", "total")


def _continuity_sql() -> str:
    """Fills ``mart_continuity``: what was carried out of one year and not into the next.

    Where an office has no report of the year before under its own id, the load may have followed
    the registry's lineage; its finding then says what was compared with what.
    """
    place = ", ".join(f"w.{name}" for name in _DIVISION)
    rule, subject = _CONTINUITY
    came = quantity_sql(load_form().quantities["carried_in"], "w")
    return f"""
        INSERT INTO mart_continuity BY NAME
        WITH followed AS (
            SELECT report_id, any_value(right_value)::BIGINT AS went,
                   any_value(other_report_id) AS other
            FROM finding WHERE rule = '{rule}' AND subject = '{subject}' AND outcome = 'fail'
            GROUP BY report_id
        ), sides AS (
            SELECT w.year, {place}, w.office_no, w.report_no, {came} AS came,
                   CASE WHEN w.before_ok IS NULL THEN f.went ELSE w.p_carried_out END AS went,
                   CASE WHEN w.before_ok IS NULL THEN f.other END AS other
            FROM {WIDE} w LEFT JOIN followed f USING (report_id) WHERE w.is_current
        )
        SELECT s.* EXCLUDE (other), o.report_no AS other_no
        FROM sides s LEFT JOIN {WIDE} o ON o.report_id = s.other
        WHERE s.came <> s.went ORDER BY s.year, s.report_no"""


def _unread_sql() -> str:
    """Fills ``mart_unread``: reports with cells that could not be read."""
    place = ", ".join(f"w.{name}" for name in _DIVISION)
    return f"""
        INSERT INTO mart_unread BY NAME
        SELECT row_number() OVER (ORDER BY r.n_unread DESC, r.year DESC, w.report_no)::INTEGER
                   AS position,
               r.year, {place}, w.report_no, d.format, r.n_unread, r.n_number, r.n_absent
        FROM report r JOIN {WIDE} w USING (report_id) LEFT JOIN document d USING (document_id)
        WHERE r.n_unread > 0 AND r.is_current ORDER BY position"""


def _layouts_sql() -> str:
    """Fills ``mart_layout``: what could not be read, by the format of the file."""
    place = ", ".join(f"r.{name}" for name in _DIVISION)
    cells = "r.n_number + r.n_blank + r.n_not_applicable + r.n_text + r.n_absent + r.n_unread"
    return f"""
        INSERT INTO mart_layout BY NAME
        SELECT r.year, {place}, coalesce(d.format, '') AS format, count(*) AS reports,
               count(*) FILTER (r.n_unread > 0) AS reports_unread, sum(r.n_unread) AS unread,
               sum({cells}) AS cells
        FROM report r LEFT JOIN document d USING (document_id) WHERE r.is_current
        GROUP BY r.year, {place}, coalesce(d.format, '')
        ORDER BY r.year, format, r.level, r.kind, r.province, r.city, r.county"""


def _paragraphs_sql() -> str:
    """Fills ``mart_paragraph``: whose the paragraphs are, in the order they are stored in."""
    return f"""
        INSERT INTO mart_paragraph BY NAME
        SELECT n.rowid AS paragraph, w.report_no FROM narrative n JOIN {WIDE} w USING (report_id)
        WHERE w.is_current ORDER BY paragraph"""


#: Metrics whose values are sorted in one statement: a million reports have 8 MB of each.
_AT_ONCE: Final = 8
#: Names of the quartiles kept, and where they lie.
QUARTILES: Final = {"low": 0.25, "mid": 0.5, "high": 0.75}


def _peers_sql(metrics: Sequence[MetricSpec]) -> str:
    """Fills ``mart_peer``: of offices alike, the values around each quartile, in order.

    Three of them from rank ``floor((n - 2) q)`` on (0-based): enough for the quartile of all ``n``
    values and for that of the ``n - 1`` without any one of them.
    """
    values, keys = [], []
    for metric in metrics:
        num, den = (quoted(f"m_{metric.key}_{part}") for part in ("num", "den"))
        value = f"{num} / nullif({den}, 0)" if metric.den else f"{num}::DOUBLE"
        values.append(f"list_sort(list({value}) FILTER ({value} IS NOT NULL))")
        keys.append(f"'{metric.key}'")
    near = ", ".join(
        f"s[greatest(0, floor((len(s) - 2) * {q}))::BIGINT + 1 :"
        f" greatest(0, floor((len(s) - 2) * {q}))::BIGINT + 3] AS {name}"
        for name, q in QUARTILES.items()
    )
    return f"""
        INSERT INTO mart_peer BY NAME
        WITH sorted AS (
            SELECT year, level, kind, ({_OWN}) AS own, [{", ".join(values)}] AS lists
            FROM mart_report GROUP BY year, level, kind, ({_OWN})
        ), each AS (
            SELECT * EXCLUDE (lists), unnest([{", ".join(keys)}]) AS metric, unnest(lists) AS s
            FROM sorted
        )
        SELECT * EXCLUDE (s), len(s)::INTEGER AS n, {near} FROM each WHERE len(s) > 0
        ORDER BY metric, level, kind, own, year"""


#: Tables a build fills under their own name before all is known that decides the order of rows.
_DRAFTED: Final = ("core_report", *schema.SORTED)


def drafts(*, but: Container[str] = ()) -> Iterator[str]:
    """The statements that make room for rows while a build is under way.

    Until all is known that decides what a report counts for and where it belongs, these tables are
    not stored; they hide the table or view of the same name. ``but`` these, whose rows stay.
    """
    for name in _DRAFTED:
        if name not in but:
            yield schema.tables()[name].ddl(name=name, temporary=True)


#: Tables and views this module fills, beside ``wide_report``.
NAMES: Final = (
    "mart_report", *SUMMED, "mart_office", "mart_arrival", "mart_rule", "mart_finding",
    "mart_continuity", "mart_unread", "mart_layout", "mart_paragraph",
    "mart_peer",
)  # fmt: skip


def settling(*, but: Container[str] = ()) -> Iterator[str]:
    """Store what :func:`drafts` held, in order. The cells stay a draft: the marts store them."""
    for name, keys in schema.SORTED.items():
        if name in but:
            continue
        yield f"ALTER TABLE {name} RENAME TO drafted_{name}"
        yield f"INSERT INTO {name} BY NAME FROM drafted_{name} ORDER BY {', '.join(keys)}"
        yield f"DROP TABLE drafted_{name}"
    yield "CHECKPOINT"  # what writing in order left free is used by the marts


def filling(*stored: str) -> Iterator[str]:
    """The statements that work the marts out of the facts and the cells.

    ``stored``: what to do as soon as ``wide_report`` has the cells; nothing reads them elsewhere
    after it.
    """
    yield _offices_sql()
    yield _wide_sql()
    yield from stored
    yield from map(sums_sql, SUMMED)
    yield _arrivals_sql()
    yield from _rules_sql()
    yield _continuity_sql()
    yield _unread_sql()
    yield _layouts_sql()
    yield _paragraphs_sql()
    metrics = tuple(load_form().metrics.values())
    for first in range(0, len(metrics), _AT_ONCE):
        yield _peers_sql(metrics[first : first + _AT_ONCE])


def statements(*, but: Container[str] = ()) -> Iterator[str]:
    """The statements that fill all marts of a build whose facts and cells are complete.

    ``but``: tables that were never drafts (:func:`drafts`).
    """
    yield from settling(but=but)
    # The view of that name shows the stored cells from then on.
    yield from filling("DROP TABLE core_report")
