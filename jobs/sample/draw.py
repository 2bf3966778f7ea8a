"""Random draws that depend on a seed, a name and a number, and on nothing else.

A draw for conversation 17 is the same whether it is made alone or with a million others, which is what
lets the generator write in chunks of any size and still produce the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Words = NDArray[np.uint64]


def _mix(values: Words) -> Words:
    """SplitMix64's finaliser: spreads neighbouring numbers over the whole range (Steele et al., 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class Draws:
    """All randomness of one sample."""

    seed: int

    def words(self, name: str, *numbers: Ints) -> Words:
        """One 64-bit word for every tuple of numbers."""
        start = np.array([(self.seed << 32) ^ zlib.crc32(name.encode())], dtype=np.uint64)
        state = _mix(start + np.uint64(0x9E3779B97F4A7C15))
        for column in numbers:
            state = _mix(state + column.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        return state

    def uniform(self, name: str, *numbers: Ints) -> Floats:
        """Numbers in [0, 1)."""
        return (self.words(name, *numbers) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, name: str, limit: int | Ints, *numbers: Ints) -> Ints:
        """Whole numbers in [0, limit)."""
        return np.floor(self.uniform(name, *numbers) * limit).astype(np.int64)

    def choice(self, name: str, weights: Sequence[float] | Floats, *numbers: Ints) -> Ints:
        """Positions drawn in proportion to the weights."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.searchsorted(edges / edges[-1], self.uniform(name, *numbers), side="right").astype(np.int64)

    def choice_rows(self, name: str, weights: Floats, rows: Ints, *numbers: Ints) -> Ints:
        """Positions drawn in proportion to the row of weights that each number names."""
        edges = np.cumsum(weights, axis=1)
        edges /= edges[:, -1:]
        drawn = self.uniform(name, *numbers)
        picked = np.zeros(len(rows), dtype=np.int64)
        for column in range(weights.shape[1] - 1):
            picked += drawn >= edges[rows, column]
        return picked

    def lognormal(self, name: str, median: float | Floats, spread: float, *numbers: Ints) -> Floats:
        """Log-normal numbers by their median and the standard deviation of their logarithm (Box-Muller)."""
        radius = np.sqrt(-2.0 * np.log(1.0 - self.uniform(name + ".r", *numbers)))
        angle = np.cos(2.0 * np.pi * self.uniform(name + ".a", *numbers))
        return np.asarray(median * np.exp(spread * radius * angle), dtype=np.float64)
