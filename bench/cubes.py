"""Generated cubes of topic x channel x product with planted causes, and how often exactly those are found."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.rootcause import Cube, find, of_counts

Numbers = NDArray[np.float64]

DIMENSIONS = ("topic", "channel", "product")
SIZES = (20, 3, 6)
HISTORY = 30  # days before the one that is asked about
_WEEK = np.array([1.1, 1.1, 1.0, 1.0, 0.9, 0.5, 0.4])
_CODES = np.array(list(np.ndindex(*SIZES)))
_NAMES = [[f"{name} {place}" for place in range(size)] for name, size in zip(DIMENSIONS, SIZES, strict=True)]
Cause = tuple[tuple[int, int], ...]  # dimension and value, one or two


@dataclass(frozen=True, slots=True)
class World:
    """`a_day` counts on a mean day; `scatter` of the negative binomial of a cell (size; larger is calmer)."""

    a_day: float = 2000.0
    scatter: float = 20.0
    multiplier: float = 2.5


@dataclass(frozen=True, slots=True)
class Found:
    """The share of trials in which exactly the planted causes were found, and seconds of the processor a cube."""

    exact: float
    trials: int
    seconds: float


def measure(kind: str, world: World, *, trials: int, seed: int = 1) -> Found:
    """Trials of one kind: none, one, pair or two."""
    draw = np.random.default_rng(seed)
    hits, seconds = 0, 0.0
    for _ in range(trials):
        causes = planted(kind, draw)
        table, weekdays = counts(causes, world, draw)
        began = time.process_time()
        told = find(cube_of(table, weekdays))
        seconds += time.process_time() - began
        hits += {frozenset(one.where) for one in told} == {
            frozenset((DIMENSIONS[d], _NAMES[d][v]) for d, v in cause) for cause in causes
        }
    return Found(hits / trials, trials, seconds / trials)


def planted(kind: str, draw: np.random.Generator) -> list[Cause]:
    """Causes of one kind: one value, a topic in a channel, or two values of different dimensions."""

    def value(dimension: int) -> tuple[int, int]:
        return dimension, int(draw.integers(SIZES[dimension]))

    if kind == "none":
        return []
    if kind == "one":
        return [(value(int(draw.integers(3))),)]
    if kind == "pair":
        return [(value(0), value(1))]
    first, second = draw.permutation(3)[:2]
    return [(value(int(first)),), (value(int(second)),)]


def counts(causes: list[Cause], world: World, draw: np.random.Generator) -> tuple[Numbers, list[int]]:
    """Days by cells, the causes in the last day, and the weekday of each."""
    shares = np.einsum(
        "i,j,k->ijk",
        draw.dirichlet(np.full(SIZES[0], 2.0)),
        draw.dirichlet(np.full(SIZES[1], 4.0)),
        draw.dirichlet(np.full(SIZES[2], 4.0)),
    ).ravel()
    shares = shares * draw.gamma(11.0, 1 / 11.0, len(shares))  # not quite independent
    weekdays = [day % 7 for day in range(HISTORY + 1)]
    mean = world.a_day * np.outer(_WEEK[weekdays], shares / shares.sum())
    for cause in causes:
        mean[-1, np.all([_CODES[:, d] == v for d, v in cause], axis=0)] *= world.multiplier
    drawn = draw.negative_binomial(world.scatter, world.scatter / (world.scatter + mean))
    return drawn.astype(float), weekdays


def cube_of(table: Numbers, weekdays: list[int]) -> Cube:
    """The cube of the last day."""
    return of_counts(table, _CODES, DIMENSIONS, _NAMES, weekdays)
