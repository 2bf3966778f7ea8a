"""What is to come, for questions such as "How many chats next week?": the forecast of analytics as one number."""

from __future__ import annotations

from datetime import date, timedelta

from core import numbers
from core.filters import Filters, Period
from rag.answer import MetricFact, Point, QueryPlan, Series, Span
from rag.numbers import Ledger, Stratum, describe, written

FORECAST = "A forecast, not a count."
USUAL_DAYS = 14
FARTHEST_DAYS = 92  # ahead of the data, beyond which nothing is foretold
RECENT_DAYS = 28


def outlook(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    """The metric over the days asked about (a count adds up, anything else is averaged), a chart by day, and its tests.

    Where no day ahead was asked about, the fortnight after the data. `n` are the days that the forecast rests on.
    """
    from analytics.anomalies.context import concerning
    from analytics.compute import default_period
    from analytics.forecasting.of_metric import forecast_metric
    from store.workspace import Workspace

    context = ledger.context
    name = plan.metrics[0] if plan.metrics else "volume"
    end = default_period(context.reader, context.settings).end
    ahead = ahead_of(plan, end)
    found = forecast_metric(
        context.reader, name, filters.over(None), settings=context.settings, viewer=ledger.viewer,
        horizon=(ahead.end - end).days, events=concerning(Workspace(context.home).notes(), name, filters),
    )  # fmt: skip
    whole = found.forecasts[0]
    days = [day for day in whole.days if ahead.start <= day.day <= ahead.end and day.value is not None]
    values = [day.value for day in days if day.value is not None]
    recent = filters.over(Period(end - timedelta(days=RECENT_DAYS - 1), end))
    ledger.book.strata.append(Stratum(describe(plan.filters, recent.period), recent, 1.0, None))
    if not values:
        ledger.book.notes.extend(whole.sentences)
        return
    value = sum(values) if found.unit == "count" and name != "backlog" else sum(values) / len(values)
    fact_id = f"m{len(ledger.book.facts) + 1}"
    ledger.book.facts.append(
        MetricFact(
            id=fact_id, name=name, title=found.title, unit=found.unit, label=describe(plan.filters, ahead), value=value,
            n=whole.known_days, period=Span.of(ahead), filters=dict(filters.where), text=_written(value, found.unit),
            sql=ledger.ask(name, recent, grain="day").sql, notes=(FORECAST, *whole.sentences),
        )
    )  # fmt: skip
    ledger.book.roles["forecast"] = [fact_id]
    points = tuple(Point(bucket=day.day, group="", value=day.value, n=0) for day in days)
    ledger.book.series.append(
        Series(
            name=name, title=f"{found.title}, forecast", unit=found.unit, grain="day", by=None, points=points
        )
    )
    ledger.book.notes.extend(whole.sentences)


def ahead_of(plan: QueryPlan, end: date) -> Period:
    """The days that a forecast is asked for, none of them within the data, which ends on `end`."""
    first = end + timedelta(days=1)
    if plan.period is None or plan.period.end < first:
        return Period(first, end + timedelta(days=USUAL_DAYS))
    return Period(max(plan.period.start, first), plan.period.end)


def _written(value: float, unit: str) -> str:
    return written(round(value), unit) if unit == "count" else numbers.value(value, unit, None)
