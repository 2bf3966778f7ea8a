"""The one door to numbers: a metric over a period, split, compared, with n and what is not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics import capabilities, catalogue, dimensions, periods, query, rates
from analytics.base import Metric
from analytics.capabilities import Coverage
from analytics.dimensions import dimension_values
from analytics.intervals import wilson
from analytics.periods import Compare, Frame, default_period
from analytics.question import SILENT, Question, group_names
from analytics.result import SMALL_N, Change, Excluded, MetricResult, Row, Value
from analytics.targets import with_targets
from core.filters import Filters, Grain, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

Rows = Sequence[Mapping[str, Any]]

__all__ = ["MetricResult", "compute", "default_period", "dimension_values"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made definite: its period, how far the data reaches, which sources cannot tell."""

    question: Question
    period: Period
    known: datetime
    coverage: Coverage
    covered: bool
    ends_early: bool = False
    too_old: tuple[str, ...] = ()

    @property
    def nothing(self) -> Value:
        """The value of no conversations: 0 for a count, unless no source can tell."""
        metric = self.question.metric
        return value_of(metric, 0.0 if metric.unit == "count" and self.covered else None, 0)


def ask(
    reader: Reader,
    name: str,
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
    metric = catalogue.find(name)
    dimensions.check(filters, by)
    period = filters.period or default_period(reader, settings)
    known = periods.known_until(reader, settings)
    frame = periods.frame(period, known, compare, ripe_days=metric.ripe_days)
    frame, too_old = _within_history(reader, frame, filters, settings, viewer)
    coverage = capabilities.coverage(reader, metric, viewer)
    lacking = tuple(sorted(coverage.lacking))
    question = Question(metric, filters.over(None), frame, grain, by, lacking, known=known)
    question = replace(question, per=rates.choose(reader, question, per, viewer))
    yesterday = periods.now_local(settings).date() - timedelta(days=1)
    ends_early = filters.period is None and period.end < yesterday
    return Asked(question, period, known, coverage, coverage.covers(filters), ends_early, too_old)


def _within_history(
    reader: Reader, frame: Frame, filters: Filters, settings: Settings, viewer: Viewer
) -> tuple[Frame, tuple[str, ...]]:
    """No comparison with days that are not loaded yet, and a word where the period itself begins before them."""
    loaded = periods.loaded_since(reader, settings, viewer, filters.values("source"))
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
    name: str,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    grain: Grain | None = None,
    by: tuple[str, ...] = (),
    compare: Compare | None = None,
    per: str | None = None,
) -> MetricResult:
    """A metric of the catalogue. Without a period: the last 30 full days. `per` names a rate's denominator.

    Raises QuestionError for a metric, dimension or denominator that does not exist.
    """
    asked = ask(
        reader, name, filters, settings=settings, viewer=viewer, grain=grain, by=by, compare=compare, per=per
    )
    question, period, frame, metric = (
        asked.question,
        asked.period,
        asked.question.frame,
        asked.question.metric,
    )
    rows, sql = query.run(reader, question, viewer)
    total, previous = _totals(rows, asked)
    result = MetricResult(
        name=metric.name, title=metric.title, unit=metric.unit, better=metric.better,
        description=metric.description, filters=filters.over(period), period=period,
        previous_period=_days(frame.earlier_start, frame.earlier_until), grain=grain, by=by,
        total=total, previous=previous, change=_change(metric, total, previous),
        rows=_bucket_rows(rows, asked), groups=_group_rows(rows, asked),
        excluded=_excluded(rows, asked), notes=_notes(asked),
        in_progress=frame.in_progress, as_of=asked.known,
        zone=settings.workspace.reporting_zone, generation=reader.number,
        published_at=reader.generation.published_at, sql=sql, per=question.per,
    )  # fmt: skip
    return with_targets(result, settings)


def value_of(metric: Metric, value: float | None, n: int) -> Value:
    """A number with its n and, for a share, its interval."""
    if n == 0 and metric.kind not in ("count", "level", "rate"):
        return Value(None, 0, small=True)
    low = high = None
    if metric.kind == "share" and value is not None:
        low, high = wilson(round(value * n), n)
    return Value(value, n, low, high, small=metric.unit != "count" and n < SMALL_N)


def _totals(rows: Rows, asked: Asked) -> tuple[Value, Value | None]:
    metric = asked.question.metric
    found = {
        row["phase"]: value_of(metric, row["value"], row["n"])
        for row in rows
        if row["part"] == "total" and (row["n"] or metric.kind == "rate")
    }
    previous = found.get(1, asked.nothing) if asked.question.frame.earlier_start else None
    return found.get(0, asked.nothing), previous


def _change(metric: Metric, now: Value, before: Value | None) -> Change | None:
    if before is None or now.value is None or before.value is None:
        return None
    absolute = now.value - before.value
    good = (
        None if metric.better == "neutral" or not absolute else (absolute > 0) == (metric.better == "higher")
    )
    return Change(absolute, absolute / before.value if before.value else None, good)


def _group(row: Mapping[str, Any], question: Question) -> tuple[str, ...]:
    return tuple(row[name] for name in group_names(question))


def _group_rows(rows: Rows, asked: Asked) -> tuple[Row, ...]:
    question, metric, empty = asked.question, asked.question.metric, asked.nothing
    found: dict[tuple[str, ...], dict[int, Value]] = {}
    for row in rows:
        if row["part"] == "group":
            value = value_of(metric, row["value"], row["n"])
            found.setdefault(_group(row, question), {})[row["phase"]] = value
    result = []
    for group, phases in found.items():
        now, before = phases.get(0, empty), phases.get(1, empty) if question.frame.earlier_start else None
        result.append(Row(None, group, now.value, now.n, now.low, now.high, now.small, previous=before))
    return tuple(sorted(result, key=lambda row: (-row.n, row.group)))


def _bucket_rows(rows: Rows, asked: Asked) -> tuple[Row, ...]:
    """One row per bucket and group, in time order, with nothing left out between them."""
    question = asked.question
    if question.grain is None:
        return ()
    frame, grain = question.frame, question.grain
    found = {(_group(r, question), r["bucket"]): r for r in rows if r["part"] == "bucket"}
    groups = sorted({group for group, _ in found}) or ([()] if not question.by else [])
    last: dict[tuple[str, ...], Value] = {}
    result = []
    for start in periods.buckets(frame.start, frame.until, grain):
        end = periods.bucket_end(start, grain)
        partial = start < frame.start or end > frame.until
        label: date | datetime = start if grain == "hour" else start.date()
        for group in groups:
            value = asked.nothing
            if row := found.get((group, start)):
                value = value_of(question.metric, row["value"], row["n"])
            elif question.metric.kind == "level":
                value = last.get(group, value)  # a level stays where it was
            last[group] = value
            result.append(
                Row(label, group, value.value, value.n, value.low, value.high, value.small, partial)
            )
    return tuple(result)


def _excluded(rows: Rows, asked: Asked) -> tuple[Excluded, ...]:
    found = [_left_out(row, asked) for row in rows if row["part"] == "excluded" and row["n"]]
    return tuple(sorted(found, key=lambda item: (item.kind, -item.n, item.reason)))


def _left_out(row: Mapping[str, Any], asked: Asked) -> Excluded:
    reason = row["reason"]
    if reason.startswith(SILENT):
        source = reason.removeprefix(SILENT)
        return Excluded("not available", f"{source}: {asked.coverage.lacking[source]}", row["n"])
    if reason:
        return Excluded("not counted", reason, row["n"])
    return Excluded("not available", asked.question.metric.missing, row["n"])


def _notes(asked: Asked) -> tuple[str, ...]:
    frame, metric = asked.question.frame, asked.question.metric
    notes = [*asked.too_old]
    notes += [f"{source} is not included: {reason}." for source, reason in asked.coverage.lacking.items()]
    if frame.until == frame.start:
        notes.append(f"There is no data for {asked.period} yet.")
    elif frame.in_progress:
        last = (frame.until - timedelta(seconds=1)).date()
        notes.append(f"The period is not over: it is counted up to {last}, as is the one before it.")
    if asked.ends_early:
        notes.append(
            f"The data ends on {asked.period.end}; these are the {asked.period.days} days up to then."
        )
    if metric.kind == "rate":
        notes.append(
            f"Divided by {asked.question.per}, over the days that have it."
            if asked.question.per
            else "No source brings daily numbers to divide by (docs/people.md)."
        )
    if metric.ripe_days:
        notes.append(f"A conversation is judged {metric.ripe_days} days after its first solve.")
    return tuple(notes)


def _days(start: datetime | None, until: datetime | None) -> Period | None:
    if start is None or until is None:
        return None
    return Period(start.date(), (until - timedelta(microseconds=1)).date())
