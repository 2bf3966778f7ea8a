"""A change over one dimension: one row a segment, adding up to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.base import Metric
from analytics.contributions import Part, Side, split_count, split_rate, surprise
from analytics.segments import Cell, Cut

# What segments add up to; the parts of a rate and of a ratio are counts over the whole denominator.
ADDITIVE = ("count", "sum", "level", "rate", "ratio")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment's part in a change. `contribution` is in conversations for counts, per 1,000 for rates, in share for the rest.

    `before` and `now` are the segment's own numbers; `surprise` is what it brought beyond its size.
    """

    dimension: str
    value: str
    n_before: float
    n_now: float
    before: float | None
    now: float | None
    contribution: float
    mix: float
    rate: float
    surprise: float


@dataclass(frozen=True, slots=True)
class Split:
    """The whole change over one dimension; the contributions of all segments add up to it."""

    dimension: str
    segments: tuple[Segment, ...]


def split(metric: Metric, cut: Cut, cells: Mapping[tuple[str, ...], Cell]) -> Split:
    """The cells of one cut as segments, the largest contribution first."""
    sides = {key: (cell.before, cell.now) for key, cell in cells.items()}
    parts = split_count(sides) if metric.kind in ADDITIVE else split_rate(sides)
    change = sum(part.contribution for part in parts.values())
    found = [_segment(metric, cut, key, sides, parts[key], change) for key in sides]
    found.sort(key=lambda s: (-abs(s.contribution), s.value))
    return Split(label(cut), tuple(found))


def label(names: tuple[str, ...]) -> str:
    """The name of a cut, or of a segment of several dimensions."""
    return " / ".join(names)


def _segment(
    metric: Metric,
    cut: Cut,
    key: tuple[str, ...],
    sides: Mapping[tuple[str, ...], tuple[Side, Side]],
    part: Part,
    change: float,
) -> Segment:
    before, now = sides[key]
    # A count is spread like it was before; a share's own movement weighs as much as the segment does now.
    position = 0 if metric.kind in ADDITIVE else 1
    whole = sum(pair[position].n for pair in sides.values())
    weight = sides[key][position].n / whole if whole else 0.0
    return Segment(
        dimension=label(cut), value=label(key), n_before=before.n, n_now=now.n,
        before=_own(metric, before), now=_own(metric, now), contribution=part.contribution,
        mix=part.mix, rate=part.rate, surprise=surprise(part.contribution, weight, change),
    )  # fmt: skip


def _own(metric: Metric, side: Side) -> float | None:
    if metric.kind in ADDITIVE:
        return float(side.n)
    return side.rate if side.n else None


def explained(metric: Metric) -> str:
    """What the contributions are of, in words."""
    if metric.kind == "rate":
        return f"the number of {metric.rows} per 1,000"
    if metric.kind in ("sum", "ratio"):
        return metric.title.lower()
    if metric.kind in ADDITIVE:
        return f"the number of {metric.rows}"
    if metric.quantile is not None:
        return f"the share of {metric.rows} slower than the earlier value"
    return "the share" if metric.kind == "share" else "the mean"
