"""What changed, and where: the change of a metric split over segments that add up to it exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics import dimensions, segments
from analytics.base import Metric
from analytics.compute import ask, compute
from analytics.contributions import Part, Side, concentration, split_count, split_rate, surprise
from analytics.periods import Compare
from analytics.result import Value
from analytics.segments import Cell, Cut, Request
from core.errors import NotEnoughData, QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

DEFAULT_CUTS = ("channel", "product", "team", "topic", "priority")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment's part in a change. `contribution` is in conversations for counts, in share for the rest.

    `before` and `now` are the segment's own numbers; `surprise` is what it brought beyond its size.
    """

    dimension: str
    value: str
    n_before: int
    n_now: int
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


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What moved a metric from one period to the next.

    `explained` says what the contributions are of: the count itself, the share itself, or for a median
    the share of conversations slower than the earlier value (`threshold`, seconds).
    """

    metric: str
    title: str
    unit: str
    period: Period
    previous_period: Period
    now: Value
    before: Value
    explained: str
    threshold: float | None
    change: float
    splits: tuple[Split, ...]
    movers: tuple[Segment, ...]
    notes: tuple[str, ...]
    generation: int


def what_changed(
    reader: Reader,
    name: str,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    by: tuple[str, ...] = DEFAULT_CUTS,
    compare: Compare = "previous",
    top: int = 8,
) -> ChangeReport:
    """The change of a metric against the period before, split over each dimension of `by`.

    Splits come most telling first. Raises NotEnoughData when a period is empty, QuestionError for a
    dimension whose segments overlap (tag).
    """
    for dimension in by:
        if dimensions.find(dimension).many:
            raise QuestionError(
                f"a change cannot be split by {dimension}: a conversation can have several.",
                hint=f"Known: {', '.join(DEFAULT_CUTS)}.",
            )
    result = compute(reader, name, filters, settings=settings, viewer=viewer, compare=compare)
    question = ask(reader, name, filters, settings=settings, viewer=viewer, compare=compare).question
    metric = question.metric
    previous, before = result.previous_period, result.previous
    if previous is None or before is None or not (result.total.n and before.n):
        raise NotEnoughData(
            f"there is nothing to compare {metric.title.lower()} with over {result.period}.",
            hint="Choose a period that the data covers, with as much data before it.",
        )
    threshold = before.value if metric.kind == "quantile" else None
    request = Request(question, tuple((dimension,) for dimension in by), threshold)
    cells = segments.read(reader, request, viewer)
    splits = [split(metric, cut, cells[cut]) for cut in request.cuts]
    splits.sort(key=lambda item: (-concentration([s.surprise for s in item.segments]), item.dimension))
    movers = sorted(
        (segment for item in splits for segment in item.segments),
        key=lambda s: (-abs(s.surprise), -abs(s.contribution), s.dimension, s.value),
    )
    return ChangeReport(
        metric=metric.name, title=metric.title, unit=metric.unit, period=result.period,
        previous_period=previous, now=result.total, before=before,
        explained=_explained(metric), threshold=threshold,
        change=sum(segment.contribution for segment in splits[0].segments), splits=tuple(splits),
        movers=tuple(s for s in movers if s.contribution)[:top], notes=result.notes,
        generation=result.generation,
    )  # fmt: skip


def split(metric: Metric, cut: Cut, cells: Mapping[tuple[str, ...], Cell]) -> Split:
    """The cells of one cut as segments, the largest contribution first."""
    sides = {key: (cell.before, cell.now) for key, cell in cells.items()}
    parts = split_count(sides) if metric.unit == "count" else split_rate(sides)
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
    position = 0 if metric.unit == "count" else 1
    weight = sides[key][position].n / sum(pair[position].n for pair in sides.values())
    return Segment(
        dimension=label(cut), value=label(key), n_before=before.n, n_now=now.n,
        before=_own(metric, before), now=_own(metric, now), contribution=part.contribution,
        mix=part.mix, rate=part.rate, surprise=surprise(part.contribution, weight, change),
    )  # fmt: skip


def _own(metric: Metric, side: Side) -> float | None:
    if metric.unit == "count":
        return float(side.n)
    return side.rate if side.n else None


def _explained(metric: Metric) -> str:
    if metric.unit == "count":
        return "the number of conversations"
    if metric.kind == "quantile":
        return "the share of conversations slower than the earlier value"
    return "the share" if metric.kind == "share" else "the mean"
