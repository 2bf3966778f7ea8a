"""What was unusual about one day: the day against the four weeks before it, and where the difference lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt
from typing import TYPE_CHECKING

from analytics import catalogue, periods, segments
from analytics.base import Metric
from analytics.compute import ask, compute
from analytics.contributions import Side
from analytics.intervals import wilson
from analytics.question import Question
from analytics.result import MetricResult, Value
from analytics.segments import Cell, Cut, Request
from analytics.splits import Segment, Split, explained, label, split
from core.errors import NotEnoughData, QuestionError
from core.filters import Filters, Period
from core.numbers import SMALL_N
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

BASELINE_DAYS = 28  # four of each weekday: what one day is compared with
DAY_CUTS: tuple[Cut, ...] = (("product",), ("channel",), ("topic",), ("team",), ("product", "channel"))
MOST = 10  # segments that are told
# A segment is named as the reason only when it carries at least this part of the change.
TELLING = 0.5


@dataclass(frozen=True, slots=True)
class DaySegment:
    """One segment on the day against what is usual for it.

    `n_usual` is its share of the four weeks before, applied to the mean of the same weekday in them;
    `rate` and `rate_usual` are its shares (None for counts); `ratio` compares the rates, for counts the
    numbers; `excess` is how many hits (for counts, conversations) there were beyond the usual;
    `contribution` adds up to the change.
    """

    dimension: str
    value: str
    n: int
    n_usual: float
    rate: float | None
    rate_usual: float | None
    ratio: float | None
    excess: float
    contribution: float


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day explained. `headline` is the most precise segment that carries most of the change, if the
    day is unusual and one does.

    `unusual` says whether the difference is more than chance: the usual share lies outside the day's
    interval, or the count is beyond three standard deviations of a Poisson process.
    """

    metric: str
    title: str
    unit: str
    day: date
    baseline: Period
    now: Value
    usual: Value
    n_usual: float
    change: float
    unusual: bool
    explained: str
    threshold: float | None
    headline: DaySegment | None
    segments: tuple[DaySegment, ...]
    splits: tuple[Split, ...]
    notes: tuple[str, ...]
    generation: int
    sql: str


def explain_day(
    reader: Reader,
    day: date,
    name: str = "sentiment_negative_share",
    filters: Filters | None = None,
    *,
    settings: Settings,
    viewer: Viewer,
) -> DayReport:
    """Why a metric was what it was on `day`.

    Raises NotEnoughData for an empty day or baseline, QuestionError for a metric that is none of one day.
    """
    metric, chosen = catalogue.find(name, settings), filters or Filters()
    if metric.of_moments or metric.over is not None or metric.kind in ("rate", "ratio", "sum"):
        raise QuestionError(
            f"{metric.title.lower()} is not something of one day.",
            hint="Ask what changed instead.",
        )
    baseline = Period(day - timedelta(days=BASELINE_DAYS), day - timedelta(days=1))
    _require_history(reader, baseline, chosen, settings, viewer)
    now, usual = (
        compute(reader, name, chosen.over(period), settings=settings, viewer=viewer)
        for period in (Period(day, day), baseline)
    )
    if not now.total.n or not usual.total.n:
        when = f"on {day}" if not now.total.n else f"in the {BASELINE_DAYS} days before {day}"
        raise NotEnoughData(
            f"there is nothing to compute {metric.title.lower()} from {when}.", hint="Choose another day."
        )
    question = ask(reader, name, now.filters, settings=settings, viewer=viewer).question
    threshold = usual.total.value if metric.quantile is not None else None
    request = Request(_against(question, baseline), DAY_CUTS, threshold, weekday=day.weekday())
    read = segments.read(reader, request, viewer)
    scale = _scale(read, _weeks(reader, settings, day))
    cells = {cut: {key: _usual(metric, c, scale) for key, c in found.items()} for cut, found in read.items()}
    return _report(metric, day, baseline, now, usual, cells, threshold)


def _require_history(
    reader: Reader, baseline: Period, filters: Filters, settings: Settings, viewer: Viewer
) -> None:
    loaded = periods.loaded_since(reader, settings, viewer, filters)
    if loaded is not None and periods.midnight(baseline.start) < loaded[1]:
        raise NotEnoughData(
            f"the {BASELINE_DAYS} days before are not all there yet: "
            f"the history of {loaded[0]} is loaded back to {loaded[1]:%-d %b %Y} only.",
            hint="Ask again when older history has been read.",
        )


def _report(
    metric: Metric,
    day: date,
    baseline: Period,
    now: MetricResult,
    usual: MetricResult,
    cells: Mapping[Cut, Mapping[tuple[str, ...], Cell]],
    threshold: float | None,
) -> DayReport:
    splits = tuple(split(metric, cut, cells[cut]) for cut in cells)
    everything = next(iter(cells.values())).values()
    n_usual = sum(cell.same_weekday for cell in everything)
    parts = (part.contribution for part in splits[0].segments)
    change = now.total.n - n_usual if metric.unit == "count" else sum(parts)
    by_label = {(label(cut), label(key)): cell for cut in cells for key, cell in cells[cut].items()}
    found = [
        _segment(metric, part, by_label[part.dimension, part.value])
        for whole in splits
        for part in whole.segments
    ]
    towards = 1 if change >= 0 else -1
    found.sort(key=lambda s: (-towards * s.contribution, s.dimension, s.value))
    unusual = _unusual(metric, everything, n_usual)
    return DayReport(
        metric=metric.name, title=metric.title, unit=metric.unit, day=day, baseline=baseline,
        now=now.total, usual=usual.total, n_usual=n_usual, change=change,
        unusual=unusual, explained=explained(metric), threshold=threshold,
        headline=_headline(found, change) if unusual else None, segments=tuple(found[:MOST]),
        splits=splits, notes=now.notes, generation=now.generation, sql=now.sql,
    )  # fmt: skip


def _against(question: Question, baseline: Period) -> Question:
    """The day's question with the weeks before it as the other side."""
    start, until = periods.midnight(baseline.start), periods.midnight(baseline.until)
    return replace(question, frame=replace(question.frame, earlier_start=start, earlier_until=until))


def _weeks(reader: Reader, settings: Settings, day: date) -> int:
    """How many of the four weekdays before the day lie within the data, at least one."""
    first = periods.first_day(reader, settings) or day
    return max(1, sum(day - timedelta(days=7 * back) >= first for back in range(1, 5)))


def _scale(cells: Mapping[Cut, Mapping[tuple[str, ...], Cell]], weeks: int) -> float:
    """What turns the four weeks into a usual day: their mean on the day's weekday over their total."""
    everything = next(iter(cells.values())).values()
    return sum(c.same_weekday for c in everything) / weeks / sum(c.before.n for c in everything)


def _usual(metric: Metric, cell: Cell, scale: float) -> Cell:
    """The cell with its usual number; a count is compared with that, a share with all four weeks."""
    n = cell.before.n * scale
    before = Side(n, cell.before.total * scale) if metric.unit == "count" else cell.before
    return Cell(before, cell.now, n)


def _segment(metric: Metric, part: Segment, cell: Cell) -> DaySegment:
    usual_n, counts = cell.same_weekday, metric.unit == "count"
    rate = None if counts or not cell.now.n else cell.now.rate
    rate_usual = None if counts or not cell.before.n else cell.before.rate
    if counts:
        ratio = cell.now.n / usual_n if usual_n else None
        excess = cell.now.n - usual_n
    else:
        ratio = rate / rate_usual if rate is not None and rate_usual else None
        excess = cell.now.total - usual_n * (rate_usual or 0.0)
    return DaySegment(
        dimension=part.dimension, value=part.value, n=int(cell.now.n), n_usual=usual_n, rate=rate,
        rate_usual=rate_usual, ratio=ratio, excess=excess, contribution=part.contribution,
    )  # fmt: skip


def _headline(found: list[DaySegment], change: float) -> DaySegment | None:
    """The most precise segment that carries at least half of the change: a pair before a single one."""
    carrying = [s for s in found if change and s.contribution / change >= TELLING and s.n >= SMALL_N]
    carrying.sort(key=lambda s: (-s.dimension.count("/"), -abs(s.contribution), s.dimension, s.value))
    return carrying[0] if carrying else None


def _unusual(metric: Metric, cells: Iterable[Cell], n_usual: float) -> bool:
    sides = [(cell.before, cell.now) for cell in cells]
    n = sum(now.n for _, now in sides)
    if metric.unit == "count":
        return abs(n - n_usual) > 3 * sqrt(max(n_usual, 1.0))
    usual = sum(before.total for before, _ in sides) / sum(before.n for before, _ in sides)
    low, high = wilson(round(sum(now.total for _, now in sides)), int(n))
    return not low <= usual <= high
