"""One way to filter: the bar, its chips, what the address says, and the way out of an empty result."""

from ui.filters.bar import away, bar, restore
from ui.filters.chips import narrow, reset, toggle
from ui.filters.choices import View, click_filters, current, has_own_grain, offered, parameters, view, words
from ui.filters.nothing import explain

__all__ = [
    "View", "away", "bar", "click_filters", "current", "explain", "has_own_grain", "narrow", "offered", "parameters",
    "reset", "restore", "toggle", "view", "words",
]  # fmt: skip
