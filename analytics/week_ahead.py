"""New conversations of a whole week, forecast from the days before it: the sum, and its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from analytics.daily import LONGEST_DAYS, WHOLE, Daily, daily, known_of
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.anomalies.context import Told
    from analytics.forecasting.calendars import Calendar
    from store.reader import Reader

WEEK = 7  # days
LEVEL = 0.8
FEWEST_TESTS = 4  # from which on there is such an error


@dataclass(frozen=True, slots=True)
class WeekAhead:
    """Conversations expected in a week, and the whole numbers between which four such weeks of five lie.

    `came` is how many there were; None of a week that is not over. The forecast was tested on `tests` past weeks.
    """

    period: Period
    value: int
    low: int
    high: int
    came: int | None
    tests: int

    @property
    def held(self) -> bool:
        """Whether what came lies within the band."""
        return self.came is not None and self.low <= self.came <= self.high

    @property
    def is_news(self) -> bool:
        """Whether it says something that it held: nothing can miss a band that is wider than its forecast."""
        return not self.held or self.high - self.low <= self.value


def weeks(
    reader: Reader, filters: Filters, week: Period, *, settings: Settings, viewer: Viewer, events: Sequence[Told] = ()
) -> dict[str, WeekAhead]:  # fmt: skip
    """The forecast of a closed week, made from the days before it ("told"), and of the week after it ("coming").

    Each knows of `events` and of the numbers of sources what was known when it began. Without those that have too little
    before them to be forecast and tested. Raises QuestionError.
    """
    asked = filters.over(Period(week.end - timedelta(days=LONGEST_DAYS - 1), week.end))
    read = daily(reader, "volume", asked, settings=settings, viewer=viewer)
    values = read.values[[WHOLE]]
    coming = Period(week.end + timedelta(days=1), week.end + timedelta(days=WEEK))
    found = {}
    for name, one in (("told", week), ("coming", coming)):
        before = _before(read, one)
        known = known_of(
            reader, before, WEEK, settings=settings, viewer=viewer, events=events, as_of=one.start
        )
        found[name] = _week(before.values, one, *known)
    came = values.loc[str(week.start) :, WHOLE]
    told = found["told"]
    if told is not None and came.notna().sum() == WEEK:
        found["told"] = WeekAhead(week, told.value, told.low, told.high, round(came.sum()), told.tests)
    else:
        found["told"] = None
    return {name: one for name, one in found.items() if one is not None}


def _before(read: Daily, week: Period) -> Daily:
    """The days before a week, of the whole."""
    last = week.start - timedelta(days=1)
    values = read.values.loc[: str(last), [WHOLE]]
    return replace(read, values=values, period=Period(min(read.period.start, last), last))


def _week(
    before: pd.DataFrame, week: Period, calendar: Calendar | None, beside: pd.DataFrame | None
) -> WeekAhead | None:
    """The week after the last row. Its band is what the sums of past tests were off, as shares of their forecasts.

    Split conformal (Vovk et al. 2005): of n errors the ceil(LEVEL (n + 1))-th, by size. Tests lie days apart, so that one
    extreme day would count in several: such days, which nothing is learnt from, count as they were forecast.
    """
    import numpy as np

    from analytics.forecasting.outcome import offered_days
    from analytics.forecasting.panel import forecast_panel

    if not len(before) or before.index[-1].date() != week.start - timedelta(days=1):
        return None
    found = forecast_panel(before, WEEK, freq="daily", calendar=calendar, beside=beside)
    came = np.where(found.odd, found.said, found.came)[:, 0].sum(axis=1)
    said = found.said[:, 0].sum(axis=1)
    tested = np.isfinite(came) & (said > 0)  # a sum with a missing day is not known
    off, value = np.sort(np.abs(came[tested] / said[tested] - 1)), float(found.point[WHOLE].sum(skipna=False))
    known = offered_days(str(found.tier.iloc[0]), int(found.history.iloc[0]))
    if known < WEEK or len(off) < FEWEST_TESTS or not value >= 1:
        return None
    reach = off[min(ceil(LEVEL * (len(off) + 1)), len(off)) - 1] * value
    return WeekAhead(week, round(value), max(0, round(value - reach)), round(value + reach), None, len(off))
