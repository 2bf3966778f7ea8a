"""Tables that people put together, cached like everything in `ui.data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.filters import Period
from core.viewer import Viewer
from ui import data, resources
from ui.caching import kept

if TYPE_CHECKING:
    from datetime import date, datetime

    from analytics.exploration import Exploration, Exploring
    from core.filters import Grain

OWN = ("weekday", "hour", "sla_metric", "sla_state", "policy", "csat_kind")


def table(question: Exploring) -> Exploration:
    """The table that was asked for. Raises QuestionError for what does not go together."""
    return _table(question, resources.viewer(), *data.stamp())


@kept(100, ahead=True)
def _table(question: Exploring, viewer: Viewer, place: str, generation: int) -> Exploration:
    from analytics.explore import explore

    reader = resources.reader_of(generation)
    return explore(reader, question, settings=resources.settings(), viewer=viewer)


def metrics() -> dict[str, str]:
    """Numbers that can be picked, those of the settings too: name to title, by title."""
    from analytics import catalogue

    found = (metric for metric in catalogue.every(resources.settings()) if metric.in_picker)
    return {one.name: one.title for one in sorted(found, key=lambda one: one.title.lower())}


def own_dimensions() -> dict[str, str]:
    """Dimensions of the moment or of targets, which the filter bar does not offer: name to title."""
    from analytics.dimensions import find

    return {name: find(name).title for name in OWN}


def buckets(period: Period, grain: Grain) -> list[date | datetime]:
    """The first day, or hour, of every bucket that touches the period."""
    from analytics import periods

    found = periods.buckets(periods.midnight(period.start), periods.midnight(period.until), grain)
    return [at if grain == "hour" else at.date() for at in found]


def adds_up(metric: str) -> bool:
    """Whether a metric's groups add up to its total, so that they are shares of it."""
    from analytics import catalogue
    from analytics.explore import adds_up as does

    return does(catalogue.find(metric, resources.settings()))
