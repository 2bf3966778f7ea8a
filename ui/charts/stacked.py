"""What a whole is made of: one bar a group, cut into the shares of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import GROUND, OTHER, SERIES, Chart
from ui.drill import Drill, of_row

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

PATTERNS = ("", "/", ".", "x", "-")


def stacked(result: MetricResult, title: str, *, order: tuple[str, ...], names: Mapping[str, str]) -> Chart:
    """A count by two dimensions: bars of the first, parts of the second in `order`, each in per cent of its bar.

    `names` are the words for values of both dimensions; others are shown as they are.
    """
    import plotly.graph_objects as go

    cells = {row.group: row for row in result.groups}
    bars = list(dict.fromkeys(row.group[0] for row in result.groups))
    whole = {bar: sum(row.n for row in result.groups if row.group[0] == bar) for bar in bars}
    figure, drills = go.Figure(), list[Drill | None]()
    table, files = list[dict[str, Any]](), list[dict[str, Any]]()
    parts = [part for part in order if any(group[1] == part for group in cells)]
    for place, part in enumerate(parts):
        rows = [cells[bar, part] for bar in bars if (bar, part) in cells]
        first = len(drills)
        drills += [of_row(result, row) for row in rows]
        figure.add_trace(
            go.Bar(
                y=[names.get(row.group[0], row.group[0]) for row in rows], orientation="h", name=names.get(part, part),
                x=[100 * row.n / whole[row.group[0]] for row in rows], customdata=list(range(first, len(drills))),
                text=[_said(row, whole[row.group[0]]) for row in rows], textposition="inside",
            insidetextfont={"color": GROUND}, insidetextanchor="middle",
                textangle=0, hovertemplate="%{y}, %{fullData.name}: %{text}<extra></extra>",
                marker={
                    "color": OTHER if part in order[len(SERIES) - 2 :] else SERIES[place], "line_width": 0,
                    "pattern": {"shape": PATTERNS[place % 5], "fillmode": "overlay", "fgcolor": GROUND, "size": 6,
                                "solidity": 0.12},
                },
            )
        )  # fmt: skip
        files += [{"Share (share)": row.n / whole[row.group[0]]} for row in rows]
        table += [_row(row, whole[row.group[0]], names) for row in rows]
    figure.update_layout(barmode="stack", bargap=0.35, hovermode="closest")
    figure.update_yaxes(autorange="reversed", title=None, type="category")
    figure.update_xaxes(title="% of " + result.counts, range=[0, 100], nticks=6)
    said = "; ".join(f"{row['Name']} {row['Part']} {row['n']} ({row['Share']})" for row in table)
    words = f"{title}, {result.period}: {said}"
    return Chart(figure, words, table, 96 + 46 * len(bars), tuple(drills), results=(result,), exact=files)


def _row(row: Row, whole: int, names: Mapping[str, str]) -> dict[str, Any]:
    bar, part = (names.get(name, name) for name in row.group)
    return {"Name": bar, "Part": part, "n": row.n, "Share": numbers.percent(row.n / whole, whole)}


def _said(row: Row, whole: int) -> str:
    return f"{numbers.count(row.n)} ({100 * row.n / whole:.0f} %)"
