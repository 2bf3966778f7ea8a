"""Words in a drawn chart: cleaned of markup, measured, cut to the room they have, and never outside the picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

SIZE = 12.0  # pixels
EDGE = 4.0  # pixels between words and the edge of the picture
CUT = "…"
MISSING = "\N{WHITE SQUARE}"  # stands for a letter that the typeface does not have
_LINE = "\x1e"  # between lines; one of the text itself would be white space
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:b|i|em|strong|span|sub|sup|a)(?:\s[^>]*)?>", re.IGNORECASE)


@cache
def _letters() -> frozenset[int]:
    """What the typeface can write: the one that comes with matplotlib, the same on every machine."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    return frozenset(
        FT2Font(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))).get_charmap()
    )


def plain(text: Any) -> str:
    """Text as the figure would show it: its few tags gone, letters that cannot be written replaced, no formula in it."""
    told = unescape(_TAG.sub("", _BREAK.sub(_LINE, str(text).replace(_LINE, " "))))
    lines = [" ".join(line.split()) for line in told.split(_LINE)]
    known = _letters()
    return "\n".join("".join(sign if ord(sign) in known else MISSING for sign in line) for line in lines)


@dataclass
class Pen:
    """Writes on one figure, in pixels from its upper left corner."""

    canvas: FigureCanvasAgg
    width_px: float
    height_px: float
    scale: int
    colors: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from matplotlib.transforms import Affine2D

        flip = Affine2D().scale(1 / self.width_px, -1 / self.height_px).translate(0, 1)
        self.figure: Figure = self.canvas.figure
        self.transform: Transform = flip + self.figure.transFigure

    def width(self, text: str, size: float = SIZE) -> float:
        """Pixels from the first letter to the last, of the longest line."""
        from matplotlib.font_manager import FontProperties

        font = FontProperties(family="DejaVu Sans", size=size)
        measure = self.canvas.get_renderer()  # type: ignore[no-untyped-call]
        wide: list[float] = [
            measure.get_text_width_height_descent(line, font, ismath=False)[0] for line in text.split("\n")
        ]
        return max(wide) / self.scale

    def fit(self, text: str, most_px: float, size: float = SIZE) -> str:
        """The text, cut with an ellipsis where it is wider than there is room."""
        if self.width(text, size) <= most_px:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + CUT, size) <= most_px:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + CUT

    def write(self, x: float, y: float, text: str, **how: Any) -> Text:
        """Put words there; `how` are matplotlib's words for a text."""
        asked: dict[str, Any] = {
            "fontsize": SIZE,
            "family": "DejaVu Sans",
            "transform": self.transform,
            "parse_math": False,
        }
        return self.figure.text(x, y, text, **(asked | how))

    def box(self, text: Text) -> tuple[float, float, float, float]:
        """Left, top, right and foot of words."""
        box = text.get_window_extent()
        top, foot = self.height_px - box.y1 / self.scale, self.height_px - box.y0 / self.scale
        return box.x0 / self.scale, top, box.x1 / self.scale, foot

    def keep_inside(self, text: Text) -> None:
        """Push words that leave the picture back into it."""
        left, top, right, bottom = self.box(text)
        x, y = text.get_position()
        x += max(0.0, EDGE - left) - max(0.0, right - (self.width_px - EDGE))
        y += max(0.0, EDGE - top) - max(0.0, bottom - (self.height_px - EDGE))
        text.set_position((x, y))


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the legend, with the trace it stands for."""

    trace: Mapping[str, Any]
    name: str
    row: int
    x: float


KEY_PX, GAP_PX, ROW_PX = 28.0, 14.0, 20.0  # of a legend: a line's sign, between entries, a row
NAME_PX = 6.0  # from a sign to its name


def key_px(trace: Mapping[str, Any]) -> float:
    """How wide the sign of a trace is."""
    return KEY_PX if "lines" in str(trace.get("mode") or "lines") and trace["type"] != "bar" else 14.0


def legend(
    traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], pen: Pen, left: float
) -> list[Entry]:
    """What the legend shows and where, in as many rows as it needs; nothing where the figure has none."""
    named = [trace for trace in traces if trace.get("showlegend") is not False]
    asked = layout.get("showlegend")
    if asked is False or (asked is None and len(named) < 2 and not any(t.get("showlegend") for t in named)):
        return []
    stacked = layout.get("barmode") == "stack" and any(trace["type"] == "bar" for trace in named)
    if stacked and (layout.get("legend") or {}).get("traceorder") != "normal":
        named = named[::-1]  # as plotly has it: the last part lies on top
    entries, x, row, room = list[Entry](), left, 0, pen.width_px - EDGE
    for trace in named:
        name = pen.fit(plain(trace.get("name") or ""), room - left - KEY_PX - NAME_PX)
        wide = key_px(trace) + NAME_PX + pen.width(name)
        if x > left and x + wide > room:
            x, row = left, row + 1
        entries.append(Entry(trace, name, row, x))
        x += wide + GAP_PX
    return entries
