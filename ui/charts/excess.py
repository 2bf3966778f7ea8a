"""What slices brought beside what was expected of them: a bar each, the expected as a line across it."""

from __future__ import annotations

from collections.abc import Sequence

from core import numbers
from ui.charts.base import MORE, OTHER, TEXT, Chart
from ui.drill import Drill


def excess(slices: Sequence[tuple[str, float, float, Drill]], title: str) -> Chart:
    """Counts of slices (name, actual, expected, what a click opens), the largest first.

    The grey part was expected, the coloured part is beyond it; of a drop nothing is, and a line says what was expected.
    """
    import plotly.graph_objects as go

    shown = sorted(slices, key=lambda one: -abs(one[1] - one[2]))
    names = [name for name, *_ in shown]
    places = list(range(len(shown)))
    usual = [min(actual, expected) for _, actual, expected, _ in shown]
    beyond = [max(0.0, actual - expected) for _, actual, expected, _ in shown]
    said = [f"{numbers.count(round(a))}, usually {e:.1f}" for _, a, e, _ in shown]
    bar = {
        "orientation": "h",
        "y": names,
        "customdata": places,
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }
    figure = go.Figure()
    figure.add_bar(x=usual, name="Expected", marker_color=OTHER, text=said, textposition="none", **bar)
    figure.add_bar(x=beyond, name="Beyond it", marker_color=MORE, text=said, textposition="none", **bar)
    figure.add_scatter(
        x=[expected for _, _, expected, _ in shown], y=names, mode="markers", name="Usual", customdata=places,
        marker={"symbol": "line-ns-open", "size": 16, "line": {"width": 2}, "color": TEXT}, hoverinfo="skip",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", title=None, type="category", showgrid=False)
    figure.update_xaxes(title="conversations", rangemode="tozero", nticks=6)
    figure.update_layout(barmode="stack", hovermode="closest", showlegend=True)
    rows = [
        {"Slice": name, "Conversations": round(actual), "Usually": round(expected, 1)}
        for name, actual, expected, _ in shown
    ]
    words = f"{title} by slice: " + ", ".join(
        f"{name} {text}" for name, text in zip(names, said, strict=True)
    )
    drills = tuple(drill for *_, drill in shown)
    return Chart(figure, words, rows, max(200, 90 + 28 * len(shown)), drills, drills)
