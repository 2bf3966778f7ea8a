"""Days that were, and the days ahead: a dashed line inside two bands, each named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import SERIES, TEXT, Chart, axis, step, value
from ui.charts.trend import LETTER_PX, NEAR
from ui.drill import of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.forecasting.of_metric import Day, Forecast
    from analytics.result import MetricResult, Row

FILLS = {95: "rgba(128,128,128,0.16)", 80: "rgba(128,128,128,0.26)"}


def foreseen(result: MetricResult, forecast: Forecast) -> Chart:
    """A count by day, and its forecast. A click on a day that was opens its conversations."""
    import plotly.graph_objects as go

    past = [row for row in result.rows if row.value is not None and not row.partial]
    ahead = [day for day in forecast.days if day.value is not None]
    figure = go.Figure()
    for level in FILLS:
        _band(figure, ahead, level)
    _line(figure, result, past)
    _dashes(figure, past, ahead, result)
    _names(figure, past, ahead)
    most = max([*(row.value or 0 for row in past), *(day.high_95 or 0 for day in ahead)], default=0)
    figure.update_yaxes(title=axis(result).label, rangemode="tozero", nticks=6, dtick=step(result, most))
    figure.update_layout(showlegend=False)
    drills = tuple(of_row(result, row) for row in past)
    return Chart(
        figure, _words(result, past, ahead), [*(_was(row, result) for row in past), *(_will_be(day, result) for day in ahead)],
        340, drills, (*drills, *(None for _ in ahead)), (result,),
        [*(_exact(result.unit, row.value) for row in past), *(_exact(result.unit, day.value, day) for day in ahead)],
        until=forecast.days[-1].day if forecast.days else None,
    )  # fmt: skip


def _ends(day: Day, level: int) -> tuple[float | None, float | None]:
    return (day.low_80, day.high_80) if level == 80 else (day.low_95, day.high_95)


def _band(figure: go.Figure, ahead: Sequence[Day], level: int) -> None:
    for place, fill in ((1, None), (0, "tonexty")):
        figure.add_scatter(
            x=[day.day for day in ahead], y=[_ends(day, level)[place] for day in ahead], mode="lines", line={"width": 0},
            fill=fill, fillcolor=FILLS[level], name=f"{level} % band", showlegend=False, hoverinfo="skip",
        )  # fmt: skip


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


def _names(figure: go.Figure, past: Sequence[Row], ahead: Sequence[Day]) -> None:
    """The line and its bands beside their last day, each as near to it as the name below allows."""
    if not ahead:
        return
    last = ahead[-1]
    ends = [(last.value, "forecast"), (last.high_80, "80 % band"), (last.high_95, "95 % band")]
    known = [row.value or 0 for row in past] + [day.high_95 or 0 for day in ahead]
    apart, above = NEAR * (max(known) or 1), float("-inf")
    for height, name in ends:
        above = max(height or 0, above + apart)
        figure.add_annotation(
            x=1, xref="paper", y=above, text=name, showarrow=False, xanchor="left", xshift=6,
            font={"color": TEXT, "size": 12},
        )  # fmt: skip
    figure.update_layout(margin_r=12 + LETTER_PX * max(len(name) for _, name in ends))


def _said(day: Day, unit: str) -> str:
    bands = ", ".join(f"{level} %: {_between(day, level, unit)}" for level in (80, 95))
    return f"{numbers.value(day.value, unit)} expected, {bands}"


def _between(day: Day, level: int, unit: str) -> str:
    low, high = _ends(day, level)
    return f"{numbers.value(low, unit)} to {numbers.value(high, unit)}"


def _words(result: MetricResult, past: Sequence[Row], ahead: Sequence[Day]) -> str:
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
    return f"{result.title} by day: " + ("; ".join(said) or "nothing")


def _was(row: Row, result: MetricResult) -> dict[str, Any]:
    return {"Day": row.bucket, "Value": value(row, result.unit), "80 %": "", "95 %": "", "Forecast": "no"}


def _will_be(day: Day, result: MetricResult) -> dict[str, Any]:
    bands = {f"{level} %": _between(day, level, result.unit) for level in (80, 95)}
    return {"Day": day.day, "Value": numbers.value(day.value, result.unit), **bands, "Forecast": "yes"}


def _exact(unit: str, number: float | None, day: Day | None = None) -> dict[str, Any]:
    """A number in full, and of a day ahead its bands."""
    found: dict[str, Any] = {f"Value ({unit})": number}
    for level in (80, 95):
        low, high = _ends(day, level) if day else (None, None)
        found |= {f"{level} % low": low, f"{level} % high": high}
    return found
