"""A metric by day, hour, week or month, the whole and its parts: what forecasts, trends and effects are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from analytics import catalogue
from analytics.compute import compute, default_period
from analytics.periods import day_of
from core.errors import QuestionError
from core.filters import Filters, Grain, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.anomalies.context import Told
    from analytics.base import Metric
    from analytics.forecasting.calendars import Calendar
    from analytics.result import MetricResult
    from store.reader import Reader

LONGEST_DAYS = 3 * 365
LONGEST = {"hour": 70, "day": LONGEST_DAYS, "week": 5 * 364, "month": 10 * 365}  # days learnt from, by grain
STEPS = {"hour": "h", "day": "D", "week": "7D", "month": "MS"}
WHOLE = "total"


@dataclass(frozen=True)
class Daily:
    """A column a series, a row a day: `values` in the metric's unit (NaN: missing) and `n`, what each rests on.

    `kind` is count, duration or ratio. The first column is the whole ("total"), the others are values of `by`.
    """

    metric: Metric
    by: str | None
    kind: str
    values: pd.DataFrame
    n: pd.DataFrame
    period: Period
    notes: tuple[str, ...]


def daily(
    reader: Reader, name: str, filters: Filters, *, settings: Settings, viewer: Viewer, by: str | None = None,
    days: int | None = None, grain: Grain = "day",
) -> Daily:  # fmt: skip
    """A metric by day over the period, or the last `days` full days (by default LONGEST). Raises QuestionError.

    It begins with the first value, as there is no history before it. Of counts a day without any is 0; a day when no
    conversation at all came, whatever the filters, is missing, unless most such weekdays are empty. Days that are not
    over, or too young to be judged, are left out.
    """
    if grain not in STEPS:
        raise QuestionError(f"No forecast by {grain}.", hint=f"One of {', '.join(STEPS)}.")
    metric = catalogue.find(name, settings)
    end = default_period(reader, settings).end
    period = filters.period or Period(end - timedelta(days=(days or LONGEST[grain]) - 1), end)
    asked = replace(filters, period=period)
    splits: list[tuple[str, ...]] = [()] if by is None else [(), (by,)]
    results = [
        compute(reader, name, asked, settings=settings, viewer=viewer, grain=grain, by=split)
        for split in splits
    ]
    since = None
    if metric.kind == "level":  # none is a level too, from when something first came
        brought = compute(reader, "volume", asked, settings=settings, viewer=viewer, grain=grain).rows
        since = min((row.bucket for row in brought if row.bucket is not None and row.value), default=None)
    values, n = _frames(results, grain, since)
    if metric.kind == "count":
        came = _days_that_brought(reader, asked, results[0], settings=settings, viewer=viewer, grain=grain)
        values = _with_zeros(values, came, grain)
    bounded = metric.kind in ("share", "mean") or bool((values < 0).to_numpy().any())
    kind = "duration" if metric.unit == "seconds" else "ratio" if bounded else "count"
    start = values.index[0].date() if values[WHOLE].notna().any() else period.start
    return Daily(metric, by, kind, values, n, Period(start, max(start, period.end)), results[0].notes)


def calendar_of(
    settings: Settings, period: Period, horizon: int, events: Sequence[Told] = ()
) -> Calendar | None:
    """Days off of the history and the days ahead; those of one calendar are alike. None where there are none.

    Incidents among `events` are one-off days, which are not learnt from.
    """
    from analytics.anomalies.context import holidays_of
    from analytics.forecasting.calendars import Calendar
    from analytics.forecasting.known import with_incidents

    days = holidays_of(settings, Period(period.start, period.end + timedelta(days=horizon + 1)))
    return with_incidents(Calendar(holidays=days) if days else None, events)


def known_of(
    reader: Reader, read: Daily, horizon: int, *, settings: Settings, viewer: Viewer, events: Sequence[Told] = (),
    as_of: date | None = None,
) -> tuple[Calendar | None, pd.DataFrame | None]:  # fmt: skip
    """What a forecast by day knows beside what is counted: its calendar, and drivers of the whole with the days ahead.

    With `as_of` only what was known when that day began. Neither where nothing is counted: of a time or a share no day
    is off.
    """
    from analytics.forecasting.known import beside_of

    if read.kind != "count":
        return None, None
    known = [one for one in events if as_of is None or one.known_by(as_of)]
    calendar = calendar_of(settings, read.period, horizon, known)
    return calendar, beside_of(reader, known, read.period, horizon, viewer=viewer, as_of=as_of)


def days_of(frame: pd.DataFrame) -> list[date]:
    """The days of a frame's rows."""
    import pandas as pd

    return [moment.date() for moment in pd.DatetimeIndex(frame.index)]


def _frames(
    results: list[MetricResult], grain: Grain, since: date | datetime | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values and n from the first period on that the whole has any of, or from `since`, whichever comes first.

    Without either one period, in which it is missing.
    """
    import pandas as pd

    cells = [
        (row.bucket, ", ".join(row.group) or WHOLE, row.value, row.n)
        for result in results
        for row in result.rows
        if row.bucket is not None and not row.partial and not row.immature
    ]
    if not cells:
        nothing = pd.DataFrame({WHOLE: []}, index=pd.DatetimeIndex([]), dtype=float)
        return nothing, nothing
    long = pd.DataFrame(cells, columns=["day", "part", "value", "n"])
    values, n = _wide(long, "value", grain), _wide(long, "n", grain).fillna(0.0)
    began = n[WHOLE] > 0
    if since is not None:
        began |= n.index >= pd.Timestamp(since)
    if not began.any():
        values, n = values[[WHOLE]].iloc[-1:] * float("nan"), n[[WHOLE]].iloc[-1:]
        return values, n
    values, n = values.loc[began.idxmax() :], n.loc[began.idxmax() :]
    values = values[[name for name in values.columns if name == WHOLE or values[name].notna().any()]]
    return values, n[list(values.columns)]


def _days_that_brought(
    reader: Reader, asked: Filters, whole: MetricResult, *, settings: Settings, viewer: Viewer, grain: Grain
) -> frozenset[date]:
    """The first days of periods in which anything came: of what was asked for, or a conversation outside the filters.

    Hours are told by their day: an hour without any is a quiet one.
    """
    rows = list(whole.rows)
    if whole.name != "volume" or asked.where or asked.groups:
        anything = Filters(asked.period, include=asked.include)
        by: Grain = "day" if grain == "hour" else grain
        rows += compute(reader, "volume", anything, settings=settings, viewer=viewer, grain=by).rows
    return frozenset(day_of(row.bucket) for row in rows if row.bucket is not None and row.value)


def _with_zeros(values: pd.DataFrame, came: frozenset[date], grain: Grain) -> pd.DataFrame:
    """A count's periods without any are 0; those in which nothing came are missing, unless most of their kind are."""
    import pandas as pd

    if not values[WHOLE].notna().any():
        return values
    brought = pd.Series([day in came for day in days_of(values)], index=values.index, dtype=bool)
    weekday = pd.DatetimeIndex(values.index).day_of_week
    alike = weekday if grain in ("hour", "day") else 0 * weekday
    usual = brought.groupby(alike).transform("mean") >= 0.5
    return values.fillna(0.0).mask(~brought & usual)


def _wide(long: pd.DataFrame, column: str, grain: Grain) -> pd.DataFrame:
    import pandas as pd

    wide = long.pivot_table(index="day", columns="part", values=column, aggfunc="first", dropna=False)
    wide.index = pd.DatetimeIndex(wide.index)
    wide = wide.reindex(pd.date_range(wide.index[0], wide.index[-1], freq=STEPS[grain]))
    return wide[[WHOLE, *(name for name in wide.columns if name != WHOLE)]].astype(float)
