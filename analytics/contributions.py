"""Splitting a change into what each segment brought, so that the parts add up to the whole."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Side:
    """One segment in one period: conversations, and the sum of their measures (hits of a share).

    `n` is a mean, and so need not be whole, where a day is set against the usual number of a weekday.
    """

    n: float = 0
    total: float = 0.0

    @property
    def rate(self) -> float:
        """Mean of the measures."""
        return self.total / self.n


NOTHING = Side()


@dataclass(frozen=True, slots=True)
class Part:
    """What a segment brought to a change of a share or mean: by its weight, and by its own rate."""

    mix: float
    rate: float

    @property
    def contribution(self) -> float:
        """Both effects together."""
        return self.mix + self.rate


def split_rate(sides: Mapping[Key, tuple[Side, Side]]) -> dict[Key, Part]:
    """Mix and rate effect per segment of (before, now); over all segments they add up to R1 - R0.

    mix = (w1 - w0) (r0 - R0), rate = w1 (r1 - r0); a segment that was absent before takes r0 = R0.
    Segments must not overlap. Raises ZeroDivisionError when a period is empty.
    """
    n0, n1 = (sum(pair[i].n for pair in sides.values()) for i in (0, 1))
    overall = sum(before.total for before, _ in sides.values()) / n0
    parts: dict[Key, Part] = {}
    for key, (before, now) in sides.items():
        w0, w1 = before.n / n0, now.n / n1
        r0 = before.rate if before.n else overall
        r1 = now.rate if now.n else r0
        parts[key] = Part((w1 - w0) * (r0 - overall), w1 * (r1 - r0))
    return parts


def split_count(sides: Mapping[Key, tuple[Side, Side]]) -> dict[Key, Part]:
    """The change of a count per segment: its own difference, all of it its own."""
    return {key: Part(0.0, float(now.n - before.n)) for key, (before, now) in sides.items()}


def surprise(contribution: float, weight: float, change: float) -> float:
    """How much more a segment brought than its size alone would have: 0 when all moved alike."""
    return contribution - weight * change


def concentration(values: Sequence[float]) -> float:
    """The largest of the values by size; what a dimension has to tell."""
    return max((abs(value) for value in values), default=0.0)
