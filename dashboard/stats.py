"""Small-sample statistics, computed once for every page. Pure.

Sources: Wilson (1927) score interval; funnel limits as in Spiegelhalter (2005), normal form.
"""

from __future__ import annotations

import math
from typing import Final

Z95: Final = 1.959963984540054
Z998: Final = 3.090232306167813
#: Below this denominator a rate is drawn hollow and left unranked (domain/metrics.md section 7).
MIN_BASE: Final = 30


def wilson(num: float, den: float, z: float = Z95) -> tuple[float, float] | None:
    """Wilson score interval of a share; ``None`` for an empty base or a share outside 0..1."""
    if den <= 0 or not 0 <= num <= den:
        return None
    p = num / den
    centre = p + z * z / (2 * den)
    spread = z * math.sqrt(p * (1 - p) / den + z * z / (4 * den * den))
    scale = 1 + z * z / den
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def funnel_limits(mean: float, den: float, z: float) -> tuple[float, float]:
    """Control limits of a share around a pooled mean for a base, kept within 0..1."""
    spread = z * math.sqrt(mean * (1 - mean) / den)
    return max(0.0, mean - spread), min(1.0, mean + spread)
