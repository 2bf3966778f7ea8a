"""What a number goes together with, for questions such as "What drives reopens?": tested where that can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analytics import dimensions, outcomes
from analytics.drivers import drivers
from core.errors import QuestionError
from core.filters import NONE, Filters
from rag.answer import QueryPlan
from rag.numbers import Ledger, Stratum, describe, passing

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

USUAL = "sentiment_negative_share"
DIMENSIONS = ("topic", "product", "channel", "team", "priority")
FEWEST = 30
MOST = 3
# Metrics that an outcome is told by, beside those that the outcomes name themselves.
_ALSO = {
    "first_reply_p90": "slow_first_reply", "first_reply_mean": "slow_first_reply", "first_resolution_p90": "slow_resolution",
    "resolution_median": "slow_resolution", "resolution_p90": "slow_resolution", "sla_breaches": "breached", "reopens": "reopened",
}  # fmt: skip
_Found = tuple[str, "Row", "MetricResult"]


def associations(ledger: Ledger, plan: QueryPlan, filters: Filters, lean: str | None) -> None:
    """The total, and the groups it goes together with; never what causes it."""
    name = plan.metrics[0] if plan.metrics else USUAL
    whole = ledger.ask(name, filters)
    ledger.note("total", whole, whole.total, describe(plan.filters, whole.period))
    tested = _tested(ledger, plan, filters, name)
    for dimension, row, result in (_by_gap(ledger, plan, filters, whole) if tested is None else tested)[
        :MOST
    ]:
        narrowed = filters.narrowed(dimension, row.group[0])
        label = f"{dimensions.find(dimension).title.lower()} {row.group[0]}"
        ledger.note(
            "driver", result, row, label, group=row.group, baseline=whole.total.value, baseline_n=whole.total.n,
            baseline_label="all", delta=(row.value or 0.0) - (whole.total.value or 0.0), **passing(narrowed),
        )  # fmt: skip
        ledger.book.strata.append(Stratum(row.group[0], narrowed, float(row.n), lean))


def outcome_of(metric: str) -> str | None:
    """The outcome that is asked about where a question names this metric."""
    named = {one.metric: name for name, one in outcomes.OUTCOMES.items()}
    return named.get(metric) or _ALSO.get(metric)


def _tested(ledger: Ledger, plan: QueryPlan, filters: Filters, name: str) -> list[_Found] | None:
    """Clear drivers of more of it, each as a group of the metric; None where the metric tells no outcome."""
    outcome = outcome_of(name)
    if outcome is None:
        return None
    try:
        report = drivers(
            ledger.context.reader, outcome, filters, settings=ledger.context.settings, viewer=ledger.viewer,
            by=plan.group_by or tuple(one for one in outcomes.find(outcome).dimensions if one != "sla_metric"),
        )  # fmt: skip
    except QuestionError:
        return None  # by what may be a consequence: then as it is counted
    found: list[_Found] = []
    for one in report.drivers:
        if one.is_clear and one.is_more and one.dimension not in plan.filters and len(found) < MOST:
            result = ledger.ask(name, filters, by=(one.dimension,))
            found += [(one.dimension, row, result) for row in result.groups if row.group == (one.value,)]
    ledger.book.notes.append(
        "Groups are tested with all others held equal; at most 5 % of them may be chance."
    )
    return found


def _by_gap(ledger: Ledger, plan: QueryPlan, filters: Filters, whole: MetricResult) -> list[_Found]:
    """Groups by how far they lie from the whole, on its worse side."""
    worse = -1 if whole.better == "higher" else 1
    gaps = [
        ((row.value - whole.total.value) * worse, dimension, row, result)
        for dimension, row, result in _groups(ledger, plan, filters, whole.name)
        if row.value is not None and whole.total.value is not None
    ]
    gaps.sort(key=lambda item: -item[0])
    return [(dimension, row, result) for gap, dimension, row, result in gaps if gap > 0]


def _groups(ledger: Ledger, plan: QueryPlan, filters: Filters, name: str) -> Iterator[_Found]:
    for dimension in plan.group_by or DIMENSIONS:
        if dimension not in plan.filters:
            result = ledger.ask(name, filters, by=(dimension,))
            for row in result.groups:
                if row.n >= FEWEST and row.group != (NONE,):
                    yield dimension, row, result
