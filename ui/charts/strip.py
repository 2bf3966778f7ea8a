"""One mark a person (or another group), where its number lies among all: how they spread, before any rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10, sqrt
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import OTHER, SERIES, TEXT, Chart, axis, exact, value
from ui.drill import of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row

SMALLEST, LARGEST = 9, 24  # pixels of a mark, by the root of its n
APART = 0.03  # of the axis: marks closer than this are put above each other
LEAST_S = 10.0  # seconds: shorter durations are drawn here
TICKS_S = (10, 60, 600, 3_600, 6 * 3_600, 86_400, 7 * 86_400, 30 * 86_400)
TICK_WORDS = ("10 s", "1 m", "10 m", "1 h", "6 h", "1 d", "7 d", "30 d")
FENCE = 1.5  # beyond so many times the middle half a mark is named: Tukey's fences
MOST_NAMED = 6
NAME_NEEDS = 0.25  # of the width, on a phone; a name that would lie on another is in the table alone


def strip(result: MetricResult, rows: Sequence[Row], title: str, *, each: str = "agent") -> Chart:
    """Groups as marks along one axis, with the number of all as a line and the middle half of the groups shaded.

    The larger a mark, the more it rests on. Under n = 5 it is grey and hollow, and not judged.
    """
    import plotly.graph_objects as go

    rows = sorted((row for row in rows if row.value is not None), key=lambda row: (row.value or 0, row.group))
    judged = [row for row in rows if not row.small]
    scale = _scale(result)
    across = [scale(row.value) for row in rows]
    places = _places(across)
    figure = go.Figure(
        go.Scatter(
            x=across, y=places, mode="markers", showlegend=False,
            customdata=list(range(len(rows))), text=[_said(row, result) for row in rows],
            hovertemplate="%{text}<extra></extra>", marker=_marks(rows),
        )
    )  # fmt: skip
    middle = _middle(judged)
    if middle:
        figure.add_vrect(
            x0=scale(middle[0]),
            x1=scale(middle[1]),
            fillcolor=OTHER,
            opacity=0.14,
            line_width=0,
            layer="below",
        )
    _line_of_all(figure, result)
    _name_far_ones(
        figure, judged, {row.group: place for row, place in zip(rows, places, strict=True)}, result
    )
    top = max([1.0, *(abs(place) for place in places)])
    figure.update_yaxes(visible=False, range=[-top - 1, top + 2.2])
    _axis(figure, result, across)
    figure.update_layout(hovermode="closest")
    return Chart(
        figure, _words(title, result, rows, judged, middle, each), [_row(row, result, each) for row in rows],
        int(150 + 22 * 2 * top), drills=tuple(of_row(result, row) for row in rows), results=(result,),
        exact=[exact(row, result.unit) for row in rows],
    )  # fmt: skip


def _scale(result: MetricResult) -> Callable[[float | None], float]:
    """Where a number stands: durations by their logarithm, because a few are many times the others."""
    if result.unit == "seconds":
        return lambda number: log10(max(number or 0, LEAST_S))
    own = axis(result)
    return lambda number: own.height(number) or 0.0


def _axis(figure: go.Figure, result: MetricResult, across: Sequence[float]) -> None:
    marks = (
        [*across, _scale(result)(result.total.value)] if result.total.value is not None else [*across, 0.0]
    )
    room = 0.06 * ((max(marks) - min(marks)) or 1)
    if result.unit == "seconds":
        ticks = [log10(tick) for tick in TICKS_S]
        figure.update_xaxes(tickvals=ticks, ticktext=TICK_WORDS, range=[min(marks) - room, max(marks) + room])
    else:
        figure.update_xaxes(
            title=axis(result).label, nticks=8, range=[-room if min(marks) <= room else 0, max(marks) + room]
        )


def _marks(rows: Sequence[Row]) -> dict[str, Any]:
    most = max((row.n for row in rows), default=1) or 1
    return {
        "size": [SMALLEST + (LARGEST - SMALLEST) * sqrt(row.n / most) for row in rows],
        "symbol": ["circle-open" if row.small else "circle" for row in rows],
        "color": [OTHER if row.small else SERIES[0] for row in rows],
        "opacity": [0.9 if row.small else 0.75 for row in rows],
        "line": {"width": 1.5, "color": [OTHER if row.small else SERIES[0] for row in rows]},
    }


def _places(values: Sequence[float]) -> list[float]:
    """A height for each of the sorted values: the nearest to the middle at which it touches no other."""
    width = (values[-1] - values[0] if values else 0.0) * APART or 1.0
    ends: dict[int, float] = {}
    found = []
    for at in values:
        level = next(n for n in range(len(values)) if at >= ends.get(n, at))
        ends[level] = at + width
        found.append(float((level + 1) // 2 * (1 if level % 2 else -1)))
    return found


def _middle(judged: Sequence[Row]) -> tuple[float, float] | None:
    """The middle half of the groups that are judged, where there are enough of them."""
    if len(judged) < numbers.SMALL_N:
        return None
    low, _, high = quantiles([row.value or 0 for row in judged], n=4, method="inclusive")
    return low, high


def _line_of_all(figure: go.Figure, result: MetricResult) -> None:
    if result.total.value is None or result.total.small:
        return
    figure.add_vline(
        x=_scale(result)(result.total.value), line={"color": TEXT, "width": 2, "dash": "dash"},
        annotation={"text": f"all: {value(result.total, result.unit)}", "font": {"color": TEXT}},
        annotation_position="top right",
    )  # fmt: skip


def _name_far_ones(
    figure: go.Figure, judged: Sequence[Row], places: dict[tuple[str, ...], float], result: MetricResult
) -> None:
    middle = _middle(judged)
    if middle is None:
        return
    reach = FENCE * (middle[1] - middle[0])
    far = [row for row in judged if not middle[0] - reach <= (row.value or 0) <= middle[1] + reach]
    ends = [_scale(result)(row.value) for row in (judged[0], judged[-1])]
    named: list[float] = []
    for row in reversed(far):
        across = _scale(result)(row.value)
        along = (across - ends[0]) / ((ends[1] - ends[0]) or 1)
        if len(named) == MOST_NAMED or any(abs(along - other) < NAME_NEEDS for other in named):
            continue
        named.append(along)
        figure.add_annotation(
            x=across, y=places[row.group], text=row.group[0], showarrow=False, yshift=18,
            xanchor="left" if along < 0.25 else "right" if along > 0.75 else "center",
            font={"color": TEXT, "size": 12},
        )  # fmt: skip


def _said(row: Row, result: MetricResult) -> str:
    told = f"{row.group[0]}: {value(row, result.unit)}"
    if row.small:
        return f"{row.group[0]}: too few to judge (n = {row.n})"
    return told + ("" if result.unit == "count" else f", n {numbers.count(row.n)}")


def _words(
    title: str, result: MetricResult, rows: Sequence[Row], judged: Sequence[Row], middle: tuple[float, float] | None,
    each: str,
) -> str:  # fmt: skip
    if not rows:
        return f"{title}, {result.period}: nobody"
    parts = [
        f"{len(rows)} {each}{'' if len(rows) == 1 else 's'}",
        f"all together {value(result.total, result.unit)}",
    ]
    if judged:
        ends = (value(judged[0], result.unit), value(judged[-1], result.unit))
        parts.append(f"from {ends[0]} to {ends[1]}")
    if middle:
        low, high = (numbers.value(end, result.unit) for end in middle)
        parts.append(f"the middle half between {low} and {high}")
    if few := len(rows) - len(judged):
        parts.append(f"{few} with fewer than {numbers.SMALL_N} {result.counts} not judged")
    return f"{title}, {result.period}: " + ", ".join(parts)


def _row(row: Row, result: MetricResult, each: str) -> dict[str, Any]:
    told = numbers.MISSING if row.small else value(row, result.unit)
    cells: dict[str, Any] = {each.capitalize(): row.group[0], "Value": told, "n": row.n}
    return cells | {"Judged": "too few" if row.small else "yes"}
