"""Paths of a backlog: what comes, as often as the forecast's own errors say, minus what can be solved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecasting import rows
from analytics.forecasting.rows import Floats

PATHS, SEED = 2000, 12_345


@dataclass(frozen=True)
class Paths:
    """`open`: paths by days, what is open at the end of each day."""

    open: Floats

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


def backlog(start: float, coming: Floats, solving: Floats, off: Floats | None = None) -> Paths:
    """What is open each day: never below none. `solving` by days; `off` are past shares by which days solved more or less."""
    rng = np.random.default_rng(SEED + 1)
    open_ = np.full(coming.shape, start, dtype=float)
    before = np.full(len(coming), float(start))
    for day in range(coming.shape[1]):
        able = solving[day] * (
            np.maximum(0.0, 1 + rng.choice(off, len(coming))) if off is not None and len(off) else 1.0
        )
        before = np.maximum(0.0, before + coming[:, day] - able)
        open_[:, day] = before
    return Paths(open_)
