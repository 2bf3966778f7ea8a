"""Rolling-origin tests of every member, and weights from origins that were over before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.forecasting import rows
from analytics.forecasting.beside import NOBODY, Told
from analytics.forecasting.members import MEAN, MEMBERS, NAIVE, RATE, WEEKDAYS, Past

if TYPE_CHECKING:
    from analytics.forecasting.rows import Floats

ORIGINS, FOR_WEIGHTS, SPARSE, YOUNG = 12, 4, 0.4, 7
TO_WEIGH = 2  # tests that weights need; with fewer all members weigh alike
POWERS = {"hourly": 6.0}  # how much better counts; the others 3
SEASONS = {"hourly": (24, 168), "daily": (7, 7), "weekly": (1, 1), "monthly": (1, 12)}


@dataclass(frozen=True)
class Plan:
    """Which seasons, which members and which origins a history allows."""

    freq: str
    season: int
    long: int
    horizon: int  # of the tests
    origins: tuple[int, ...]  # how many points each test knows, oldest first
    names: tuple[str, ...]
    logs: bool = False  # of durations: adding is multiplying

    @property
    def is_rough(self) -> bool:
        """Whether it is of days, and too few for a week to show: the mean of the history is all that is drawn."""
        return self.names[:2] == (NAIVE, MEAN)


@dataclass(frozen=True)
class Tests:
    """What was forecast from each origin: paths (origins by series by horizon), actual (alike, NaN where unknown)."""

    plan: Plan
    members: Floats  # members by origins by series by horizon
    actual: Floats
    path: Floats  # of the blend


def plan(length: int, horizon: int, freq: str, *, logs: bool = False) -> Plan:
    """Seasons need two cycles; a test keeps at least as much history as one cycle and seven points."""
    season, long = SEASONS[freq]
    season = season if length >= 2 * season else 1
    long = long if length >= 2 * long else season
    least = max(7, season, long if length >= 3 * long else season)
    tested = max(1, min(horizon, max(length // 3, length - 2 * least), max(1, length - least)))
    room = length - tested - least
    step = int(np.clip((length / 2 - tested) / (ORIGINS - 1), 1, max(1, tested // 2)))
    count = int(np.clip(room // step + 1, 0, ORIGINS)) if room >= 0 else 0
    origins = tuple(length - tested - step * place for place in range(count - 1, -1, -1))
    trending = freq in ("weekly", "monthly")
    names = tuple(name for name in MEMBERS if _belongs(name, season, long, trending, length))
    if freq == "daily" and YOUNG <= length < 2 * WEEKDAYS:
        names = (NAIVE, MEAN)  # the one to be measured by, and the one that is drawn
    return Plan(freq, season, long, tested, origins, names, logs)


def _belongs(name: str, season: int, long: int, trending: bool, length: int) -> bool:
    if name == MEAN:
        return length < 14
    if length < 7:
        return name == NAIVE
    return {
        # Levels of weeks and of hours wander: old ones made their generated series worse.
        "season times the level of 8 cycles": season == 7 and length >= 8 * season,
        "season times the level of 16 cycles": season == 7 and length >= 16 * season,
        "damped trend": trending,
        "as in years before": (length >= 728 and season == 7) or (length >= 156 and trending and long == 1),
        "last cycle at today's level": long > 1 and not (trending and length < 2 * long),
    }.get(name, True)


def paths(values: Floats, horizon: int, plan_: Plan, outside: Floats | None = None) -> Floats:
    """Every member's forecast (members by series by horizon); NaN where a member does not belong or left all bounds,
    and of series without any value.

    `outside` is what the last members of the plan forecast, which are none of this panel's.
    """
    highest = rows.or_else(np.max(rows.or_else(values[:, -_year(plan_.freq) :], 0.0), axis=1), 0.0)
    top = highest + np.log(3.0) if plan_.logs else 3.0 * highest
    sparse = rows.mean(np.where(np.isfinite(values), values == 0, np.nan)) > SPARSE
    found = np.full((len(plan_.names), len(values), horizon), np.nan)
    ours = len(plan_.names) - (0 if outside is None else len(outside))
    past, begun = Past(values, plan_.season, plan_.long), np.isfinite(values).any(axis=1)
    for place, name in enumerate(plan_.names):
        if name == RATE and not sparse.any():
            continue
        if outside is None or place < ours:
            path = MEMBERS[name](past, horizon)
        else:
            path = outside[place - ours]
        fits = np.all(np.isfinite(path) & (path >= 0) & (path <= top[:, None] * (1 + 1e-9)), axis=1) & begun
        if name == RATE:
            fits &= sparse
        found[place] = np.where(fits[:, None], path, np.nan)
    return found


def _year(freq: str) -> int:
    return {"hourly": 8760, "daily": 365, "weekly": 52, "monthly": 12}[freq]


def mix(members: Floats, weights: Floats, scale: Floats) -> Floats:
    """The weighted mean; the median of members where they disagree by more than three times the scale."""
    there = np.all(np.isfinite(members), axis=2)
    share = np.where(there, weights, 0.0)
    share = share / np.maximum(share.sum(0), 1e-12)
    blended = np.einsum("kn,knh->nh", share, np.where(there[:, :, None], members, 0.0))
    blended = np.where(there.any(0)[:, None], blended, np.nan)
    high, low, middle = rows.quantiles(members, (0.9, 0.1, 0.5), 0)
    wild = (high - low > 3.0 * scale[:, None]) & (scale[:, None] > 0) & (there.sum(0) > 2)[:, None]
    return np.asarray(np.where(wild, middle, blended), dtype=float)


def test(values: Floats, came: Floats, plan_: Plan, told: Told = NOBODY) -> Tests:
    """Forecast from every origin with weights from what was known there; held against what came (NaN: left out)."""
    span, count = plan_.horizon, len(values)
    members = np.full((len(plan_.names), len(plan_.origins), count, span), np.nan)
    actual = np.full((len(plan_.origins), count, span), np.nan)
    path = np.full_like(actual, np.nan)
    for place, origin in enumerate(plan_.origins):
        members[:, place] = paths(values[:, :origin], span, plan_, told.of(place, count, span))
        actual[place] = came[:, origin : origin + span]
        actual[place, np.isfinite(values[:, :origin]).sum(1) < YOUNG] = np.nan  # had hardly begun then
        known = values[:, :origin]
        share = weights(members[:, :place], actual[:place], plan_, origin)
        path[place] = mix(members[:, place], share, naive_error(known, plan_))
    return Tests(plan_, members, actual, path)


def weights(members: Floats, actual: Floats, plan_: Plan, now: int) -> Floats:
    """Members by series: (best error / own error) to a power, over the last four origins, of points before `now`."""
    equal = np.full((members.shape[0], members.shape[2]), 1.0 / max(1, members.shape[0]))
    if plan_.is_rough:
        return np.array([[float(name == MEAN)] for name in plan_.names]) * np.ones(members.shape[2])
    usable = [p for p in range(members.shape[1]) if plan_.origins[p] < now][-FOR_WEIGHTS:]
    if len(usable) < TO_WEIGH:
        return equal
    error = np.abs(members[:, usable] - actual[usable])
    for place, test_ in enumerate(usable):
        error[:, place, :, max(0, now - plan_.origins[test_]) :] = np.nan
    mean = rows.mean(rows.mean(error, 3), 1)
    best = rows.quantile(mean, 0.0, 0)
    tiny = 1e-9 * (1.0 + rows.or_else(best, 0.0))
    share = rows.or_else(((best + tiny) / (mean + tiny)) ** POWERS.get(plan_.freq, 3.0), 0.0)
    total = share.sum(0)
    return np.asarray(np.where(total > 0, share / np.maximum(total, 1e-12), equal), dtype=float)


def naive_error(values: Floats, plan_: Plan) -> Floats:
    """The mean error of repeating the last cycle inside the history: the scale of MASE. 0 where it has none."""
    season = plan_.season if plan_.freq != "monthly" else plan_.long
    if values.shape[1] <= season:
        return np.zeros(len(values))
    return rows.or_else(rows.mean(np.abs(values[:, season:] - values[:, :-season])), 0.0)
