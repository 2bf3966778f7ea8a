"""The numbers of a limit: how many lie beyond or within it, and their share, each against the period before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.filters import Filters
from rag.answer import Limit, QueryPlan
from rag.numbers import SHOWN_GROUPS, Ledger, Stratum, describe, elapsed, passing
from rag.thresholds import AGE

if TYPE_CHECKING:
    import pyarrow as pa

    from analytics.beyond import Part
    from analytics.result import MetricResult, Value


def limited(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    """The count and the share of what the plan's limit leaves, the one that was asked for first."""
    name, limit = plan.metrics[0], plan.limit
    if limit is None:
        return
    result = ledger.ask(name, filters, compare=True)
    before = elapsed(result, plan.baseline.period) if plan.baseline else result.previous_period
    (now,), sql = _parts(ledger, name, filters, limit)
    then = _parts(ledger, name, filters.over(before), limit)[0][0] if before else None
    for unit in ("share", "count") if limit.share else ("count", "share"):
        told = replace(result, unit=unit, title=_title(result, limit, unit), sql=sql)
        more: dict[str, object] = {"limit": limit}
        value, usual = _value(now, unit, limit), _value(then, unit, limit) if then else None
        if usual is not None and usual.value is not None and value.value is not None:
            more |= {"baseline": usual.value, "baseline_n": usual.n, "baseline_label": str(before)}
            more["delta"] = value.value - usual.value
        ledger.note("total", told, value, describe(plan.filters, result.period), **more)
    if plan.group_by:
        _groups(ledger, plan, filters, result, limit)


def _groups(ledger: Ledger, plan: QueryPlan, filters: Filters, result: MetricResult, limit: Limit) -> None:
    """The values of a dimension with the most of them, or the highest share where that is asked for."""
    dimension, unit = plan.group_by[0], "share" if limit.share else "count"
    parts, sql = _parts(ledger, result.name, filters, limit, (dimension,))
    told = replace(result, unit=unit, title=_title(result, limit, unit), sql=sql)
    values = [(part.group, _value(part, unit, limit)) for part in parts]
    values = [one for one in values if one[1].value is not None and not (one[1].small and unit == "share")]
    values.sort(key=lambda one: (one[1].value or 0.0) * (1 if plan.lowest else -1))
    for group, value in values[:SHOWN_GROUPS]:
        own = passing(filters.narrowed(dimension, group[0]))
        ledger.note("group", told, value, group[0], group=group, limit=limit, **own)


def is_of_moment(ledger: Ledger, plan: QueryPlan) -> bool:
    """Whether the plan asks what is open at a moment: those conversations show it, whatever it is split by."""
    from analytics.catalogue import find

    is_plain = plan.intent in ("count", "top_n", "trend", "lookup", "summarise")
    return is_plain and bool(plan.metrics) and find(plan.metrics[0], ledger.context.settings).of_moments


def stratum_of(ledger: Ledger, plan: QueryPlan, filters: Filters, lean: str | None) -> Stratum:
    """What a plan is about as a whole. Of what is open at a moment, and of a limit: those very conversations."""
    period = filters.period or ledger.book.period
    if plan.limit is None and not is_of_moment(ledger, plan):
        return Stratum(describe(plan.filters, period), filters, 1.0, lean)
    among = _those(ledger, plan, filters.over(period))
    return Stratum(describe(plan.filters, period), filters.over(None), 1.0, lean, among)


def _those(ledger: Ledger, plan: QueryPlan, filters: Filters) -> pa.Table:
    from analytics.beyond import those

    limit, context = plan.limit, ledger.context
    return those(
        context.reader, plan.metrics[0], filters, over=limit.at if limit else None, above=limit is None or limit.above,
        settings=context.settings, viewer=ledger.viewer,
    )  # fmt: skip


def _parts(
    ledger: Ledger, name: str, filters: Filters, limit: Limit, by: tuple[str, ...] = ()
) -> tuple[tuple[Part, ...], str]:
    from analytics.beyond import beyond

    return beyond(
        ledger.context.reader, name, filters, over=limit.at, settings=ledger.context.settings,
        viewer=ledger.viewer, by=by,
    )  # fmt: skip


def _value(part: Part, unit: str, limit: Limit) -> Value:
    from analytics.intervals import wilson
    from analytics.result import Value
    from core.numbers import SMALL_N

    hits = part.slower if limit.above else part.n - part.slower
    if unit == "count":
        return Value(float(hits), part.n)
    if not part.n:
        return Value(None, 0)
    low, high = wilson(hits, part.n)
    return Value(hits / part.n, part.n, low, high, part.n < SMALL_N)


def _title(result: MetricResult, limit: Limit, unit: str) -> str:
    """What people read: "Open for over 30 days", "Share with first reply time within 1 hour"."""
    if result.unit == "share":
        told = f"{limit.text[:1].upper()}{limit.text[1:]}"
        return told if unit == "count" else f"Share of {limit.text}"
    thing = result.title.split(",")[0]
    if result.name == AGE:
        told = f"Open for {'over' if limit.above else 'up to'} {limit.text}"
        return told if unit == "count" else f"Share of what is open: {told.lower()}"
    told = f"{thing} {'over' if limit.above else 'within'} {limit.text}"
    return told if unit == "count" else f"Share with {told[:1].lower()}{told[1:]}"
