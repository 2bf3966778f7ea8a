"""Which slices a count's change goes with: a penalised scan over one and two dimensions, the found ones peeled off.

How much likelier a slice's count is if it grew or fell by some factor than if it did as expected: Kulldorff's
likelihood ratio (1997, doi:10.1080/03610929708831995) over the dispersion of the days, averaged over factors instead of
taken at the best one (Neill, Moore and Cooper 2006, "A Bayesian spatial scan statistic"), less what looking at so many
slices costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analytics.rootcause.cube import Codes, Cube, Numbers, dispersion

CUT = 1.2  # of the penalised score: about 2 % of unchanged cubes have a slice beyond it
_CLEARLY = 6.0  # twice the log likelihood ratio from which the rest of a parent has moved by itself
MOST_CAUSES = 3
_SOME = 0.3  # of the child's change, in logarithms: less is none
_ROUNDS = 8  # of proportional fitting, which settles in a few
_FEWEST = 3.0  # conversations in a slice, or
_EXPECTED = 0.5  # expected there
_USUAL = np.linspace(np.log(4 / 3), np.log(6.0), 12)
_RARE = np.log([10.0, 20.0, 40.0, 80.0])  # of a slice that hardly had any
_FACTORS = np.exp(np.concatenate([_USUAL, -_USUAL, _RARE]))
_ALIKE = 2.0  # the rest of a parent goes the same way when that fits better by so much than standing still


@dataclass(frozen=True, slots=True)
class Slice:
    """One or two (dimension, value) pairs; none is everything. `share` is its part of the whole change."""

    where: tuple[tuple[str, str], ...]
    actual: float
    expected: float
    score: float
    share: float | None

    @property
    def change(self) -> float:
        """Actual less expected."""
        return self.actual - self.expected


@dataclass(frozen=True, slots=True)
class _Group:
    """All slices of some dimensions (by place), and which of them each cell is in.

    `size` is that of the negative binomial of a slice's count, which rests on `free` degrees of freedom; `cost` is
    what looking at so many takes off a score. `expected`, `phi` and `scores` are those beside the causes found so far.
    """

    places: tuple[int, ...]
    of_cell: Codes
    actual: Numbers
    size: Numbers
    free: float
    cost: float
    expected: Numbers
    phi: Numbers
    scores: Numbers


def find(cube: Cube, *, cut: float = CUT, most: int = MOST_CAUSES) -> tuple[Slice, ...]:
    """The slices that a change goes with, the strongest first; one of no dimension says that it is spread evenly.

    Empty where nothing is beyond chance.
    """
    if not len(cube.actual) or cube.actual.sum() + cube.expected.sum() <= 0:
        return ()
    total = float(cube.actual.sum() - cube.expected.sum())
    expected, found, inside = np.maximum(cube.expected, 1e-9), [], []
    groups = list(_groups(cube))
    for _ in range(most):
        best = _best([_beside(group, expected) for group in groups], cut)
        if best is None:
            break
        group, place = best
        found.append(_slice(cube, group, place, total))
        inside.append(group.of_cell == place)
        expected = _peeled(cube, inside)
    return tuple(found)


def _peeled(cube: Cube, inside: list[NDArray[np.bool_]]) -> Numbers:
    """What is expected once each found slice has a ratio of its own: fitted together, so that overlaps count once."""
    expected = np.maximum(cube.expected, 1e-9)
    for _ in range(_ROUNDS):
        for chosen in inside:
            by = max(float(cube.actual[chosen].sum()), 0.5) / float(expected[chosen].sum())
            expected = np.where(chosen, expected * by, expected)
    return expected


def ratio(actual: Numbers, expected: Numbers, phi: Numbers) -> Numbers:
    """Twice the log likelihood ratio of a count that has its own mean, against the expected one.

    Negative-binomial, its variance `phi` times the expected count; Poisson's where phi is 1.
    """
    safe = np.where(actual > 0, actual, 1.0)
    own = np.where(actual > 0, actual * np.log(safe / expected), 0.0)
    size = expected / np.maximum(phi - 1, 1e-6)
    return np.asarray(2 * (own - (actual + size) * np.log((actual + size) / (expected + size))))


def likelier(actual: Numbers, expected: Numbers, phi: Numbers) -> Numbers:
    """Twice the log of how much likelier a count is with a factor than with none: the mean over factors from a third
    more to six times (or less), and a few beyond. Negative-binomial as `ratio`."""
    size = expected / np.maximum(phi - 1, 1e-6)
    by = _FACTORS[:, None]
    each = actual * np.log(by) - (actual + size) * np.log((by * expected + size) / (expected + size))
    top = each.max(axis=0)
    return np.asarray(2 * (top + np.log(np.exp(each - top).mean(axis=0))))


def _best(groups: list[_Group], cut: float) -> tuple[_Group, int] | None:
    best = max(groups, key=lambda group: float(group.scores.max()))
    place = int(best.scores.argmax())
    if best.scores[place] < cut:
        return None
    return _upwards(groups, best, place)


def _groups(cube: Cube) -> Iterator[_Group]:
    """Everything, every dimension, and every pair of dimensions."""
    sizes = [len(names) for names in cube.values]
    counts = {1: sum(sizes), 2: sum(a * b for a, b in combinations(sizes, 2))}
    none = np.zeros(len(cube.actual), dtype=np.int64)
    yield _group(cube, (), none, 1, 1)
    for place, size in enumerate(sizes):
        yield _group(cube, (place,), cube.codes[:, place], size, counts[1])
    for one, two in combinations(range(len(sizes)), 2):
        codes = cube.codes[:, one] * sizes[two] + cube.codes[:, two]
        yield _group(cube, (one, two), codes, sizes[one] * sizes[two], counts[2])


def _group(cube: Cube, places: tuple[int, ...], of_cell: Codes, count: int, looked_at: int) -> _Group:
    actual = np.bincount(of_cell, weights=cube.actual, minlength=count).astype(float)
    expected = _of_slices(cube.expected, of_cell, count)
    phi, free = dispersion(_by_slice(cube.past, of_cell, count), _by_slice(cube.usual, of_cell, count))
    phi = phi * (1 + 1 / max(len(cube.past), 1))  # the expected count is an estimate as well
    size = expected / np.maximum(phi - 1, 1e-6)
    cost = 2 * float(np.log(max(looked_at, 1)))
    return _beside(_Group(places, of_cell, actual, size, free, cost, expected, phi, actual), cube.expected)


def _beside(group: _Group, cells: Numbers) -> _Group:
    """The group where so much is expected of each cell; what a cause has made more of keeps its size: it scatters more."""
    expected = _of_slices(cells, group.of_cell, len(group.actual))
    phi = 1 + expected / group.size
    gains = likelier(group.actual, expected, phi)
    # The scatter is an estimate too: what a score gains rests on its degrees of freedom.
    scores = group.free * np.log1p(np.maximum(gains, 0) / group.free) + np.minimum(gains, 0)
    some = (expected >= _EXPECTED) | (group.actual >= _FEWEST)
    return replace(group, expected=expected, phi=phi, scores=np.where(some, scores - group.cost, -np.inf))


def _of_slices(cells: Numbers, of_cell: Codes, count: int) -> Numbers:
    """Cells added up to slices, a little above 0."""
    return np.maximum(np.bincount(of_cell, weights=cells, minlength=count), 1e-9).astype(float)


def _by_slice(days: Numbers, of_cell: Codes, size: int) -> Numbers:
    """Days by cells, added up to days by slices."""
    if not days.size:
        return np.zeros((len(days), size))
    at = (np.arange(len(days))[:, None] * size + of_cell[None, :]).ravel()
    added = np.bincount(at, weights=days.ravel(), minlength=len(days) * size)
    return added.astype(float).reshape(len(days), size)


def _upwards(groups: list[_Group], best: _Group, place: int) -> tuple[_Group, int]:
    """The widest slice around the best one whose other part changed by the same ratio: the parent rule."""
    chosen = best.of_cell == place
    for wider in sorted(groups, key=lambda group: len(group.places)):
        if len(wider.places) >= len(best.places) or not set(wider.places) <= set(best.places):
            continue
        at = int(wider.of_cell[chosen][0])
        rest = wider.actual[at] - best.actual[place], wider.expected[at] - best.expected[place]
        by = float(best.actual[place] / best.expected[place])
        if _goes_along(*rest, by, wider.phi[at], crossing=bool(wider.places)):
            return wider, at
    return best, place


def _goes_along(actual: float, expected: float, by: float, phi: float, *, crossing: bool) -> bool:
    """Whether what is left of a parent fits its child's ratio better than no change, or clearly has moved that way.

    The second is so where two causes cross: what they share moved by both, the rest of each by its own. Everything
    (`crossing` is false) is no cause because others moved beside one.
    """
    if expected < _EXPECTED and actual < _FEWEST:
        return False
    if by <= 0:
        return actual < expected / 2
    if 2 * (actual * np.log(by) - expected * (by - 1)) / phi > _ALIKE:
        return True
    if not crossing:
        return False
    rest = np.array([actual]), np.array([expected]), np.array([phi])
    moved = np.log(max(actual, 0.5) / expected) / np.log(by) if by != 1 else 0.0
    return bool(moved > _SOME and ratio(*rest)[0] > _CLEARLY)


def shared(cube: Cube, found: Slice, *, least: float = 0.8) -> tuple[tuple[str, str], ...]:
    """Values of other dimensions that so much of a slice's actual count has in common."""
    named = dict(found.where)
    inside = np.ones(len(cube.actual), dtype=bool)
    for place, dimension in enumerate(cube.dimensions):
        if dimension in named:
            inside &= cube.codes[:, place] == cube.values[place].index(named[dimension])
    whole = float(cube.actual[inside].sum())
    common = []
    for place, dimension in enumerate(cube.dimensions):
        if dimension in named or whole <= 0:
            continue
        counts = np.bincount(cube.codes[inside, place], weights=cube.actual[inside])
        best = int(counts.argmax())
        if counts[best] >= least * whole:
            common.append((dimension, cube.values[place][best]))
    return tuple(common)


def _slice(cube: Cube, group: _Group, place: int, total: float) -> Slice:
    cell = int(np.nonzero(group.of_cell == place)[0][0])
    where = tuple((cube.dimensions[d], cube.values[d][cube.codes[cell, d]]) for d in group.places)
    chosen = group.of_cell == place
    actual, expected = float(cube.actual[chosen].sum()), float(cube.expected[chosen].sum())
    share = (actual - expected) / total if abs(total) > 1e-9 else None
    return Slice(where, actual, expected, float(group.scores[place]), share)
