"""One way to filter: the bar, its chips, what the address says, and the way out of an empty result."""

from ui.filters.bar import CONDITIONS_ON, away, bar, is_here, leave, page
from ui.filters.chips import reset, restore
from ui.filters.choices import (
    MAIN,
    View,
    are_read,
    click_filters,
    current,
    has_own_grain,
    offered,
    only,
    parameters,
    told,
    view,
    view_of,
    words,
)
from ui.filters.clicks import narrow, toggle
from ui.filters.kept import kept, narrowed, view_from
from ui.filters.nothing import explain

__all__ = [
    "CONDITIONS_ON", "MAIN", "View", "are_read", "away", "bar", "click_filters", "current", "explain", "has_own_grain", "is_here",
    "kept", "leave", "narrow", "narrowed", "offered", "only", "page", "parameters", "reset", "restore", "toggle", "told", "view",
    "view_from", "view_of", "words",
]  # fmt: skip
