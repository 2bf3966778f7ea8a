"""What came from the day of an event on, beside the forecast made from the days before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.band import expected
from ui.charts.base import SERIES, Chart, axis, exact, value
from ui.drill import of_row

if TYPE_CHECKING:
    from analytics.effects import Effect, EffectDay
    from analytics.result import MetricResult, Row
    from core.filters import Filters


def effect(result: MetricResult, found: Effect, within: Filters | None = None) -> Chart:
    """What was touched, by day, and from the event on its forecast. A click on a day opens its conversations: those
    touched, of the filters `within` or else of the bar.
    """
    import plotly.graph_objects as go

    scale = axis(result)
    rows = [row for row in result.rows if row.value is not None and not row.partial]
    foretold: dict[object, EffectDay] = {one.day: one for one in found.days}
    days = [foretold.get(row.bucket) for row in rows]
    figure = go.Figure()
    expected(figure, found.days, scale, "95 % band", "Forecast from before")
    figure.add_scatter(
        x=[row.bucket for row in rows], y=[scale.height(row.value) for row in rows], customdata=list(range(len(rows))),
        name=result.title, mode="lines+markers", line={"color": SERIES[0], "width": 2},
        marker={"size": 5, "color": SERIES[0]}, hovertemplate="%{text}<extra></extra>",
        text=[_said(*pair, result.unit) for pair in zip(rows, days, strict=True)],
    )  # fmt: skip
    figure.add_vline(x=found.at.isoformat(), line={"color": SERIES[0], "dash": "dash", "width": 1})
    figure.update_yaxes(title=scale.label, rangemode="tozero", nticks=6)
    figure.update_layout(showlegend=True)
    drills = tuple(replace(of_row(result, row), where=found.touched, within=within) for row in rows)
    return Chart(
        figure, _words(result, found), [_row(*pair, result.unit) for pair in zip(rows, days, strict=True)], 320,
        drills, drills, (result,), [_exact(*pair, result.unit) for pair in zip(rows, days, strict=True)],
    )  # fmt: skip


def _said(row: Row, day: EffectDay | None, unit: str) -> str:
    told = value(row, unit)
    return f"{told}, forecast {numbers.value(day.expected, unit)} ({_band(day, unit)})" if day else told


def _band(day: EffectDay, unit: str) -> str:
    return f"95 %: {numbers.value(day.low, unit)} to {numbers.value(day.high, unit)}"


def _words(result: MetricResult, found: Effect) -> str:
    came, said = (numbers.value(number, found.unit) for number in (found.actual, found.expected))
    outside = sum(
        not one.low <= one.actual <= one.high
        for one in found.days
        if one.actual is not None and one.low is not None and one.high is not None
    )
    return (
        f"{result.title} by day before and from {found.at:%-d %b %Y} on: {came}{' a day' if found.a_day else ''}, forecast {said}; "
        f"{outside} of {len(found.days)} days lie outside the 95 % band"
    )


def _row(row: Row, day: EffectDay | None, unit: str) -> dict[str, Any]:
    return {
        "Day": row.bucket,
        "Value": value(row, unit),
        "Forecast": numbers.value(day.expected, unit) if day else "",
        "95 %": _band(day, unit).removeprefix("95 %: ") if day else "",
        "n": row.n,
    }


def _exact(row: Row, day: EffectDay | None, unit: str) -> dict[str, Any]:
    """A number in full, and from the event on its forecast with the ends of its band."""
    names = {"Forecast": "expected", "95 % low": "low", "95 % high": "high"}
    return exact(row, unit) | {
        f"{name} ({unit})": getattr(day, part) if day else None for name, part in names.items()
    }
