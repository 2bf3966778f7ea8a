"""A number that can fall below zero, over time: what came in more than went out, and the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import numbers
from ui.charts.base import GROUND, LESS, MORE, Chart
from ui.drill import of_row

if TYPE_CHECKING:
    from analytics.result import MetricResult


def balance(result: MetricResult, title: str, *, above: str, below: str) -> Chart:
    """Bars above and below zero, told apart by colour and hatching; `above` and `below` name the two."""
    import plotly.graph_objects as go

    figure, rows = go.Figure(), list(result.rows)
    for name, color, shape, wanted in ((above, MORE, "", 1), (below, LESS, "/", -1)):
        own = [place for place, row in enumerate(rows) if (row.value or 0) * wanted > 0]
        figure.add_trace(
            go.Bar(
                x=[rows[place].bucket for place in own], y=[rows[place].value for place in own], name=name, customdata=own,
                hovertemplate="%{y:+,.0f}<extra>%{fullData.name}</extra>",
                marker={
                    "color": color, "line_width": 0, "opacity": [0.45 if rows[place].partial else 1.0 for place in own],
                    "pattern": {"shape": shape, "fillmode": "overlay", "fgcolor": GROUND, "size": 6, "solidity": 0.2},
                },
            )
        )  # fmt: skip
    figure.update_layout(barmode="relative", bargap=0.2)
    figure.update_yaxes(title=result.counts, nticks=6, zeroline=True)
    drills = tuple(of_row(result, row) for row in rows)
    table = [{"From": row.bucket, "Value": _signed(row.value), "Over": not row.partial} for row in rows]
    files = [{f"Value ({result.unit})": row.value} for row in rows]
    full = [row for row in rows if not row.partial]
    more = sum((row.value or 0) > 0 for row in full)
    words = (
        f"{title} per {result.grain}, {result.period}: {above.lower()} in {more} of {len(full)}, "
        f"together {_signed(result.total.value)}"
    )
    return Chart(figure, words, table, 260, drills, results=(result,), exact=files)


def _signed(value: float | None) -> str:
    return numbers.MISSING if value is None else f"{value:+,.0f}".replace("-", "\N{MINUS SIGN}")
