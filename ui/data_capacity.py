"""Runway and staffing, cached like everything in `ui.data`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.filters import Filters
from core.viewer import Viewer
from ui import data, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.anomalies.context import Told
    from analytics.capacity.runway import Runway
    from analytics.capacity.staffing import Needs, Staffing


def runway(
    filters: Filters, horizon: int, threshold: float | None, capacity_week: float | None, more_agents: float
) -> Runway:
    """The backlog's path from the last full day on, whatever the period. Raises QuestionError, InputError.

    What people noted for these filters is looked at, as by the forecast of the same page.
    """
    from analytics.anomalies.context import concerning

    asked, events = (
        replace(filters, period=None),
        concerning(resources.workspace().notes(), "volume", filters),
    )
    return _runway(
        asked, horizon, threshold, capacity_week, more_agents, events, resources.viewer(), *data.stamp()
    )


@kept(50)
def _runway(
    filters: Filters, horizon: int, threshold: float | None, capacity_week: float | None, more_agents: float,
    events: tuple[Told, ...], viewer: Viewer, place: str, generation: int,
) -> Runway:  # fmt: skip
    from analytics.capacity.runway import runway_of

    return runway_of(
        resources.reader_of(generation), filters, settings=resources.settings(), viewer=viewer, threshold=threshold,
        horizon=horizon, capacity_week=capacity_week, more_agents=more_agents, events=events,
    )  # fmt: skip


def staffing(filters: Filters, channel: str, needs: Needs) -> Staffing:
    """People for a channel from the last eight weeks, whatever the period. Raises QuestionError, InputError."""
    return _staffing(replace(filters, period=None), channel, needs, resources.viewer(), *data.stamp())


@kept(50)
def _staffing(
    filters: Filters, channel: str, needs: Needs, viewer: Viewer, place: str, generation: int
) -> Staffing:
    from analytics.capacity.staffing import staffing_of

    return staffing_of(
        resources.reader_of(generation), filters, channel, needs, settings=resources.settings(), viewer=viewer
    )


def handling_of(filters: Filters) -> float | None:
    """Seconds of work on one conversation, the mean of the last eight weeks; None where none is known."""
    return _handling_of(replace(filters, period=None), resources.viewer(), *data.stamp())


@kept(50)
def _handling_of(filters: Filters, viewer: Viewer, place: str, generation: int) -> float | None:
    from analytics.capacity.staffing import handling_of as measured

    return measured(resources.reader_of(generation), filters, settings=resources.settings(), viewer=viewer)


def missing_days() -> int:
    """How many more days of data the mean of a staffing's weeks needs; 0 where there are enough."""
    from analytics.capacity.staffing import WEEKS

    first, last = data.span()
    return max(0, 7 * WEEKS - ((last - first).days + 1))
