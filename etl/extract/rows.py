"""What table readers hand on: rows of printed slots, each tied to a row and columns of the form."""

from __future__ import annotations

from dataclasses import dataclass, field

from etl.report import Ref


@dataclass(frozen=True, slots=True)
class Slot:
    """One printed cell or token: text as printed (``""`` a blank), its place, its highlight.

    ``note`` says what was done to the text to read it.
    """

    text: str
    at: str
    ref: Ref | None = None
    note: str = ""


@dataclass(slots=True)
class RowReading:
    """One printed row of a statutory table.

    ``row`` is the form's row (table 4: the block), ``None`` while unknown. ``columns[i]`` is the
    column of ``slots[i]``; ``columns`` is empty while the columns are not certain, then ``slots``
    are all that was printed, in order. ``table_id`` counts the printed tables the row may belong
    to, so that a table printed twice is told from one row printed twice. ``form`` is the form that
    the row's header belongs to, where a header says it. ``money_unit`` is the unit its header
    prints for amounts. ``full`` says that the source keeps blank cells in their places. ``ordered``
    is false where the printed headers stand in an order of their own that is not known.
    ``doubtful`` are columns that ``rest``, printed under headers of no form, may belong to.
    ``assumed`` says that no header names the columns: they are the form's only if the sums agree.
    ``headless`` says that not even a piece of a header stands above them.
    """

    table: str
    row: str | None
    columns: tuple[str, ...]
    slots: list[Slot]
    label: str
    table_id: int
    form: str | None = None
    money_unit: str | None = None
    full: bool = True
    note: str = ""
    exact_label: bool = True
    ordered: bool = True
    doubtful: tuple[str, ...] = ()
    rest: str = ""
    assumed: bool = False
    headless: bool = False


@dataclass(slots=True)
class Harvest:
    """All rows read from a document, plus what was met on the way.

    ``headers`` are (block, form) pairs of table 2 headers met; ``seen`` the tables of which at
    least a header or caption was met; ``strays`` the bare numbers in text outside the tables, each
    with the block it stands in.
    """

    rows: list[RowReading] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    strays: list[tuple[int, int]] = field(default_factory=list)
