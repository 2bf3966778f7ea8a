"""Marks of a drawn chart: bars and points of plotly's figures, where they stand and how they look."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

from ui.report.drawing_axes import DAY, Axis, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

Trace = Mapping[str, Any]
Color = tuple[float, float, float, float]

# matplotlib's letters for plotly's shapes; the oftener a letter, the closer its lines.
HATCHES = {"": "", "/": "///", "\\": "\\\\\\", "x": "xx", "-": "--", "|": "||", "+": "++", ".": ".."}
# Lengths in widths of the line, as plotly has them for lines of three pixels and less.
DASHES = {
    "solid": (), "dot": (3, 3), "dash": (9, 9), "longdash": (15, 15), "dashdot": (9, 3, 3, 3), "longdashdot": (15, 3, 3, 3),
}  # fmt: skip
KEY_PX = 12.0  # a sign of the legend is no larger, whatever its marks are
PALE = 0.16  # of a hatched bar without a ground of its own: its outline must be seen in a mail
_RGBA = re.compile(r"rgba?\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Box:
    """One bar: where it stands on its own axis and how wide, from where to where it goes on the other."""

    trace: Trace
    at: int
    place: float
    width: float
    start: float
    end: float

    @property
    def lies(self) -> bool:
        """Whether it goes from left to right."""
        return self.trace.get("orientation") == "h"


@dataclass
class Panel:
    """A pair of axes with what is drawn between them; left and top in pixels of the picture."""

    x: Axis
    y: Axis
    traces: list[Trace]
    boxes: list[Box] = field(default_factory=list)
    shifts: dict[int, float] = field(default_factory=dict)
    left: float = 0.0
    top: float = 0.0

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Pixels from the upper left corner of the picture."""
        return self.left + self.x.pixel(x), self.top + self.y.length_px - self.y.pixel(y)


def one(value: Any, at: int, otherwise: Any = None) -> Any:
    """What holds for the mark at a place, where a figure has one value for all marks or one for each."""
    if value is None:
        return otherwise
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return value
    found = value[at] if at < len(value) else None
    return otherwise if found is None else found


def rgba(color: str, opacity: float = 1.0) -> Color:
    """A colour of CSS as matplotlib has it."""
    from matplotlib.colors import to_rgba

    found = _RGBA.fullmatch(color.strip())
    if not found:
        red, green, blue, alpha = to_rgba(color)
        return red, green, blue, alpha * opacity
    parts = [float(part) for part in found[1].split(",")]
    alpha = parts[3] if len(parts) > 3 else 1.0
    return parts[0] / 255, parts[1] / 255, parts[2] / 255, alpha * opacity


def dashes(dash: str | None, width: float) -> Any:
    """matplotlib's style of a line for plotly's name, which counts in widths of three pixels at least."""
    steps = DASHES.get(dash or "solid", ())
    return (0, tuple(step * max(width, 3) / 3 / width for step in steps)) if steps and width else "solid"


def boxes(traces: Sequence[Trace], x: Axis, y: Axis, layout: Mapping[str, Any]) -> list[Box]:
    """Bars beside, on or over each other, as the layout wants them. Those without a number are left out."""
    bars = [trace for trace in traces if trace["type"] == "bar"]
    if not bars:
        return []
    stands = [_stands(trace, x, y) for trace in bars]
    known = sorted({place for places in stands for place in places if isfinite(place)})
    axis = y if bars[0].get("orientation") == "h" else x
    apart = min((b - a for a, b in pairwise(known)), default=DAY if axis.kind == "date" else 1.0)
    whole = apart * (1 - layout.get("bargap", 0.2))
    mode = layout.get("barmode", "group")
    beside = mode == "group" and sum(len(places) for places in stands) > len(known)
    width = whole / len(bars) if beside else whole
    found, ends = list[Box](), defaultdict[tuple[float, bool], float](float)
    for number, (trace, places) in enumerate(zip(bars, stands, strict=True)):
        shift = (number - (len(bars) - 1) / 2) * width if beside else 0.0
        for at, place, length in _lengths(trace, places):
            start = (y if axis is x else x).place(one(trace.get("base"), at, 0.0))
            if mode in ("stack", "relative"):
                key = (place, mode == "relative" and length < 0)
                start = ends[key]
                ends[key] += length
            own = one(trace.get("width"), at, width)
            found.append(Box(trace, at, place + shift, own, start, start + length))
    return found


def _stands(trace: Trace, x: Axis, y: Axis) -> list[float]:
    lies = trace.get("orientation") == "h"
    axis = y if lies else x
    given = listed(trace.get("y" if lies else "x"))
    return [axis.place(value) for value in given] or [float(at) for at in range(len(_values(trace)))]


def _values(trace: Trace) -> list[Any]:
    return listed(trace.get("x" if trace.get("orientation") == "h" else "y"))


def _lengths(trace: Trace, places: Sequence[float]) -> Iterator[tuple[int, float, float]]:
    for at, (place, value) in enumerate(zip(places, _values(trace), strict=True)):
        length = float("nan") if value is None else float(value)
        if isfinite(length) and isfinite(place):
            yield at, place, length


def reach(panel: Panel, layout: Mapping[str, Any]) -> None:
    """Tell both axes how far the marks go."""
    panel.boxes = boxes(panel.traces, panel.x, panel.y, layout)
    for trace in panel.traces:
        if trace["type"] == "bar":
            for place in _stands(trace, panel.x, panel.y):
                (panel.y if trace.get("orientation") == "h" else panel.x).reach(place)  # also where no bar is
    for box in panel.boxes:
        across, along = (panel.y, panel.x) if box.lies else (panel.x, panel.y)
        across.reach(box.place - box.width / 2)
        across.reach(box.place + box.width / 2)
        along.begins_at_zero = box.trace.get("base") is None
        along.reach(box.start)
        along.reach(box.end, padded=True)
    for trace in panel.traces:
        if trace["type"] == "scatter":
            _reach_points(panel, trace)
    panel.shifts = _shifts(panel, layout)


def _reach_points(panel: Panel, trace: Trace) -> None:
    marked = "markers" in _mode(trace) or "text" in _mode(trace)
    error = trace.get("error_x") or {}
    for at, (x, y) in enumerate(points(panel, trace)):
        size = one((trace.get("marker") or {}).get("size"), at, 6.0) / 2 if marked else 0.0
        panel.x.reach(x, size, size, padded=marked and panel.x.kind != "category")
        panel.y.reach(y, size, size, padded=panel.y.kind != "category")
        for part, sign in (("array", 1), ("arrayminus", -1)):
            panel.x.reach(x + sign * one(error.get(part), at, 0.0), padded=True)


def _mode(trace: Trace) -> str:
    return str(trace.get("mode") or ("lines+markers" if len(listed(trace.get("y"))) < 20 else "lines"))


def points(panel: Panel, trace: Trace) -> list[tuple[float, float]]:
    """Where the points of a trace stand; not a number where one is missing."""
    xs, ys = listed(trace.get("x")), listed(trace.get("y"))
    found = [(panel.x.place(x), panel.y.place(y)) for x, y in zip(xs, ys, strict=False)]
    return [(x, y + panel.shifts.get(id(trace), 0.0)) for x, y in found]


def _shifts(panel: Panel, layout: Mapping[str, Any]) -> dict[int, float]:
    """How far points of one name stand apart, where the layout sets them beside each other."""
    traces = [trace for trace in panel.traces if trace["type"] == "scatter"]
    if layout.get("scattermode") != "group" or panel.y.kind != "category" or len(traces) < 2:
        return {}
    width = (1 - layout.get("scattergap", 0.2)) / len(traces)
    return {id(trace): (number - (len(traces) - 1) / 2) * width for number, trace in enumerate(traces)}


def draw(axes: Axes, panel: Panel) -> None:
    """Every mark of a panel, in the figure's order."""
    for box in panel.boxes:
        _draw_box(axes, box)
    below: Trace | None = None
    for trace in panel.traces:
        if trace["type"] != "scatter":
            continue
        where = points(panel, trace)
        if trace.get("fill") == "tonexty" and below is not None:
            edge = [*points(panel, below), *reversed(where)]
            axes.fill(*zip(*edge, strict=True), color=rgba(trace["fillcolor"]), linewidth=0, zorder=1.5)
        _draw_errors(axes, trace, where)
        if "lines" in _mode(trace):
            _draw_line(axes, trace, where)
        if "markers" in _mode(trace):
            axes.add_collection(marks(trace, where, axes.transData), autolim=False)
        below = trace


def look(trace: Trace, at: int) -> dict[str, Any]:
    """How a bar is filled: its colour, how solid it is, its hatching."""
    marker = trace.get("marker") or {}
    pattern, opacity = (
        marker.get("pattern") or {},
        one(marker.get("opacity"), at, 1.0) * trace.get("opacity", 1.0),
    )
    color, shape = shade(trace, at), one(pattern.get("shape"), at, "")
    line = marker.get("line") or {}
    found: dict[str, Any] = {
        "facecolor": rgba(color, opacity), "linewidth": one(line.get("width"), at, 0.0), "edgecolor": "white",
    }  # fmt: skip
    if shape:
        over = pattern.get("fillmode") == "overlay"
        found["facecolor"] = rgba(color, opacity * (1.0 if over else PALE))
        found["hatch"] = HATCHES.get(shape, "///")
        found["hatchcolor"] = rgba(one(pattern.get("fgcolor"), at, "#FFFFFF") if over else color, opacity)
        found["hatch_linewidth"] = 0.8
    return found


def _draw_box(axes: Axes, box: Box) -> None:
    axes.add_patch(patch((box.place - box.width / 2, box.start), box.width, box.end - box.start, box))


def patch(corner: tuple[float, float], width: float, length: float, box: Box, **how: Any) -> Any:
    """A bar as a rectangle: from the corner so wide across and so long along."""
    from matplotlib.patches import Rectangle

    style = look(box.trace, box.at) | {"gid": box.trace.get("name"), "zorder": 1.2} | how
    stroke = style.pop("hatch_linewidth", None)
    x, y, right, up = (*corner, width, length) if not box.lies else (corner[1], corner[0], length, width)
    made = Rectangle((x, y), right, up, **style)
    if stroke:
        made.set_hatch_linewidth(stroke)
    return made


def _draw_line(axes: Axes, trace: Trace, where: Sequence[tuple[float, float]]) -> None:
    line = trace.get("line") or {}
    width = line.get("width", 2.0)
    if not width:
        return
    axes.plot(
        [x for x, _ in where], [y for _, y in where], color=rgba(line.get("color") or trace["marker"]["color"]), linewidth=width,
        linestyle=dashes(line.get("dash"), width), drawstyle="steps-post" if line.get("shape") == "hv" else "default",
        dash_capstyle="butt", solid_capstyle="butt", gid=trace.get("name"), clip_on=False, zorder=2,
    )  # fmt: skip


def _draw_errors(axes: Axes, trace: Trace, where: Sequence[tuple[float, float]]) -> None:
    """From the lower to the upper end of each interval."""
    error = trace.get("error_x") or {}
    for at, (x, y) in enumerate(where):
        above, below = one(error.get("array"), at, 0.0), one(error.get("arrayminus"), at, 0.0)
        if isfinite(x) and (above or below):
            axes.plot(
                [x - below, x + above], [y, y], color=rgba(one(trace["marker"].get("color"), at)),
                linewidth=error.get("thickness", 2.0), gid=f"interval {trace.get('name')}", solid_capstyle="butt", zorder=1.8,
            )  # fmt: skip


def marks(
    trace: Trace, where: Sequence[tuple[float, float]], transform: Any, *, only: int | None = None
) -> Any:
    """The signs of a trace, each with its own shape, size and colour; hollow where its name ends in -open.

    `only` one of them for the legend.
    """
    from matplotlib.collections import PathCollection
    from matplotlib.transforms import IdentityTransform

    marker = trace.get("marker") or {}
    shown = [at for at, (x, y) in enumerate(where) if isfinite(x) and isfinite(y) and only in (None, at)]
    signs = [str(one(marker.get("symbol"), at, "circle")) for at in shown]
    most = float("inf") if only is None else KEY_PX
    colors, edges, widths = list[Color](), list[Color](), list[float]()
    for at, sign in zip(shown, signs, strict=True):
        line, opacity = marker.get("line") or {}, one(marker.get("opacity"), at, 1.0)
        own = shade(trace, at)
        edge = one(line.get("color"), at, "") or own
        hollow = sign.endswith("-open") or sign.startswith("line-")
        colors.append((0.0, 0.0, 0.0, 0.0) if hollow else rgba(own, opacity))
        edges.append(rgba(own if sign.endswith("-open") else edge, opacity))
        widths.append(one(line.get("width"), at, 1.0 if hollow else 0.0))
    return PathCollection(
        [_sign(sign.removesuffix("-open")) for sign in signs],
        sizes=[min(most, one(marker.get("size"), at, 6.0)) ** 2 for at in shown],
        facecolors=colors, edgecolors=edges, linewidths=widths, offsets=[where[at] for at in shown] or [(0.0, 0.0)],
        offset_transform=transform, transform=IdentityTransform(), gid=trace.get("name"), clip_on=False, zorder=2.5,
    )  # fmt: skip


def shade(trace: Trace, at: int) -> str:
    """The colour of a mark: its own, or that of its number on the trace's scale of colours."""
    marker = trace.get("marker") or {}
    color = one(marker.get("color"), at)
    color = (trace.get("line") or {}).get("color") if color in (None, "") else color
    if isinstance(color, str) or color is None:
        return str(color)
    low, high = marker.get("cmin", 0), marker.get("cmax", 1)
    part = min(1.0, max(0.0, (color - low) / ((high - low) or 1)))
    return between(marker["colorscale"], part)


def between(scale: Sequence[tuple[float, str]], part: float) -> str:
    """The colour so far along a scale, mixed of its neighbours."""
    from matplotlib.colors import to_hex

    above = next(number for number, (at, _) in enumerate(scale) if at >= part - 1e-12)
    (low, first), (high, last) = scale[max(0, above - 1)], scale[above]
    share = (part - low) / ((high - low) or 1)
    mixed = [a + (b - a) * share for a, b in zip(rgba(first), rgba(last), strict=True)]
    return to_hex((mixed[0], mixed[1], mixed[2]))


def _sign(name: str) -> Path:
    """The outline of a symbol, one pixel across, as plotly draws it."""
    from matplotlib.path import Path

    third, arm = 3**-0.5, 0.3
    outlines: dict[str, list[tuple[float, float]]] = {
        "square": [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)],
        "diamond": [(0, -0.65), (0.65, 0), (0, 0.65), (-0.65, 0)],
        "triangle-up": [(-third, -0.25), (third, -0.25), (0, 0.5)],
        "x": [(0, arm), (arm, 2 * arm), (2 * arm, arm), (arm, 0), (2 * arm, -arm), (arm, -2 * arm), (0, -arm),
              (-arm, -2 * arm), (-2 * arm, -arm), (-arm, 0), (-2 * arm, arm), (-arm, 2 * arm)],
        "line-ns": [(0, -0.7), (0, 0.7)],
    }  # fmt: skip
    outline = outlines.get(name)
    if outline is None:
        return Path.circle(radius=0.5)
    return Path(outline, closed=False) if name == "line-ns" else Path([*outline, outline[0]], closed=True)
