"""Where a drawing stands on a slide, and how large it is drawn to fill that place. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from dashboard.export import picture

#: Pixels of a drawing on an inch: its 12-pixel words come out at about 12 points.
PX: Final = 73.0


@dataclass(frozen=True, slots=True)
class Place:
    """A drawing in pixels; ``beside`` its words rather than below them."""

    beside: bool
    width: int
    height: int


def place(spec: dict[str, Any], below: tuple[float, float], beside: tuple[float, float]) -> Place:
    """Below the words unless rows need more height than is left there.

    ``below`` and ``beside`` are the rooms in inches, width and height.
    """
    least = picture.least_height(spec)
    wide, high = below
    if least <= high * PX:
        return Place(False, round(wide * PX), max(1, round(high * PX)))
    wide, high = beside
    px = max(PX, least / high)
    return Place(True, round(wide * px), round(high * px))
