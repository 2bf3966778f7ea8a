"""Drivers: what is known beside a series, used only where tests on its own past say that it helps.

A driver acts as one factor (of counts; else as one step) per unit of asinh of its value, beyond what the season of both
says already. The factor is a regression of what the series was off the median of its phase on what the driver was, drawn
to none by n / (n + 2), as effects of holidays are. At every past origin it is learnt anew from what was over by then, the
series is freed from it and forecast by the blend, and the factor of the periods ahead put back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.forecasting import blend, calendars, rows

if TYPE_CHECKING:
    import pandas as pd

    from analytics.forecasting.rows import Floats

LEAST_GAIN = 0.02  # of the mean error of the tests, by which a driver must lower it
MOST_WON = 0.75  # of the tests that it changes, which it must make better
FEWEST_TESTS = 4  # that it changes
LEAST_ERRORS = 2.5  # standard errors its factor must be from none: noise of few days passes tests by luck
LEAST_KNOWN = 0.5  # of the history
LARGEST = float(np.log(5.0))  # the strongest effect, as of holidays
UNITS = {"hourly": "hours", "daily": "days", "weekly": "weeks", "monthly": "months"}


@dataclass(frozen=True)
class Driver:
    """A driver as it acts: `values` over the history and the periods ahead, `lag` periods after it came."""

    name: str
    values: Floats
    lag: int
    why_not: str = ""  # where it cannot be used at all


@dataclass(frozen=True)
class Beside:
    """The series as it is and what is known of its tests: `learn` (NaN: not learnt from), `came` (NaN: not judged).

    `actual` and `tests` (origins by periods) are what came in past tests and what the blend said without a driver, `path`
    what it says now, and `scale` the error that MASE is in.
    """

    learn: Floats
    came: Floats
    actual: Floats
    tests: Floats
    path: Floats
    scale: float
    plan: blend.Plan
    multiplies: bool


@dataclass(frozen=True)
class Acting:
    """A driver that a forecast uses: e to the power of `slope` times (asinh of its value less `middle`) is its factor.

    `ahead` are the asinh of its values on the periods ahead; NaN: not known, and without effect.
    """

    name: str
    slope: float
    middle: float
    ahead: Floats

    def factor(self, value: float) -> Floats:
        """What the periods ahead are multiplied by where the driver has this value in place of its own."""
        now, then = (
            np.clip(self.slope * rows.or_else(one - self.middle, 0.0), -LARGEST, LARGEST)
            for one in (self.ahead, np.full_like(self.ahead, np.arcsinh(value)))
        )
        return np.asarray(np.exp(then - now), dtype=float)


@dataclass(frozen=True)
class Driven:
    """What is said with the drivers that were admitted: tests, path and weights; and a sentence for each driver."""

    tests: Floats
    path: Floats
    weights: Floats  # of the members of the plan
    why: tuple[str, ...]
    admitted: bool
    acting: tuple[Acting, ...] = ()


@dataclass
class _State:
    """What each origin, and now (the last row), would do so far."""

    learn: Floats  # rows by history, freed from the drivers a row has admitted
    came: Floats
    factor: Floats  # rows by history and periods ahead
    tests: Floats
    path: Floats
    weights: Floats
    admitted: bool = False
    acting: tuple[Acting, ...] = ()


def laid_out(frame: pd.DataFrame, days: Any, horizon: int, freq: str, season: int) -> list[Driver]:
    """Columns on the periods of a series and those ahead; what is not known that far acts whole cycles later."""
    import pandas as pd

    if days is None or not isinstance(frame.index, pd.DatetimeIndex):
        return [Driver(str(name), np.zeros(0), 0, "it has no times") for name in frame.columns]
    length = len(days)
    places = _places(frame.index, days[-1], freq) + length - 1
    return [_one(str(frame.columns[at]), frame.iloc[:, at], places, (length, horizon), freq, season)
            for at in range(frame.shape[1])]  # fmt: skip


def _places(index: Any, last: Any, freq: str) -> Any:
    """How many periods after the last one of the history each row is."""
    wall = index.tz_localize(None)
    if freq == "monthly":
        return np.asarray((wall.year - last.year) * 12 + wall.month - last.month, dtype=float)
    unit = {"hourly": 3600.0, "daily": 86400.0, "weekly": 7 * 86400.0}[freq]
    # Days and hours contain their rows; weeks end at different weekdays, so the nearest is meant.
    steps = np.asarray((wall - last).total_seconds(), dtype=float) / unit
    return np.floor(steps + 0.5) if freq == "weekly" else np.floor(steps)


def _one(name: str, column: Any, places: Any, reach: tuple[int, int], freq: str, season: int) -> Driver:
    import pandas as pd

    length, horizon = reach
    raw = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=float)
    there = np.isfinite(raw) & np.isfinite(places)
    if not there.any():
        return Driver(name, np.zeros(0), 0, "no value of it is known")
    missing = length + horizon - 1 - int(places[there].max())
    lag = 0 if missing <= 0 else -(-missing // season) * season
    at = places[there].astype(int) + lag
    inside = (at >= 0) & (at < length + horizon)
    totals, counts = np.zeros(length + horizon), np.zeros(length + horizon)
    np.add.at(totals, at[inside], raw[there][inside])
    np.add.at(counts, at[inside], 1.0)
    values = np.arcsinh(np.where(counts > 0, totals / np.maximum(counts, 1.0), np.nan))
    past = values[:length][np.isfinite(values[:length])]
    if len(past) < LEAST_KNOWN * length:
        return Driver(name, values, lag, f"it is known for {len(past)} of {length} {UNITS[freq]}")
    if not len(past) or np.ptp(past) == 0:
        return Driver(name, values, lag, f"it was the same on all {UNITS[freq]}")
    return Driver(name, values, lag)


def driven(beside: Beside, drivers: Sequence[Driver]) -> Driven:
    """Try each driver in the order given, on top of those admitted before it.

    An origin admits by tests that were over before it alone, and so does now: nothing later changes what was said.
    """
    origins, horizon = len(beside.plan.origins), len(beside.path)
    rows_, total = origins + 1, len(beside.learn) + horizon
    state = _State(
        np.tile(beside.learn, (rows_, 1)), np.tile(beside.came, (rows_, 1)), np.ones((rows_, total)),
        beside.tests.copy(), beside.path, np.zeros(len(beside.plan.names)),
    )  # fmt: skip
    if not beside.multiplies:
        state.factor[:] = 0.0
    said = [_try(driver, state, beside) for driver in drivers]
    return Driven(state.tests, state.path, state.weights, tuple(said), state.admitted, state.acting)


def _try(driver: Driver, state: _State, beside: Beside) -> str:
    """Admit a driver or not, from every origin and now; what came of it now, in a sentence."""
    if driver.why_not:
        return f"Not used: {driver.name} ({driver.why_not})."
    plan, length = beside.plan, len(beside.learn)
    if not plan.origins:
        return f"Not used: {driver.name} (the history is too short for a test)."
    ends = np.array([*plan.origins, length])
    effect, slope, middle = _effects(driver.values, state.learn, ends, plan.season, beside.multiplies)
    if not effect.any():
        return f"No measurable effect of {driver.name}.{_lagged(driver, plan.freq)}"
    candidate = _with(effect, state, beside)
    verdicts = [
        _verdict(now, state.tests, candidate.tests, beside.actual, plan) for now in (*plan.origins, length)
    ]
    for place, (wins, *_) in enumerate(verdicts):
        if not wins:
            continue
        state.learn[place], state.came[place] = candidate.learn[place], candidate.came[place]
        state.factor[place] = candidate.factor[place]
    taken = np.array([wins for wins, *_ in verdicts[:-1]], dtype=bool)
    wins, changed, own, other = verdicts[-1]
    state.tests = np.where(taken[:, None], candidate.tests, state.tests)
    if wins:
        state.path, state.weights, state.admitted = candidate.path, candidate.weights, True
        state.acting += (Acting(driver.name, float(slope[-1]), float(middle[-1]), driver.values[length:]),)
    said = _told(driver.name, wins, changed, (own, other), beside.scale)
    return f"{said}{_lagged(driver, plan.freq)}"


def _with(effect: Floats, state: _State, beside: Beside) -> _State:
    """What every origin, and now, says with a driver's effect on top of what it has admitted."""
    plan, length = beside.plan, len(beside.learn)
    learn, came = (_freed(one, effect[:, :length], beside.multiplies) for one in (state.learn, state.came))
    factor = state.factor * np.exp(effect) if beside.multiplies else state.factor + effect
    quiet = np.where(calendars.shocks(learn, plan.long), np.nan, learn)
    tests = blend.test(quiet, came, plan)
    paths = np.stack([
        _put_back(tests.path[at, at], factor[at, origin : origin + plan.horizon], beside.multiplies)
        for at, origin in enumerate(plan.origins)
    ])  # fmt: skip
    weights = blend.weights(tests.members[:, :, -1:], tests.actual[:, -1:], plan, length)
    members = blend.paths(quiet[-1:], len(beside.path), plan)
    ahead = blend.mix(members, weights, blend.naive_error(quiet[-1:], plan))[0]
    path = _put_back(ahead, factor[-1, length:], beside.multiplies)
    return replace(
        state, learn=learn, came=came, factor=factor, tests=paths, path=path, weights=weights[:, 0]
    )


def _effects(
    x: Floats, learn: Floats, ends: Any, season: int, multiplies: bool
) -> tuple[Floats, Floats, Floats]:
    """By row, what the driver does to each period, its slope and its middle: learnt from before the row's end alone."""
    length = learn.shape[1]
    y = np.log1p(learn) if multiplies else learn
    off = y - calendars.before(y, season)
    moved = (x[:length] - calendars.before(x[None, :length], season)[0])[None, :]
    if multiplies:
        off = np.clip(off, -LARGEST, LARGEST)
    known = np.isfinite(off) & np.isfinite(moved) & (np.arange(length)[None, :] < ends[:, None])
    both = np.where(known, rows.or_else(moved, 0.0) * rows.or_else(off, 0.0), 0.0).sum(1)
    size = np.where(known, rows.or_else(moved, 0.0) ** 2, 0.0).sum(1)
    count = (known & (moved != 0)).sum(1)
    slope = np.where(size > 0, both / np.maximum(size, 1e-12), 0.0)
    missed = np.where(known, rows.or_else(off - slope[:, None] * moved, 0.0), 0.0)
    error = np.sqrt((missed**2).sum(1) / np.maximum(known.sum(1) - 1, 1) / np.maximum(size, 1e-12))
    slope = np.where(np.abs(slope) >= LEAST_ERRORS * error, slope * count / (count + 2.0), 0.0)
    before = np.arange(len(x))[None, :] < ends[:, None]
    middle = rows.or_else(rows.mean(np.where(before, x[None, :], np.nan)), 0.0)
    effect = slope[:, None] * rows.or_else(x[None, :] - middle[:, None], 0.0)
    effect = np.clip(effect, -LARGEST, LARGEST) if multiplies else effect
    return np.asarray(effect, dtype=float), slope, middle


def _freed(values: Floats, effect: Floats, multiplies: bool) -> Floats:
    return values * np.exp(-effect) if multiplies else np.asarray(np.maximum(values - effect, 0.0))


def _put_back(path: Floats, factor: Floats, multiplies: bool) -> Floats:
    return path * factor if multiplies else np.asarray(np.maximum(path + factor, 0.0))


def _verdict(
    now: int, without: Floats, with_it: Floats, actual: Floats, plan: blend.Plan
) -> tuple[bool, int, float, float]:
    """Whether tests known at `now` say that it helps, how many it changed, and the mean errors with it and without."""
    origins = np.array(plan.origins)
    over = origins[:, None] + np.arange(plan.horizon)[None, :] < now
    known = over & np.isfinite(actual) & np.isfinite(without) & np.isfinite(with_it)
    own, other = (np.where(known, np.abs(actual - one), np.nan) for one in (with_it, without))
    changed = known.any(1) & (np.abs(np.where(known, with_it - without, 0.0)).sum(1) > 0)
    better = changed & (rows.or_else(rows.mean(own), 0.0) < rows.or_else(rows.mean(other), 0.0))
    count, errors = int(changed.sum()), (float(rows.mean(own.ravel())), float(rows.mean(other.ravel())))
    wins = (
        count >= FEWEST_TESTS
        and errors[0] <= (1 - LEAST_GAIN) * errors[1]
        and better.sum() >= MOST_WON * count
    )
    return bool(wins), count, *errors


def _told(name: str, wins: bool, changed: int, errors: tuple[float, float], scale: float) -> str:
    if changed < FEWEST_TESTS:
        return f"Not used: {name} ({changed} of the {FEWEST_TESTS} past tests that it takes saw a change)."
    own, other = (one / scale if scale > 0 else one for one in errors)
    if wins:
        return f"The forecast uses {name} (MASE {own:.2f} with, {other:.2f} without)."
    reliably = " reliably" if own < other else ""
    return f"{name[:1].upper()}{name[1:]} did not help{reliably} (MASE {own:.2f} against {other:.2f})."


def _lagged(driver: Driver, freq: str) -> str:
    """That it is not known ahead, where it is not."""
    if not driver.lag:
        return ""
    return f" Values of {driver.lag} {UNITS[freq]} before were tried: later ones are not known ahead."
