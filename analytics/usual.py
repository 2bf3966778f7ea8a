"""The usual range of a number: what its closed weeks before lead one to expect of the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import median

from analytics.result import Row
from core import numbers

WEEKS = 8  # so many closed weeks before are looked at,
FEWEST = 4  # and nothing is said with fewer
ENOUGH = 10  # conversations in the week; of a count, what it is or usually is
_SPREADS = 3
_TO_SIGMA = (
    1.4826  # the median absolute deviation of a normal distribution, times this, is its standard deviation
)
_NOTABLE = 0.10  # a time or a score within a tenth of its median is usual, however steady it was


@dataclass(frozen=True, slots=True)
class Usual:
    """A week against those before. `low` and `high` are the ends of the usual range, in the metric's unit.

    `weeks` is how many earlier weeks it rests on. `side` is 1 above, -1 below and 0 within; `distance` is how far
    the week lies from their median, in half widths of the range.
    """

    row: Row
    low: float
    high: float
    weeks: int
    side: int
    distance: float


def usable(rows: Sequence[Row]) -> list[Row]:
    """The rows that can be compared: whole, ripe, with a number that rests on enough."""
    return [row for row in rows if row.value is not None and not (row.partial or row.immature or row.small)]


def usual(row: Row, earlier: Sequence[Row], unit: str) -> Usual | None:
    """The week against the usual range; None where the week or its history is too small to be judged.

    The range is median ± 3 standard deviations, estimated by the median absolute deviation (Leys et al. 2013,
    doi:10.1016/j.jesp.2013.03.013), which one odd week does not widen. It is never narrower than what chance does:
    three Poisson deviations of a count, three binomial ones of a share, a tenth of any other number.
    """
    before = [float(one.value) for one in usable(earlier) if one.value is not None][-WEEKS:]
    if len(before) < FEWEST or not usable([row]) or row.value is None:
        return None
    middle = median(before)
    if (max(row.value, middle) if unit == "count" else row.n) < ENOUGH:
        return None
    deviation = median(abs(value - middle) for value in before)
    half = max(_SPREADS * _TO_SIGMA * deviation, _chance(middle, row.n, unit))
    low, high = _bounds(middle - half, middle + half, unit)
    side = _side(row, low, high, unit)
    return Usual(row, low, high, len(before), side, abs(row.value - middle) / half if half else 0.0)


def _chance(middle: float, n: int, unit: str) -> float:
    if unit == "count":
        return _SPREADS * sqrt(max(middle, 1.0))
    if unit == "share":
        # One hit and one miss more, so that a share that was always 0 or 1 may still vary.
        share = (middle * n + 1) / (n + 2)
        return _SPREADS * sqrt(share * (1 - share) / n)
    return _NOTABLE * abs(middle)


def _bounds(low: float, high: float, unit: str) -> tuple[float, float]:
    """The ends, as far as the unit goes; of a count whole numbers."""
    if unit == "count":
        return float(max(0, ceil(low))), float(floor(high))
    if unit == "share":
        return max(0.0, low), min(1.0, high)
    return (max(0.0, low), high) if unit in ("seconds", "rate") else (low, high)


def _side(row: Row, low: float, high: float, unit: str) -> int:
    """0 also where the number and the end of the range are written alike."""
    if row.value is None:
        return 0
    side = 1 if row.value > high else -1 if row.value < low else 0
    end = high if side > 0 else low
    alike = numbers.value(row.value, unit, row.n) == numbers.value(end, unit, row.n)
    return 0 if alike else side
