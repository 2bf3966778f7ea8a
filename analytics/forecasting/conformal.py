"""Bands from what the blend itself got wrong in its tests (split conformal, Vovk et al. 2005).

A series' own quantiles are mixed with those of all series, by n / (n + 100), each error divided by its series' mean
error. The working level follows what was held and missed (adaptive conformal, Gibbs & Candès 2021, step 0.02).
Farther ahead no band is narrower: neighbours that would be are their mean (isotonic regression, Barlow et al. 1972). The
widest so far, in place of it, would hold more than it says, as every chance excess would stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting import rows
from analytics.forecasting.blend import TO_WEIGH, Tests
from analytics.forecasting.rows import Floats

BUCKETS, STEP, TWO_SIDED = 4, 0.02, 60


@dataclass(frozen=True)
class Band:
    """How far below and above the blend the band reaches (series by horizon), and the share held in tests."""

    below: Floats
    above: Floats
    held: Floats


def scale_of(errors: Floats, fallback: Floats) -> Floats:
    """The mean error of each series in its tests (origins by series by horizon), or the fallback."""
    flat = np.moveaxis(errors, 1, 0).reshape(errors.shape[1], errors.shape[0] * errors.shape[2])
    known = np.isfinite(flat).sum(1)
    found = rows.or_else(rows.mean(np.abs(flat)), 0.0)
    found = (known * found + 5 * fallback) / np.maximum(known + 5, 1)
    return np.asarray(np.where(known > 0, found, fallback), dtype=float)


def bands(tests: Tests, fallback: Floats, horizon: int, levels: tuple[float, ...]) -> dict[float, Band]:
    """One band for each level in percent. Levels that follow the tests are kept in order, so bands are nested."""
    tests = _weighed(tests)
    errors = tests.actual - tests.path
    scale = scale_of(errors, fallback)
    made: dict[float, Band] = {}
    inner: Band | None = None
    for level in sorted(levels):
        working, held = _followed(tests, errors, fallback, level / 100)
        below, above = _reach(errors, scale, working, horizon)
        if inner is not None:
            below, above = np.maximum(below, inner.below), np.maximum(above, inner.above)
        inner = made[level] = Band(below, above, held)
    return made


def _weighed(tests: Tests) -> Tests:
    """The tests of a blend that had tests before it to be weighed by; all of them where these are few.

    The first ones take all members alike: they err by more than the blend that is drawn, and say nothing of it.
    """
    origins = tests.plan.origins
    if len(origins) < 4 * TO_WEIGH:
        return tests
    later = slice(TO_WEIGH, None)
    plan = replace(tests.plan, origins=origins[later])
    return Tests(plan, tests.members[:, later], tests.actual[later], tests.path[later])


def _followed(tests: Tests, errors: Floats, fallback: Floats, level: float) -> tuple[Floats, Floats]:
    """The working level of each series after its tests, and the share of points that such bands held."""
    count = errors.shape[1]
    working, inside, seen = np.full(count, level), np.zeros(count), np.zeros(count)
    origins, span = tests.plan.origins, tests.plan.horizon
    for place in range(3, len(origins)):
        known = errors[:place].copy()
        for before in range(place):
            known[before, :, max(0, origins[place] - origins[before]) :] = np.nan
        below, above = _reach(known, scale_of(known, fallback), working, span)
        there = np.isfinite(errors[place])
        nearly = 1e-9 * (1.0 + np.abs(rows.or_else(tests.path[place], 0.0)))
        within = there & (errors[place] >= -below - nearly) & (errors[place] <= above + nearly)
        inside, seen = inside + within.sum(1), seen + there.sum(1)
        new = min(span, origins[place] - origins[place - 1])
        # Errors of one test go together, so a test is one step, however many points it has.
        missed = (there[:, :new].sum(1) * level - within[:, :new].sum(1)) / new
        working = np.clip(working + STEP * missed, level - (1 - level) / 2, level + (1 - level) * 0.6)
    return working, np.where(seen > 0, inside / np.maximum(seen, 1), np.nan)


def _reach(errors: Floats, scale: Floats, level: Floats, horizon: int) -> tuple[Floats, Floats]:
    count, span = errors.shape[1], errors.shape[2]
    below, above = np.zeros((count, horizon)), np.zeros((count, horizon))
    relative = errors / np.where(scale > 0, scale, np.nan)[None, :, None]
    edges = np.linspace(0, span, min(BUCKETS, span) + 1).round().astype(int)
    sizes = np.diff(edges)
    told = [
        _quantiles(np.moveaxis(relative[:, :, start:end], 1, 0).reshape(count, len(errors) * size), level)
        for (start, end), size in zip(pairwise(edges), sizes, strict=True)
    ]
    for reach, widths in zip((below, above), zip(*told, strict=True), strict=True):
        rising = _rising(np.stack(widths), sizes)
        reach[:, :span] = np.repeat(rising, sizes, axis=0).T[:, :horizon]
        if horizon > span:  # beyond what was tested a band widens as a slow random walk does
            reach[:, span:] = rising[-1][:, None] * (np.arange(span + 1, horizon + 1) / span) ** 0.25
    return below[:, :horizon] * scale[:, None], above[:, :horizon] * scale[:, None]


def _rising(widths: Floats, sizes: NDArray[np.int_]) -> Floats:
    """The nearest widths (buckets by series) that never shrink; a bucket counts by how many periods it has."""
    count = len(widths)
    total = np.vstack([np.zeros_like(widths[:1]), np.cumsum(widths * sizes[:, None], axis=0)])
    length = np.concatenate([[0], np.cumsum(sizes)])

    def mean(start: int, end: int) -> Floats:
        return np.asarray((total[end] - total[start]) / (length[end] - length[start]), dtype=float)

    found = np.empty_like(widths)
    for at in range(count):
        ends = range(at + 1, count + 1)
        found[at] = np.max(
            [np.min([mean(start, end) for end in ends], axis=0) for start in range(at + 1)], axis=0
        )
    return found


def _quantiles(relative: Floats, level: Floats) -> tuple[Floats, Floats]:
    """How far down and up, in mean errors: own and pooled, symmetric below 60 errors."""
    n = np.isfinite(relative).sum(1)
    pool = relative[np.isfinite(relative)][None, :]
    share = n / (n + 100.0)
    own = np.minimum(1.0, level * (n + 1) / np.maximum(n, 1))
    if pool.size < 8:
        plain = np.array([_normal(one) for one in level])
        return plain, plain
    ordered = np.sort(pool[0])
    sizes = np.sort(np.abs(pool[0]))
    pooled = _at(sizes, level)
    around = share * rows.or_else(rows.quantile(np.abs(relative), own), pooled) + (1 - share) * pooled
    tail = (1 + own) / 2
    down, up = rows.quantiles(relative, (1 - tail, tail))
    low = share * rows.or_else(-down, 0.0) + (1 - share) * -_at(ordered, (1 - level) / 2)
    high = share * rows.or_else(up, 0.0) + (1 - share) * _at(ordered, (1 + level) / 2)
    two_sided = n >= TWO_SIDED
    return (
        np.where(two_sided, np.maximum(low, 0.0), around),
        np.where(two_sided, np.maximum(high, 0.0), around),
    )


def _at(ordered: Floats, level: Floats) -> Floats:
    place = np.clip(level, 0.0, 1.0) * (len(ordered) - 1)
    return np.asarray(np.interp(place, np.arange(len(ordered)), ordered), dtype=float)


def _normal(level: float) -> float:
    """The two-sided normal quantile, in mean absolute deviations."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + min(level, 0.999)) / 2) * 1.2533
