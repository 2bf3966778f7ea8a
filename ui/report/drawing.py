"""A chart as a picture for a mail, whose reader has neither scripts nor SVG: the figure of the screen, drawn again.

Nothing here is global: no pyplot, no current figure, no display. Two threads may draw at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from math import cos, isfinite, radians, sin
from typing import TYPE_CHECKING, Any

from streamlit.elements.lib import streamlit_plotly_theme as theme

from ui.report import drawing_marks as marks
from ui.report import figures
from ui.report.drawing_axes import Axis, Tick, listed
from ui.report.drawing_inside import annotate, bar_words, colorbar, point_words, reach_words, shapes
from ui.report.drawing_marks import Panel, Trace
from ui.report.drawing_words import EDGE, KEY_PX, NAME_PX, ROW_PX, SIZE, Entry, Pen, key_px, legend, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ui.charts import Chart

POINTS = 72  # per inch, so that a pixel of the page is a point
KNOWN = ("bar", "scatter")
LINE_PX = 15.0  # of a row of letters
TOP_PX, BAR_PX = 14.0, 42.0  # above the plot without a legend; beside it for a scale of colours
PAD_PX, APART_PX = 8.0, 6.0  # between plot and words, between words
MOST_NAMES = 0.4  # of the width, for names beside the plot
SLANT = 30


@dataclass
class Sheet:
    """The picture in the making: what the figure holds, and how many pixels are left free around the plot."""

    pen: Pen
    layout: Mapping[str, Any]
    traces: list[Trace]
    panels: list[Panel]
    entries: list[Entry] = field(default_factory=list)
    ticks: dict[str, list[Tick]] = field(default_factory=dict)
    slants: dict[str, int] = field(default_factory=dict)
    left: float = 40.0
    right: float = 12.0
    top: float = TOP_PX
    bottom: float = 40.0


def png(chart: Chart, *, width_px: int = 640, scale: int = 2) -> bytes | None:
    """The chart as PNG, `scale` times as many dots; None where there is nothing to draw or no way to draw it."""
    figure = build(chart, width_px=width_px, scale=scale)
    if figure is None:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    target = BytesIO()
    FigureCanvasAgg(figure).print_png(target, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return target.getvalue()


def build(chart: Chart, *, width_px: int = 640, scale: int = 2) -> Figure | None:
    """The chart as a figure of matplotlib, `width_px` wide and of the chart's height."""
    traces, layout = _read(chart)
    if any(trace["type"] not in KNOWN for trace in traces) or not any(map(_has_marks, traces)):
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colors = figures.palette("light")
    # A little more than the size, or the whole pixels come out one short.
    inches = ((width_px + 1e-3) / POINTS, (chart.height + 1e-3) / POINTS)
    figure = Figure(figsize=inches, dpi=POINTS * scale, facecolor=colors[theme.BG_COLOR])
    pen = Pen(FigureCanvasAgg(figure), width_px, chart.height, scale, colors)
    sheet = Sheet(pen, layout, traces, _panels(traces, layout))
    for panel in sheet.panels:
        marks.reach(panel, layout)
    reach_words(sheet.panels, layout, pen)
    _lay_out(sheet)
    _draw(sheet)
    return figure


def _read(chart: Chart) -> tuple[list[Trace], dict[str, Any]]:
    """Traces that show something, and the layout; with the colours of the light appearance."""
    colors = figures.palette("light")
    cycle = [colors[place] for place in (getattr(theme, f"CATEGORY_{n}") for n in range(10))]
    layout = {
        name: value for name, value in chart.figure.layout.to_plotly_json().items() if name != "template"
    }
    traces = []
    for number, trace in enumerate(chart.figure.data):
        found = _painted(trace.to_plotly_json(), colors)
        found["type"] = trace.type
        found.setdefault("marker", {}).setdefault(
            "color", (found.get("line") or {}).get("color") or cycle[number % len(cycle)]
        )
        if trace.visible in (None, True) and (trace.type not in KNOWN or listed(found.get("y"))):
            traces.append(found)
    return traces, _painted(layout, colors)


def _has_marks(trace: Trace) -> bool:
    xs, ys = listed(trace.get("x")), listed(trace.get("y"))
    return any(x is not None and y is not None and x == x and y == y for x, y in zip(xs, ys, strict=False))


def _painted(node: Any, colors: Mapping[str, str], name: str = "") -> Any:
    """Placeholders of colours replaced, and texts left as they are."""
    if isinstance(node, dict):
        return {key: _painted(value, colors, key) for key, value in node.items()}
    if not name.endswith(("color", "colorscale")):
        return [_painted(one, colors) for one in node] if _holds_dicts(node) else node
    if isinstance(node, list | tuple):
        return [_painted(one, colors, name) for one in node]
    return colors.get(node, node) if isinstance(node, str) else node


def _holds_dicts(node: Any) -> bool:
    return isinstance(node, list | tuple) and any(isinstance(one, dict) for one in node)


def _panels(traces: Sequence[Trace], layout: Mapping[str, Any]) -> list[Panel]:
    """The pairs of axes in the figure's order. Axes that go together have the values of both."""
    pairs = list(dict.fromkeys((trace.get("xaxis") or "x", trace.get("yaxis") or "y") for trace in traces))
    return [
        Panel(
            _axis(x, traces, layout), _axis(y, traces, layout),
            [trace for trace in traces if ((trace.get("xaxis") or "x"), (trace.get("yaxis") or "y")) == (x, y)],
        )
        for x, y in pairs
    ]  # fmt: skip


def _axis(name: str, traces: Sequence[Trace], layout: Mapping[str, Any]) -> Axis:
    letter = name[0]
    own = [trace for trace in traces if (trace.get(f"{letter}axis") or letter) == name]
    return Axis(name, _spec(layout, name), [value for trace in own for value in listed(trace.get(letter))])


def _spec(layout: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What the layout says of an axis: x2 is called xaxis2 there."""
    found: Mapping[str, Any] = layout.get(f"{name[0]}axis{name[1:]}") or {}
    return found


def _lay_out(sheet: Sheet) -> None:
    """Room for words around the plot. It depends on the marks of the axes, which depend on the room: in rounds."""
    pen = sheet.pen
    sheet.right = max(12.0, float((sheet.layout.get("margin") or {}).get("r") or 0))
    if any("colorbar" in trace["marker"] for trace in sheet.traces):
        sheet.right = BAR_PX
    for _ in range(3):
        sheet.entries = legend(sheet.traces, sheet.layout, pen, sheet.left)
        rows = sheet.entries[-1].row + 1 if sheet.entries else 0
        sheet.top = rows * ROW_PX + APART_PX + 4 if rows else TOP_PX
        _settle(sheet)
        for panel in sheet.panels:
            sheet.ticks[panel.y.name] = _names(sheet, panel.y)
            sheet.ticks[panel.x.name] = _across(sheet, panel)
        sheet.left = max(_beside(sheet, panel) for panel in sheet.panels)
        sheet.bottom = _below(sheet, sheet.panels[-1].x)
        sheet.right = max(sheet.right, *(_overhang(sheet, panel.x) for panel in sheet.panels), 0.0)
    sheet.entries = legend(sheet.traces, sheet.layout, pen, sheet.left)
    _settle(sheet)


def _settle(sheet: Sheet) -> None:
    """Fix every axis in the room there is. Axes that match share their ends."""
    wide = sheet.pen.width_px - sheet.left - sheet.right
    high = sheet.pen.height_px - sheet.top - sheet.bottom
    for panel in sheet.panels:
        first, last = panel.x.spec.get("domain") or (0.0, 1.0)
        low, up = panel.y.spec.get("domain") or (0.0, 1.0)
        panel.left, panel.top = sheet.left + first * wide, sheet.top + (1 - up) * high
        panel.x.settle((last - first) * wide)
        panel.y.settle((up - low) * high)
    matched = {panel.x.spec.get("matches") for panel in sheet.panels} - {None}
    if matched:
        ends = [end for panel in sheet.panels for end in panel.x.ends]
        for panel in sheet.panels:
            panel.x.ends = min(ends), max(ends)


def _names(sheet: Sheet, axis: Axis) -> list[Tick]:
    if axis.spec.get("showticklabels") is False:
        return [(at, "") for at, _ in axis.ticks()]
    most = MOST_NAMES * sheet.pen.width_px
    return [(at, sheet.pen.fit(plain(text), most)) for at, text in axis.ticks()]


def _across(sheet: Sheet, panel: Panel) -> list[Tick]:
    """Words below the plot: fewer numbers where they would touch, names aslant."""
    axis = panel.x
    ticks = _names(sheet, axis)
    sheet.slants[axis.name] = 0
    if not _touch(sheet, axis, ticks):
        return ticks
    if axis.kind == "category":
        sheet.slants[axis.name] = SLANT
        return [
            (at, sheet.pen.fit(text, 0.3 * sheet.pen.height_px / sin(radians(SLANT)))) for at, text in ticks
        ]
    if axis.spec.get("tickvals") is not None:
        return _thinned(sheet, axis, ticks)
    for at_most in range(len(ticks) - 1, 0, -1):
        found = [(at, plain(text)) for at, text in axis.ticks(at_most)]
        if not _touch(sheet, axis, found):
            return found
    return ticks[:1]


def _touch(sheet: Sheet, axis: Axis, ticks: Sequence[Tick]) -> bool:
    spans = [(axis.pixel(at), sheet.pen.width(text) / 2) for at, text in ticks if text]
    room = 3 if axis.kind == "category" else APART_PX
    return any(abs(b - a) < half + other + room for (a, half), (b, other) in pairwise(spans))


def _thinned(sheet: Sheet, axis: Axis, ticks: Sequence[Tick]) -> list[Tick]:
    kept = list[Tick]()
    for tick in ticks:
        if not kept or not _touch(sheet, axis, [kept[-1], tick]):
            kept.append(tick)
    return kept


def _title(axis: Axis) -> str:
    return plain((axis.spec.get("title") or {}).get("text") or "")


def _beside(sheet: Sheet, panel: Panel) -> float:
    """Pixels left of the plot: the title, the names, and half of the first word below."""
    names = [text for _, text in sheet.ticks[panel.y.name] if text]
    wide = max((sheet.pen.width(text) for text in names), default=0.0)
    title = LINE_PX + APART_PX if _title(panel.y) else 0.0
    return EDGE + title + (wide + PAD_PX if wide else APART_PX)


def _below(sheet: Sheet, axis: Axis) -> float:
    texts = [text for _, text in sheet.ticks[axis.name] if text]
    rows = max((text.count("\n") + 1 for text in texts), default=0)
    high = rows * LINE_PX
    if slant := sheet.slants[axis.name]:
        high = max(sheet.pen.width(text) for text in texts) * sin(radians(slant)) + LINE_PX
    return PAD_PX + high + (LINE_PX + 2 if _title(axis) else 0) + EDGE


def _overhang(sheet: Sheet, axis: Axis) -> float:
    """Pixels that slanted names need right of the plot."""
    if not sheet.slants[axis.name]:
        return 0.0
    way, thick = cos(radians(SLANT)), LINE_PX * sin(radians(SLANT))
    ends = [axis.pixel(at) + sheet.pen.width(text) * way + thick for at, text in sheet.ticks[axis.name]]
    return max(ends, default=0.0) - axis.length_px + EDGE


def _draw(sheet: Sheet) -> None:
    """Everything, from the ground up."""
    for panel in sheet.panels:
        axes = _axes(sheet, panel)
        marks.draw(axes, panel)
        _write_axes(sheet, panel)
        bar_words(panel, sheet.pen)
        point_words(panel, sheet.pen)
        colorbar(panel, sheet.pen)
    shapes(sheet.panels, sheet.layout, sheet.pen)
    annotate(sheet.panels, sheet.layout, sheet.pen)
    for entry in sheet.entries:
        _write_entry(sheet.pen, entry)


def _axes(sheet: Sheet, panel: Panel) -> Any:
    """A plot without a frame: only the lines of the grid."""
    pen, color = sheet.pen, sheet.pen.colors[figures.GRID]
    wide, high = pen.width_px, pen.height_px
    axes = pen.figure.add_axes(
        (panel.left / wide, 1 - (panel.top + panel.y.length_px) / high, panel.x.length_px / wide, panel.y.length_px / high),
        frameon=False, xticks=[], yticks=[], label=f"{panel.x.name}{panel.y.name}",
    )  # fmt: skip
    axes.set_autoscale_on(False)
    axes.set(xlim=panel.x.ends, ylim=panel.y.ends)
    lies = any(box.lies for box in panel.boxes)  # names of bars have no lines of their own
    if panel.y.spec.get("showgrid") is not False and not lies:
        for place, _ in sheet.ticks[panel.y.name]:
            axes.axhline(place, color=color, linewidth=1, zorder=0.5, gid="grid", clip_on=False)
    return axes


def _write_axes(sheet: Sheet, panel: Panel) -> None:
    """Names and titles of both axes."""
    pen, quiet = sheet.pen, sheet.pen.colors[theme.GRAY_70]
    foot, slant = panel.top + panel.y.length_px, sheet.slants[panel.x.name]
    for place, text in sheet.ticks[panel.y.name]:
        y = panel.point(panel.x.ends[0], place)[1]
        pen.write(
            panel.left - PAD_PX, y, text, ha="right", va="center", color=quiet, gid=f"{panel.y.name} mark"
        )
    turned = {"rotation": -slant, "ha": "left", "rotation_mode": "anchor"} if slant else {"ha": "center"}
    for place, text in sheet.ticks[panel.x.name]:
        for row, line in enumerate(text.split("\n") if text else ()):
            # By the line they stand on, or words with and without tails would not be level.
            x, y = panel.left + panel.x.pixel(place), foot + PAD_PX + SIZE - 2 + row * LINE_PX
            words = pen.write(x, y, line, va="baseline", color=quiet, gid=f"{panel.x.name} mark", **turned)
            if not slant:
                pen.keep_inside(words)
    if title := _title(panel.y):
        shown = pen.fit(title, panel.y.length_px + 2 * PAD_PX)
        pen.write(
            EDGE + LINE_PX / 2, panel.top + panel.y.length_px / 2, shown, rotation=90, ha="center", va="center", color=quiet,
            gid=f"{panel.y.name} title",
        )  # fmt: skip
    if title := _title(panel.x):
        shown = pen.fit(title, panel.x.length_px)
        pen.write(
            panel.left + panel.x.length_px / 2, pen.height_px - EDGE, shown, ha="center", va="bottom", color=quiet,
            gid=f"{panel.x.name} title",
        )  # fmt: skip


def _write_entry(pen: Pen, entry: Entry) -> None:
    """One sign of the legend and its name."""
    middle, trace = ROW_PX * (entry.row + 0.5) + 3, entry.trace
    if trace["type"] == "bar":
        box = marks.Box(trace, _first_full(trace), 0.0, 0.0, 0.0, 0.0)
        corner = (middle - 6, entry.x) if box.lies else (entry.x, middle - 6)
        pen.figure.add_artist(marks.patch(corner, 12, 12, box, transform=pen.transform, gid="key"))
    else:
        _write_sign(pen, trace, entry.x, middle)
    ink = pen.colors[theme.GRAY_90]
    pen.write(
        entry.x + key_px(trace) + NAME_PX,
        middle,
        entry.name,
        va="center",
        color=ink,
        gid="legend",
        fontsize=SIZE,
    )


def _write_sign(pen: Pen, trace: Trace, x: float, middle: float) -> None:
    from matplotlib.lines import Line2D

    mode, line = str(trace.get("mode") or "lines+markers"), trace.get("line") or {}
    if "lines" in mode and (width := line.get("width", 2.0)):
        color = marks.rgba(line.get("color") or trace["marker"]["color"])
        style = marks.dashes(line.get("dash"), width)
        pen.figure.add_artist(
            Line2D([x, x + KEY_PX], [middle, middle], color=color, linewidth=width, linestyle=style,
                   dash_capstyle="butt", transform=pen.transform, gid="key")
        )  # fmt: skip
    if "markers" in mode:
        place = next(
            at
            for at, (a, b) in enumerate(zip(trace["x"], trace["y"], strict=True))
            if a is not None and b is not None
        )
        where = [(float("nan"), 0.0)] * place + [(x + key_px(trace) / 2, middle)]
        pen.figure.add_artist(marks.marks(trace, where, pen.transform, only=place))


def _first_full(trace: Trace) -> int:
    """A mark that is as solid as any: the legend shows what is finished."""
    opacity = trace["marker"].get("opacity")
    known = [one for one in listed(opacity) if isfinite(one)] if hasattr(opacity, "__len__") else []
    return known.index(max(known)) if known else 0
