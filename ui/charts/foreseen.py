"""Days that were, and the days ahead: a dashed line inside two bands, each named at its end; a scenario is dotted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import MORE, SERIES, TEXT, Chart, axis, step, value
from ui.charts.trend import LETTER_PX, NEAR
from ui.drill import of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.forecasting.of_metric import Day, Forecast
    from analytics.result import MetricResult, Row

FILLS = {95: "rgba(128,128,128,0.16)", 80: "rgba(128,128,128,0.26)"}
TINT = "rgba(230,126,34,0.16)"  # of the scenario's band, in both themes


def foreseen(result: MetricResult, forecast: Forecast, scenario: Forecast | None = None) -> Chart:
    """A count by day, its forecast, and beside it a scenario. A click on a day that was opens its conversations."""
    import plotly.graph_objects as go

    past = [row for row in result.rows if row.value is not None and not row.partial]
    ahead = [day for day in forecast.days if day.value is not None]
    other = [day for day in scenario.days if day.value is not None] if scenario else []
    figure = go.Figure()
    for level in FILLS:
        _band(figure, ahead, level)
    _dots(figure, other, result.unit)
    _line(figure, result, past)
    _dashes(figure, past, ahead, result)
    _names(figure, past, ahead, other)
    tops = [*(day.high_95 or 0 for day in ahead), *(day.high_80 or 0 for day in other)]
    most = max([*(row.value or 0 for row in past), *tops], default=0)
    figure.update_yaxes(title=axis(result).label, rangemode="tozero", nticks=6, dtick=step(result, most))
    figure.update_layout(showlegend=False)
    drills = tuple(of_row(result, row) for row in past)
    rows = [*(_was(row, result) for row in past), *(_will_be(day, result) for day in ahead)]
    exact = [
        *(_exact(result.unit, row.value) for row in past),
        *(_exact(result.unit, day.value, day) for day in ahead),
    ]
    if scenario:
        beside = [*(None for _ in past), *other]
        rows = [row | _beside(day, result.unit) for row, day in zip(rows, beside, strict=True)]
        exact = [row | _beside_exact(day, result.unit) for row, day in zip(exact, beside, strict=True)]
    return Chart(
        figure, _words(result, past, ahead, other), rows, 340, drills, (*drills, *(None for _ in ahead)), (result,), exact,
        until=forecast.days[-1].day if forecast.days else None,
    )  # fmt: skip


def _ends(day: Day, level: int) -> tuple[float | None, float | None]:
    return (day.low_80, day.high_80) if level == 80 else (day.low_95, day.high_95)


def _band(
    figure: go.Figure, ahead: Sequence[Day], level: int, *, fill: str = "", name: str = "{level} % band"
) -> None:
    for place, until in ((1, None), (0, "tonexty")):
        figure.add_scatter(
            x=[day.day for day in ahead], y=[_ends(day, level)[place] for day in ahead], mode="lines", line={"width": 0},
            fill=until, fillcolor=fill or FILLS[level], name=name.format(level=level), showlegend=False, hoverinfo="skip",
        )  # fmt: skip


def _dots(figure: go.Figure, other: Sequence[Day], unit: str) -> None:
    """The scenario in its 80 % band, dotted: it is no forecast."""
    if not other:
        return
    _band(figure, other, 80, fill=TINT, name="Scenario, {level} % band")
    figure.add_scatter(
        x=[day.day for day in other], y=[day.value for day in other], name="Scenario, not a forecast", mode="lines",
        line={"color": MORE, "width": 2, "dash": "dot"}, text=[_said_of_scenario(day, unit) for day in other],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _said_of_scenario(day: Day, unit: str) -> str:
    return f"{numbers.value(day.value, unit)} in the scenario, 80 %: {_between(day, 80, unit)}"


def _line(figure: go.Figure, result: MetricResult, past: Sequence[Row]) -> None:
    figure.add_scatter(
        x=[row.bucket for row in past], y=[row.value for row in past], customdata=list(range(len(past))),
        name=result.title, mode="lines+markers", line={"color": SERIES[0], "width": 2},
        marker={"size": 5, "color": SERIES[0]}, text=[value(row, result.unit) for row in past],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _dashes(figure: go.Figure, past: Sequence[Row], ahead: Sequence[Day], result: MetricResult) -> None:
    """The forecast, joined to the last day that was."""
    joint = past[-1:] if ahead else []
    figure.add_scatter(
        x=[*(row.bucket for row in joint), *(day.day for day in ahead)],
        y=[*(row.value for row in joint), *(day.value for day in ahead)],
        name="Forecast", mode="lines", line={"color": SERIES[0], "width": 2, "dash": "dash"},
        text=["" for _ in joint] + [_said(day, result.unit) for day in ahead],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _names(figure: go.Figure, past: Sequence[Row], ahead: Sequence[Day], other: Sequence[Day]) -> None:
    """The line and its bands beside their last day, each as near to it as the name below allows."""
    if not ahead:
        return
    last = ahead[-1]
    ends = [(last.value, "forecast"), (last.high_80, "80 % band"), (last.high_95, "95 % band")]
    if other:
        ends += [(other[-1].value, "scenario"), (other[-1].high_80, "scenario, 80 %")]
        ends.sort(key=lambda end: end[0] or 0)
    known = [row.value or 0 for row in past] + [day.high_95 or 0 for day in (*ahead, *other)]
    apart, above = NEAR * (max(known) or 1), float("-inf")
    for height, name in ends:
        above = max(height or 0, above + apart)
        figure.add_annotation(
            x=1, xref="paper", y=above, text=name, showarrow=False, xanchor="left", xshift=6,
            font={"color": MORE if name.startswith("scenario") else TEXT, "size": 12},
        )  # fmt: skip
    figure.update_layout(margin_r=12 + LETTER_PX * max(len(name) for _, name in ends))


def _said(day: Day, unit: str) -> str:
    bands = ", ".join(f"{level} %: {_between(day, level, unit)}" for level in (80, 95))
    return f"{numbers.value(day.value, unit)} expected, {bands}"


def _between(day: Day, level: int, unit: str) -> str:
    low, high = _ends(day, level)
    return f"{numbers.value(low, unit)} to {numbers.value(high, unit)}"


def _words(result: MetricResult, past: Sequence[Row], ahead: Sequence[Day], other: Sequence[Day]) -> str:
    said = []
    if past:
        peak = max(past, key=lambda row: row.value or 0)
        said.append(
            f"{value(past[0], result.unit)} on {past[0].bucket} to {value(past[-1], result.unit)} on {past[-1].bucket}, "
            f"highest {value(peak, result.unit)} on {peak.bucket}"
        )
    if ahead:
        peak_ahead, last = max(ahead, key=lambda day: day.value or 0), ahead[-1]
        said.append(
            f"forecast of {ahead[0].day} to {last.day}: highest {numbers.value(peak_ahead.value, result.unit)} on "
            f"{peak_ahead.day}; on the last day {_said(last, result.unit)}"
        )
    if other:
        together, base = (sum(day.value or 0 for day in days) for days in (other, ahead))
        said.append(
            f"scenario, not a forecast, as a dotted line: together {together:,.0f} in place of {base:,.0f}; on the last "
            f"day {_said_of_scenario(other[-1], result.unit)}"
        )
    return f"{result.title} by day: " + ("; ".join(said) or "nothing")


def _was(row: Row, result: MetricResult) -> dict[str, Any]:
    return {"Day": row.bucket, "Value": value(row, result.unit), "80 %": "", "95 %": "", "Forecast": "no"}


def _will_be(day: Day, result: MetricResult) -> dict[str, Any]:
    bands = {f"{level} %": _between(day, level, result.unit) for level in (80, 95)}
    return {"Day": day.day, "Value": numbers.value(day.value, result.unit), **bands, "Forecast": "yes"}


def _beside(day: Day | None, unit: str) -> dict[str, Any]:
    """The scenario's columns of the table; empty on days that were."""
    if day is None:
        return {"Scenario": "", "Scenario, 80 %": ""}
    return {"Scenario": numbers.value(day.value, unit), "Scenario, 80 %": _between(day, 80, unit)}


def _beside_exact(day: Day | None, unit: str) -> dict[str, Any]:
    low, high = _ends(day, 80) if day else (None, None)
    return {
        f"Scenario ({unit})": day.value if day else None, "Scenario, 80 % low": low, "Scenario, 80 % high": high,
    }  # fmt: skip


def _exact(unit: str, number: float | None, day: Day | None = None) -> dict[str, Any]:
    """A number in full, and of a day ahead its bands."""
    found: dict[str, Any] = {f"Value ({unit})": number}
    for level in (80, 95):
        low, high = _ends(day, level) if day else (None, None)
        found |= {f"{level} % low": low, f"{level} % high": high}
    return found
