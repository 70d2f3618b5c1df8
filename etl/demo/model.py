"""What a demo document says: printed cells, tables' rows, sentences; no layout yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from etl.form import load_form
from etl.report import Number, State

#: Stands in the text of every demo document.
DEMO_MARK: Final = "【演示数据】本文件由程序虚构，单位、地名和数字均不存在。"


@dataclass(frozen=True, slots=True)
class Printed:
    """One cell as printed: its text and what a careful person reads there.

    ``value`` is in the form's unit; ``unit`` names a unit printed in the cell.
    """

    text: str
    state: State
    value: Number | None = None
    unit: str | None = None


BLANK: Final = Printed("", State.BLANK)
SLASH: Final = Printed("/", State.NOT_APPLICABLE)


def number(value: Number, text: str | None = None, unit: str | None = None) -> Printed:
    """A printed number; ``text`` where the print is not the plain figure (``减3``, ``5元``)."""
    plain = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return Printed(plain if text is None else text, State.NUMBER, value, unit)


@dataclass(frozen=True, slots=True)
class Block2:
    """One block of table 2 as printed: caption, and rows × columns of cell keys of one form."""

    caption: str
    form: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class DemoReport:
    """One report, ready for any layout.

    ``cells`` has an entry for every printed cell. ``blocks`` are table 2's, ``rows`` the keys of
    table 3's printed rows. ``forms`` says which form each table follows (``mixed``: table 2
    joins both). ``sections`` maps ``preface`` and ``s1`` … ``s6`` to paragraphs. ``faults`` are
    the keys of what was injected.
    """

    office_id: str
    office: str
    year: int
    scope: str
    level: str
    kind: str
    title: str
    published: str
    index_number: str
    forms: Mapping[str, str]
    blocks: tuple[Block2, ...]
    rows: tuple[str, ...]
    cells: Mapping[str, Printed]
    sections: Mapping[str, tuple[str, ...]]
    faults: tuple[str, ...] = ()
    late: bool = False
    absent: tuple[str, ...] = field(default=())


def form_blocks(form: str) -> tuple[Block2, ...]:
    """Table 2's blocks in the order a version of the form prints them."""
    definition = load_form()
    found = []
    for block in definition.tables.t2.blocks:
        rows = tuple(
            r for r in block.rows
            if any(r in (c.of or {}).get(form, []) for c in definition.tables.t2.columns)
        )  # fmt: skip
        columns = tuple(
            c.key for c in definition.tables.t2.columns
            if rows and rows[0] in (c.of or {}).get(form, [])
        )  # fmt: skip
        if rows:
            found.append(Block2(block.caption, form, rows, columns))
    return tuple(found)


def form_rows(form: str) -> tuple[str, ...]:
    """Keys of table 3's rows in the order a version of the form prints them."""
    return tuple(r.key for r in load_form().rows("t3", form))


def printed_keys(blocks: tuple[Block2, ...], rows: tuple[str, ...]) -> list[str]:
    """All cell keys such tables print, with table 4, in reading order."""
    definition = load_form()
    keys = [f"t2.{r}.{c}" for b in blocks for r in b.rows for c in b.columns]
    keys += [f"t3.{r}.{c.key}" for r in rows for c in definition.columns("t3")]
    keys += [f"t4.{r.key}.{c.key}" for r in definition.rows("t4") for c in definition.columns("t4")]
    return list(dict.fromkeys(keys))
