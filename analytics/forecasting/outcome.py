"""What a forecast says of itself: values, bands, weights, tests, and sentences made of those alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import numbers
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from analytics.forecasting.drivers import Acting
    from analytics.forecasting.rows import Floats

TIERS = {
    "none": "need 7 days, have {k}",
    "rough": "rough: no weekly pattern yet",
    "early": "early estimate",
    "tested": "tested on its own past",
    "full": "a full history",
    "years": "a full history, with years before",
}
LEAST_DAYS = 7  # of history, below which nothing is drawn
SMALL, MANY_ZEROS = 10.0, 0.05  # a mean count, and a share of zeros, of which no error is told in percent
OFFERED_DAYS = {"none": 0, "rough": 3, "early": 7, "tested": 14}
SCENARIO = "Scenario, not a forecast"
PERIODS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}
DAYS = {"hourly": 1 / 24, "daily": 1.0, "weekly": 7.0, "monthly": 30.4}


@dataclass(frozen=True)
class Learnt:
    """What was learnt of days and drivers, for a scenario to act with.

    special: shaped as `point`, what days of the calendar multiplied it by. own: which periods ahead are such days
    themselves. holiday: by series, what a holiday that was never seen multiplies by, from `holidays` past ones (0: as
    the quietest weekday). drivers: those that the first series uses.
    """

    special: Floats
    own: NDArray[np.bool_]
    holiday: Floats
    holidays: int
    drivers: tuple[Acting, ...] = ()


@dataclass(frozen=True)
class ForecastSet:
    """Forecasts of a panel.

    point: DataFrame, horizon by the input's columns, in the input's unit. members: MASE of each member (rows) for each
    series, from the same tests. weights: members by series, sums 1. backtest: by series MASE, sMAPE (percent; a 0 that
    was not forecast to be one counts 200), coverage_80 and so on (shares), naive_MASE, origins (tests in which anything
    was known), horizon (periods), MAE and the mean of what came (both in the unit), zeros (share of what came). tier: by
    series a word of TIERS.
    notes: by series what was left out or could not be said; "" is of the whole panel.
    came, said: tests by series by periods ahead, in the unit: what came in each past test and what was forecast (NaN:
    not known), the oldest first. They are `step` periods apart. odd: shaped alike, which of these periods were single
    extreme values, that nothing is learnt from.
    unit: of the values, as metrics have it, for the words.
    sums: whether the first series is the sum of the others. scenario: sentences of what was edited; empty: a forecast.
    """

    point: pd.DataFrame
    lower: dict[float, pd.DataFrame]
    upper: dict[float, pd.DataFrame]
    members: pd.DataFrame
    weights: pd.DataFrame
    backtest: pd.DataFrame
    tier: pd.Series
    history: pd.Series  # usable periods by series
    notes: dict[str, list[str]]
    freq: str
    came: Floats
    said: Floats
    odd: NDArray[np.bool_]
    step: int
    kind: str = "count"
    unit: str = "number"
    learnt: Learnt | None = None
    sums: bool = False
    scenario: tuple[str, ...] = ()

    def interval(self, level: float = 80) -> tuple[pd.DataFrame, pd.DataFrame]:
        """(lower, upper), shaped as `point`. Raises InputError for a level that was not asked for."""
        level = percent(level)
        if level not in self.lower:
            known = ", ".join(f"{one:g}" for one in sorted(self.lower))
            raise InputError(f"No band of {level:g} %.", hint=f"There are {known}.")
        return self.lower[level], self.upper[level]

    def explain(self, series: object = None) -> list[str]:
        """The sentences of one series (by default the first), their numbers from this object."""
        names: list[object] = list(self.point.columns)
        if not names:
            return [*self.scenario, "There is no series to forecast."]
        place = 0 if series is None else names.index(series)
        return [
            *self.scenario,
            *self._tested(place),
            *self.notes.get(str(names[place]), []),
            *self.notes.get("", []),
        ]

    def wording(self, series: object = None) -> str:
        """What a page writes beside the forecast of a series, by how much history there is."""
        names: list[object] = list(self.point.columns)
        place = 0 if series is None else names.index(series)
        days = int(self.history.iloc[place] * DAYS[self.freq])
        return TIERS[str(self.tier.iloc[place])].format(k=days)

    def _tested(self, place: int) -> list[str]:
        test, usable = self.backtest.iloc[place], int(self.history.iloc[place])
        period = PERIODS[self.freq]
        if not usable:
            return ["There are no values, so there is no forecast."]
        said = []
        if test["origins"] > 0 and test["MASE"] == test["MASE"]:
            tests = numbers.so_many(int(test["origins"]), "past test")
            said.append(
                f"In {tests} of {numbers.so_many(int(test['horizon']), period)} the error averaged {self._error(place)} "
                f"(MASE {test['MASE']:.2f}; repeating the last cycle: {test['naive_MASE']:.2f})."
            )
        elif test["origins"] > 0:
            said.append("The history hardly varies or has gaps: there is nothing to measure an error by.")
        else:
            said.append("There is too little history to test a forecast on.")
        first = min(self.lower, default=None)
        if first is not None and (held := test[f"coverage_{first:g}"]) == held:
            warning = " The band is too narrow: do not rely on it." if held < first / 100 - 0.1 else ""
            said.append(f"The {first:g} % band held {numbers.percent(held)} of {period}s.{warning}")
        heaviest = self.weights.iloc[:, place]
        if heaviest.sum() > 0:
            said.append(
                f"The heaviest member is “{heaviest.idxmax()}” with {numbers.percent(heaviest.max())}."
            )
        said.append(f"Based on {numbers.so_many(usable, period)}: {self.wording(self.point.columns[place])}.")
        return said

    def _error(self, place: int) -> str:
        """The mean error of the tests: a share, or where what came was little or nothing a number in the unit."""
        test, period = self.backtest.iloc[place], PERIODS[self.freq]
        if test["zeros"] > MANY_ZEROS or (self.kind == "count" and test["mean"] < SMALL):
            off, usual = self._apart(test["MAE"]), self._written(test["mean"])
            return f"{off}, where {'an' if period == 'hour' else 'a'} {period} had {usual}"
        return f"{test['sMAPE']:.0f} %"

    def _written(self, value: float) -> str:
        """A mean by period: of counts too it is seldom whole."""
        return numbers.rate(value) if self.unit == "count" else numbers.value(value, self.unit)

    def _apart(self, error: float) -> str:
        """A distance, which has no sign; of shares in points."""
        return f"{100 * error:.1f} pp" if self.unit == "share" else self._written(error).lstrip("+")


def percent(level: float) -> float:
    """80 from 80 or 0.8. Raises InputError outside 0 to 100."""
    found = round(float(level) * 100 if 0 < level < 1 else float(level), 6)
    if not 0 < found < 100:
        raise InputError(f"No band of {level} %.", hint="A level lies between 0 and 100, such as 80.")
    return found


def offered_days(tier: str, days: int) -> int:
    """How many days ahead a page draws of so many usable days of history: never over a third of a full one."""
    return OFFERED_DAYS.get(tier, days // 3)


def tier(days: float) -> str:
    """Which word of TIERS so many days of usable history deserve."""
    steps = ((730, "years"), (84, "full"), (28, "tested"), (14, "early"), (LEAST_DAYS, "rough"))
    return next((name for least, name in steps if days >= least), "none")
