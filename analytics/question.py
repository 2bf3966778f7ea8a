"""What is asked of the warehouse, and the words every part of its query is written in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from analytics.base import Metric, Scope, TableOf
from analytics.periods import Frame
from core.filters import Filters, Grain, Hours

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNITS = {"hour": "h", "day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that decides the text of the query. `lacking` are sources that cannot tell.

    `per` is the denominator of a rate; `known` is how far the data reaches (the end of the period when None).
    `margins` are parts of `by` that are wanted beside it: the totals of a table.
    """

    metric: Metric
    filters: Filters
    frame: Frame
    grain: Grain | None = None
    by: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    per: str | None = None
    known: datetime | None = None
    margins: tuple[tuple[str, ...], ...] = ()

    @property
    def hours(self) -> Hours:
        """The clock of durations; the calendar's where the metric has no other."""
        return self.filters.hours if self.metric.business else "calendar"

    @property
    def include(self) -> tuple[str, ...]:
        """Kinds of conversations that count although they are left out by default."""
        return self.filters.include

    def scope(self, tables: TableOf) -> Scope:
        """What the metric's `extend` may use."""
        frame = self.frame
        return Scope(tables, frame.earlier_start or frame.start, self.known or frame.until)


def group_names(question: Question) -> list[str]:
    """g0, g1, … one per dimension of `by`."""
    return [f"g{position}" for position in range(len(question.by))]


def cuts(question: Question) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Every way to group: what the names of its parts end with, its dimensions and its columns; `by` first."""
    ends = ["", *(str(place) for place in range(len(question.margins)))]
    return [
        (end, by, [f"g{question.by.index(name)}" for name in by])
        for end, by in zip(ends, (question.by, *question.margins), strict=True)
    ]


def within(at: ir.Column, frame: Frame) -> ir.BooleanValue:
    """Whether a moment lies in the period or in what it is compared with."""
    if frame.earlier_start is None or frame.earlier_until is None:
        return between(at, frame.start, frame.until)
    # One range around both, which lets the engine skip blocks; an alternative would not.
    around = between(at, min(frame.earlier_start, frame.start), max(frame.earlier_until, frame.until))
    if frame.earlier_until == frame.start:
        return around
    return around & (
        between(at, frame.start, frame.until) | between(at, frame.earlier_start, frame.earlier_until)
    )


def between(at: ir.Column, start: datetime, until: datetime) -> ir.BooleanValue:
    """Half-open: start included, until not."""
    return (at >= moment(start)) & (at < moment(until))


def phase(at: ir.Column, frame: Frame) -> ir.Column:
    """0 for the period, 1 for the one before it."""
    return (at >= moment(frame.start)).ifelse(0, 1).cast("int8")


def aligned(table: ir.Table, question: Question, part: str) -> ir.Table:
    """The table in the columns of `build`, missing ones NULL, so that parts can be put together."""
    import ibis

    types = {"phase": "int8", "bucket": "timestamp", **dict.fromkeys(group_names(question), "string"),
             "reason": "string", "value": "float64", "n": "int64"}  # fmt: skip
    columns = {
        name: (table[name] if name in table.columns else ibis.null()).cast(kind)
        for name, kind in types.items()
    }
    return table.select(part=ibis.literal(part), **columns)


def moment(at: datetime) -> ir.TimestampScalar:
    """A wall-clock time as an Ibis value."""
    import ibis

    return ibis.timestamp(at.isoformat(" "))
