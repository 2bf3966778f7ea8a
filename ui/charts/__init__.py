"""Charts, one file a form: plotly figures with words, rows and a way to the conversations behind every mark."""

from ui.charts.balance import balance
from ui.charts.base import LESS, MORE, OTHER, SERIES, TEXT, Chart, draw
from ui.charts.dots import dots
from ui.charts.explored import bars, lines
from ui.charts.flow import flow
from ui.charts.heat import busiest, heat
from ui.charts.lollipop import lollipop
from ui.charts.parts import parts
from ui.charts.series import series
from ui.charts.spread import spread
from ui.charts.stacked import stacked
from ui.charts.strip import strip
from ui.charts.trend import trend

__all__ = [
    "LESS",
    "MORE",
    "OTHER",
    "SERIES",
    "TEXT",
    "Chart",
    "balance",
    "bars",
    "busiest",
    "dots",
    "draw",
    "flow",
    "heat",
    "lines",
    "lollipop",
    "parts",
    "series",
    "spread",
    "stacked",
    "strip",
    "trend",
]  # fmt: skip
