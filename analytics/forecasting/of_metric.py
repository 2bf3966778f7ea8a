"""A metric of the catalogue, forecast by day: the whole, and its parts made to add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.daily import LONGEST_DAYS, WHOLE, daily, known_of
from analytics.forecasting.sizes import ENOUGH, weighed
from core.filters import Filters, Grain, Period
from core.numbers import so_many
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.anomalies.context import Told
    from analytics.forecasting.outcome import ForecastSet
    from store.reader import Reader

__all__ = ["LONGEST_DAYS", "WHOLE", "Day", "Forecast", "Made", "MetricForecast", "forecast_metric", "made_of"]

BEFORE = {"hour": 28 * 24, "day": 28, "week": 4, "month": 3}  # periods that a value of few is drawn to
COUNTING = ("count", "level", "sum", "rate")  # kinds of metrics of which a low value is no mean of few
FREQS = {"hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly"}
FEW = "{few} of fewer than {least} conversations {was} drawn to the weeks before."


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


@dataclass(frozen=True)
class Made:
    """A metric's forecast as it is told, and the numbers it was made from, parts scaled: what a scenario starts from.

    `is_count`: periods can be summed.
    """

    told: MetricForecast
    found: ForecastSet
    is_count: bool

    def after(self, found: ForecastSet) -> MetricForecast:
        """What is told where the numbers are others, such as those of a scenario."""
        told = tuple(
            replace(one, days=_days(found, one.part), sentences=(*found.scenario, *one.sentences))
            for one in self.told.forecasts
        )
        return replace(self.told, forecasts=told)


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
    return made_of(
        reader, name, filters, settings=settings, viewer=viewer, by=by, horizon=horizon, grain=grain, focus=focus,
        patience_s=patience_s, events=events, as_of=as_of,
    ).told  # fmt: skip


def made_of(
    reader: Reader, name: str, filters: Filters, *, settings: Settings, viewer: Viewer,
    by: str | None = None, horizon: int = 14, grain: Grain = "day", focus: bool = False, patience_s: float | None = None,
    events: Sequence[Told] = (), as_of: date | None = None,
) -> Made:  # fmt: skip
    """The same with the numbers it was made from."""
    from analytics.forecasting.panel import forecast_panel
    from analytics.forecasting.prophets import LIMIT_S, Prophets
    from analytics.forecasting.tidy import within_reach

    read = daily(reader, name, filters, settings=settings, viewer=viewer, by=by, grain=grain)
    metric, values, few, calendar, beside = read.metric, read.values, None, None, None
    within_reach(values.index, horizon, FREQS[grain])
    if grain == "day":
        calendar, beside = known_of(
            reader, read, horizon, settings=settings, viewer=viewer, events=events, as_of=as_of
        )
    if metric.kind not in COUNTING:
        values, few = weighed(values, read.n, BEFORE[grain])
    limit_s = LIMIT_S if patience_s is None else patience_s
    prophets = Prophets(reader.home.cache / "forecasts", limit_s) if focus else None
    found = forecast_panel(
        values, horizon, freq=FREQS[grain], kind=read.kind, calendar=calendar, focus=prophets, beside=beside
    )
    found = replace(found, unit=metric.unit)
    adds_up = by is not None and metric.kind == "count" and not dimensions.find(by).many
    whole = _adding_up(found) if adds_up else found
    told = tuple(
        _told(found, whole, str(part), 0 if few is None else int(few[part])) for part in found.point.columns
    )
    forecast = MetricForecast(metric.name, metric.title, metric.unit, by, read.period, adds_up, told, grain)
    return Made(forecast, whole, metric.kind == "count")


def _adding_up(found: ForecastSet) -> ForecastSet:
    """The parts times the whole in sums of them, by period; as they are where they say nothing."""
    parts = found.point.drop(columns=WHOLE).sum(axis=1)
    ratio = (found.point[WHOLE] / parts.where(parts > 0)).fillna(1.0)

    def scaled(table: pd.DataFrame) -> pd.DataFrame:
        return table.mul(ratio, axis=0).assign(**{WHOLE: table[WHOLE]})

    lower, upper = (
        {level: scaled(one) for level, one in ends.items()} for ends in (found.lower, found.upper)
    )
    return replace(found, point=scaled(found.point), lower=lower, upper=upper, sums=True)


def _told(found: ForecastSet, whole: ForecastSet, part: str, few: int = 0) -> Forecast:
    weights = found.weights[part].sort_values(ascending=False)
    alone = float(found.point[part].sum(min_count=1))
    of_few = FEW.format(few=so_many(few, "value"), least=ENOUGH, was="was" if few == 1 else "were")
    said = (*found.explain(part), *([of_few] if few else []))
    return Forecast(
        part, str(found.tier[part]), int(found.history[part]), found.wording(part), said,
        tuple((str(name), float(share)) for name, share in weights.items() if share > 0),
        alone if alone == alone else None, _days(whole, part),
    )  # fmt: skip


def _days(found: ForecastSet, part: str) -> tuple[Day, ...]:
    tables = (found.point, *found.interval(80), *found.interval(95))
    return tuple(
        Day(
            moment.to_pydatetime() if found.freq == "hourly" else moment.date(),
            *(None if value != value else float(value) for value in values),
        )
        for moment, *values in zip(found.point.index, *(table[part] for table in tables), strict=True)
        if hasattr(moment, "date")
    )
