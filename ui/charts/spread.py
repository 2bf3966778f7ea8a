"""How the values behind an average lie: how many fall into each range, and the share that is done by then."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from core import numbers
from core.errors import NotEnoughData
from ui.charts.base import OTHER, SERIES, TEXT, Chart
from ui.drill import Drill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import Bin, MetricResult


def spread(result: MetricResult, title: str, *, limit: float | None = None) -> Chart:
    """Bars of the ranges with the share at or below each; `limit` (in the metric's unit) is marked.

    `result` was asked for in detail. Raises NotEnoughData where it rests on fewer than five values.
    """
    import plotly.graph_objects as go

    told, bins = result.statistics, _filled(result.distribution)
    if told is None or told.n < numbers.SMALL_N or not bins:
        raise NotEnoughData(
            "too few values to show how they lie.", hint="Widen the period or take a filter away."
        )
    names = [ranged(one.low, one.high, result.unit) for one in bins]
    shares = [100 * total / told.n for total in accumulate(one.n for one in bins)]
    figure = go.Figure(
        go.Bar(
            x=names, y=[100 * one.n / told.n for one in bins], marker={"color": SERIES[0], "line_width": 0},
            text=[f"{share:.0f} %" for share in shares], textposition="outside", cliponaxis=False,
            customdata=list(range(len(bins))), hovertext=[f"{one.n:,}" for one in bins],
            hovertemplate="%{x}: %{hovertext} (%{y:.1f} %)<br>%{text} by then<extra></extra>",
        )
    )  # fmt: skip
    if limit is not None:
        _mark(figure, bins, limit, result.unit)
    figure.update_yaxes(title="% of " + result.counts, rangemode="tozero", nticks=5)
    figure.update_xaxes(title=None, type="category")
    figure.update_layout(showlegend=False, bargap=0.12)
    rows = [
        {
            "Range": name,
            "n": one.n,
            "Share": numbers.percent(one.n / told.n, told.n),
            "By then": f"{share:.0f} %",
        }
        for name, one, share in zip(names, bins, shares, strict=True)
    ]
    words = (
        f"{title}, {result.period}: half within {numbers.value(told.median, result.unit)}, nine of ten within "
        f"{numbers.value(told.p90, result.unit)}, mean {numbers.value(told.mean, result.unit)}, n {told.n}"
    )
    return Chart(
        figure, words, rows, 300, tuple(_inside(one, result) for one in bins), results=(result,),
        exact=_exact(bins, result.unit, told.n),
    )  # fmt: skip


def _inside(one: Bin, result: MetricResult) -> Drill:
    """What lies in a range; the first one has everything below its end."""
    return Drill(of=result.name, span=(one.low or None, one.high))


def _exact(bins: list[Bin], unit: str, n: int) -> list[dict[str, Any]]:
    return [
        {f"From ({unit})": one.low, f"Up to ({unit})": one.high, "Share (share)": one.n / n} for one in bins
    ]


def _mark(figure: go.Figure, bins: list[Bin], limit: float, unit: str) -> None:
    """The target between the ranges that reach it and those that do not."""
    place = next((at for at, one in enumerate(bins) if one.low >= limit), 0)
    if place:
        figure.add_vline(x=place - 0.5, line={"color": OTHER, "dash": "dot", "width": 1.5})
        figure.add_annotation(
            x=place - 0.5, y=1, yref="paper", text=f"target {numbers.value(limit, unit)}", showarrow=False,
            xanchor="left", xshift=4, font={"color": TEXT, "size": 12},
        )  # fmt: skip


def _filled(bins: tuple[Bin, ...]) -> list[Bin]:
    """From the first range with a value to the last."""
    places = [place for place, one in enumerate(bins) if one.n]
    return list(bins[places[0] : places[-1] + 1]) if places else []


def ranged(low: float | None, high: float | None, unit: str) -> str:
    """A range of values in words: 15 m to 30 m."""
    start = _short(low or 0, unit)
    return f"{start} +" if high is None else f"{start} to {_short(high, unit)}"


def _short(value: float, unit: str) -> str:
    """A round edge in one unit: "15 m", "4 h", "3 d"."""
    if unit != "seconds":
        return f"{value:g}"
    for size, letter in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if value >= size and value % size == 0:
            return f"{value / size:g} {letter}"
    return f"{value:g} s" if value else "0"
