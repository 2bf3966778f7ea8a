"""Charts drawn as pictures, and what stands in the picture: words, marks of an axis, what leaves it."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from matplotlib.figure import Figure

from ui.charts import Chart
from ui.report.drawing import build


def drawn(chart: Chart, **how: Any) -> Figure:
    figure = build(chart, **how)
    assert figure is not None
    return figure


def chart_of(*traces: Any, height: int = 300, **layout: Any) -> Chart:
    return Chart(go.Figure(list(traces), layout=layout), "words", [], height)


def words(figure: Figure, kind: str) -> list[str]:
    return [text.get_text() for text in figure.texts if text.get_gid() == kind]


def marked(figure: Figure, kind: str) -> list[str]:
    """Words beside an axis, from the left or from above."""
    found = [text for text in figure.texts if text.get_gid() == f"{kind} mark"]
    place = 0 if kind.startswith("x") else 1
    return [text.get_text() for text in sorted(found, key=lambda text: text.get_position()[place])]


def panel(figure: Figure, trace: Any) -> Any:
    wanted = f"{trace.xaxis or 'x'}{trace.yaxis or 'y'}"
    return next(axes for axes in figure.axes if axes.get_label() == wanted)


def outside(figure: Figure) -> list[str]:
    """Words that leave the picture."""
    figure.canvas.draw()
    whole = figure.bbox
    boxes = {text.get_text(): text.get_window_extent() for text in figure.texts}
    return [
        text
        for text, box in boxes.items()
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > whole.x1 + 0.5 or box.y1 > whole.y1 + 0.5
    ]


def each(value: Any, count: int, otherwise: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    return [otherwise if value is None else value] * count
