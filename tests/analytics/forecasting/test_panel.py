"""What a forecast promises whatever the values are: bands in order, no negative count, nothing learnt from later."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import Calendar, ForecastSet, blend, forecast_panel
from analytics.forecasting.members import Past, drifting, smoothed
from core.errors import InputError

DAYS = pd.date_range("2025-01-06", periods=180)  # begins on a Monday
WEEK = np.array([1.2, 1.1, 1.0, 1.0, 0.9, 0.4, 0.3])


def counts(series: int = 4, length: int = 180, seed: int = 2) -> pd.DataFrame:
    level = np.random.default_rng(seed).uniform(20, 90, series)
    path = level[None, :] * np.resize(WEEK, length)[:, None]
    values = np.random.default_rng(seed + 1).poisson(path).astype(float)
    return pd.DataFrame(values, index=DAYS[:length], columns=[f"topic {n}" for n in range(series)])


def in_order(forecast: ForecastSet) -> bool:
    lower, upper = forecast.interval(80)
    least, most = forecast.interval(95)
    steps = (least, lower, forecast.point, upper, most)
    return all(bool((low <= high + 1e-9).to_numpy().all()) for low, high in pairwise(steps))


def test_a_forecast_follows_the_week_and_is_better_than_repeating_it() -> None:
    frame = counts()
    forecast = forecast_panel(frame.iloc[:-14], 14, freq="D")
    assert forecast.point.shape == (14, 4)
    assert list(forecast.point.index) == list(frame.index[-14:])
    off = (forecast.point - frame.iloc[-14:]).abs().to_numpy().mean()
    repeated = np.abs(frame.iloc[-28:-14].to_numpy() - frame.iloc[-14:].to_numpy()).mean()
    assert off < 0.85 * repeated
    assert (forecast.backtest["MASE"] < forecast.backtest["naive_MASE"]).all()
    assert forecast.backtest["coverage_80"].mean() == pytest.approx(0.8, abs=0.1)
    assert forecast.weights.sum().to_numpy() == pytest.approx(1.0)
    assert in_order(forecast)


@pytest.mark.parametrize("kind", ["count", "duration", "ratio"])
@pytest.mark.parametrize("freq", ["h", "D", "W", "MS"])
def test_every_frequency_and_kind_has_a_forecast_with_bands_in_order(freq: str, kind: str) -> None:
    values = np.random.default_rng(4).uniform(0.2, 0.9, (170, 2))
    frame = pd.DataFrame(
        values, index=pd.date_range("2010-01-01", periods=170, freq=freq), columns=["a", "b"]
    )
    forecast = forecast_panel(frame, 9, freq=freq, kind=kind)
    assert forecast.point.notna().all().all()
    assert in_order(forecast)
    assert (forecast.interval(95)[0] >= 0).all().all()
    if kind == "ratio":
        assert (forecast.interval(95)[1] <= 1).all().all()


def test_no_count_is_negative() -> None:
    random = np.random.default_rng(6)
    for _ in range(30):
        length, freq = int(random.integers(1, 90)), str(random.choice(["h", "D", "W", "MS"]))
        values = random.poisson(10 ** random.uniform(-2, 2), (length, 2)).astype(float)
        values[random.random(values.shape) < 0.2] = np.nan
        frame = pd.DataFrame(values, index=pd.date_range("2024-01-01", periods=length, freq=freq))
        forecast = forecast_panel(frame, 12, freq=freq)
        assert in_order(forecast)
        assert not (forecast.interval(95)[0] < 0).to_numpy().any()


def test_ten_times_the_values_are_ten_times_the_forecast() -> None:
    frame = counts()
    one, ten = forecast_panel(frame, 14, freq="D"), forecast_panel(frame * 10, 14, freq="D")
    for small, large in zip((one.point, *one.interval(80)), (ten.point, *ten.interval(80)), strict=True):
        np.testing.assert_allclose(large, small * 10, rtol=1e-6)


def test_numbers_as_text_are_the_same_numbers() -> None:
    frame = counts(2)
    frame.iloc[5, 0] = np.nan
    once, text = (forecast_panel(one, 7, freq="D") for one in (frame, frame.astype(str)))
    pd.testing.assert_frame_equal(once.point, text.point, check_exact=True)
    assert frame.isna().sum().sum() == 1


def test_what_several_members_take_from_the_past_is_made_once() -> None:
    past = Past(counts(2).to_numpy().T, 7, 7)
    made = (past.index, past.plain, past.level)
    smoothed(past, 7), drifting(past, 7)
    assert all(one is other for one, other in zip(made, (past.index, past.plain, past.level), strict=True))
    np.testing.assert_array_equal(smoothed(past, 14)[:, :7], past.level[:, None] * past.index)


def test_the_order_of_series_does_not_matter() -> None:
    frame = counts()
    there, back = forecast_panel(frame, 14, freq="D"), forecast_panel(frame.iloc[:, ::-1], 14, freq="D")
    np.testing.assert_allclose(back.point[frame.columns], there.point, rtol=1e-9)
    np.testing.assert_allclose(back.interval(95)[1][frame.columns], there.interval(95)[1], rtol=1e-9)


@pytest.mark.parametrize("freq", ["hourly", "daily", "weekly", "monthly"])
def test_what_comes_later_changes_nothing_that_was_forecast_before(freq: str) -> None:
    values = counts(length=180).to_numpy().T
    plan = blend.plan(180, 10, freq)
    origin = plan.origins[6]
    other = values.copy()
    other[:, origin:] = np.random.default_rng(9).uniform(0, 900, other[:, origin:].shape)
    once, again = blend.test(values, values, plan), blend.test(other, other, plan)
    np.testing.assert_array_equal(once.path[:7], again.path[:7])
    assert not np.allclose(once.path[-1], again.path[-1])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros(60), "hardly varies"),
        (np.full(60, 5.0), "hardly varies"),
        (np.array([3.0]), "too little history"),
        (np.full(60, np.nan), "no forecast"),
        (np.where(np.arange(60) % 2, np.inf, np.nan), "infinite"),
        (np.where(np.arange(60) % 2, -4.0, 7.0), "below 0"),
        (np.r_[np.zeros(50), 90.0, np.zeros(9)], "60 days"),
    ],
)
def test_odd_values_have_a_result_or_a_sentence(values: np.ndarray, said: str) -> None:
    forecast = forecast_panel(pd.DataFrame({"a": values}, index=DAYS[: len(values)]), 14, freq="D")
    assert said in " ".join(forecast.explain("a"))
    assert in_order(forecast) or forecast.point["a"].isna().all()
    assert not (forecast.point["a"] < 0).any()


def test_constant_values_go_on() -> None:
    forecast = forecast_panel(pd.DataFrame({"a": np.full(60, 5.0)}, index=DAYS[:60]), 7, freq="D")
    assert forecast.point["a"].to_numpy() == pytest.approx(5.0)


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame(index=DAYS), pd.DataFrame({"a": []})])
def test_nothing_at_all_is_said(frame: pd.DataFrame) -> None:
    forecast = forecast_panel(frame, 5, freq="D")
    assert forecast.point.shape == (5, frame.shape[1])
    assert forecast.explain()


def test_a_period_told_twice_is_told_once_and_said() -> None:
    frame = counts(1, 60)
    twice = pd.concat([frame, frame]).sort_index()
    forecast = forecast_panel(twice, 7, freq="D")
    np.testing.assert_allclose(forecast.point, forecast_panel(frame, 7, freq="D").point)
    assert "60 rows told a period again" in " ".join(forecast.explain())
    assert not re.search(r"\d%", " ".join(forecast.explain()))  # percents as everywhere else


@pytest.mark.parametrize("end", ["2025-10-26 00:00", "2025-10-28 05:00", "2025-03-29 20:00"])
def test_hours_go_on_over_a_change_of_clocks(end: str) -> None:
    hours = pd.date_range(end=pd.Timestamp(end, tz="Europe/Berlin"), periods=24 * 20, freq="h")
    frame = pd.DataFrame({"a": 10.0 + 8.0 * (hours.hour == 9)}, index=hours)
    forecast = forecast_panel(frame, 48, freq="h")
    assert (forecast.point.index[0] - hours[-1]).total_seconds() == 3600
    nine = forecast.point["a"][forecast.point.index.hour == 9]
    assert nine.min() > 14 > 13 > forecast.point["a"][forecast.point.index.hour != 9].max()


def test_closed_weekdays_are_forecast_closed() -> None:
    frame = counts(1)
    frame[frame.index.day_of_week >= 5] = 0.0
    forecast = forecast_panel(frame, 14, freq="D")
    weekend = forecast.point.index.day_of_week >= 5
    assert (forecast.interval(95)[1]["topic 0"][weekend] == 0).all()
    assert (forecast.point["topic 0"][~weekend] > 5).all()
    assert "Closed phases" in " ".join(forecast.explain())


def test_closed_hours_are_forecast_closed() -> None:
    hours = pd.date_range("2026-03-02", periods=24 * 35, freq="h")
    is_open = (hours.day_of_week < 5) & (hours.hour >= 9) & (hours.hour < 17)
    frame = pd.DataFrame({"a": np.random.default_rng(2).poisson(18.0 * is_open).astype(float)}, index=hours)
    forecast = forecast_panel(frame, 24 * 7, freq="h")
    ahead = forecast.point.index
    closed = (ahead.day_of_week >= 5) | (ahead.hour < 9) | (ahead.hour >= 17)
    assert (forecast.interval(95)[1]["a"][closed] == 0).all()
    assert (forecast.point["a"][~closed] > 8).all()


def test_quiet_hours_are_not_taken_for_closed_ones() -> None:
    hours = pd.date_range("2026-03-02", periods=24 * 35, freq="h")
    quiet = np.where((hours.hour >= 8) & (hours.hour < 20), 12.0, 0.3)
    frame = pd.DataFrame({"a": np.random.default_rng(2).poisson(quiet).astype(float)}, index=hours)
    upper = forecast_panel(frame, 24 * 7, freq="h").interval(95)[1]["a"]
    assert (upper > 0).all()


def test_one_wild_day_is_not_repeated() -> None:
    frame = counts(1)
    plain = forecast_panel(frame, 7, freq="D").point
    frame.iloc[-10] = 4_000.0
    assert forecast_panel(frame, 7, freq="D").point.to_numpy() == pytest.approx(plain.to_numpy(), rel=0.1)


def test_a_new_level_is_followed() -> None:
    frame = counts(1)
    frame.iloc[-28:] *= 3
    forecast = forecast_panel(frame, 14, freq="D")
    assert forecast.point.mean().iloc[0] == pytest.approx(frame.iloc[-28:].mean().iloc[0], rel=0.25)


def test_a_holiday_has_the_effect_it_had_and_a_new_one_that_of_a_quiet_day() -> None:
    frame = counts(1)
    seen = [date(2025, 2, 5), date(2025, 3, 12), date(2025, 4, 16), date(2025, 5, 21)]  # Wednesdays
    frame.loc[pd.DatetimeIndex(seen)] = 6.0
    ahead = frame.index[-1].date()
    known, new = date(2025, 7, 9), date(2025, 7, 16)
    assert ahead < known
    holidays = {**dict.fromkeys([*seen, known], "Quiet Day"), new: "New Day"}
    forecast = forecast_panel(frame, 21, freq="D", calendar=Calendar(holidays=holidays)).point.iloc[:, 0]
    wednesday = forecast_panel(frame, 21, freq="D").point.iloc[:, 0].loc["2025-07-09"]
    assert forecast.loc["2025-07-09"] < 0.55 * wednesday
    assert forecast.loc["2025-07-16"] < 0.8 * wednesday


def test_a_one_off_day_is_only_left_out() -> None:
    frame = counts(1)
    plain = forecast_panel(frame, 7, freq="D").point
    outage = frame.index[-3:]
    frame.loc[outage] = 900.0
    calendar = Calendar(one_off=frozenset(day.date() for day in outage))
    assert forecast_panel(frame, 7, freq="D", calendar=calendar).point.to_numpy() == pytest.approx(
        plain.to_numpy(), rel=0.15
    )


@pytest.mark.parametrize(
    ("length", "tier"), [(5, "none"), (10, "rough"), (20, "early"), (60, "tested"), (120, "full")]
)
def test_how_much_history_there_is_sets_the_words(length: int, tier: str) -> None:
    forecast = forecast_panel(counts(1, length), 3, freq="D")
    assert list(forecast.tier) == [tier]
    assert ("need 7 days, have 5" in " ".join(forecast.explain())) == (tier == "none")


def test_a_damped_trend_is_followed_by_week() -> None:
    path = 100 + 60 * (1 - 0.97 ** np.arange(90.0))
    frame = pd.DataFrame({"a": path}, index=pd.date_range("2023-01-01", periods=90, freq="W"))
    forecast = forecast_panel(frame, 8, freq="W")
    went = 100 + 60 * (1 - 0.97 ** np.arange(90.0, 98.0))
    assert forecast.point["a"].to_numpy() == pytest.approx(went, rel=0.02)


def test_a_sparse_series_is_forecast_by_its_rate() -> None:
    values = (np.random.default_rng(8).random(180) < 0.15).astype(float)
    forecast = forecast_panel(pd.DataFrame({"a": values}, index=DAYS), 14, freq="D")
    assert forecast.weights.loc["rate of a sparse series", "a"] > 0
    assert forecast.point["a"].mean() == pytest.approx(0.15, abs=0.1)


@pytest.mark.parametrize(
    "wrong", [{"freq": "minutes"}, {"freq": "D", "kind": "odd"}, {"freq": "D", "levels": (120,)}]
)
def test_what_there_is_not_is_refused_with_words(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        forecast_panel(counts(1), 7, **wrong)
    with pytest.raises(InputError):
        forecast_panel(counts(1), 0, freq="D")


def test_a_series_is_not_tested_on_days_before_it_began() -> None:
    frame = counts(2)
    frame.iloc[:168, 1] = np.nan
    forecast = forecast_panel(frame, 7, freq="D")
    assert forecast.backtest["sMAPE"].iloc[1] < 100 or np.isnan(forecast.backtest["sMAPE"].iloc[1])
    assert forecast.interval(80)[0].iloc[:, 1].max() > 0
