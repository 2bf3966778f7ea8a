"""A metric of the catalogue, forecast by day: the whole, and its parts made to add up to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analytics import catalogue, dimensions
from analytics.compute import compute, default_period
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.forecasting.calendars import Calendar
    from analytics.forecasting.outcome import ForecastSet
    from analytics.result import MetricResult
    from store.reader import Reader

LONGEST_DAYS = 3 * 365
WHOLE = "total"


@dataclass(frozen=True, slots=True)
class Day:
    """A day ahead, in the metric's unit: the middle of the forecast, and its 80 % and 95 % bands."""

    day: date
    value: float | None
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """One series: the whole (`part` is "total"), or a value of the dimension. `alone` sums what it says unscaled.

    It rests on `known_days` with a value, which `wording` puts in words.
    """

    part: str
    tier: str
    known_days: int
    wording: str
    sentences: tuple[str, ...]
    weights: tuple[tuple[str, float], ...]
    alone: float | None
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class MetricForecast:
    """What was asked, what history it rests on (days, both included), and a forecast for each series."""

    name: str
    title: str
    unit: str
    by: str | None
    history: Period
    adds_up: bool
    forecasts: tuple[Forecast, ...]


def forecast_metric(
    reader: Reader, name: str, filters: Filters, *, settings: Settings, viewer: Viewer,
    by: str | None = None, horizon: int = 14,
) -> MetricForecast:  # fmt: skip
    """Forecast a metric by day. Without a period: from up to three years. Raises QuestionError and InputError.

    Public holidays and closed days of the calendars in the settings are days of their own where things are counted.
    """
    from analytics.forecasting.panel import forecast_panel

    metric = catalogue.find(name, settings)
    counted = metric.kind == "count"
    end = default_period(reader, settings).end
    period = filters.period or Period(end - timedelta(days=LONGEST_DAYS - 1), end)
    asked = replace(filters, period=period)
    results = [
        compute(reader, name, asked, settings=settings, viewer=viewer, grain="day", by=split)
        for split in ([()] if by is None else [(), (by,)])
    ]
    frame = _frame(results, counted)
    bounded = metric.kind in ("share", "mean") or bool((frame < 0).to_numpy().any())
    kind = "duration" if metric.unit == "seconds" else "ratio" if bounded else "count"
    calendar = _calendar(settings, period, horizon) if kind == "count" else None
    found = forecast_panel(frame, horizon, freq="daily", kind=kind, calendar=calendar)
    adds_up = by is not None and counted and not dimensions.find(by).many
    ratio = _to_the_whole(found) if adds_up else None
    start = frame.index[0].date() if len(frame) else period.start
    told = tuple(_told(found, str(part), ratio) for part in found.point.columns)
    return MetricForecast(
        metric.name, metric.title, metric.unit, by, Period(start, max(start, period.end)), adds_up, told
    )


def _calendar(settings: Settings, period: Period, horizon: int) -> Calendar | None:
    """Days off of the history and the days ahead; those of one calendar are alike. None where there are none."""
    from analytics.anomalies.context import holidays_of
    from analytics.forecasting.calendars import Calendar

    days = holidays_of(settings, Period(period.start, period.end + timedelta(days=horizon + 1)))
    return Calendar(holidays=days) if days else None


def _frame(results: list[MetricResult], counted: bool) -> pd.DataFrame:
    """A column a series, a row a day. Of counts a day without any is 0; where nothing at all came it is missing,
    unless most such weekdays are empty."""
    import pandas as pd

    cells = [
        (row.bucket, ", ".join(row.group) or WHOLE, row.value)
        for result in results
        for row in result.rows
        if row.bucket is not None and not row.partial and not row.immature
    ]
    if not cells:
        return pd.DataFrame({WHOLE: []}, index=pd.DatetimeIndex([]), dtype=float)
    long = pd.DataFrame(cells, columns=["day", "part", "value"])
    wide = long.pivot_table(index="day", columns="part", values="value", aggfunc="first")
    wide.index = pd.DatetimeIndex(wide.index)
    wide = wide.reindex(pd.date_range(wide.index[0], wide.index[-1]))
    wide = wide[[WHOLE, *(name for name in wide.columns if name != WHOLE)]]
    if not counted:
        return wide
    came = wide[WHOLE].fillna(0) > 0
    wide = wide.loc[came.idxmax() :] if came.any() else wide
    came = came.loc[wide.index]
    usual = came.groupby(pd.DatetimeIndex(wide.index).day_of_week).transform("mean") >= 0.5
    return wide.fillna(0.0).mask(~came & usual)


def _to_the_whole(found: ForecastSet) -> pd.Series:
    """By day: the whole in sums of its parts. 1 where the parts say nothing."""
    parts = found.point.drop(columns=WHOLE).sum(axis=1)
    return (found.point[WHOLE] / parts.where(parts > 0)).fillna(1.0)


def _told(found: ForecastSet, part: str, ratio: pd.Series | None) -> Forecast:
    scaled = ratio if ratio is not None and part != WHOLE else None
    tables = (found.point, *found.interval(80), *found.interval(95))
    columns = [table[part] if scaled is None else table[part] * scaled for table in tables]
    days = [
        Day(moment.date(), *(None if value != value else float(value) for value in values))
        for moment, *values in zip(found.point.index, *columns, strict=True)
        if hasattr(moment, "date")
    ]
    weights = found.weights[part].sort_values(ascending=False)
    alone = float(found.point[part].sum())
    return Forecast(
        part, str(found.tier[part]), int(found.history[part]), found.wording(part), tuple(found.explain(part)),
        tuple((str(name), float(share)) for name, share in weights.items() if share > 0),
        alone if alone == alone else None, tuple(days),
    )  # fmt: skip
