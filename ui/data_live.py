"""Caches of what is open now: keyed by the instant too, in steps that tabs of one second share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core import clock
from core.filters import Filters
from core.viewer import Viewer
from ui import data, masking, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.live import Kind, OpenList, Strip

STEP_S = 10
MOST = 40  # instants and filters that are remembered: older ones are asked for by nobody


def instant() -> datetime:
    """The present in steps of ten seconds, so that everybody who looks at it shares one reading."""
    now = clock.now()
    return now - timedelta(seconds=now.second % STEP_S, microseconds=now.microsecond)


def strip(filters: Filters, at: datetime) -> Strip:
    """Numbers of what is open at an instant; the period of the filters is not looked at."""
    return _strip(filters.over(None), at, resources.viewer(), *data.stamp())


@kept(MOST)
def _strip(filters: Filters, at: datetime, viewer: Viewer, place: str, generation: int) -> Strip:
    from analytics import live

    reader, settings = resources.reader_of(generation), resources.settings()
    return live.strip(reader, filters, at, settings=settings, viewer=viewer)


def listed(filters: Filters, kind: Kind, at: datetime) -> OpenList:
    """Open conversations of a kind, the most urgent first."""
    return _listed(filters.over(None), kind, at, resources.viewer(), *data.stamp())


@kept(MOST)
def _listed(
    filters: Filters, kind: Kind, at: datetime, viewer: Viewer, place: str, generation: int
) -> OpenList:
    from analytics import live

    reader, settings = resources.reader_of(generation), resources.settings()
    return masking.shown(live.listed(reader, filters, kind, at, settings=settings, viewer=viewer))
