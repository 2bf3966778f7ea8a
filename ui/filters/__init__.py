"""One way to filter: the bar, its chips, what the address says, and the way out of an empty result."""

from ui.filters.bar import away, bar, is_here, leave
from ui.filters.chips import narrow, reset, restore, toggle
from ui.filters.choices import (
    View,
    click_filters,
    current,
    has_own_grain,
    offered,
    only,
    parameters,
    view,
    view_of,
    words,
)
from ui.filters.kept import kept, narrowed, view_from
from ui.filters.nothing import explain

__all__ = [
    "View", "away", "bar", "click_filters", "current", "explain", "has_own_grain", "is_here", "kept", "leave", "narrow",
    "narrowed", "offered", "only", "parameters", "reset", "restore", "toggle", "view", "view_from",
    "view_of", "words",
]  # fmt: skip
