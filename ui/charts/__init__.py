"""Charts, one file a form: plotly figures with words, rows and a way to the conversations behind every mark."""

from ui.charts.base import LESS, MORE, OTHER, SERIES, TEXT, Chart, draw
from ui.charts.flow import flow
from ui.charts.parts import parts
from ui.charts.series import series
from ui.charts.trend import trend

__all__ = ["LESS", "MORE", "OTHER", "SERIES", "TEXT", "Chart", "draw", "flow", "parts", "series", "trend"]
