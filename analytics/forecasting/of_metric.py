"""A metric of the catalogue, forecast by day: the whole, and its parts made to add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.daily import LONGEST_DAYS, WHOLE, daily, known_of
from analytics.forecasting.sizes import ENOUGH, weighed
from core.filters import Filters, Grain, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.anomalies.context import Told
    from analytics.forecasting.outcome import ForecastSet
    from store.reader import Reader

__all__ = ["LONGEST_DAYS", "WHOLE", "Day", "Forecast", "MetricForecast", "forecast_metric"]

BEFORE = {"hour": 28 * 24, "day": 28, "week": 4, "month": 3}  # periods that a value of few is drawn to
FREQS = {"hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly"}
FEW = "{few} values of fewer than {least} conversations were drawn to the weeks before them."


@dataclass(frozen=True, slots=True)
class Day:
    """A period ahead, in the metric's unit: the middle of the forecast, and its 80 % and 95 % bands.

    `day` is its first day; of an hour, its beginning.
    """

    day: date | datetime
    value: float | None
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """One series: the whole (`part` is "total"), or a value of the dimension. `alone` sums what it says unscaled.

    It rests on `known_days` periods with a value, which `wording` puts in words.
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
    grain: Grain = "day"


def forecast_metric(
    reader: Reader, name: str, filters: Filters, *, settings: Settings, viewer: Viewer,
    by: str | None = None, horizon: int = 14, grain: Grain = "day", focus: bool = False, patience_s: float | None = None,
    events: Sequence[Told] = (), as_of: date | None = None,
) -> MetricForecast:  # fmt: skip
    """Forecast a metric. Without a period: from up to three years of days. Raises QuestionError and InputError.

    Public holidays and closed days of the calendars in the settings are days of their own where things are counted by
    day. There, kinds of `events` that were noted again and again, also ahead, and daily numbers of sources are drivers
    of the whole, and noted incidents are not learnt from; with `as_of` as they were known when that day began. With
    `focus` Prophet is a member of the whole's forecast,
    where it is ready in time: in `patience_s` seconds, by default what somebody who looks at a page waits for.
    """
    from analytics.forecasting.panel import forecast_panel
    from analytics.forecasting.prophets import LIMIT_S, Prophets

    read = daily(reader, name, filters, settings=settings, viewer=viewer, by=by, grain=grain)
    metric, values, few, calendar, beside = read.metric, read.values, None, None, None
    if grain == "day":
        calendar, beside = known_of(
            reader, read, horizon, settings=settings, viewer=viewer, events=events, as_of=as_of
        )
    if metric.kind != "count":
        values, few = weighed(values, read.n, BEFORE[grain])
    limit_s = LIMIT_S if patience_s is None else patience_s
    prophets = Prophets(reader.home.cache / "forecasts", limit_s) if focus else None
    found = forecast_panel(
        values, horizon, freq=FREQS[grain], kind=read.kind, calendar=calendar, focus=prophets, beside=beside
    )
    adds_up = by is not None and metric.kind == "count" and not dimensions.find(by).many
    ratio = _to_the_whole(found) if adds_up else None
    told = tuple(
        _told(found, str(part), ratio, 0 if few is None else int(few[part])) for part in found.point.columns
    )
    return MetricForecast(metric.name, metric.title, metric.unit, by, read.period, adds_up, told, grain)


def _to_the_whole(found: ForecastSet) -> pd.Series:
    """By day: the whole in sums of its parts. 1 where the parts say nothing."""
    parts = found.point.drop(columns=WHOLE).sum(axis=1)
    return (found.point[WHOLE] / parts.where(parts > 0)).fillna(1.0)


def _told(found: ForecastSet, part: str, ratio: pd.Series | None, few: int = 0) -> Forecast:
    scaled = ratio if ratio is not None and part != WHOLE else None
    tables = (found.point, *found.interval(80), *found.interval(95))
    columns = [table[part] if scaled is None else table[part] * scaled for table in tables]
    days = [
        Day(
            moment.to_pydatetime() if found.freq == "hourly" else moment.date(),
            *(None if value != value else float(value) for value in values),
        )
        for moment, *values in zip(found.point.index, *columns, strict=True)
        if hasattr(moment, "date")
    ]
    weights = found.weights[part].sort_values(ascending=False)
    alone = float(found.point[part].sum())
    said = (*found.explain(part), *([FEW.format(few=few, least=ENOUGH)] if few else []))
    return Forecast(
        part, str(found.tier[part]), int(found.history[part]), found.wording(part), said,
        tuple((str(name), float(share)) for name, share in weights.items() if share > 0),
        alone if alone == alone else None, tuple(days),
    )  # fmt: skip
