"""Small-sample statistics, computed once for every page. Pure, scalar or vectorised.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
Journal of the American Statistical Association 22 (1927) 209-212; D. J. Spiegelhalter, "Funnel
plots for comparing institutional performance", Statistics in Medicine 24 (2005) 1185-1202.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

Z95: Final = 1.959963984540054
Z998: Final = 3.090232306167813
#: Below this denominator a rate is drawn hollow and left unranked (domain/metrics.md section 7).
MIN_BASE: Final = 30

Floats = npt.NDArray[np.float64]
Many: TypeAlias = "pd.Series[Any] | npt.NDArray[Any] | list[float] | list[int]"


@overload
def wilson(num: float, den: float, z: float = Z95) -> tuple[float, float] | None: ...
@overload
def wilson(num: Many, den: Many, z: float = Z95) -> tuple[Floats, Floats]: ...
def wilson(
    num: float | Many, den: float | Many, z: float = Z95
) -> tuple[float, float] | tuple[Floats, Floats] | None:
    """Wilson's score interval of a share num/den, within 0..1.

    With p = num/den: (p + z²/2den ± z·√(p(1-p)/den + z²/4den²)) / (1 + z²/den). ``z`` is the normal
    quantile of the two-sided level: :data:`Z95` for 95 %.

    Returns:
        For two numbers ``(low, high)``, ``None`` for an empty base or a share outside 0..1 (a
        metric whose numerator is no part of its denominator has no such interval). For two
        sequences or series of equal length two float arrays, NaN where a number alone gives
        ``None`` or where a value is missing.
    """
    if not isinstance(num, int | float | np.number) or not isinstance(den, int | float | np.number):
        return _wilson_many(_floats(num), _floats(den), z)
    if not (den > 0 and 0 <= num <= den):
        return None
    n, d = float(num), float(den)
    p = n / d
    centre = p + z * z / (2 * d)
    spread = z * math.sqrt(p * (1 - p) / d + z * z / (4 * d * d))
    scale = 1 + z * z / d
    low = 0.0 if n == 0 else max(0.0, (centre - spread) / scale)
    return low, 1.0 if n == d else min(1.0, (centre + spread) / scale)


def _wilson_many(num: Floats, den: Floats, z: float) -> tuple[Floats, Floats]:
    base = np.where((den > 0) & (num >= 0) & (num <= den), den, np.nan)
    p = num / base
    centre = p + z * z / (2 * base)
    spread = z * np.sqrt(p * (1 - p) / base + z * z / (4 * base * base))
    scale = 1 + z * z / base
    low = np.where(num == 0, 0.0, np.maximum(0.0, (centre - spread) / scale))
    high = np.where(num == den, 1.0, np.minimum(1.0, (centre + spread) / scale))
    missing = np.isnan(base)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


@overload
def funnel_limits(mean: float, den: float, z: float = Z95) -> tuple[float, float]: ...
@overload
def funnel_limits(mean: float, den: Many, z: float = Z95) -> tuple[Floats, Floats]: ...
def funnel_limits(
    mean: float, den: float | Many, z: float = Z95
) -> tuple[float, float] | tuple[Floats, Floats]:
    """Control limits around a pooled share for a base, kept within 0..1.

    The normal form of Spiegelhalter (2005), section 2: mean ± z·√(mean(1-mean)/den); :data:`Z95`
    for the 95 % limits and :data:`Z998` for those of 99.8 %. An office outside them differs from
    the pooled share by more than chance among equals would often make it.

    Returns:
        ``(low, high)`` for one base; for several two float arrays, NaN where the base is not
        above 0 or the mean no share.
    """
    if isinstance(den, int | float | np.number):
        spread = z * math.sqrt(mean * (1 - mean) / float(den))
        return max(0.0, mean - spread), min(1.0, mean + spread)
    base = _floats(den)
    share = mean if 0 <= mean <= 1 else math.nan
    spreads = z * np.sqrt(share * (1 - share) / np.where(base > 0, base, np.nan))
    return np.maximum(0.0, share - spreads), np.minimum(1.0, share + spreads)


def _floats(values: Any) -> Floats:
    """Any column of numbers as floats; what is missing (``None``, ``pd.NA``) as NaN."""
    return pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def quantile_near(
    near: Sequence[float], n: int, share: float, left_out: float | None = None
) -> float:
    """A quantile of ``n`` sorted values, or of those without one of them, from a few near it.

    ``near`` are the sorted values from rank ``floor((n - 2) share)`` (0-based, at least 0) on,
    three or as many as there are; ``left_out`` is one of the ``n``. Linear between ranks, as numpy
    and DuckDB's ``quantile_cont`` (type 7 of Hyndman and Fan 1996).

    Raises:
        ValueError: nothing is left.
    """
    count = n if left_out is None else n - 1
    if count < 1:
        raise ValueError("no value is left")
    first = max(0, math.floor((n - 2) * share))

    def at(rank: int) -> float:
        found = near[rank - first]
        # Behind the one that is left out the ranks move up by one.
        return found if left_out is None or found < left_out else near[rank - first + 1]

    place = (count - 1) * share
    low = math.floor(place)
    return at(low) if low == place else at(low) + (at(low + 1) - at(low)) * (place - low)
