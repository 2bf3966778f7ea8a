"""The catalogue of numbers and what sources can tell of them, cached like everything in `ui.data`."""

from __future__ import annotations

from typing import Any

from core import numbers
from core.viewer import Viewer
from ui import data, resources
from ui.caching import kept

_STATES = {"exact": "✅ exact", "derived": "🔶 derived", "not available": "🚫 not available"}


def metrics() -> list[dict[str, Any]]:
    """Every metric, those of the settings too: name, title, unit, definition, what it counts, and whose rule it is."""
    from analytics import catalogue

    found = catalogue.every(resources.settings())
    return [
        {
            "Name": one.name, "Title": one.title, "Definition": one.description, "Unit": one.unit,
            "Better": one.better, "Counted on": one.counted_on, "Source": one.source,
        }
        for one in found
    ]  # fmt: skip


def capabilities() -> list[dict[str, Any]]:
    """A row a metric, a column a source: exact, derived or not available, with the share that has a value."""
    return _capabilities(resources.viewer(), *data.stamp())


@kept(4, ahead=True)
def _capabilities(viewer: Viewer, place: str, generation: int) -> list[dict[str, Any]]:
    from analytics.capabilities import capability_table

    rows: dict[str, dict[str, Any]] = {}
    for one in capability_table(resources.reader_of(generation), viewer=viewer):
        row = rows.setdefault(one.metric, {"Metric": one.title})
        share = "" if one.share is None else f", {numbers.percent(one.share, one.conversations)}"
        row[one.source] = (
            f"{_STATES[one.state]}{share}"
            if one.state != "not available"
            else f"{_STATES[one.state]}: {one.why}"
        )
    return list(rows.values())
