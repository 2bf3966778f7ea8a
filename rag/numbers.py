"""The numbers of an answer: every one from analytics, each with an id, its n, its query and a label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as dtime
from typing import TYPE_CHECKING

from analytics.days import BASELINE_DAYS
from core import conditions, numbers
from core.filters import Filters, Grain, Period
from core.viewer import Viewer
from rag.answer import Goal, MetricFact, Point, QueryPlan, Series, Span
from rag.context import RagContext
from rag.vocabulary import NOBODY

if TYPE_CHECKING:
    import pyarrow as pa

    from analytics.result import MetricResult, Row, Value

SHOWN_GROUPS = 5
SLOT = re.compile(r"\{(m\d+)(?:\.(\w+))?\}")


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the conversations that the numbers point at, with its weight among the evidence."""

    label: str
    filters: Filters
    weight: float
    lean: str | None = None  # the sentiment to show first
    among: pa.Table | None = None  # source_id and conversation_id of those alone that a number counts


@dataclass
class Numbers:
    """What was computed for a plan. `roles` names the facts the templates speak of, by role."""

    period: Period
    facts: list[MetricFact] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    strata: list[Stratum] = field(default_factory=list)
    roles: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def by_id(self) -> dict[str, MetricFact]:
        """Facts by id."""
        return {fact.id: fact for fact in self.facts}

    def role(self, name: str) -> list[MetricFact]:
        """The facts of a role, in order."""
        known = self.by_id()
        return [known[i] for i in self.roles.get(name, [])]


class Ledger:
    """Asks analytics and writes down each number as a fact."""

    def __init__(self, context: RagContext, viewer: Viewer, period: Period) -> None:
        self.context, self.viewer = context, viewer
        self.book = Numbers(period)

    def ask(
        self,
        name: str,
        filters: Filters,
        *,
        by: tuple[str, ...] = (),
        grain: Grain | None = None,
        compare: bool = False,
    ) -> MetricResult:
        """One metric from the warehouse."""
        from analytics.compute import compute

        return compute(
            self.context.reader, name, filters, settings=self.context.settings, viewer=self.viewer,
            by=by, grain=grain, compare="previous" if compare else None,
        )  # fmt: skip

    def note(
        self, role: str, result: MetricResult, value: Value | Row, label: str, **more: object
    ) -> MetricFact:
        """Write a number down under a role. `more` sets the baseline, delta, group or filters."""
        fact_id = f"m{len(self.book.facts) + 1}"
        given: dict[str, object] = {
            "id": fact_id, "name": result.name, "title": result.title, "unit": result.unit, "label": label,
            "value": value.value, "n": value.n, "low": value.low, "high": value.high,
            "period": Span.of(result.period), "sql": result.sql, **passing(result.filters),
            "notes": result.notes, "text": written(value.value, result.unit, value.n),
        }  # fmt: skip
        fact = MetricFact.model_validate({**given, **more})
        self.book.facts.append(fact)
        self.book.roles.setdefault(role, []).append(fact_id)
        for text in result.notes:
            if text not in self.book.notes:
                self.book.notes.append(text)
        return fact

    def compared(
        self, role: str, result: MetricResult, baseline: Value | None, label: str, against: str
    ) -> MetricFact:
        """A total with what it is compared with."""
        more: dict[str, object] = {}
        if baseline is not None and baseline.value is not None:
            more = {"baseline": baseline.value, "baseline_n": baseline.n, "baseline_label": against}
            if result.total.value is not None:
                more["delta"] = result.total.value - baseline.value
        return self.note(role, result, result.total, label, **more)

    def chart(self, result: MetricResult) -> None:
        """Keep the result's buckets or groups as a chart."""
        rows = result.rows or result.groups
        points = tuple(
            Point(
                bucket=row.bucket,
                group=" / ".join(row.group),
                value=None if row.small else row.value,
                n=row.n,
            )
            for row in rows
        )
        goals = tuple(
            Goal(
                label=line.label, group=" / ".join(line.group),
                points=tuple((point.bucket, point.value) for point in line.points),
            )
            for line in result.targets
        )  # fmt: skip
        if points:
            by = result.by[0] if result.by else None
            self.book.series.append(
                Series(
                    name=result.name,
                    title=result.title,
                    unit=result.unit,
                    grain=result.grain,
                    by=by,
                    points=points,
                    goals=goals,
                )
            )


def passing(filters: Filters) -> dict[str, object]:
    """What a fact says of the filters that its conversations pass."""
    return {"filters": dict(filters.where), "any": conditions.encode(filters.groups)}


def written(value: float | None, unit: str, n: int | None = None) -> str:
    """A value as people read it; counts are never rounded in an answer."""
    return numbers.count(value, exact=True) if unit == "count" else numbers.value(value, unit, n)


def shown(fact: MetricFact, part: str | None = None) -> str:
    """A part of a fact as people read it: the value, n, baseline, delta, change, low or high."""
    if part in (None, "value"):
        return fact.text
    if part == "n":
        return numbers.count(fact.n, exact=True)
    if part == "baseline":
        return written(fact.baseline, fact.unit, fact.baseline_n)
    if part in ("low", "high"):
        return numbers.percent(fact.low if part == "low" else fact.high, 0x7FFF_FFFF)
    if part in ("delta", "change") and fact.delta is not None and fact.value is not None:
        least = min(fact.n, fact.baseline_n) if fact.baseline_n is not None else fact.n
        if part == "change" or fact.unit == "share":
            return numbers.change(fact.value, fact.value - fact.delta, fact.unit, least)
        text = written(abs(fact.delta), fact.unit)
        return f"{'-' if fact.delta < 0 else '+'}{text}"
    return numbers.MISSING


def fill(text: str, facts: Mapping[str, MetricFact]) -> str:
    """Put the numbers into the {m1} and {m1.part} slots of a sentence; unknown slots stay."""

    def value(match: re.Match[str]) -> str:
        return shown(facts[match[1]], match[2]) if match[1] in facts else match[0]

    return SLOT.sub(value, text)


def describe(filters: Mapping[str, Sequence[str]], period: Period | None = None) -> str:
    """A scope in words: "Parcel Tracker, chat, 2026-10-31"."""
    parts = [
        " or ".join(f"no {name}" if value == NOBODY else value for value in values)
        for name, values in filters.items()
    ]
    if period:
        parts.append(str(period))
    return ", ".join(parts) or "all conversations"


def baseline_of(plan: QueryPlan, period: Period) -> tuple[Period, str]:
    """What a period is compared with, and how to say it: the named one, 28 days for a day, else the one before."""
    if plan.baseline:
        return plan.baseline.period, str(plan.baseline)
    if period.days == 1:
        before = Period(period.start - timedelta(days=BASELINE_DAYS), period.start - timedelta(days=1))
        return before, f"the {BASELINE_DAYS} days before"
    return period.previous(), f"{period.previous()}"


def elapsed(result: MetricResult, baseline: Period) -> Period:
    """The baseline cut to the days that the result's own period has so far."""
    days = -(-(result.as_of - datetime.combine(result.period.start, dtime())) // timedelta(days=1))
    if not result.in_progress or not 0 < days < baseline.days or baseline.days < result.period.days - 3:
        return baseline
    return Period(baseline.start, baseline.start + timedelta(days=days - 1))
