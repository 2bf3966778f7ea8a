"""One series made ready: its week taken out, wild days held back, missing days gone, each day with its weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecasting import rows
from analytics.forecasting.rows import Floats

WEEK, AROUND, WILD = 7, 15, 3.5
CLOSED = 0.05  # of a usual day: such a weekday is closed and tells nothing of a trend
MOST_WEIGHT = 4.0  # of a usual day
LEAST_DAYS = 21


@dataclass(frozen=True)
class Ready:
    """`at`: days since the first; `values` on the scale that is fitted (logarithms of durations); `weights`, mean 1."""

    at: Floats
    values: Floats
    weights: Floats
    kind: str
    lowest: float
    highest: float

    def back(self, value: float) -> float:
        """A value of the fitted scale in the series' own unit and range."""
        found = float(np.exp(min(value, 200.0))) if self.kind == "duration" else value
        return min(max(found, self.lowest), self.highest)


def ready(values: Floats, n: Floats, kind: str) -> Ready:
    """A series by day, NaN where nothing is known; `n` is what each day rests on (unused for counts)."""
    known = np.where(np.isfinite(values), values, np.nan)
    low, high = (0.0, np.inf) if kind != "ratio" else _range(known)
    if kind == "duration":
        known = np.log(np.where(known > 0, known, np.nan))
    known = np.where(known < 0, np.nan, known) if kind == "count" else known
    seasonless, share = _without_week(known, kind)
    weights = share if kind == "count" else np.where(np.isfinite(n) & (n > 0), n, 0.0)
    keep = np.isfinite(seasonless) & (weights > 0)
    at = np.flatnonzero(keep).astype(float)
    kept = weights[keep]
    usual = float(np.median(kept)) if len(kept) else 1.0
    kept = np.minimum(kept / usual, MOST_WEIGHT)
    kept = kept / kept.mean() if len(kept) else kept
    return Ready(at, _tamed(seasonless[keep], kept), kept, kind, low, high)


def _range(values: Floats) -> tuple[float, float]:
    """The usual range that a ratio lies in, or none."""
    from analytics.forecasting.kinds import RANGES

    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    fitting = [(low, high) for low, high in RANGES if known.min() >= low and known.max() <= high]
    return fitting[0] if fitting else (-np.inf, np.inf)


def _without_week(values: Floats, kind: str) -> tuple[Floats, Floats]:
    """Values without their weekdays, and each day's usual share of a day; both NaN or 0 where a weekday is closed.

    The weekday's effect is the median of its distances to the week around it, so that neither a trend nor a step is
    taken for a season. Of counts it is a ratio, and all weekdays together are one.
    """
    size = len(values)
    if size < 2 * WEEK:
        return values, np.ones(size)
    padded = np.concatenate([np.full(3, np.nan), values, np.full(3, np.nan)])
    around = rows.mean(np.lib.stride_tricks.sliding_window_view(padded, WEEK))
    phase = np.arange(size) % WEEK
    if kind != "count":
        apart = values - around
        effect = rows.or_else(np.array([rows.median(apart[phase == day]) for day in range(WEEK)]), 0.0)
        effect = effect - effect.mean()
        return values - effect[phase], np.ones(size)
    apart = np.where(around > 0, values / np.where(around > 0, around, 1.0), np.nan)
    sparse = rows.or_else(rows.mean(values), 0.0) < 3
    middle = rows.mean if sparse else rows.median
    effect = rows.or_else(np.array([middle(apart[phase == day]) for day in range(WEEK)]), 1.0)
    count = np.array([np.isfinite(apart[phase == day]).sum() for day in range(WEEK)])
    effect = 1.0 + (effect - 1.0) * count / (count + 1.0)
    open_ = effect >= CLOSED
    effect = np.where(open_, effect * open_.sum() / max(float(effect[open_].sum()), 1e-9), 0.0)
    share = effect[phase]
    return np.where(share > 0, values / np.where(share > 0, share, 1.0), np.nan), share


def _tamed(values: Floats, weights: Floats) -> Floats:
    """Values beyond 3.5 robust deviations of the fifteen around them are drawn to that edge; levels stay as they are."""
    if len(values) < AROUND:
        return values
    half = AROUND // 2
    padded = np.concatenate([np.full(half, np.nan), values, np.full(half, np.nan)])
    middle = rows.median(np.lib.stride_tricks.sliding_window_view(padded, AROUND))
    apart = (values - middle) * np.sqrt(weights)
    spread = 1.4826 * float(np.median(np.abs(apart)))
    if spread <= 0:
        spread = float(np.sqrt(np.mean(apart**2)))
    edge = WILD * spread / np.sqrt(weights)
    return np.asarray(np.clip(values, middle - edge, middle + edge), dtype=float)
