"""From the rows of a query to a result: totals, groups, buckets in time order, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from analytics import periods
from analytics.base import Metric
from analytics.capabilities import Coverage
from analytics.intervals import wilson
from analytics.question import Question, cuts
from analytics.result import Change, Excluded, Margin, Row, Value
from analytics.rows import CLOCKLESS, SILENT
from core.filters import Period
from core.numbers import SMALL_N

Rows = Sequence[Mapping[str, Any]]


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

    @property
    def young_until(self) -> datetime:
        """The end of what is shown: that of the number, or of the days that are too young to be judged."""
        frame = self.question.frame
        if not self.question.metric.ripe_days:
            return frame.until
        return max(frame.until, min(periods.midnight(self.period.until), self.known))


def value_of(metric: Metric, value: float | None, n: int) -> Value:
    """A number with its n and, for a share, its interval."""
    if n == 0 and metric.kind not in ("count", "sum", "level", "rate"):
        return Value(None, 0, small=True)
    low = high = None
    if metric.kind == "share" and value is not None:
        low, high = wilson(round(value * n), n)
    return Value(value, n, low, high, small=metric.unit != "count" and n < SMALL_N)


def totals(rows: Rows, asked: Asked) -> tuple[Value, Value | None]:
    """The number of the period, and of the one it is compared with."""
    metric = asked.question.metric
    found = {
        row["phase"]: value_of(metric, row["value"], row["n"])
        for row in rows
        if row["part"] == "total" and (row["n"] or metric.kind == "rate")
    }
    previous = found.get(1, asked.nothing) if asked.question.frame.earlier_start else None
    return found.get(0, asked.nothing), previous


def change(metric: Metric, now: Value, before: Value | None) -> Change | None:
    """From one number to the other; None where one is missing."""
    if before is None or now.value is None or before.value is None:
        return None
    absolute = now.value - before.value
    good = (
        None if metric.better == "neutral" or not absolute else (absolute > 0) == (metric.better == "higher")
    )
    return Change(absolute, absolute / before.value if before.value else None, good)


def margins(rows: Rows, asked: Asked) -> tuple[Margin, ...]:
    """Groups and buckets of every margin."""
    names = enumerate(asked.question.margins)
    return tuple(
        Margin(by, group_rows(rows, asked, place), bucket_rows(rows, asked, place)) for place, by in names
    )


def group_rows(rows: Rows, asked: Asked, margin: int | None = None) -> tuple[Row, ...]:
    """One row a group over the whole period, the largest n first; of a margin, when asked."""
    question, metric, empty = asked.question, asked.question.metric, asked.nothing
    end, _, names = cuts(question)[0 if margin is None else margin + 1]
    found: dict[tuple[str, ...], dict[int, Value]] = {}
    for row in rows:
        if row["part"] == f"group{end}":
            value = value_of(metric, row["value"], row["n"])
            found.setdefault(tuple(row[name] for name in names), {})[row["phase"]] = value
    result = []
    for group, phases in found.items():
        now, before = phases.get(0, empty), phases.get(1, empty) if question.frame.earlier_start else None
        result.append(Row(None, group, now.value, now.n, now.low, now.high, now.small, previous=before))
    return tuple(sorted(result, key=lambda row: (-row.n, row.group)))


def bucket_rows(rows: Rows, asked: Asked, margin: int | None = None) -> tuple[Row, ...]:
    """One row per bucket and group, in time order, with nothing left out between them; of a margin, when asked."""
    question, frame = asked.question, asked.question.frame
    if question.grain is None:
        return ()
    end, by, names = cuts(question)[0 if margin is None else margin + 1]
    parts = (row for row in rows if row["part"] == f"bucket{end}")
    found = {(tuple(row[name] for name in names), row["bucket"]): row for row in parts}
    groups = sorted({group for group, _ in found}) or ([()] if not by else [])
    last: dict[tuple[str, ...], Value] = {}
    result = []
    for start in periods.buckets(frame.start, asked.young_until, question.grain):
        for group in groups:
            value = asked.nothing
            if row := found.get((group, start)):
                value = value_of(question.metric, row["value"], row["n"])
            elif question.metric.kind == "level":
                value = last.get(group, value)  # a level stays where it was
            last[group] = value
            result.append(_bucket(start, group, value, asked))
    return tuple(result)


def _bucket(start: datetime, group: tuple[str, ...], value: Value, asked: Asked) -> Row:
    question, frame = asked.question, asked.question.frame
    grain = question.grain or "day"
    end = periods.bucket_end(start, grain)
    label: date | datetime = start if grain == "hour" else start.date()
    if start >= frame.until:
        value = Value(None, 0)
    return Row(
        label, group, value.value, value.n, value.low, value.high, value.small,
        partial=start < frame.start or end > frame.until,
        immature=end > frame.until < asked.young_until,
    )  # fmt: skip


def excluded(rows: Rows, asked: Asked) -> tuple[Excluded, ...]:
    """What came about in the period and is not in the number, by reason."""
    found = [_left_out(row, asked) for row in rows if row["part"] == "excluded" and row["n"]]
    return tuple(sorted(found, key=lambda item: (item.kind, -item.n, item.reason)))


def _left_out(row: Mapping[str, Any], asked: Asked) -> Excluded:
    reason = row["reason"]
    if reason.startswith(SILENT):
        source = reason.removeprefix(SILENT)
        return Excluded("not available", f"{source}: {asked.coverage.lacking[source]}", row["n"])
    if reason == CLOCKLESS:
        return Excluded("not available", "no working hours: the conversation has no calendar", row["n"])
    if reason:
        return Excluded("not counted", reason, row["n"])
    return Excluded("not available", asked.question.metric.missing, row["n"])
