"""The week in short, cached like everything in `ui.data`: what lies ahead is as of the hour."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core import clock
from core.filters import Filters
from core.viewer import Viewer
from ui import data, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.anomalies.context import Told
    from analytics.brief import Brief


def last_week(filters: Filters) -> Brief:
    """The last closed week; the period of the filters is not looked at."""
    from analytics.anomalies.context import concerning

    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    events = concerning(resources.workspace().notes(), "volume", filters)
    return _last_week(filters.over(None), hour, events, resources.viewer(), *data.stamp())


@kept(100, ahead=True)
def _last_week(
    filters: Filters, at: datetime, events: tuple[Told, ...], viewer: Viewer, place: str, generation: int
) -> Brief:
    from analytics.brief import brief

    reader, settings = resources.reader_of(generation), resources.settings()
    mask = resources.rag_context().mask if resources.is_masked() else str
    return brief(reader, settings=settings, viewer=viewer, filters=filters, at=at, mask=mask, events=events)
