"""The marks of a PDF page: characters with boxes, ruling lines, and what else tells a page."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

#: Stands in a cell beside text that may belong elsewhere, so that no figure is read there.
UNPLACED: Final = "\ufffd"
#: Neighbouring characters of one word or figure overlap or leave less than this share of an em.
TOKEN_GAP: Final = 0.15
#: Text that leans by more than this (radians) from level and upright is a watermark or a stamp …
MAX_SLANT: Final = 0.05
#: … as is text less opaque than this (of 255).
FAINT: Final = 100
#: Colours with no part below these: a watermark's light grey, and white.
PALE, WHITE = 168, 250


Matrix = tuple[float, float, float, float, float, float]


class Char(NamedTuple):
    """One visible character: its text, box, baseline and em size, in displayed points."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    base: float
    size: float

    @property
    def mid_x(self) -> float:
        """Horizontal centre of the advance box."""
        return (self.x0 + self.x1) / 2

    @property
    def mid_y(self) -> float:
        """Vertical centre of the body of the character, a third of an em above its baseline."""
        return self.base - self.size * 0.33


class Edge(NamedTuple):
    """A straight ruling line: its position across and its extent along, ``start <= end``."""

    pos: float
    start: float
    end: float


class Place(NamedTuple):
    """A box on the page, in displayed points."""

    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def mid_y(self) -> float:
        """Vertical centre."""
        return (self.top + self.bottom) / 2

    def around(self, x: float, y: float) -> bool:
        """Whether a point lies in the box."""
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom


@dataclass(slots=True)
class PageMarks:
    """All marks of one page that a table reader needs.

    ``hidden`` counts the text objects (of ``texts``) drawn invisibly, as a scanner's recognised
    text is; ``unmapped`` the characters whose font tells no character; ``picture`` is the share
    (0–1) of the page that its largest image covers; ``overflow`` says that a bound was hit.
    """

    number: int
    width: float
    height: float
    chars: list[Char] = field(default_factory=list)
    horizontal: list[Edge] = field(default_factory=list)
    vertical: list[Edge] = field(default_factory=list)
    texts: int = 0
    hidden: int = 0
    unmapped: int = 0
    picture: float = 0.0
    overflow: bool = False
    #: Whether some text stands aslant, or is faint or pale: then each character is looked at.
    slanted: bool = False
    pale: bool = False
    #: Addresses of the text objects in groups so transparent that they are no part of the page.
    faint: set[int | None] = field(default_factory=set)
    #: Addresses of the text objects that a box drawn later covers.
    covered: set[int | None] = field(default_factory=set)
    #: The text objects in order of drawing, each with where its first character stands.
    objects: list[tuple[Any, float, float]] = field(default_factory=list)
    #: The same by the strips of the page in which they begin, and filled boxes with their places.
    strips: dict[int, list[tuple[Any, float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    boxes: list[tuple[Any, Place]] = field(default_factory=list)
    #: Closed frames drawn in one stroke: cells, or fields within cells.
    frames: list[Place] = field(default_factory=list)
    #: Those of them that are fields; see :mod:`etl.read.pdf_fields`.
    fields: list[Place] = field(default_factory=list)
    #: Addresses of the text objects that a box cuts off, with what of the page it leaves to them.
    clipped: dict[int | None, Place] = field(default_factory=dict)
    #: Where what is printed of a ruling line ends that goes on further to the right.
    edge: float = math.inf
    #: Where digits were cut off.
    cuts: list[Place] = field(default_factory=list)
    #: Places of pictures that are not the page itself.
    pictures: list[Place] = field(default_factory=list)


IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def compose(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies ``inner`` first, ``outer`` second (PDF row-vector convention)."""
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    )


def beside(square: tuple[int, int], taken: Container[tuple[int, int]]) -> bool:
    """Whether a square of a grid laid over the page, or one beside it, is among others."""
    x, y = square
    return any((x + i, y + j) in taken for i in (-1, 0, 1) for j in (-1, 0, 1))
