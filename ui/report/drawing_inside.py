"""Words and lines inside a drawn chart: numbers on bars, names of points, annotations, shapes, a scale of colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

from streamlit.elements.lib import streamlit_plotly_theme as theme

from ui.report import drawing_marks as marks
from ui.report.drawing_axes import Axis, listed
from ui.report.drawing_marks import Box, Panel, one
from ui.report.drawing_words import EDGE, SIZE, Pen, plain

if TYPE_CHECKING:
    from matplotlib.text import Text

Spot = tuple[float, float]
Box4 = tuple[float, float, float, float]  # left, top, right, foot

LIGHT_FROM = 0.18  # as bright as the grey on which black and white are read alike
INSIDE_PX = 4.0  # between the end of a bar and its words
LEAST_PX = 40.0  # of words beyond a bar, however little room is left
LEAST_SIZE = 9.0  # pixels: smaller letters are left out, the table has them
LINE = 1.25  # of a row of letters, in their size
PAPER = Axis("paper", {})


def reach_words(panels: Sequence[Panel], layout: Mapping[str, Any], pen: Pen) -> None:
    """Tell the axes how far the words beside marks and the lines across the plot go."""
    for shape in layout.get("shapes") or ():
        for name in ("x", "y"):
            axis = _of(panels, shape.get(f"{name}ref") or name)
            for end in ("0", "1"):
                if axis is not PAPER:
                    axis.reach(axis.place(shape[name + end]))
    for note in _shown(layout):
        wide, high = _size(note, pen)
        for axis, size, shift, anchor in (
            (_of(panels, note.get("xref") or "x"), wide, note.get("xshift", 0), note.get("xanchor")),
            (_of(panels, note.get("yref") or "y"), high, note.get("yshift", 0), note.get("yanchor")),
        ):
            if axis is PAPER:
                continue
            if note.get("showarrow") is not False:
                shift = note.get("ax", 0) if axis.is_across else -note.get("ay", -30)
            before = {"left": 0.0, "bottom": 0.0, "right": size, "top": size}.get(anchor or "", size / 2)
            place = axis.place(note["x" if axis.is_across else "y"])
            axis.reach(place, max(0.0, before - shift), max(0.0, size - before + shift))


def _shown(layout: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        note
        for note in layout.get("annotations") or ()
        if note.get("visible") is not False and note.get("text")
    ]


def _of(panels: Sequence[Panel], name: str) -> Axis:
    """The axis that a reference means; the paper for parts of the whole or of a panel."""
    found = {axis.name: axis for panel in panels for axis in (panel.x, panel.y)}
    return found.get(name, PAPER)


def _size(note: Mapping[str, Any], pen: Pen) -> tuple[float, float]:
    text, size = plain(note["text"]), (note.get("font") or {}).get("size", SIZE)
    wide, high = pen.width(text, size), size * LINE * (text.count("\n") + 1)
    return (high, wide) if note.get("textangle") in (-90, 90) else (wide, high)


def _spot(panels: Sequence[Panel], item: Mapping[str, Any], end: str = "") -> tuple[float, float]:
    """Pixels of a corner of a shape or of the point of an annotation."""
    xref, yref = str(item.get("xref") or "x"), str(item.get("yref") or "y")
    return _along(panels, xref, item["x" + end], "x"), _along(panels, yref, item["y" + end], "y")


def _along(panels: Sequence[Panel], ref: str, value: Any, letter: str) -> float:
    own = [panel for panel in panels if getattr(panel, letter).name == ref.split()[0]]
    covered = panels if ref == "paper" else own or panels
    if own and " " not in ref:
        axis: Axis = getattr(own[0], letter)
        start = own[0].left if letter == "x" else own[0].top + axis.length_px
        way = axis.pixel(axis.place(value))
        return start + way if letter == "x" else start - way
    if letter == "x":
        first = min(panel.left for panel in covered)
        return first + float(value) * (max(p.left + p.x.length_px for p in covered) - first)
    first, last = min(panel.top for panel in covered), max(p.top + p.y.length_px for p in covered)
    return last - float(value) * (last - first)


def shapes(panels: Sequence[Panel], layout: Mapping[str, Any], pen: Pen) -> None:
    """Lines and shades across the plot, cut at its edges."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    left, right = min(p.left for p in panels), max(p.left + p.x.length_px for p in panels)
    for shape in layout.get("shapes") or ():
        (x0, y0), (x1, y1) = _spot(panels, shape, "0"), _spot(panels, shape, "1")
        if max(x0, x1) < left - 1 or min(x0, x1) > right + 1:
            continue
        x0, x1 = (min(right, max(left, x)) for x in (x0, x1))
        line = shape.get("line") or {}
        under, solid = shape.get("layer") == "below", shape.get("opacity", 1.0)
        common: dict[str, Any] = {"transform": pen.transform, "zorder": -1 if under else 1, "gid": "shape"}
        if shape.get("type") == "rect":
            fill = marks.rgba(shape.get("fillcolor") or "rgba(0,0,0,0)", solid)
            pen.figure.add_artist(
                Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=fill, linewidth=0, **common)
            )
            continue
        width = line.get("width", 2.0)
        pen.figure.add_artist(
            Line2D([x0, x1], [y0, y1], color=marks.rgba(line.get("color") or "#000000", solid), linewidth=width,
                   linestyle=marks.dashes(line.get("dash"), width), dash_capstyle="butt", **common)
        )  # fmt: skip


def annotate(panels: Sequence[Panel], layout: Mapping[str, Any], pen: Pen) -> None:
    """Words at a place, with a line to it where the figure wants one."""
    from matplotlib.lines import Line2D

    written = list[Any]()
    for note in sorted(_shown(layout), key=lambda note: -_spot(panels, note)[1]):
        x, y = _spot(panels, note)
        if not isfinite(x) or not isfinite(y):
            continue
        points_at = note.get("showarrow") is not False
        right, down = (note.get("ax", 0), note.get("ay", -30)) if points_at else (0, 0)
        place = x + right + note.get("xshift", 0), y + down - note.get("yshift", 0)
        words = _write_note(note, *place, pen, points_at=points_at)
        if not points_at:
            _set_apart(words, written, pen)
            written.append(words)
            continue
        color = marks.rgba(note.get("arrowcolor") or pen.colors[theme.GRAY_70])
        ends = _up_to(pen.box(words), (x, y), place)
        pen.figure.add_artist(
            Line2D(*ends, color=color, linewidth=1, transform=pen.transform, zorder=3, gid="arrow")
        )


def _up_to(box: Box4, start: Spot, end: Spot) -> tuple[list[float], list[float]]:
    """The line from a mark to its words, as far as their edge."""
    (x, y), (right, down) = start, (end[0] - start[0], end[1] - start[1])
    left, top, far, foot = box
    steps = [step / 50 for step in range(51)]
    outside = [s for s in steps if not (left <= x + s * right <= far and top <= y + s * down <= foot)]
    way = next((a for a, b in pairwise(outside) if b - a > 0.03), max(outside, default=0.0))
    return [x, x + way * right], [y, y + way * down]


def _set_apart(words: Text, written: Sequence[Text], pen: Pen) -> None:
    """Lift words that would lie on others that begin at the same place."""
    for _ in range(len(written)):
        left, top, right, foot = pen.box(words)
        over = [
            box
            for box in map(pen.box, written)
            if left < box[2] and box[0] < right and top < box[3] - 1 and box[1] < foot - 1
        ]
        if not over or words.get_rotation():
            return
        x, y = words.get_position()
        words.set_position((x, y - (foot - min(box[1] for box in over))))


def _write_note(note: Mapping[str, Any], x: float, y: float, pen: Pen, *, points_at: bool) -> Text:
    font = note.get("font") or {}
    size, turned = font.get("size", SIZE), note.get("textangle") or 0
    text = plain(note["text"])
    if "domain" in str(note.get("yref")) and not note.get("xshift"):
        x += INSIDE_PX  # words of a line across the plot, which would touch it
    across = note.get("xanchor") or ("center" if points_at else _near(note, "x", ("left", "center", "right")))
    if not turned:
        # Beside the plot there is what the figure left free; inside it a name may be pushed back.
        beside = note.get("xref") == "paper" and across == "left"
        text = pen.fit(text, pen.width_px - EDGE - x if beside else pen.width_px - 2 * EDGE, size)
    upright = note.get("yanchor") or (
        "middle" if points_at else _near(note, "y", ("bottom", "middle", "top"))
    )
    words = pen.write(
        x, y, text, ha=across, va="center" if upright == "middle" else upright, rotation=-turned, fontsize=size,
        color=marks.rgba(font.get("color") or pen.colors[theme.GRAY_70]), gid="annotation", zorder=4,
    )  # fmt: skip
    if note.get("bgcolor") and marks.rgba(note["bgcolor"])[3]:
        pad = note.get("borderpad", 1)
        words.set_bbox({"facecolor": marks.rgba(note["bgcolor"]), "edgecolor": "none", "pad": pad})
    if (
        across == "left"
        and not turned
        and pen.box(words)[2] > pen.width_px - EDGE
        and note.get("xref") != "paper"
    ):
        words.set(
            ha="right", x=x - 2 * max(INSIDE_PX, note.get("xshift", 0))
        )  # the other side of what it names
    pen.keep_inside(words)
    return words


def _near(note: Mapping[str, Any], letter: str, words: tuple[str, str, str]) -> str:
    """Where plotly holds words that name no side: on paper towards its middle, at a mark in the middle."""
    ref = str(note.get(f"{letter}ref") or letter)
    if ref != "paper" and not ref.endswith("domain"):
        return words[1]
    value = float(note[letter])
    return words[0] if value <= 1 / 3 else words[2] if value >= 2 / 3 else words[1]


def bar_words(panel: Panel, pen: Pen) -> None:
    """The text of bars: inside where it fits and may be, else beyond the end; left out where it would be too small."""
    for box in panel.boxes:
        where = box.trace.get("textposition", "auto")
        text = plain(one(box.trace.get("text"), box.at, ""))
        if where == "none" or not text:
            continue
        (x0, y0), (x1, y1) = _corners(panel, box)
        long, thick = (abs(x1 - x0), abs(y1 - y0)) if box.lies else (abs(y1 - y0), abs(x1 - x0))
        size = _fitting(pen, text, long, thick, box) if where != "outside" else 0.0
        if size >= (SIZE if where == "auto" else LEAST_SIZE):
            _write_inside(pen, box, text, size, (x0, y0, x1, y1))
        elif where in ("auto", "outside"):
            _write_beyond(pen, box, text, (x0, y0, x1, y1))


def _corners(panel: Panel, box: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """Pixels of where a bar begins and ends."""
    low, high = box.place - box.width / 2, box.place + box.width / 2
    if box.lies:
        return panel.point(box.start, low), panel.point(box.end, high)
    return panel.point(low, box.start), panel.point(high, box.end)


def _fitting(pen: Pen, text: str, long: float, thick: float, box: Box) -> float:
    """How large letters may be inside a bar."""
    wide, high = (long, thick) if box.lies else (thick, long)
    by_width = SIZE * (wide - 2 * INSIDE_PX) / pen.width(text)
    return max(0.0, min(SIZE, by_width, (high - 2) / LINE))


def _is_light(box: Box) -> bool:
    """Whether a bar that is shaded by its number is too light for light letters (relative luminance of WCAG 2)."""
    if isinstance(one((box.trace.get("marker") or {}).get("color"), box.at), str):
        return False
    parts = marks.rgba(marks.shade(box.trace, box.at))[:3]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > LIGHT_FROM


def _write_inside(pen: Pen, box: Box, text: str, size: float, at: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = at
    font = box.trace.get("insidetextfont") or {}
    ink = font.get("color") or pen.colors[theme.GRAY_90 if _is_light(box) else theme.BG_COLOR]
    style: dict[str, Any] = {
        "va": "center",
        "ha": "center",
        "fontsize": size,
        "color": marks.rgba(ink),
        "gid": "inside",
    }
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if box.lies and box.trace.get("insidetextanchor") == "start":
        x, style["ha"] = (x0 + INSIDE_PX, "left") if x1 >= x0 else (x0 - INSIDE_PX, "right")
    words = pen.write(x, y, text, zorder=3, **style)
    filled = marks.look(box.trace, box.at)
    if "hatch" in filled:  # letters on hatching are not read
        words.set_bbox({"facecolor": filled["facecolor"], "edgecolor": "none", "pad": 1})


def _write_beyond(pen: Pen, box: Box, text: str, at: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = at
    ink = {"color": pen.colors[theme.GRAY_70], "gid": "beyond", "zorder": 3}
    if box.lies:
        text = pen.fit(text, max(LEAST_PX, pen.width_px - 2 * EDGE - x1))
        words = pen.write(x1 + INSIDE_PX, (y0 + y1) / 2, text, ha="left", va="center", **ink)
    else:
        words = pen.write((x0 + x1) / 2, y1 - 2, text, ha="center", va="bottom", **ink)
    pen.keep_inside(words)


def point_words(panel: Panel, pen: Pen) -> None:
    """The text beside points."""
    for trace in panel.traces:
        if trace["type"] != "scatter" or "text" not in str(trace.get("mode") or ""):
            continue
        for at, (x, y) in enumerate(marks.points(panel, trace)):
            text = plain(one(trace.get("text"), at, ""))
            if not text or not isfinite(x) or not isfinite(y):
                continue
            upright, _, across = str(one(trace.get("textposition"), at, "middle center")).partition(" ")
            away = one((trace.get("marker") or {}).get("size"), at, 6.0) / 2 + 3
            left, top = panel.point(x, y)
            words = pen.write(
                left + away * {"right": 1, "left": -1}.get(across, 0), top + away * {"bottom": 1, "top": -1}.get(upright, 0), text,
                ha={"right": "left", "left": "right"}.get(across, "center"), zorder=3, gid="name",
                va={"bottom": "top", "top": "bottom"}.get(upright, "center"), color=pen.colors[theme.GRAY_70],
            )  # fmt: skip
            pen.keep_inside(words)


def colorbar(panel: Panel, pen: Pen) -> None:
    """The scale of colours right of the plot, with its numbers."""
    from matplotlib.patches import Rectangle

    for trace in panel.traces:
        marker = trace["marker"]
        if "colorbar" not in marker or not listed(marker.get("color")):
            continue
        high, wide, steps = panel.y.length_px, marker["colorbar"].get("thickness", 30), 64
        left = panel.left + panel.x.length_px + 6
        for step in range(steps):
            color = marks.between(marker["colorscale"], (step + 0.5) / steps)
            foot = panel.top + high * (1 - step / steps)
            slice_ = Rectangle(
                (left, foot), wide, -high / steps, facecolor=color, linewidth=0, antialiased=False
            )
            slice_.set(transform=pen.transform, gid="scale")
            pen.figure.add_artist(slice_)
        axis = Axis(
            "y", {"dtick": marker["colorbar"].get("dtick"), "range": (marker["cmin"], marker["cmax"])}
        )
        axis.settle(high)
        for value, text in axis.ticks():
            y, ink = panel.top + high - axis.pixel(value), pen.colors[theme.GRAY_90]
            pen.write(left + wide + 4, y, text, va="center", color=ink, gid="scale mark")
