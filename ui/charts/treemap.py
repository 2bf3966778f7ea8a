"""What is how large, as areas in groups: bars side by side, because a click on a treemap comes back from none of plotly's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import OTHER, SCALE, TEXT, Chart
from ui.drill import Drill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult

WIDE, HIGH = 100.0, 46.0  # the area, in the proportions that a page gives it
GAP = 0.25
APART = 0.45  # around the topics of a group
SMALLEST_PX = 10  # of a label: what does not fit is under the pointer and in the table
PALE = 0.3  # what has no shade
WRAPPED = 14  # letters of a line of a label


@dataclass(frozen=True, slots=True)
class Tile:
    """One area: `size` decides how large, `shade` how dark; None where it cannot be told."""

    name: str
    group: str
    size: int
    shade: float | None
    told: str
    drill: Drill | None


@dataclass(frozen=True, slots=True)
class Area:
    """Where a tile lies: its corner and its sides."""

    x: float
    y: float
    wide: float
    high: float


def treemap(
    tiles: Sequence[Tile],
    title: str,
    *,
    shades: str,
    rows: list[dict[str, Any]],
    results: Sequence[MetricResult],
) -> Chart:
    """Tiles of one group lie together. `shades` says what the colour is; `rows` are the table, one a tile."""
    import plotly.graph_objects as go

    areas = laid_out(tiles)
    known = [at for at, tile in enumerate(tiles) if tile.shade is not None]
    figure = go.Figure()
    if known:
        figure.add_trace(_bars(tiles, areas, known, _shaded(tiles, known, shades), name="Topics"))
    if unknown := [at for at, tile in enumerate(tiles) if tile.shade is None]:
        figure.add_trace(
            _bars(
                tiles,
                areas,
                unknown,
                {"color": OTHER, "opacity": PALE},
                name="Too few to tell",
                insidetextfont={"color": TEXT},
            )
        )
    figure.update_xaxes(visible=False, range=[0, WIDE], fixedrange=True)
    figure.update_yaxes(visible=False, range=[0, HIGH], fixedrange=True)
    figure.update_layout(
        barmode="overlay",
        hovermode="closest",
        showlegend=False,
        uniformtext={"minsize": SMALLEST_PX, "mode": "hide"},
    )
    largest = ", ".join(f"{tile.name} {tile.told}" for tile in sorted(tiles, key=lambda t: -t.size)[:5])
    return Chart(
        figure, f"{title}: {largest or 'nothing'}", rows, 380, tuple(tile.drill for tile in tiles), results=tuple(results)
    )  # fmt: skip


def _bars(
    tiles: Sequence[Tile], areas: Sequence[Area], some: Sequence[int], marker: dict[str, Any], **how: Any
) -> go.Bar:
    import plotly.graph_objects as go

    return go.Bar(
        x=[areas[at].x + areas[at].wide / 2 for at in some], width=[max(areas[at].wide - GAP, 0.05) for at in some],
        base=[areas[at].y for at in some], y=[max(areas[at].high - 2 * GAP, 0.05) for at in some], customdata=list(some),
        text=[_label(tiles[at]) for at in some], textposition="inside",
        insidetextanchor="middle", textangle=0, textfont={"size": 13}, hovertemplate="%{hovertext}<extra></extra>",
        hovertext=[f"{_plain(tiles[at].group)}<br><b>{_plain(tiles[at].name)}</b><br>{tiles[at].told}" for at in some],
        marker={"line": {"width": 0}, **marker}, **how,
    )  # fmt: skip


def _shaded(tiles: Sequence[Tile], known: Sequence[int], title: str) -> dict[str, Any]:
    shades = [tiles[at].shade or 0.0 for at in known]
    return {
        "color": shades, "cmin": min(shades), "cmax": max(shades), "colorscale": [[i / 9, color] for i, color in enumerate(SCALE)],
        "colorbar": {"thickness": 8, "outlinewidth": 0, "tickfont": {"color": TEXT}, "nticks": 5,
                     "title": {"text": title, "side": "right", "font": {"color": TEXT}}},
    }  # fmt: skip


def _label(tile: Tile) -> str:
    """The name in short lines, and the size below it."""
    return "<br>".join([*(_plain(line) for line in wrap(tile.name, WRAPPED)), numbers.count(tile.size)])


def _plain(text: str) -> str:
    """Text of others without a mark-up of plotly's."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def laid_out(tiles: Sequence[Tile]) -> list[Area]:
    """An area for each tile, its size in proportion, groups side by side (squarified: Bruls, Huizing & van Wijk 2000)."""
    groups: dict[str, list[int]] = {}
    for at in sorted(range(len(tiles)), key=lambda at: (-tiles[at].size, tiles[at].name)):
        groups.setdefault(tiles[at].group, []).append(at)
    ordered = sorted(groups.values(), key=lambda members: -sum(tiles[at].size for at in members))
    whole = Area(0.0, 0.0, WIDE, HIGH)
    found: dict[int, Area] = {}
    parts = squarified([sum(tiles[at].size for at in members) for members in ordered], whole)
    for members, part in zip(ordered, parts, strict=True):
        inside = Area(
            part.x + APART, part.y + APART, max(part.wide - 2 * APART, 0.1), max(part.high - 2 * APART, 0.1)
        )
        found |= dict(zip(members, squarified([tiles[at].size for at in members], inside), strict=True))
    return [found[at] for at in range(len(tiles))]


def squarified(sizes: Sequence[float], area: Area) -> list[Area]:
    """Areas in proportion to sizes, the largest first, each as near to a square as it can be."""
    found: list[Area] = []
    left, rest, at = area, float(sum(sizes)), 0
    while at < len(sizes):
        side, row = min(left.wide, left.high), [float(sizes[at])]
        scale = left.wide * left.high / rest if rest else 0.0
        while at + len(row) < len(sizes) and _worst([*row, sizes[at + len(row)]], side, scale) <= _worst(
            row, side, scale
        ):
            row.append(float(sizes[at + len(row)]))
        placed, left = _row(row, left, scale)
        found += placed
        rest -= sum(row)
        at += len(row)
    return found


def _worst(row: Sequence[float], side: float, scale: float) -> float:
    """The longest side over the shortest, of the worst area of a row."""
    total = sum(row) * scale
    if not total or not min(row):
        return float("inf")
    return max(side**2 * max(row) * scale / total**2, total**2 / (side**2 * min(row) * scale))


def _row(row: Sequence[float], left: Area, scale: float) -> tuple[list[Area], Area]:
    """The row along the shorter side, and what is left beside it."""
    total, placed, way = sum(row) * scale, list[Area](), 0.0
    if left.wide >= left.high:
        thick = total / left.high if left.high else 0.0
        for size in row:
            long = size * scale / thick if thick else 0.0
            placed.append(Area(left.x, left.y + left.high - way - long, thick, long))
            way += long
        return placed, Area(left.x + thick, left.y, left.wide - thick, left.high)
    thick = total / left.wide if left.wide else 0.0
    for size in row:
        long = size * scale / thick if thick else 0.0
        placed.append(Area(left.x + way, left.y + left.high - thick, long, thick))
        way += long
    return placed, Area(left.x, left.y, left.wide, left.high - thick)
