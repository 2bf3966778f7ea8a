"""Names of the data in a figure: plotly obeys a mark-up of its own in every text, and theirs must not make links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LINK = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
_OF_TRACES = ("x", "y", "text", "name", "hovertext", "legendgroup")
_OF_AXES = ("categoryarray", "ticktext")


def unlink(figure: go.Figure) -> None:
    """Write links in the texts of a figure as the letters that they are."""
    layout = figure.layout
    for one, names in (
        *((trace, _OF_TRACES) for trace in figure.data),
        *((axis, _OF_AXES) for axis in (*figure.select_xaxes(), *figure.select_yaxes())),
        *((note, ("text",)) for note in layout.annotations or ()),
    ):
        _unlink(one, names)


def _unlink(part: Any, names: Iterable[str]) -> None:
    for name in names:
        if name in part and _has_link(part[name]):
            part[name] = _shown(part[name])


def _has_link(value: Any) -> bool:
    if isinstance(value, str):
        return "<" in value and bool(_LINK.search(value))
    return isinstance(value, list | tuple) and any(map(_has_link, value))


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return _LINK.sub("&lt;", value)
    return [_shown(one) for one in value] if isinstance(value, list | tuple) else value
