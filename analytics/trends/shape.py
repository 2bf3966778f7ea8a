"""The shape of one series: a line, steps, both or neither, chosen by what each explains beyond its price.

Optimal partitioning with a price for each change (Killick, Fearnhead & Eckley 2012). Everything is weighed against the
long-run variance, in which neighbouring days that go together count for less. The prices come from series without any
change (`analytics/trends/chance.py`), and so do the intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecasting.rows import Floats
from analytics.trends import chance
from analytics.trends.chance import MOST_ALIKE, Prices, long_run
from analytics.trends.tidy import Ready

LEAST_SEGMENT, MOST_STEPS, MOST_PLACES = 7, 5, 240
AT_FIRST = 2  # steps, while it is still to be seen how days go together
WHERE_95 = 7.35  # of the likelihood ratio of a step's place (Hansen 2000, table 1)


@dataclass(frozen=True)
class Step:
    """A step before known day `place`; its 95 % set of places; the level before and after, on the fitted scale."""

    place: int
    first: int
    last: int
    before: float
    after: float


@dataclass(frozen=True)
class Shape:
    """What was found. `slope` is per day with its 95 % interval; `level` is where the series stands at its end.

    `has_line` and `steps` are what explains more than its price; `chance` is how often a series without change
    shows as much as this one.
    """

    level: float
    level_low: float
    level_high: float
    slope: float
    slope_low: float
    slope_high: float
    has_line: bool
    steps: tuple[Step, ...]
    chance: float
    alike: float


@dataclass(frozen=True)
class _Fit:
    explained: float  # sum of squares
    places: tuple[int, ...]
    is_line: bool


def shape_of(series: Ready, *, is_flat: bool = False) -> Shape:
    """The shape of a series of at least three weeks; with `is_flat` its level and slope, no change being told."""
    x, y, w = series.at, series.values, series.weights
    found = long_run(y[None, :], w[None, :])
    variance, alike = float(found.variance[0]), float(found.alike[0])
    few = _best(x, y, w, variance, chance.prices(len(y), alike), most=AT_FIRST)
    left = _left(x, y, w, few)
    # What the changes leave tells more of how days go together than neighbours alone: slow waves of days.
    slow, again = chance.slow_variance(left, len(few.places) + 1 + few.is_line)
    if slow > variance:
        variance, alike = slow, max(alike, again)
    flat = _Fit(0.0, (), False)
    fit = flat if is_flat else _best(x, y, w, variance, chance.prices(len(y), alike))
    return _told(x, y, w, fit, variance, alike)


def _best(x: Floats, y: Floats, w: Floats, variance: float, price: Prices, most: int = MOST_STEPS) -> _Fit:
    """The shape that explains the most beyond its price."""
    if variance <= 0:  # a series that does not vary is explained by its mean
        return _Fit(0.0, (), False)
    line, step = price.line * variance, price.step * variance
    flat = _Fit(0.0, (), False)
    straight = _Fit(_line_gain(x, y, w), (), True)
    steps = _steps(y, w, step, most)
    both = _with_line(x, y, w, steps, step, most)
    tried = [flat, straight, steps, both]
    return max(tried, key=lambda one: one.explained - step * len(one.places) - line * one.is_line)


def _line_gain(x: Floats, y: Floats, w: Floats) -> float:
    apart = x - np.average(x, weights=w)
    return float((w * apart * y).sum() ** 2 / (w * apart**2).sum())


def _steps(y: Floats, w: Floats, price: float, most: int) -> _Fit:
    """The best partition into level stretches, each step at its price."""
    gains, places = _partitions(y, w, most)
    best = int(np.argmax(gains - price * np.arange(len(gains))))
    return _Fit(float(gains[best]), places[best], False)


def _partitions(y: Floats, w: Floats, most: int) -> tuple[Floats, list[tuple[int, ...]]]:
    """For 0, 1, … steps: how much the best partition explains, and where its steps are."""
    edges = _edges(len(y))
    explained = _explained(y, w, edges)
    size = len(edges)
    best, back = [explained[0]], []
    for _ in range(most):
        total = best[-1][:, None] + explained
        back.append(np.argmax(total, axis=0))
        best.append(total.max(axis=0))
    gains = np.array([float(one[size - 1]) for one in best]) - float(explained[0, size - 1])
    places: list[tuple[int, ...]] = []
    for steps in range(len(best)):
        at, found = size - 1, []
        for turn in range(steps - 1, -1, -1):
            at = int(back[turn][at])
            found.append(int(edges[at]))
        places.append(tuple(reversed(found)))
    there = np.isfinite(gains)
    return np.where(there, gains, -np.inf), places


def _edges(size: int) -> np.typing.NDArray[np.int64]:
    """Where a stretch may begin or end: everywhere, or evenly where the history is long."""
    inner = np.arange(LEAST_SEGMENT, size - LEAST_SEGMENT + 1)
    if len(inner) > MOST_PLACES:
        inner = inner[:: -(-len(inner) // MOST_PLACES)]
    return np.concatenate([[0], inner, [size]]).astype(np.int64)


def _explained(y: Floats, w: Floats, edges: np.typing.NDArray[np.int64]) -> Floats:
    """By first and last edge: what the mean of that stretch explains; minus infinity where it is too short."""
    sums = np.concatenate([[0.0], np.cumsum(w * (y - np.average(y, weights=w)))])[edges]
    weights = np.concatenate([[0.0], np.cumsum(w)])[edges]
    apart = weights[None, :] - weights[:, None]
    long_enough = edges[None, :] - edges[:, None] >= LEAST_SEGMENT
    gain = (sums[None, :] - sums[:, None]) ** 2 / np.where(apart > 0, apart, 1.0)
    return np.where(long_enough, gain, -np.inf)


def _with_line(x: Floats, y: Floats, w: Floats, steps: _Fit, price: float, most: int) -> _Fit:
    """Steps beside one slope for all stretches, found by turns."""
    places, tried = steps.places, []
    for _ in range(3):
        slope = _solved(x, y, w, places, is_line=True)[0][-1]
        found = _steps(y - slope * (x - x.mean()), w, price, most)
        tried.append(_joint(x, y, w, found.places))
        if found.places == places:
            break
        places = found.places
    return max(tried, key=lambda one: one.explained - price * len(one.places))


def _joint(x: Floats, y: Floats, w: Floats, places: tuple[int, ...]) -> _Fit:
    left = _left(x, y, w, _Fit(0.0, places, True))
    whole = float((w * (y - np.average(y, weights=w)) ** 2).sum())
    return _Fit(whole - float((left**2).sum()), places, True)


def _design(x: Floats, places: tuple[int, ...], *, is_line: bool) -> Floats:
    stretch = np.searchsorted(np.array(places), np.arange(len(x)), side="right")
    columns = [(stretch == one).astype(float) for one in range(len(places) + 1)]
    return np.stack([*columns, *([x - x.mean()] if is_line else [])], axis=1)


def _solved(
    x: Floats, y: Floats, w: Floats, places: tuple[int, ...], *, is_line: bool
) -> tuple[Floats, Floats]:
    """Coefficients (a level for each stretch, then the slope), and what their covariance is in variances."""
    design = _design(x, places, is_line=is_line) * np.sqrt(w)[:, None]
    inverse = np.linalg.pinv(design.T @ design)
    return np.asarray(inverse @ design.T @ (y * np.sqrt(w))), np.asarray(inverse)


def _left(x: Floats, y: Floats, w: Floats, fit: _Fit) -> Floats:
    """What a shape leaves unexplained of each day, in the series' standard units."""
    solved, _ = _solved(x, y, w, fit.places, is_line=fit.is_line)
    return np.asarray((y - _design(x, fit.places, is_line=fit.is_line) @ solved) * np.sqrt(w), dtype=float)


def _told(x: Floats, y: Floats, w: Floats, fit: _Fit, variance: float, alike: float) -> Shape:
    price = chance.prices(len(y), alike)
    # The slope and its interval are always told; the level is that of the shape that was chosen.
    solved, cov = _solved(x, y, w, fit.places, is_line=True)
    reach = price.slope * np.sqrt(variance * cov[-1, -1])
    slope = float(solved[-1])
    chosen, around = _solved(x, y, w, fit.places, is_line=fit.is_line)
    last = _design(x, fit.places, is_line=fit.is_line)[-1]
    level = float(last @ chosen)
    apart = price.slope * float(np.sqrt(variance * (last @ around @ last)))
    told = _odds(x, y, w, variance, price)
    return Shape(
        level, level - apart, level + apart, slope, slope - reach, slope + reach, fit.is_line,
        _placed(x, y, w, fit, variance), told, min(alike, MOST_ALIKE),
    )  # fmt: skip


def _odds(x: Floats, y: Floats, w: Floats, variance: float, price: Prices) -> float:
    """How often a series without any change explains as much by a line or one step."""
    if variance <= 0:
        return 1.0
    gains, _ = _partitions(y, w, 2)
    return price.odds(_line_gain(x, y, w) / variance, float(max(gains[1:3] / np.arange(1, 3))) / variance)


def _placed(x: Floats, y: Floats, w: Floats, fit: _Fit, variance: float) -> tuple[Step, ...]:
    """Each step with the days it may as well have been on, the others held where they are."""
    found = []
    solved, _ = _solved(x, y, w, fit.places, is_line=fit.is_line)
    flat = y - (solved[-1] * (x - x.mean()) if fit.is_line else 0.0)
    bounds = (0, *fit.places, len(y))
    for turn, place in enumerate(fit.places, start=1):
        start, end = bounds[turn - 1], bounds[turn + 1]
        inside = np.arange(start + 1, end)
        sums = np.cumsum(w[start:end] * flat[start:end])
        weights = np.cumsum(w[start:end])
        left, right = weights[:-1], weights[-1] - weights[:-1]
        gain = sums[:-1] ** 2 / left + (sums[-1] - sums[:-1]) ** 2 / right
        near = inside[gain >= gain[place - start - 1] - WHERE_95 * variance]
        drift = solved[-1] * (x[place] - x.mean()) if fit.is_line else 0.0
        before, after = float(solved[turn - 1] + drift), float(solved[turn] + drift)
        found.append(Step(place, int(near.min()), int(near.max()), before, after))
    return tuple(found)
