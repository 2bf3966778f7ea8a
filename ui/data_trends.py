"""Trends, cached like everything in `ui.data`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from core.filters import Filters, Period
from core.viewer import Viewer
from ui import data, data_forecast, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.trends import Trends


def trends(metric: str, filters: Filters, by: str) -> Trends:
    """Trends over the 26 weeks up to the end of the period, or the period where it is longer."""
    from analytics.trends.of_metric import USUAL_DAYS

    end = data_forecast.last_day(filters)
    start = end - timedelta(days=USUAL_DAYS - 1)
    if filters.period:
        start = min(start, filters.period.start)
    return _trends(metric, replace(filters, period=Period(start, end)), by, resources.viewer(), *data.stamp())


@kept(50, ahead=True)
def _trends(metric: str, filters: Filters, by: str, viewer: Viewer, place: str, generation: int) -> Trends:
    from analytics.trends import trends_of

    return trends_of(
        resources.reader_of(generation), metric, filters, settings=resources.settings(), viewer=viewer, by=by
    )
