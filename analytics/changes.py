"""What changed, and where: the change of a metric split over segments that add up to it exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics import dimensions, rates, segments
from analytics.compute import ask, compute
from analytics.contributions import Side, concentration
from analytics.days import DayReport, DaySegment, explain_day
from analytics.result import Value
from analytics.segments import Cell, Cut, Request
from analytics.splits import Segment, Split, explained, split
from core.errors import NotEnoughData, QuestionError
from core.filters import Compare, Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

__all__ = ["ChangeReport", "DayReport", "DaySegment", "Segment", "Split", "explain_day", "what_changed"]

Cells = dict[tuple[str, ...], Cell]
DEFAULT_CUTS = ("channel", "product", "team", "topic", "priority")
MOST = 8  # segments that are told as movers


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
) -> ChangeReport:
    """The change of a metric against the period before, split over each dimension of `by`.

    Splits come most telling first. Raises NotEnoughData when a period is empty, QuestionError for a
    dimension whose segments overlap (tag).
    """
    _refuse_overlaps(by)
    result = compute(reader, name, filters, settings=settings, viewer=viewer, compare=compare)
    question = ask(reader, name, filters, settings=settings, viewer=viewer, compare=compare).question
    metric = question.metric
    if metric.over is not None:
        raise QuestionError(
            f"{metric.title.lower()} is one number over another, whose change does not add up over segments.",
            hint=f"Ask what changed for {metric.over.name} instead.",
        )
    previous, before = result.previous_period, result.previous
    if previous is None or before is None or not (result.total.n and before.n):
        raise NotEnoughData(
            f"there is nothing to compare {metric.title.lower()} with over {result.period}.",
            hint="Choose a period that the data covers, with as much data before it.",
        )
    threshold = before.value if metric.quantile is not None else None
    request = Request(question, tuple((dimension,) for dimension in by), threshold)
    cells = segments.read(reader, request, viewer)
    if metric.kind == "rate":
        cells = _divided(cells, *rates.sizes(reader, question, viewer), rates.PER)
    if metric.kind == "ratio":
        now, then = (one.n / one.value if one.value else 0.0 for one in (result.total, before))
        cells = _divided(cells, now, then, 1)
    splits = [split(metric, cut, cells[cut]) for cut in request.cuts]
    splits.sort(key=lambda item: (-concentration([s.surprise for s in item.segments]), item.dimension))
    return ChangeReport(
        metric=metric.name, title=metric.title, unit=metric.unit, period=result.period,
        previous_period=previous, now=result.total, before=before,
        explained=explained(metric), threshold=threshold,
        change=sum(segment.contribution for segment in splits[0].segments), splits=tuple(splits),
        movers=_movers(splits), notes=result.notes,
        generation=result.generation,
    )  # fmt: skip


def _divided(cells: Mapping[Cut, Cells], now: float, before: float, per: int) -> dict[Cut, Cells]:
    """Counts per denominator: the parts of a rate add up like the counts they come from."""

    def over(side: Side, size: float) -> Side:
        return Side(side.n * per / size, side.total * per / size) if size else Side()

    return {
        cut: {key: Cell(over(cell.before, before), over(cell.now, now)) for key, cell in found.items()}
        for cut, found in cells.items()
    }


def _refuse_overlaps(by: tuple[str, ...]) -> None:
    for dimension in by:
        if dimensions.find(dimension).many:
            raise QuestionError(
                f"a change cannot be split by {dimension}: a conversation can have several.",
                hint=f"Possible: {', '.join(DEFAULT_CUTS)}.",
            )


def _movers(splits: list[Split]) -> tuple[Segment, ...]:
    """Segments of all dimensions that moved unlike the rest, the most surprising first."""
    found = [segment for split in splits for segment in split.segments if segment.contribution]
    found.sort(key=lambda s: (-abs(s.surprise), -abs(s.contribution), s.dimension, s.value))
    return tuple(found[:MOST])
