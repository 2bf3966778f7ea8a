"""Charts, one file a form: plotly figures with words, rows and a way to the conversations behind every mark."""

from ui.charts.balance import balance
from ui.charts.band import band
from ui.charts.base import GROUND, LESS, MORE, OTHER, SERIES, TEXT, Chart, axis, below_table, draw, table
from ui.charts.dots import dots
from ui.charts.effect import effect
from ui.charts.excess import excess
from ui.charts.explored import bars, lines
from ui.charts.flow import flow
from ui.charts.foreseen import foreseen
from ui.charts.heat import busiest, heat
from ui.charts.lollipop import lollipop
from ui.charts.multiples import multiples
from ui.charts.parts import parts
from ui.charts.ratios import ratios
from ui.charts.roster import roster
from ui.charts.runway import runway
from ui.charts.series import series
from ui.charts.spread import spread
from ui.charts.stacked import stacked
from ui.charts.strip import strip
from ui.charts.treemap import Tile, treemap
from ui.charts.trend import trend

__all__ = [
    "GROUND",
    "LESS",
    "MORE",
    "OTHER",
    "SERIES",
    "TEXT",
    "Chart",
    "Tile",
    "axis",
    "balance",
    "band",
    "bars",
    "below_table",
    "busiest",
    "dots",
    "draw",
    "effect",
    "excess",
    "flow",
    "foreseen",
    "heat",
    "lines",
    "lollipop",
    "multiples",
    "parts",
    "ratios",
    "roster",
    "runway",
    "series",
    "spread",
    "stacked",
    "strip",
    "table",
    "treemap",
    "trend",
]  # fmt: skip
