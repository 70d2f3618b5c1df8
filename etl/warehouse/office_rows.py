"""Offices and places of a build: all that were ever met, under the names they go by."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from etl.warehouse import shards
from etl.warehouse.database import Old


def fill(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """``office`` and ``division`` of all offices met; a name of a later year wins."""
    con.execute(f"""
        CREATE TEMP TABLE met AS
        WITH best AS (
            SELECT DISTINCT ON (office_id) * EXCLUDE ({shards.SEQ}) FROM new_office_seen
            ORDER BY office_id, known DESC, year DESC, {shards.SEQ}
        ), named AS (
            SELECT office_id, list_distinct(list_concat(list(name), list(printed))) AS names
            FROM new_office_seen GROUP BY office_id
        )
        SELECT b.*, n.names FROM best b JOIN named n USING (office_id)""")
    if old.has("office"):
        con.execute(f"""
            INSERT INTO office BY NAME SELECT {", ".join(old.shared("office"))} FROM old.office
            WHERE office_id NOT IN (SELECT office_id FROM met WHERE known)""")
        con.execute("DELETE FROM met WHERE office_id IN (SELECT office_id FROM office)")
        con.execute("""
            UPDATE met SET names = list_distinct(list_concat(names, o.aliases, [o.name])),
                name = CASE WHEN o.last_year > met.year THEN o.name ELSE met.name END
            FROM old.office o WHERE o.office_id = met.office_id""")
        con.execute(f"""
            INSERT INTO division BY NAME
            SELECT {", ".join(old.shared("division"))} FROM old.division""")
    con.execute("""
        INSERT INTO office BY NAME
        SELECT office_id, name, short_name,
               list_sort(list_filter(names, lambda n: n IS NOT NULL AND n <> name)) AS aliases,
               level, kind, function, division_code, code_system, province, city, county,
               parent_office_id, is_demo
        FROM met""")
    con.execute("""
        INSERT INTO division BY NAME
        SELECT DISTINCT ON (code, code_system) code, code_system, name, level, parent_code
        FROM new_division_seen n
        WHERE NOT EXISTS (FROM division d WHERE d.code = n.code AND d.code_system = n.code_system)
        ORDER BY code, code_system""")


def name_places(con: duckdb.DuckDBPyConnection) -> None:
    """Names of places, years of reports and pinyin of the offices."""
    con.execute("""
        UPDATE office SET
            province_name = (SELECT min(name) FROM division d WHERE d.code = office.province),
            city_name = (SELECT min(name) FROM division d WHERE d.code = office.city),
            county_name = (SELECT min(name) FROM division d WHERE d.code = office.county)""")
    con.execute("""
        UPDATE office SET first_year = y.first, last_year = y.last
        FROM (SELECT office_id, min(year) AS first, max(year) AS last FROM draft
              WHERE is_live GROUP BY office_id) y
        WHERE y.office_id = office.office_id""")
    bare = con.execute(
        "SELECT office_id, list_distinct(list_filter(list_concat([short_name, name], aliases), "
        "lambda n: n IS NOT NULL)) FROM office WHERE pinyin IS NULL ORDER BY office_id"
    ).fetchall()
    if bare:
        con.register("spelt", pa.table({"id": [b[0] for b in bare],
                                        "pinyin": [_pinyin(b[1]) for b in bare]}))  # fmt: skip
        con.execute("UPDATE office SET pinyin = s.pinyin FROM spelt s WHERE s.id = office_id")
        con.unregister("spelt")


def _pinyin(names: list[str]) -> str:
    """``沭阳发改局`` → ``shuyangfagaiju syfgj``: full spelling and initials of every name.

    The short name's come first; blanks between them.
    """
    from pypinyin import Style, lazy_pinyin

    spelt = [
        re.sub(r"[^a-z0-9]+", "", "".join(lazy_pinyin(name, style=style)).lower())
        for name in sorted(names, key=len)
        for style in (Style.NORMAL, Style.FIRST_LETTER)
    ]
    return " ".join(dict.fromkeys(filter(None, spelt)))
