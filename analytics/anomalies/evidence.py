"""What speaks for a point being unusual, each kind measured by its own past, so that series can be compared.

Every function is causal: a value at a place uses that place and earlier ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analytics.anomalies.tidy import FEWEST, Numbers, Tidy

if TYPE_CHECKING:
    import pandas as pd

WINDOW = 1500  # points that the quantiles look back on at most; of daily and slower data
DAYS = 90  # so many
SMOOTH = 12  # points of a moving mean; of daily and slower data
SMOOTH_DAYS = 3
_TAIL = 0.005  # of the past lies beyond each end of the usual range
_CAP = 3.0  # one kind of evidence alone cannot outvote the others without end
_CYCLES = 3  # days (of daily data weeks) before that lead one to expect a value
_WARM = 50  # of points within a day: fewer have no tails


def heat(found: Tidy) -> Numbers:
    """The mean of four calibrated evidences, at least 0: value, smoothed value, volatility, residual.

    Each says how far it lies beyond the 0.5 % tails of its own past, in widths of the middle four fifths of it.
    """
    import pandas as pd

    daily = found.is_daily
    window, smooth = (DAYS, SMOOTH_DAYS) if daily else (WINDOW, SMOOTH)
    warm = FEWEST if daily else _WARM
    value = pd.Series(found.values)
    fewest = max(2, smooth // 2)
    parts = [
        value,
        value.rolling(smooth, min_periods=fewest).mean(),
        value.diff().abs().rolling(smooth, min_periods=fewest).mean(),
        value - _expected(value, found.cycle),
    ]
    size = value.abs().expanding().median().shift(1)  # no mean: one absurd reading would be in it for ever
    beyond = [_beyond(part, size, window, warm) for part in parts]
    return np.asarray(np.where(np.isnan(found.values), 0.0, np.mean(beyond, axis=0)))


def _expected(value: pd.Series, cycle: int | None) -> pd.Series:
    """The median of the same place in the cycles before; without a cycle, of the points before."""
    import pandas as pd

    if cycle is None or cycle < 2:
        return value.rolling(SMOOTH, min_periods=3).median().shift(1)
    before = pd.concat([value.shift(cycle * back) for back in range(1, _CYCLES + 1)], axis=1)
    return before.median(axis=1)


def _beyond(part: pd.Series, size: pd.Series, window: int, warm: int) -> Numbers:
    past = part.rolling(window, min_periods=warm)
    low, high = past.quantile(_TAIL).shift(1), past.quantile(1 - _TAIL).shift(1)
    middle = (past.quantile(0.9) - past.quantile(0.1)).shift(1)
    # A series that stands still most of the time has no middle: a quarter of its whole range does then, and
    # a thousandth of the series' size where it has not moved at all.
    width = np.maximum(np.maximum(middle, 0.25 * (high - low)), 1e-3 * size + 1e-12)
    far = np.asarray(np.maximum(part - high, low - part) / width, dtype=float)
    return np.asarray(np.nan_to_num(far, nan=0.0).clip(0.0, _CAP))
