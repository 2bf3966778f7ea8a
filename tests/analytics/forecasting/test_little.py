"""Forecasts of little: of a week of days, of one value or none, of zeros, and of days that no calendar has."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import blend, forecast_panel
from analytics.forecasting.members import MEAN, NAIVE
from core.errors import InputError

DAYS = pd.date_range("2025-01-06", periods=180)
FREQS = ["h", "D", "W", "MS"]


def poisson(mean: float, length: int, series: int = 1) -> pd.DataFrame:
    values = np.random.default_rng(3).poisson(mean, (length, series)).astype(float)
    return pd.DataFrame(values, index=DAYS[:length], columns=[f"s{n}" for n in range(series)])


@pytest.mark.parametrize("length", [7, 10, 13])
@pytest.mark.parametrize("horizon", [1, 3, 14])
def test_less_than_two_weeks_have_no_week_and_are_forecast_by_their_mean(length: int, horizon: int) -> None:
    frame = poisson(9.0, length, 3) * np.resize([1, 1, 1, 1, 1, 0.2, 0.1], length)[:, None]
    forecast = forecast_panel(frame, horizon, freq="D")
    for name in frame:
        assert forecast.point[name].to_numpy() == pytest.approx(frame[name].mean())
        assert forecast.weights.loc[MEAN, name] == 1 and "no weekly pattern" in forecast.wording(name)


@pytest.mark.parametrize(("freq", "length"), [("daily", 10), ("hourly", 30), ("monthly", 20), ("weekly", 10)])
def test_where_there_is_no_season_there_is_no_longer_one(freq: str, length: int) -> None:
    plan = blend.plan(length, 14, freq)
    assert (plan.season, plan.long) == (1, 1)


def test_from_two_weeks_on_there_is_a_week() -> None:
    plan = blend.plan(14, 7, "daily")
    assert (plan.season, plan.long, plan.is_rough) == (7, 7, False)
    assert NAIVE in plan.names and len(plan.names) > 5


@pytest.mark.parametrize("freq", FREQS)
def test_durations_of_which_one_or_two_are_known_have_a_band_of_their_own_size(freq: str) -> None:
    index = pd.date_range("2025-01-01", periods=120, freq=freq)
    for known in (1, 2):
        values = np.full(120, np.nan)
        values[-known:] = 3_600.0
        frame = pd.DataFrame({"a": values}, index=index)
        least, most = forecast_panel(frame, 3, freq=freq, kind="duration").interval(95)
        assert (least["a"] > 300).all() and (most["a"] < 12 * 3_600).all()
        beside = forecast_panel(frame.assign(b=_durations(120)), 3, freq=freq, kind="duration")
        assert (beside.interval(95)[1]["a"] < 12 * 3_600).all()


def _durations(length: int) -> np.ndarray:
    return np.asarray(np.exp(np.random.default_rng(2).normal(8, 0.3, length)))


@pytest.mark.parametrize("freq", FREQS)
@pytest.mark.parametrize("kind", ["count", "duration", "ratio"])
@pytest.mark.parametrize("length", [0, 1, 40])
def test_a_series_without_any_value_has_no_forecast(freq: str, kind: str, length: int) -> None:
    index = pd.date_range("2025-01-01", periods=length, freq=freq)
    frame = pd.DataFrame({"a": np.full(length, np.nan)}, index=index)
    both = frame.assign(b=np.random.default_rng(1).uniform(0.2, 0.9, length))
    for asked in (frame, both):
        forecast = forecast_panel(asked, 5, freq=freq, kind=kind)
        tables = (forecast.point, *forecast.interval(80), *forecast.interval(95))
        assert all(table["a"].isna().all() and len(table) == 5 for table in tables)
        assert forecast.weights["a"].sum() == 0 and forecast.backtest.loc["a", "origins"] == 0
        assert "There are no values" in forecast.explain("a")[0]
        assert length == 0 or asked is frame or forecast.point["b"].notna().all()


def test_past_tests_are_those_that_had_something_to_test() -> None:
    frame = poisson(12.0, 180, 2)
    frame.iloc[:168, 1] = np.nan
    forecast = forecast_panel(frame, 3, freq="D")
    assert forecast.backtest["origins"].iloc[0] == blend.ORIGINS > forecast.backtest["origins"].iloc[1] >= 1
    tests = int(forecast.backtest["origins"].iloc[1])
    assert forecast.explain("s1")[0].startswith(f"In {tests} past test")
    assert np.isfinite(forecast.came[:, 1]).any(axis=1).sum() == tests


def test_an_error_of_few_is_told_in_their_unit_and_one_of_many_in_percent() -> None:
    frame = pd.concat([poisson(0.4, 180), poisson(60.0, 180).set_axis(["many"], axis=1)], axis=1)
    forecast = forecast_panel(frame, 14, freq="D")
    few, many = forecast.explain("s0")[0], forecast.explain("many")[0]
    assert "%" in many.split("(MASE")[0] and "%" not in few.split("(MASE")[0]
    off, usual = map(float, re.findall(r"averaged ([\d.]+), where a day had ([\d.]+) ", few)[0])
    came, said = forecast.came[:, 0], forecast.said[:, 0]
    assert off == pytest.approx(np.nanmean(np.abs(came - said)), abs=0.006)
    assert usual == pytest.approx(np.nanmean(came), abs=0.006)
    assert forecast.backtest.loc["s0", "sMAPE"] > 100  # what would have been said


def test_an_error_of_hours_is_one_of_an_hour() -> None:
    frame = poisson(0.4, 180).set_axis(pd.date_range("2025-01-06", periods=180, freq="h"))
    assert ", where an hour had 0." in forecast_panel(frame, 6, freq="h").explain()[0]


def test_one_period_is_told_as_one() -> None:
    for days, told in ((1, "1 value is known"), (2, "2 values are known")):
        said = " ".join(forecast_panel(poisson(9.0, days), 3, freq="D").explain())
        plural = "" if days == 1 else "s"
        assert f"Based on {days} day{plural}: need 7 days, have {days}." in said and f"Only {told}: " in said
    assert re.match(
        r"In \d+ past tests of 1 day the error", forecast_panel(poisson(9.0, 60), 1, freq="D").explain()[0]
    )


def test_a_share_that_is_often_none_is_told_in_its_unit() -> None:
    values = np.random.default_rng(5).binomial(5, 0.1, 180) / 5
    forecast = forecast_panel(pd.DataFrame({"a": values}, index=DAYS), 14, freq="D", kind="ratio")
    assert re.search(r"averaged 0\.\d+, where a day had 0\.\d+ \(MASE", forecast.explain("a")[0])


@pytest.mark.parametrize(
    ("freq", "horizon"), [("D", 100_000), ("W", 20_000), ("MS", 5_000), ("h", 10**7), ("D", 10**30)]
)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_horizon_beyond_all_dates_is_refused_with_the_farthest(
    freq: str, horizon: int, zone: str | None
) -> None:
    index = pd.date_range("2025-01-01", periods=20, freq=freq, tz=zone)
    frame = pd.DataFrame({"a": np.arange(20.0)}, index=index)
    with pytest.raises(InputError, match="dates end in 2261") as refused:
        forecast_panel(frame, horizon, freq=freq)
    most = int(re.sub(r"\D", "", refused.value.hint or ""))
    assert 2_800 < most < horizon
    if freq in ("W", "MS"):
        assert forecast_panel(frame, most, freq=freq).point.index[-1].year == 2261


def test_rows_without_times_go_no_farther_than_any_grid() -> None:
    with pytest.raises(InputError, match="No forecast of 1,000,000 periods"):
        forecast_panel(pd.DataFrame({"a": [1.0, 2.0]}), 1_000_000, freq="D")
    with pytest.raises(InputError):
        forecast_panel(pd.DataFrame({"a": []}), 10**12, freq="D")
