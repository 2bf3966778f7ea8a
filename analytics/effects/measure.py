"""Actual minus the forecast made from before, against what the untouched did, in the spread of the same on past days.

The forecast is tested on earlier days (`forecast_panel`), and how far the mean of a whole window was off there, of the
touched alone and of the touched against the untouched, is the yardstick: a placebo in time (Abadie, Diamond &
Hainmueller 2015). Windows overlap, so the spread has few degrees of freedom and a wide tail (Student's t).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.daily import days_of
from analytics.forecasting import rows
from analytics.forecasting.rows import Floats

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analytics.forecasting.calendars import Calendar
    from analytics.forecasting.outcome import ForecastSet

LEVEL = 0.95
LEAST_BEFORE, LEAST_AFTER = 28, 3


@dataclass(frozen=True)
class Measured:
    """Logarithms of actual by forecast (counts, durations) or differences (ratios): the touched alone, the untouched,
    and the touched against the untouched, each with its 95 % band; None where there is no untouched.

    `forecast`: columns touched and untouched by day after the event. `placebos` past windows were measured alike.
    `counted`: which days of the window are in it.
    """

    alone: tuple[float, float, float]
    untouched: tuple[float, float, float] | None
    against: tuple[float, float, float] | None
    forecast: ForecastSet
    placebos: int
    counted: NDArray[np.bool_]

    @property
    def effect(self) -> tuple[float, float, float]:
        """What counts: against the untouched where there is one."""
        return self.against or self.alone

    @property
    def is_measurable(self) -> bool:
        """Whether the band leaves out nothing."""
        _, low, high = self.effect
        return low > 0 or high < 0


def measure(
    frame: pd.DataFrame, event: int, window: int, kind: str, calendar: Calendar | None = None
) -> Measured:
    """The effect of an event before row `event`, over the `window` days from it.

    `frame` has a column for the touched and, where there is one, a second for the untouched; its days before the event
    are at least LEAST_BEFORE. Days off of the `calendar` are left out, as they are of past windows: how quiet one is
    rests on few. Where hardly any other day is left they are in it, and expected as such.
    """
    from analytics.forecasting.panel import forecast_panel

    forecast = forecast_panel(frame.iloc[:event], window, freq="daily", kind=kind, calendar=calendar)
    came = frame.iloc[event : event + window].to_numpy(float).T
    counted = _counted(frame.iloc[event : event + window], calendar)
    after = _off(np.where(counted, came, np.nan), forecast.point.to_numpy(float).T[:, : came.shape[1]], kind)
    past = np.stack(
        [_off(*pair, kind) for pair in zip(forecast.came, forecast.said, strict=True)] or [after * np.nan]
    )
    free = len(forecast.came) * min(1.0, forecast.step / max(forecast.came.shape[2], 1))
    alone = _band(after[0], past[:, 0], free)
    untouched = against = None
    if frame.shape[1] > 1 and np.isfinite(after[1]):
        untouched = _band(after[1], past[:, 1], free)
        against = _band(after[0] - after[1], past[:, 0] - past[:, 1], free)
    return Measured(alone, untouched, against, forecast, len(forecast.came), counted)


def _counted(after: pd.DataFrame, calendar: Calendar | None) -> NDArray[np.bool_]:
    """Which days are no days off; all where that leaves too few with a value."""
    off = np.array([calendar is not None and day in calendar.holidays for day in days_of(after)], dtype=bool)
    few = (~off & after.iloc[:, 0].notna().to_numpy()).sum() < LEAST_AFTER
    return np.ones(len(off), dtype=bool) if few else ~off


def _off(came: Floats, path: Floats, kind: str) -> Floats:
    """By series: how far the mean of a window (series by days) is off its forecast."""
    there = np.isfinite(came) & np.isfinite(path)
    if kind == "duration":
        there &= (came > 0) & (path > 0)
        logs = np.log(np.where(there, came, 1.0)) - np.log(np.where(there, path, 1.0))
        return rows.mean(np.where(there, logs, np.nan))
    actual, expected = (np.where(there, one, 0.0).sum(1) for one in (came, path))
    if kind == "ratio":
        days = there.sum(1)
        return np.where(days > 0, (actual - expected) / np.maximum(days, 1), np.nan)
    there_at_all = (expected > 0) & there.any(
        1
    )  # half a conversation more keeps none from being endlessly few
    return np.where(
        there_at_all,
        np.log((np.maximum(actual, 0.0) + 0.5) / (np.where(expected > 0, expected, 0.0) + 0.5)),
        np.nan,
    )


def _band(value: float, past: Floats, free: float) -> tuple[float, float, float]:
    """A value with its 95 % band; endless where the past gives no yardstick."""
    from scipy.stats import t

    known = past[np.isfinite(past)]
    free = min(free, float(len(known)))  # windows that do not overlap
    if len(known) < 3 or free < 1.5 or not np.isfinite(value):
        return float(value), -np.inf, np.inf
    spread = float(np.sqrt((known**2).mean() * (1 + 1 / len(known))))
    reach = float(t.ppf((1 + LEVEL) / 2, free)) * spread
    return float(value), float(value - reach), float(value + reach)
