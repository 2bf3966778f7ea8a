"""Paths of a backlog: what comes, as often as the forecast's own errors say, minus what can be solved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecasting import rows
from analytics.forecasting.rows import Floats

PATHS, SEED = 2000, 12_345
RUN = 7  # days drawn together: a day on which little is solved is made up for on the next ones


@dataclass(frozen=True)
class Swings:
    """How what is solved on a day differs from what is usual.

    `along` is how much of a day's own surplus of arrivals is solved on that day; `own` is what is left on past days, in
    the order of the days and in roots of the usual number.
    """

    own: Floats
    along: float


@dataclass(frozen=True)
class Paths:
    """By paths and days: `open` at the end of a day, and what was `solved` on it."""

    open: Floats
    solved: Floats

    def at(self, share: float) -> Floats:
        """By day: below which so large a share of the paths lies."""
        return np.asarray(np.quantile(self.open, share, axis=0), dtype=float)

    def crossing(self, threshold: float, share: float) -> int | None:
        """The first day (0: tomorrow) by which so large a share of the paths has been at the threshold; None: never."""
        reached = np.maximum.accumulate(self.open >= threshold, axis=1).mean(axis=0)
        days = np.flatnonzero(reached >= share)
        return int(days[0]) if len(days) else None

    def reaching(self, threshold: float) -> float:
        """The share of paths that are at the threshold on any day."""
        return float((self.open >= threshold).any(axis=1).mean())


def arrivals(path: Floats, came: Floats, said: Floats) -> Floats:
    """Ways the days ahead may go: `path` by days, `came` and `said` of past tests (tests by days).

    A past error is taken apart: how far the mean of a test was off, which lasts all days, and what single days were
    off beside that. Both are drawn anew, as shares of the forecast, so that the sum over many days is as uncertain as
    it was in the tests, which adding up the edges of daily bands would overstate.
    """
    rng = np.random.default_rng(SEED)
    there = np.isfinite(came) & np.isfinite(said)
    total, expected = (np.where(there, one, 0.0).sum(1) for one in (came, said))
    off = (total / np.where(expected > 0, expected, np.nan) - 1)[:, None]
    usual = np.where(there & (said > 0), said, np.nan)
    single = ((came - usual * (1 + off)) / np.sqrt(usual)).ravel()
    single, known = single[np.isfinite(single)], off[np.isfinite(off)]
    spread = float(np.sqrt((known**2).mean() * (1 + 1 / len(known)))) if len(known) else 0.3
    free = max(len(known) / 2, 2.5)  # tests overlap
    lasting = spread * rng.standard_t(free, PATHS) / np.sqrt(free / (free - 2) if free > 2 else 1.0)
    expected_days = rows.or_else(path, 0.0)
    noise = rng.choice(single, (PATHS, len(path))) if len(single) else rng.standard_normal((PATHS, len(path)))
    found = expected_days[None, :] * (1 + lasting[:, None]) + noise * np.sqrt(expected_days)[None, :]
    found = np.maximum(found, 0.0)
    # Nothing comes less than never: of few that alone would make the mean larger than the forecast.
    return np.asarray(found * (expected_days / np.fmax(found.mean(axis=0), 1e-12)), dtype=float)


def able(solving: Floats, coming: Floats, swings: Swings) -> Floats:
    """What can be solved, by paths and days: on every day `solving` in the mean, and nothing where that is 0.

    A path on which more comes for good does not make people faster; what comes on single days beside that does, by the
    share that was measured.
    """
    beside = coming - coming.mean(axis=0)[None, :] * (1 + _lasting(coming))[:, None]
    swing = swings.along * beside + _runs(swings.own, coming.shape) * np.sqrt(solving)[None, :]
    found = np.maximum(solving[None, :] + swing, 0.0)
    return np.asarray(found * (solving / np.fmax(found.mean(axis=0), 1e-12)), dtype=float)


def _lasting(coming: Floats) -> Floats:
    """By path how much more comes for good, as a share: its surplus less what the chance of single days makes of it."""
    expected = coming.mean(axis=0)
    whole, days = max(float(expected.sum()), 1e-12), coming.shape[1]
    more = coming.sum(axis=1) / whole - 1
    single = coming - expected[None, :] * (1 + more)[:, None]
    chance = float((single**2).sum(axis=1).mean()) * days / max(days - 1, 1) / whole**2
    return np.asarray(more * max(0.0, 1 - chance / max(float(more.var()), 1e-12)), dtype=float)


def _runs(own: Floats, shape: tuple[int, ...]) -> Floats:
    """Past days drawn anew, so many that follow each other at a time."""
    if not len(own):
        return np.zeros(shape)
    rng = np.random.default_rng(SEED + 1)
    long = min(RUN, len(own))
    firsts = rng.integers(0, len(own) - long + 1, (shape[0], -(-shape[1] // long)))
    days = (firsts[:, :, None] + np.arange(long)).reshape(shape[0], -1)[:, : shape[1]]
    return np.asarray(own[days], dtype=float)


def backlog(start: float, coming: Floats, can: Floats) -> Paths:
    """What is open each day. `can` be solved by days, or by paths and days: never more than there is to solve."""
    can = np.broadcast_to(can, coming.shape)
    open_, solved = np.empty(coming.shape), np.empty(coming.shape)
    before = np.full(len(coming), float(start))
    for day in range(coming.shape[1]):
        there = before + coming[:, day]
        solved[:, day] = np.minimum(there, can[:, day])
        before = there - solved[:, day]
        open_[:, day] = before
    return Paths(open_, solved)
