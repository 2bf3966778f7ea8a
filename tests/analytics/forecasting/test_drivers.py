"""Drivers: used where past tests say that they help, refused with their numbers, and never told of what came later."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import Calendar, ForecastSet, forecast_panel

LENGTH, AHEAD = 112, 7
DAYS = pd.date_range("2025-01-06", periods=LENGTH + AHEAD)
WEEK = np.resize([1.2, 1.1, 1.0, 1.0, 0.9, 0.4, 0.3], LENGTH + AHEAD)


def made(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Counts that follow orders, and orders with a noise beside them; what comes ahead."""
    random = np.random.default_rng(seed)
    orders = random.lognormal(6, 0.35, LENGTH + AHEAD)
    level = random.uniform(20, 80) * np.exp(np.cumsum(random.normal(0, 0.02, LENGTH + AHEAD)))
    values = random.poisson(level * WEEK * (orders / np.exp(6)) ** 0.7).astype(float)
    beside = pd.DataFrame({"noise": random.lognormal(6, 0.35, LENGTH + AHEAD), "orders": orders}, index=DAYS)
    return pd.DataFrame({"a": values[:LENGTH]}, index=DAYS[:LENGTH]), beside, values[LENGTH:]


@cache
def forecast(seed: int) -> ForecastSet:
    frame, beside, _ = made(seed)
    return forecast_panel(frame, AHEAD, freq="D", beside=beside)


def said_of(found: ForecastSet, name: str) -> str:
    return next(one for one in found.explain() if name.lower() in one.lower())


def same(one: ForecastSet, other: ForecastSet) -> bool:
    tables = ("point", "members", "weights", "backtest")
    return all(getattr(one, name).equals(getattr(other, name)) for name in tables) and all(
        a.equals(b)
        for level in (80, 95)
        for a, b in zip(one.interval(level), other.interval(level), strict=True)
    )


def test_what_drives_is_admitted_and_noise_is_not() -> None:  # forty series are the promise: it takes seconds
    told = [forecast(seed) for seed in range(20)]
    assert sum("The forecast uses" in said_of(one, "Orders") for one in told) >= 15
    assert sum("The forecast uses" in said_of(one, "Noise") for one in told) <= 1


def test_what_is_admitted_makes_the_forecast_better() -> None:
    off = []
    for seed in range(8):
        frame, _, came = made(seed)
        plain = forecast_panel(frame, AHEAD, freq="D")
        off.append([np.abs(one.point["a"] - came).mean() for one in (forecast(seed), plain)])
    own, other = np.mean(off, axis=0)
    assert own < 0.9 * other


def test_of_none_admitted_the_forecast_is_the_same_to_the_last_bit_and_says_why() -> None:
    frame, beside, _ = made(3)
    plain = forecast_panel(frame, AHEAD, freq="D")
    beside["once"] = np.where(np.arange(LENGTH + AHEAD) < 70, beside["orders"], beside["noise"])
    told = forecast_panel(frame, AHEAD, freq="D", beside=beside[["noise", "once"]])
    assert same(plain, told)
    assert "No measurable effect" in said_of(told, "Noise")
    own, other = map(float, re.findall(r"\d\.\d\d", said_of(told, "Once did not help (MASE")))
    assert own > other == pytest.approx(plain.backtest.loc["a", "MASE"], abs=0.006)
    assert not any("noise" in one.lower() for one in plain.explain())


def test_other_series_stay_as_they_are() -> None:
    frame, beside, _ = made(0)
    both = frame.assign(b=frame["a"].to_numpy()[::-1])
    plain, told = forecast_panel(both, AHEAD, freq="D"), forecast_panel(both, AHEAD, freq="D", beside=beside)
    assert "The forecast uses" in said_of(told, "Orders") and not told.point["a"].equals(plain.point["a"])
    assert told.point["b"].equals(plain.point["b"]) and told.weights["b"].equals(plain.weights["b"])
    assert told.weights.sum().to_numpy() == pytest.approx(1.0)


def test_what_came_later_changes_no_test_before_it() -> None:
    frame, beside, _ = made(0)
    once = forecast(0)
    origin = LENGTH - AHEAD - 3 * once.step  # of the fourth test from the end
    later = frame.copy()
    later.iloc[origin:] = later.iloc[origin:].to_numpy()[::-1]
    again = forecast_panel(later, AHEAD, freq="D", beside=beside)
    assert "The forecast uses" in said_of(once, "Orders") and "The forecast uses" in said_of(again, "Orders")
    np.testing.assert_array_equal(once.said[:-3], again.said[:-3])
    assert not np.allclose(once.said[-1], again.said[-1])


def test_what_precedes_by_a_week_is_used_and_its_last_week_tells_only_of_what_is_ahead() -> None:
    frame, beside, _ = made(0)
    first = pd.DataFrame({"visits": beside["orders"].to_numpy()[AHEAD:]}, index=DAYS[:LENGTH])
    other = first.copy()
    other.iloc[-AHEAD:] *= 3
    once, again = (forecast_panel(frame, AHEAD, freq="D", beside=one) for one in (first, other))
    assert "without). Values of 7 days before were tried" in said_of(once, "The forecast uses visits")
    np.testing.assert_array_equal(once.said, again.said)
    assert (again.point["a"] > 1.3 * once.point["a"]).all()


def test_days_that_are_marked_are_learnt_from_and_put_on_those_ahead() -> None:
    random = np.random.default_rng(5)
    marked = np.zeros(LENGTH + AHEAD)
    marked[4::9] = 1.0
    values = random.poisson(50 * WEEK * np.where(marked > 0, 2.0, 1.0)).astype(float)
    frame = pd.DataFrame({"a": values[:LENGTH]}, index=DAYS[:LENGTH])
    beside = pd.DataFrame({"releases": marked}, index=DAYS)
    plain = forecast_panel(frame, AHEAD, freq="D").point["a"].to_numpy()
    told = forecast_panel(frame, AHEAD, freq="D", beside=beside)
    assert "The forecast uses releases (MASE" in said_of(told, "Releases")
    ratio = told.point["a"].to_numpy() / plain
    day = marked[LENGTH:] > 0
    assert day.any() and ratio[day].min() > 1.5 > 1.1 > ratio[~day].max()


def test_what_is_not_known_ahead_acts_whole_cycles_later() -> None:
    frame, beside, _ = made(1)
    said = said_of(forecast_panel(frame, AHEAD, freq="D", beside=beside.iloc[:LENGTH]), "Orders")
    assert "Values of 7 days before were tried" in said
    stale = said_of(forecast_panel(frame, AHEAD, freq="D", beside=beside.iloc[: LENGTH - 2]), "Orders")
    assert "Values of 14 days before were tried" in stale


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (np.full(LENGTH, np.nan), "no value of it is known"),
        (np.where(np.arange(LENGTH) > 100, 1.0, np.nan), "it is known for"),
        (np.full(LENGTH, 4.0), "the same on all days"),
        (np.where(np.arange(LENGTH) % 2, np.inf, -3.0), "it is known for 49 of 112 days"),
        (np.arange(LENGTH) * 1e300, "No measurable effect"),
    ],
)
def test_odd_drivers_have_a_sentence(column: np.ndarray, said: str) -> None:
    frame, _, _ = made(2)
    beside = pd.DataFrame({"odd": column}, index=DAYS[-LENGTH:])
    found = forecast_panel(frame, AHEAD, freq="D", beside=beside)
    assert said in said_of(found, "Odd") and found.point.notna().all().all()


@pytest.mark.parametrize(("freq", "kind"), [("h", "count"), ("W", "duration"), ("MS", "ratio")])
def test_every_frequency_and_kind_takes_drivers(freq: str, kind: str) -> None:
    random = np.random.default_rng(7)
    index = pd.date_range("2015-01-01", periods=120, freq=freq, tz="Europe/Berlin")
    x = random.uniform(0.0, 4.0, 120)
    values = np.clip(0.2 + 0.15 * x + random.normal(0, 0.02, 120), 0.0, 1.0)
    frame = pd.DataFrame({"a": values[:114]}, index=index[:114])
    found = forecast_panel(frame, 6, freq=freq, kind=kind, beside=pd.DataFrame({"x": x}, index=index))
    plain = forecast_panel(frame, 6, freq=freq, kind=kind)
    assert "The forecast uses" in said_of(found, " x ")
    assert found.interval(95)[0].to_numpy().min() >= 0
    off, other = (np.abs(one.point["a"].to_numpy() - values[114:]).mean() for one in (found, plain))
    assert off < 0.7 * other


@pytest.mark.parametrize("length", [1, 5, 10])
def test_short_histories_admit_nothing_and_say_so(length: int) -> None:
    frame, beside, _ = made(2)
    calendar = Calendar(one_off=frozenset({DAYS[0].date()}))
    found = forecast_panel(frame.iloc[:length], 3, freq="D", beside=beside, calendar=calendar)
    assert re.search("Not used|No measurable", said_of(found, "Orders"))
    bare = pd.DataFrame({"orders": [1.0, 2.0]})
    assert "it has no times" in said_of(forecast_panel(frame, 3, freq="D", beside=bare), "Orders")
