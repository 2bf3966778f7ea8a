"""Conversations over a daily denominator: both added up over the days that have one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.memo import per_reader
from analytics.question import (
    UNITS,
    Question,
    aligned,
    between,
    cuts,
    moment,
    phase,
    within,
)
from analytics.rows import counted, reason_of, rows_of
from core.errors import QuestionError
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import TableOf
    from store.reader import Reader

PER = 1000
USUAL = "active_customers"  # what is divided by where nobody says otherwise


@dataclass(frozen=True, slots=True)
class Denominator:
    """A daily number, the days that have one, and the sources it comes from."""

    name: str
    days: int
    first_day: date
    last_day: date
    sources: tuple[str, ...]


@per_reader
def denominators(reader: Reader, viewer: Viewer) -> tuple[Denominator, ...]:
    """Those that the viewer may see: active customers first, then the one that most days have."""
    rows = reader.query(
        """SELECT name, count(DISTINCT day) AS days, min(day) AS first_day, max(day) AS last_day,
             list(DISTINCT source_id ORDER BY source_id) AS sources
           FROM {denominators} WHERE NOT coalesce(is_deleted, false) AND value > 0 GROUP BY name""",
        viewer=viewer,
    ).to_pylist()
    found = [Denominator(**{**row, "sources": tuple(row["sources"])}) for row in rows]
    return tuple(sorted(found, key=lambda d: (d.name != USUAL, -d.days, d.name)))


def choose(reader: Reader, question: Question, per: str | None, viewer: Viewer) -> str | None:
    """The denominator that a question divides by; None where there is none, or nothing is divided.

    Raises QuestionError for a name that is none, and for what cannot be divided.
    """
    if question.metric.kind != "rate":
        if per:
            raise QuestionError(f"{question.metric.title.lower()} is not divided.", hint="Leave --per out.")
        return None
    if question.grain == "hour":
        raise QuestionError("denominators are daily, so a rate has no hours.", hint="Choose day or more.")
    known = [d.name for d in denominators(reader, viewer)]
    if per and per not in known:
        raise QuestionError(
            f"there is no denominator called {per!r}.",
            hint=f"Known: {', '.join(known)}."
            if known
            else "A source of daily numbers brings one (docs/people.md).",
        )
    return per or (known[0] if known else None)


def branches(tables: TableOf, question: Question) -> list[ir.Table]:
    """The same parts as any metric; a span without conversations has the rate 0, one without days has none."""
    days = _days(tables, question)
    rows = _rows(tables, question, days)
    parts = [aligned(_rate(rows, days, ["phase"], []), question, "total")]
    for end, by, groups in cuts(question):
        if by:
            split = dimensions.split(rows, question.by, by)
            parts.append(aligned(_rate(split, days, ["phase"], groups), question, f"group{end}"))
        if question.grain:
            unit = UNITS[question.grain]
            split = dimensions.split(rows.filter(rows.phase == 0), question.by, by)
            split = split.mutate(bucket=split.at.truncate(unit))
            now = days.filter(days.phase == 0)
            now = now.mutate(bucket=now.day.cast("timestamp").truncate(unit))
            parts.append(aligned(_rate(split, now, ["bucket"], groups), question, f"bucket{end}"))
    return [*parts, aligned(_excluded(tables, question, days), question, "excluded")]


def sizes(reader: Reader, question: Question, viewer: Viewer) -> tuple[float, float]:
    """What the conversations of the period and of the one before are divided by."""
    days = _days(partial(reader.table, viewer=viewer), question)
    rows = reader.run(days.group_by("phase").aggregate(size=days["size"].sum())).to_pylist()
    found = {row["phase"]: float(row["size"]) for row in rows}
    return found.get(0, 0.0), found.get(1, 0.0)


def moments(tables: TableOf, question: Question, by: tuple[str, ...]) -> ir.Table:
    """A row per conversation that is counted in either period: phase, at, measure, and what to split by."""
    import ibis

    columns = sorted({dimensions.find(name).column for name in by})
    rows = _rows(tables, replace(question, by=by), _days(tables, question))
    return rows.select(*columns, "phase", "at", measure=ibis.literal(1, "int64"))


def behind(tables: TableOf, question: Question) -> ir.Table:
    """The conversations of the period that a rate counts, each as 1."""
    import ibis

    rows = _rows(tables, question, _days(tables, question), "source_id", "conversation_id", "subject")
    now = rows.filter(rows.phase == 0)
    return now.select("source_id", "conversation_id", "subject", "at", value=ibis.literal(1.0))


def _days(tables: TableOf, question: Question) -> ir.Table:
    """Columns day, phase, size: the whole days of both spans that have a denominator."""
    table = tables("denominators")
    table = table.filter(~table.is_deleted.fill_null(False), table.name == (question.per or ""))
    days = table.group_by("day").aggregate(size=table.value.sum())
    at = days.day.cast("timestamp")
    # A day that is not over has all its customers and not yet all its conversations.
    frame = question.frame
    whole = _whole_days(at, frame.start, frame.until)
    if frame.earlier_start is not None and frame.earlier_until is not None:
        whole = whole | _whole_days(at, frame.earlier_start, frame.earlier_until)
    return days.filter(days["size"] > 0, whole).mutate(phase=phase(at, frame))


def _rows(tables: TableOf, question: Question, days: ir.Table, *more: str) -> ir.Table:
    """A row a conversation of a day with a denominator: phase, at, and what to split by."""
    table = rows_of(tables, question, question.by, *more)
    at = table[question.metric.bucket]
    chosen = table.filter(counted(table, question), within(at, question.frame))
    columns = {*more, *(dimensions.find(name).column for name in question.by)}
    at = chosen[question.metric.bucket]
    rows = chosen.select(*sorted(columns), at=at, day=at.date(), phase=phase(at, question.frame))
    return rows.semi_join(days, ["day", "phase"])


def _rate(rows: ir.Table, days: ir.Table, on: list[str], groups: list[str]) -> ir.Table:
    sizes = days.group_by(on).aggregate(size=days["size"].sum())
    counts = rows.group_by([*on, *groups]).aggregate(found=rows.count())
    if groups:
        sizes = sizes.cross_join(rows.select(*groups).distinct())
    joined = sizes.left_join(counts, [*on, *groups])
    n = joined.found.fill_null(0)
    return joined.select(*on, *groups, n=n.cast("int64"), value=n.cast("float64") * PER / joined["size"])


def _excluded(tables: TableOf, question: Question, days: ir.Table) -> ir.Table:
    import ibis

    table = rows_of(tables, question, ())
    created = table.filter(between(table.created_local, question.frame.start, question.frame.until))
    now = days.filter(days.phase == 0).select("day", has_day=ibis.literal(True))
    created = created.mutate(day=created.created_local.date()).left_join(now, "day")
    inside = counted(created, question).fill_null(False) & created.has_day.fill_null(False)
    outside = created.filter(~inside)
    return outside.group_by(reason=reason_of(outside, question)).aggregate(n=outside.count())


def _whole_days(at: ir.Column, start: datetime, until: datetime) -> ir.BooleanValue:
    return (at >= moment(start)) & (at < moment(until).truncate("D"))
