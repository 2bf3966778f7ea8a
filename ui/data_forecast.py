"""Forecasts, cached like everything in `ui.data`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.filters import Filters, Period
from core.viewer import Viewer
from ui import data, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.anomalies.context import Told
    from analytics.forecasting.of_metric import Made


def last_day(filters: Filters) -> date:
    """The day forecasts begin after: the last of the period, or the last full one of the data."""
    full = data.span()[1]
    return min(filters.period.end, full) if filters.period else full


def volume(filters: Filters, horizon: int, focus: bool = False) -> Made:
    """Conversations created on the next days, from up to three years of days; as far as the history allows.

    Noted events of these filters are looked at. With `focus` Prophet is asked too, which takes seconds the first time.
    """
    from analytics.anomalies.context import concerning
    from analytics.forecasting.of_metric import LONGEST_DAYS
    from analytics.forecasting.outcome import offered_days

    end, events = last_day(filters), concerning(resources.workspace().notes(), "volume", filters)
    history = replace(filters, period=Period(end - timedelta(days=LONGEST_DAYS - 1), end))
    found = _volume(history, horizon, focus, events, resources.viewer(), *data.stamp())
    whole = found.told.forecasts[0]
    offered = offered_days(whole.tier, whole.known_days)
    # Tests of the days that are drawn: of more there may be none in a short history.
    if not 0 < offered < horizon:
        return found
    return _volume(history, offered, focus, events, resources.viewer(), *data.stamp())


@kept(50, ahead=True)
def _volume(
    filters: Filters,
    horizon: int,
    focus: bool,
    events: tuple[Told, ...],
    viewer: Viewer,
    place: str,
    generation: int,
) -> Made:
    from analytics.forecasting.of_metric import made_of

    return made_of(
        resources.reader_of(generation), "volume", filters,
        settings=resources.settings(), viewer=viewer, horizon=horizon, focus=focus, events=events,
    )  # fmt: skip
