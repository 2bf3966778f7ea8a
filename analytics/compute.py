"""The one door to numbers: a metric over a period, split, compared, with n and what is not in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics import capabilities, catalogue, dimensions, moods, outcome, periods, query, quotients, rates
from analytics.base import Metric
from analytics.dimensions import dimension_values
from analytics.notes import as_of, covered, notes
from analytics.outcome import Asked, Rows, bucket_rows, change, excluded, group_rows, totals
from analytics.periods import Frame, default_period
from analytics.question import Question
from analytics.result import MetricResult, SourceCoverage
from analytics.spread import spread
from analytics.targets import with_targets
from core.filters import Compare, Filters, Grain, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

__all__ = ["MetricResult", "compute", "default_period", "dimension_values"]


def ask(
    reader: Reader,
    name: str | Metric,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    grain: Grain | None = None,
    by: tuple[str, ...] = (),
    compare: Compare | None = None,
    per: str | None = None,
) -> Asked:
    """Fill in the default period and check the names. Raises QuestionError."""
    metric = name if isinstance(name, Metric) else catalogue.find(name, settings)
    dimensions.check(filters, by)
    period = filters.period or default_period(reader, settings)
    known = periods.known_until(reader, settings)
    frame = periods.frame(period, known, compare, ripe_days=metric.ripe_days)
    frame, too_old = _within_history(reader, frame, filters, settings, viewer)
    coverage = capabilities.coverage(reader, metric, viewer)
    lacking = tuple(sorted(coverage.lacking))
    include = tuple(sorted({*filters.include, *settings.counting.include}))
    asking = replace(filters, period=None, include=include)
    question = Question(metric, asking, frame, grain, by, lacking, known=known)
    question = replace(question, per=rates.choose(reader, question, per, viewer))
    yesterday = periods.now_local(settings).date() - timedelta(days=1)
    ends_early = filters.period is None and period.end < yesterday
    return Asked(question, period, known, coverage, coverage.covers(filters), ends_early, too_old)


def _within_history(
    reader: Reader, frame: Frame, filters: Filters, settings: Settings, viewer: Viewer
) -> tuple[Frame, tuple[str, ...]]:
    """No comparison with days that are not loaded yet, and a word where the period itself begins before them."""
    loaded = periods.loaded_since(reader, settings, viewer, filters)
    if loaded is None:
        return frame, ()
    source, since = loaded
    told = f"the history of {source} is loaded back to {since:%-d %b %Y} only"
    notes = []
    if frame.start < since:
        notes.append(f"Days before that are not complete: {told}.")
    if frame.earlier_start is not None and frame.earlier_start < since:
        notes.append(f"There is no comparison yet: {told}.")
        frame = replace(frame, earlier_start=None, earlier_until=None)
    return frame, tuple(notes)


def compute(
    reader: Reader,
    name: str | Metric,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    grain: Grain | None = None,
    by: tuple[str, ...] = (),
    compare: Compare | None = None,
    per: str | None = None,
    detail: bool = False,
    margins: tuple[tuple[str, ...], ...] = (),
) -> MetricResult:
    """A metric of the catalogue or of the settings. Without a period: the last 30 full days. `per` names a
    rate's denominator.

    With `detail`, a metric of values (durations, scores) says how they lie: statistics and distribution. `margins`
    are parts of `by` to read in the same statement: each total by the metric itself, and not of the groups' numbers.
    Raises QuestionError for a metric, dimension or denominator that does not exist.
    """
    asked = ask(
        reader, name, filters, settings=settings, viewer=viewer, grain=grain, by=by, compare=compare, per=per
    )
    if asked.question.metric.over is not None:
        result = quotients.divided(
            asked.question.metric,
            lambda part: compute(
                reader, part, filters, settings=settings, viewer=viewer, grain=grain, by=by, compare=compare,
                margins=margins,
            ),
        )  # fmt: skip
        return with_targets(result, settings)
    question, period, frame, metric = (
        replace(asked.question, margins=margins),
        asked.period,
        asked.question.frame,
        asked.question.metric,
    )
    asked = replace(asked, question=question)
    rows, sql = query.run(reader, question, viewer)
    total, previous = totals(rows, asked)
    result = MetricResult(
        name=metric.name, title=metric.title, unit=metric.unit, better=metric.better,
        description=metric.description, filters=filters.over(period), period=period,
        previous_period=_days(frame.earlier_start, frame.earlier_until), grain=grain, by=by,
        total=total, previous=previous, change=change(metric, total, previous),
        rows=bucket_rows(rows, asked), groups=group_rows(rows, asked),
        excluded=excluded(rows, asked),
        notes=(*notes(asked, settings.workspace.zone), *moods.note_of(reader, metric, by)),
        in_progress=frame.in_progress, as_of=asked.known,
        zone=settings.workspace.reporting_zone, generation=reader.number,
        published_at=reader.generation.published_at, sql=sql, per=question.per,
        counts=metric.rows, hours=question.hours, included=question.include, as_of_dimensions=as_of(question),
        coverage=_coverage(rows, asked, filters), margins=outcome.margins(rows, asked),
    )  # fmt: skip
    if detail:
        statistics, distribution = spread(reader, question, viewer)
        result = replace(result, statistics=statistics, distribution=distribution)
    return with_targets(result, settings)


def _coverage(rows: Rows, asked: Asked, filters: Filters) -> SourceCoverage | None:
    row = next((row for row in rows if row["part"] == "covered"), None)
    n, of_n = (int(row["value"] or 0), row["n"]) if row else (0, 0)
    return covered(asked.question.metric, asked.coverage, filters, n, of_n)


def _days(start: datetime | None, until: datetime | None) -> Period | None:
    if start is None or until is None:
        return None
    return Period(start.date(), (until - timedelta(microseconds=1)).date())
