"""Simple forecasts of many series at once: series by time in, series by horizon out. NaN is missing.

Sources: seasonal indices by ratio to a moving average (Hyndman & Athanasopoulos, Forecasting, 3rd ed., 3.4);
exponential smoothing and damped trend (8.1, 8.2; Gardner & McKenzie 1985); intermittent demand by Teunter, Syntetos
and Babai (2011). What one member gets wrong another may get right: `blend` weighs them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting import rows
from analytics.forecasting.rows import Floats

ALPHAS = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.65, 0.9])
HOLT = np.array(
    [(a, b, p) for a in (0.1, 0.3, 0.6, 0.9) for b in (0.05, 0.15, 0.4) for p in (0.8, 0.9, 0.97)]
)
WEEKDAYS = 7
LONGEST = 700  # points that smoothing looks back on: older ones weigh nothing
DISCOUNT = 0.985  # how fast an error of one step is forgotten


@dataclass(frozen=True)
class Past:
    """What members learn from (series by time), its seasons, and what several of them take from it, made once."""

    values: Floats
    season: int
    long: int

    @cached_property
    def index(self) -> Floats:
        """Seasonal factors of the coming cycle."""
        return indices(self.values, self.season, self.long)

    @cached_property
    def plain(self) -> Floats:
        """The values with the season taken out."""
        return without(self.values, self.index)

    @cached_property
    def level(self) -> Floats:
        """The smoothed level of each series."""
        return level(self.plain)


Member = Callable[[Past, int], Floats]  # and the horizon


def naive(past: Past, horizon: int) -> Floats:
    """The last known value of the same phase."""
    return rows.repeated(_last(past.values, past.long), horizon)


def _last(values: Floats, season: int) -> Floats:
    recent = rows.cycles(values, season, 8)
    found = np.full(recent[:, 0].shape, np.nan)
    for cycle in range(recent.shape[1]):
        found = rows.or_else(recent[:, cycle], found)
    return rows.or_else(found, rows.mean(values)[:, None])


def weighted_mean(past: Past, horizon: int) -> Floats:
    """The mean of five values of the same phase, each older one weighing 0.8 of the next."""
    recent = rows.cycles(past.values, past.long, 5)
    weights = 0.8 ** np.arange(recent.shape[1] - 1, -1, -1)[None, :, None] * np.isfinite(recent)
    total = weights.sum(1)
    found = np.where(
        total > 0,
        np.nansum(np.where(weights > 0, recent, 0.0) * weights, 1) / np.maximum(total, 1e-12),
        np.nan,
    )
    return rows.repeated(rows.or_else(found, rows.mean(past.values)[:, None]), horizon)


def typical(past: Past, horizon: int) -> Floats:
    """The median of five values of the same phase."""
    return rows.repeated(_typical(past.values, past.long), horizon)


def _typical(values: Floats, season: int) -> Floats:
    found = rows.median(rows.cycles(values, season, 5), 1)
    return rows.or_else(found, rows.mean(values)[:, None])


def smoothed(past: Past, horizon: int) -> Floats:
    """A robust seasonal index times a smoothed level."""
    return past.level[:, None] * rows.repeated(past.index, horizon)


def drifting(past: Past, horizon: int) -> Floats:
    """As `smoothed`, with half of the recent slope, which fades."""
    fading = np.cumsum(0.95 ** np.arange(1, horizon + 1))
    moved = 0.5 * slope(past.plain, max(4 * past.season, 12))[:, None] * fading
    path = np.maximum(past.level[:, None] + moved, 0.0)
    return np.asarray(path * rows.repeated(past.index, horizon), dtype=float)


def rescaled(past: Past, horizon: int) -> Floats:
    """The last long cycle, at the level of the last short one."""
    values, season, long = past.values, past.season, past.long
    last = _last(values, long)
    now = rows.mean(values[:, -season:])
    then = rows.mean(rows.repeated(last, long)[:, -season:] if long > season else last)
    if long == season:  # of one cycle: against the four before
        now, then = rows.mean(values[:, -2 * season :]), rows.mean(values[:, -6 * season :])
        last = _typical(values, season)
    ratio = np.clip(rows.or_else(now / np.where(then > 0, then, np.nan), 1.0), 0.5, 2.0)
    return rows.repeated(last, horizon) * ratio[:, None]


def damped(past: Past, horizon: int) -> Floats:
    """Damped trend: 36 pairs of smoothing and damping, each weighed by its errors of one step."""
    plain = past.plain[:, -LONGEST:]
    a, b, phi = HOLT.T
    base = rows.or_else(_first(plain), 0.0)[:, None] * np.ones(len(a))
    trend, error = np.zeros_like(base), np.zeros_like(base)
    for step in range(plain.shape[1]):
        known = np.isfinite(plain[:, step])[:, None]
        ahead = base + phi * trend
        miss = np.where(known, plain[:, step][:, None] - ahead, 0.0)
        base, trend = ahead + a * miss, phi * trend + a * b * miss
        error = DISCOUNT * error + miss**2
    weights = _by_error(error)
    fading = np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1)
    path = np.einsum("ng,ng->n", weights, base)[:, None] + np.einsum("ng,gh->nh", weights * trend, fading)
    return np.asarray(np.maximum(path, 0.0) * rows.repeated(past.index, horizon), dtype=float)


def rate(past: Past, horizon: int) -> Floats:
    """How often something comes times how much then comes (TSB), for series that are mostly zero."""
    values = past.values
    often = rows.or_else(rows.mean(np.where(np.isfinite(values), values > 0, np.nan)), 0.0)
    much = rows.or_else(rows.mean(np.where(values > 0, values, np.nan)), 0.0)
    for step in range(max(0, values.shape[1] - 120), values.shape[1]):
        now = values[:, step]
        known, came = np.isfinite(now), now > 0
        often = np.where(known, often + 0.05 * (came - often), often)
        much = np.where(came, much + 0.05 * (now - much), much)
    return np.repeat((often * much)[:, None], horizon, axis=1)


def calm(past: Past, horizon: int) -> Floats:
    """A robust season times the median level of eight short cycles: far ahead the newest days say little."""
    return _at_median(past, horizon, 8)


def calmer(past: Past, horizon: int) -> Floats:
    """The same of sixteen."""
    return _at_median(past, horizon, 16)


def _at_median(past: Past, horizon: int, count: int) -> Floats:
    middle_ = rows.median(past.plain[:, -count * past.season :])
    return rows.or_else(middle_, rows.mean(past.values))[:, None] * rows.repeated(past.index, horizon)


def yearly(past: Past, horizon: int) -> Floats:
    """As `smoothed`, moved as the same weeks of years before moved, half by its own and half by all series' median.

    The movement is drawn to none by years / (years + 1).
    """
    values = past.values
    length, (year, near, wide) = values.shape[1], (364, 21, 10) if past.season == 7 else (52, 3, 1)
    years = (length - near) // year
    if years < 1:
        return np.full((len(values), horizon), np.nan)
    logs = []
    for back in range(1, years + 1):
        now = rows.mean(values[:, max(0, length - back * year - near) : length - back * year])
        ahead = np.full((len(values), horizon), np.nan)
        for step in range(horizon):
            middle_ = length - back * year + step
            ahead[:, step] = rows.mean(values[:, max(0, middle_ - wide) : min(length, middle_ + wide + 1)])
        fits = (now[:, None] > 0) & (ahead > 0)
        logs.append(
            np.where(fits, np.log(np.where(fits, ahead / np.where(now > 0, now, 1.0)[:, None], 1.0)), np.nan)
        )
    own = rows.mean(np.stack(logs), 0)
    moved = 0.5 * rows.or_else(own, 0.0) + 0.5 * rows.or_else(rows.median(own, 0), 0.0)[None]
    factor = np.exp(moved * years / (years + 1))
    return np.asarray(smoothed(past, horizon) * np.clip(factor, 0.5, 2.0), dtype=float)


def middle(past: Past, horizon: int) -> Floats:
    """The mean of the history: all that fewer than two cycles can say."""
    return np.repeat(rows.mean(past.values)[:, None], horizon, axis=1)


def indices(values: Floats, season: int, long: int) -> Floats:
    """Seasonal factors of the coming cycle, mean 1; where there are weeks of hours, of weeks drawn to days."""
    if season <= 1 and long <= 1:
        return np.ones((len(values), 1))
    if values.shape[1] < 2 * season:
        return np.ones((len(values), season))
    short = _index(values, season) if season > 1 else np.ones((len(values), 1))
    if long == season or values.shape[1] < 2 * long:
        return short
    count = values.shape[1] // long
    days = np.tile(short, (1, long // season))
    share = count / (count + 1.0)
    weeks = _index(values, long)
    return np.asarray(np.where(weeks > 0, share * weeks + (1.0 - share) * days, 0.0), dtype=float)


def _index(values: Floats, season: int) -> Floats:
    recent = rows.cycles(values, season, 27)
    count = recent.shape[1]
    flat = recent.reshape(len(values), count * season)
    known = np.isfinite(flat)
    pad = ((0, 0), (1, 0))
    sums = np.pad(np.cumsum(np.where(known, flat, 0.0), 1), pad)
    counts = np.pad(np.cumsum(known, 1), pad)
    starts = np.clip(np.arange(flat.shape[1]) - season // 2, 0, flat.shape[1] - season)
    around = (sums[:, starts + season] - sums[:, starts]) / np.maximum(
        counts[:, starts + season] - counts[:, starts], 1
    )
    ratio = np.where(around > 0, flat / np.where(around > 0, around, 1.0), np.nan).reshape(recent.shape)
    seen = np.isfinite(ratio).sum(1)
    found = rows.or_else(rows.median(ratio, 1), 1.0)
    found = np.where(found > 0, found, rows.or_else(rows.mean(ratio, 1), 1.0))
    found = (seen * found + 1.0) / (seen + 1.0)
    found = np.where(_closed(recent), 0.0, found)  # closed is not nearly closed
    return np.asarray(found / np.maximum(found.mean(1, keepdims=True), 1e-12), dtype=float)


def _closed(recent: Floats) -> NDArray[np.bool_]:
    """Phases with nothing but zeros in eight cycles, where the rest of the cycle makes that no accident (1 %).

    The rest is all weekdays together. Of hours nights are quiet and most of a week may be closed: there it is the quietest
    of those that had anything (a twentieth is quieter), and even it would hardly have stayed empty so often.
    """
    recent = recent[:, -8:]
    known = np.isfinite(recent)
    came, count = (known & (recent != 0)).sum(1), known.sum(1)
    if recent.shape[2] <= WEEKDAYS:
        share = came.sum(1) / np.maximum(count.sum(1), 1)
    else:
        share = rows.or_else(
            rows.quantile(np.where(came > 0, came / np.maximum(count, 1), np.nan), 0.05), 0.0
        )
    by_chance = (1.0 - share[:, None]) ** count
    return np.asarray((came == 0) & (by_chance < 0.01), dtype=bool)


def without(values: Floats, index: Floats) -> Floats:
    """Values with the season taken out; missing where the season is next to nothing."""
    length = values.shape[1]
    cycle = index.shape[1]
    phase = (np.arange(length) - length) % cycle
    factors = index[:, phase]
    return np.asarray(np.where(factors > 0.02, values / np.maximum(factors, 0.02), np.nan), dtype=float)


def level(plain: Floats) -> Floats:
    """The smoothed level of each series: eight speeds, weighed by their discounted errors of one step."""
    plain = plain[:, -LONGEST:]
    base = rows.or_else(_first(plain), 0.0)[:, None] * np.ones(len(ALPHAS))
    error = np.zeros_like(base)
    known = np.ascontiguousarray(np.isfinite(plain).T[:, :, None], dtype=float)  # a step beside the next
    filled = np.ascontiguousarray(rows.or_else(plain, 0.0).T[:, :, None])
    for value, there in zip(filled, known, strict=True):
        miss = (value - base) * there
        base += ALPHAS * miss
        error *= DISCOUNT
        error += miss**2
    return np.asarray((_by_error(error) * base).sum(1), dtype=float)


def slope(plain: Floats, window: int) -> Floats:
    """The least-squares slope of the last points, per period."""
    recent = plain[:, -window:]
    known = np.isfinite(recent)
    count = np.maximum(known.sum(1), 1)
    time = np.where(known, np.arange(recent.shape[1]), 0.0)
    value = np.where(known, recent, 0.0)
    time_c = np.where(known, time - (time.sum(1) / count)[:, None], 0.0)
    value_c = np.where(known, value - (value.sum(1) / count)[:, None], 0.0)
    spread = (time_c**2).sum(1)
    return np.asarray(
        np.where(spread > 0, (time_c * value_c).sum(1) / np.maximum(spread, 1e-12), 0.0), dtype=float
    )


def _first(plain: Floats) -> Floats:
    """Where smoothing begins: the median of the first values that are there."""
    return rows.or_else(rows.median(plain[:, :14]), rows.mean(plain))


def _by_error(error: Floats) -> Floats:
    best = error.min(1, keepdims=True)
    weights = ((best + 1e-9 * (1.0 + best)) / (error + 1e-9 * (1.0 + best))) ** 4
    return np.asarray(weights / weights.sum(1, keepdims=True), dtype=float)


NAIVE, RATE, MEAN = "same as last cycle", "rate of a sparse series", "mean of the history"
MEMBERS: dict[str, Member] = {
    NAIVE: naive,
    "weighted mean of 5 cycles": weighted_mean,
    "median of 5 cycles": typical,
    "season times level": smoothed,
    "season times level, drifting": drifting,
    "season times the level of 8 cycles": calm,
    "season times the level of 16 cycles": calmer,
    "last cycle at today's level": rescaled,
    "damped trend": damped,
    RATE: rate,
    "as in years before": yearly,
    MEAN: middle,
}
