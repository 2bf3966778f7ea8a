"""What series without any change look like: the prices of a line and of a step, taken from many of them.

Each is made of noise in which a day goes with the day before (a first-order autoregression), and is measured with the
very estimates that real series are measured with, so that what those get wrong is in the price.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analytics.forecasting.rows import Floats

SERIES, SEED = 800, 20_240
FALSE = 0.02  # of unchanged series a line, and as many a step, would be told of; many are the same
MOST_ALIKE = 0.95
ALIKE = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LENGTHS = (21, 28, 35, 42, 56, 70, 91, 126, 182, 274, 365, 548, 730, 1095)
LAGS = 28
LEAST_KEPT = 0.35


@dataclass(frozen=True)
class LongRun:
    """By series: how much of a day is in the next (0 to 0.95), and the variance that a mean of many days has, per day."""

    alike: Floats
    variance: Floats


@dataclass(frozen=True)
class Prices:
    """What a line or a step must explain, in long-run variances; `slope` is how many standard errors hold 95 %."""

    line: float
    step: float
    slope: float
    lines: Floats  # sorted, of the unchanged series
    steps: Floats

    def odds(self, line: float, step: float) -> float:
        """How often an unchanged series explains as much, by either; beyond what was made, by its tail."""
        return min(1.0, 2 * min(_tail(self.lines, line), _tail(self.steps, step)))


def long_run(y: Floats, w: Floats) -> LongRun:
    """From how far days lie apart from the next day and the one after: steps and slopes hardly touch those."""
    near, far = _apart(y, w, 1), _apart(y, w, 2)
    alike = np.where(near > 0, far / np.where(near > 0, near, 1.0) - 1.0, 0.0)
    alike = np.clip(alike, 0.0, MOST_ALIKE)
    whole = near / (1.0 - np.minimum(alike, 0.9))  # of a day; far from 0 where days hardly differ
    return LongRun(alike, whole * (1 + alike) / (1 - alike))


def _apart(y: Floats, w: Floats, lag: int) -> Floats:
    squares = (y[:, lag:] - y[:, :-lag]) ** 2 / (1 / w[:, lag:] + 1 / w[:, :-lag])
    return np.asarray(squares.mean(axis=1), dtype=float)


def slow_variance(left: Floats, fitted: int) -> tuple[float, float]:
    """The long-run variance of what a shape leaves, over four weeks of lags (Newey & West 1987), and how alike days are."""
    size = len(left)
    free = max(size - fitted, 1)
    own = float((left**2).sum()) / free
    if own <= 0:
        return 0.0, 0.0
    lags = min(LAGS, size // 5)
    found = np.array([float((left[lag:] * left[:-lag]).sum()) / free for lag in range(1, lags + 1)])
    # Each level that was fitted takes some of what goes on slowly with it: about a window's share of the days.
    weights = 1 - np.arange(1, lags + 1) / (lags + 1)
    slow = own + 2 * float((weights * found).sum())
    ratio = max(slow / own, 1e-9)
    alike = float(np.clip((ratio - 1) / (ratio + 1), 0.0, MOST_ALIKE))
    return slow / max(LEAST_KEPT, 1 - fitted * lags / size), alike


def prices(size: int, alike: float) -> Prices:
    """For so many known days of which so much is in the next."""
    length = min(LENGTHS, key=lambda one: abs(np.log(one / max(size, 1))))
    return _prices(length, min(ALIKE, key=lambda one: abs(one - alike)))


@lru_cache(maxsize=256)
def _prices(size: int, alike: float) -> Prices:
    y = _unchanged(size, alike)
    w = np.ones_like(y)
    variance = long_run(y, w).variance
    x = np.arange(size) - (size - 1) / 2
    slopes = (y @ x) / (x**2).sum()
    lines = slopes**2 * (x**2).sum() / variance
    sums = np.cumsum(y - y.mean(axis=1, keepdims=True), axis=1)[:, 6 : size - 7]
    k = np.arange(7, size - 6)
    steps = (sums**2 * (size / (k * (size - k)))[None, :]).max(axis=1) / variance
    lines, steps = np.sort(lines), np.sort(steps)
    line, step = (float(np.quantile(one, 1 - FALSE)) for one in (lines, steps))
    return Prices(line, step, float(np.sqrt(np.quantile(lines, 0.95))), lines, steps)


def _unchanged(size: int, alike: float) -> Floats:
    """Series by days, of variance 1."""
    rng = np.random.default_rng([SEED, size, round(100 * alike)])
    noise = rng.standard_normal((SERIES, size + 60)) * np.sqrt(1 - alike**2)
    made = np.empty_like(noise)
    made[:, 0] = noise[:, 0] / np.sqrt(1 - alike**2)
    for day in range(1, made.shape[1]):
        made[:, day] = alike * made[:, day - 1] + noise[:, day]
    return np.asarray(made[:, 60:], dtype=float)


def _tail(ordered: Floats, value: float) -> float:
    size = len(ordered)
    above = size - int(np.searchsorted(ordered, value, side="left"))
    if above >= 10:
        return above / size
    edge = float(ordered[size - size // 10])  # the upper tenth falls as an exponential does
    mean = float((ordered[size - size // 10 :] - edge).mean())
    return float(0.1 * np.exp(-(value - edge) / max(mean, 1e-9)))
