"""What events did, cached like everything in `ui.data`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core.filters import Filters
from core.viewer import Viewer
from ui import data, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.anomalies.context import Told
    from analytics.effects import Effect

Where = tuple[tuple[str, tuple[str, ...]], ...]


def effect(metric: str, filters: Filters, at: date, touched: Where, window: int) -> Effect:
    """What changed from day `at` on in what was touched. What the bar says of the same dimensions, and its period, is
    not looked at: the untouched are all the others.
    """
    from analytics.anomalies.context import concerning
    from analytics.effects import around, within

    asked = around(filters.over(None), touched)
    events = concerning(resources.workspace().notes(), metric, within(asked, touched))
    return _effect(metric, asked, at, touched, window, events, resources.viewer(), *data.stamp())


@kept(100, ahead=True)
def _effect(
    metric: str,
    filters: Filters,
    at: date,
    touched: Where,
    window: int,
    events: tuple[Told, ...],
    viewer: Viewer,
    place: str,
    generation: int,
) -> Effect:
    from analytics.effects import effect_of

    return effect_of(
        resources.reader_of(generation), metric, filters, at,
        settings=resources.settings(), viewer=viewer, touched=dict(touched), window=window,
        events=events,
    )  # fmt: skip
