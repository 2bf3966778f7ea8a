"""What if: edits multiply a forecast's own numbers, keep what holds of it, and say that it is none any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import Calendar, ForecastSet, forecast_panel, outcome
from analytics.forecasting.whatif import Edits, whatif
from core.errors import InputError
from tests.analytics.forecasting.test_drivers import AHEAD as DRIVEN_DAYS
from tests.analytics.forecasting.test_drivers import forecast as driven
from tests.analytics.forecasting.test_drivers import made

FIRST, DAYS = date(2025, 5, 26), 14  # the first day ahead, a Monday
PARTS = ("refund", "login", "rare")


def day(after: int) -> date:
    return FIRST + timedelta(days=after)


def history(shut: int | None = None) -> pd.DataFrame:
    """A whole and three parts of it by day; nothing comes on one weekday (0 is Monday) where that is `shut`."""
    random = np.random.default_rng(7)
    index = pd.date_range(end=FIRST - timedelta(days=1), periods=140)
    week = np.array([1.3, 1.2, 1.0, 1.0, 0.9, 0.5, 0.4])[index.dayofweek]
    if shut is not None:
        week = np.where(index.dayofweek == shut, 0.0, week)
    parts = {name: random.poisson(mean * week) for name, mean in zip(PARTS, (40, 25, 2), strict=True)}
    return pd.DataFrame({"total": sum(parts.values()), **parts}, index=index).astype(float)


def coherent(found: ForecastSet) -> ForecastSet:
    """The same with the whole made the sum of the parts."""
    parts = found.point[list(PARTS)].sum(axis=1)
    return replace(found, point=found.point.assign(total=parts), sums=True)


@cache
def base(shut: int | None = None) -> ForecastSet:
    return coherent(forecast_panel(history(shut), DAYS, freq="daily"))


def tables(found: ForecastSet) -> list[pd.DataFrame]:
    return [found.point, *found.lower.values(), *found.upper.values()]


def random_edits(seed: int) -> Edits:
    random = np.random.default_rng(seed)
    days = [day(int(one)) for one in random.permutation(DAYS)[:3]]
    return Edits(
        level=float(random.uniform(0, 3)), deflected=float(random.uniform(0, 1)),
        parts={"refund": float(random.uniform(0, 4))}, shares={"rare": float(random.uniform(0, 1))},
        closed=frozenset(days[:1]), opened=frozenset(days[1:2]), holidays=frozenset(days[2:]),
        closed_weekdays=frozenset({int(random.integers(1, 8))}),
    )  # fmt: skip


def test_without_edits_the_very_same_numbers() -> None:
    assert whatif(base(), Edits()) is base()
    assert not Edits() and not base().scenario


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.2, 2.0])
def test_a_level_scales_point_and_every_band(factor: float) -> None:
    for before, after in zip(tables(base()), tables(whatif(base(), Edits(level=factor))), strict=True):
        pd.testing.assert_frame_equal(after, before * factor)


def test_level_and_deflection_compose() -> None:
    both = whatif(base(), Edits(level=1.4, deflected=0.25))
    for one, other in zip(
        tables(both), tables(whatif(whatif(base(), Edits(level=1.4)), Edits(deflected=0.25))), strict=True
    ):
        pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(both.point, base().point * 1.05)


def test_a_closed_day_is_0_with_its_bands_and_no_other_day_moves() -> None:
    edits = Edits(closed=frozenset({day(2)}), closed_weekdays=frozenset({5}))  # a Wednesday, and Fridays
    shut = [2, 4, 11]
    for before, after in zip(tables(base()), tables(whatif(base(), edits)), strict=True):
        assert (after.iloc[shut] == 0).all().all()
        rest = [place for place in range(DAYS) if place not in shut]
        pd.testing.assert_frame_equal(after.iloc[rest], before.iloc[rest])


@pytest.mark.parametrize("seed", range(40))
def test_parts_add_up_and_nothing_is_below_0_or_out_of_order(seed: int) -> None:
    for found in (base(), base(shut=6)):
        after = whatif(found, random_edits(seed))
        np.testing.assert_allclose(after.point[list(PARTS)].sum(axis=1), after.point["total"], atol=1e-9)
        assert all((one.to_numpy() >= 0).all() for one in tables(after))
        columns = after.point["total"]
        assert (after.lower[95]["total"] <= after.lower[80]["total"] + 1e-9).all()
        assert (after.lower[80]["total"] <= columns + 1e-9).all()
        assert (columns <= after.upper[80]["total"] + 1e-9).all()


def test_a_part_moves_the_whole_by_its_difference_and_no_other_part() -> None:
    after = whatif(base(), Edits(parts={"refund": 1.5}))
    moved = after.point - base().point
    np.testing.assert_allclose(moved["total"], 0.5 * base().point["refund"])
    assert (moved[["login", "rare"]] == 0).all().all()
    np.testing.assert_allclose(
        after.upper[80]["total"] / base().upper[80]["total"], after.point["total"] / base().point["total"]
    )


def test_a_part_without_values_takes_no_number_from_the_whole() -> None:
    found = base()
    blank = replace(found, point=found.point.assign(rare=np.nan))
    after = whatif(blank, Edits(parts={"refund": 1.5}))
    np.testing.assert_allclose(after.point["total"] - found.point["total"], 0.5 * found.point["refund"])
    assert after.point["rare"].isna().all()
    shared = whatif(blank, Edits(shares={"refund": 0.3}))
    np.testing.assert_allclose(shared.point["total"], found.point["total"])
    np.testing.assert_allclose(shared.point["refund"], 0.3 * found.point["total"])
    given = whatif(blank, Edits(shares={"rare": 0.3})).point
    np.testing.assert_allclose(given["rare"], 0.3 * found.point["total"])
    np.testing.assert_allclose(given.drop(columns="total").sum(axis=1), found.point["total"])


def test_a_share_shifts_parts_and_keeps_the_whole() -> None:
    after = whatif(base(), Edits(shares={"rare": 0.3}))
    np.testing.assert_allclose(after.point["total"], base().point["total"])
    np.testing.assert_allclose(after.point["rare"], 0.3 * base().point["total"])
    np.testing.assert_allclose(
        after.point["refund"] / after.point["login"], base().point["refund"] / base().point["login"]
    )


def test_series_that_do_not_add_up_do_not_move_each_other() -> None:
    apart = replace(base(), sums=False)
    after = whatif(apart, Edits(parts={"refund": 2.0}))
    pd.testing.assert_series_equal(after.point["total"], apart.point["total"])
    assert "a change of one changes no other" in " ".join(after.explain("refund"))
    with pytest.raises(InputError, match="add up"):
        whatif(apart, Edits(shares={"refund": 0.5}))


def test_an_opened_weekday_is_as_its_open_neighbours() -> None:
    shut = base(shut=6)
    assert (shut.point.iloc[[6, 13]] == 0).all().all()
    after = whatif(shut, Edits(opened_weekdays=frozenset({7})))
    for before, now in zip(tables(shut), tables(after), strict=True):
        pd.testing.assert_series_equal(now.iloc[6], before.iloc[[5, 7]].mean(), check_names=False)
        pd.testing.assert_series_equal(now.iloc[13], before.iloc[12], check_names=False)
        pd.testing.assert_frame_equal(now.iloc[:6], before.iloc[:6])
    assert "What is opened was open." in whatif(shut, Edits(opened=frozenset({day(0)}))).explain()


def test_a_day_by_name_counts_more_than_its_weekday() -> None:
    after = whatif(base(), Edits(closed_weekdays=frozenset({5}), opened=frozenset({day(4)}))).point
    assert (after.iloc[11] == 0).all() and (after.iloc[4] == base().point.iloc[4]).all()
    after = whatif(base(shut=6), Edits(opened_weekdays=frozenset({7}), closed=frozenset({day(6)}))).point
    assert (after.iloc[6] == 0).all() and after.iloc[13, 0] > 0


def quiet(values: pd.DataFrame, days: list[date]) -> pd.DataFrame:
    """The same where a fifth came on these days."""
    return values.mul(np.where([one.date() in days for one in values.index], 0.2, 1.0), axis=0)


def test_a_holiday_ahead_acts_as_holidays_did_and_one_of_the_calendar_can_be_opened() -> None:
    past = [FIRST - timedelta(days=back) for back in (20, 41, 62, 83)]
    frame = quiet(history(), past)[["total"]]
    known = {one: f"holiday {at}" for at, one in enumerate(past)}
    plain = forecast_panel(frame, DAYS, freq="daily", calendar=Calendar(holidays=known))
    told = forecast_panel(frame, DAYS, freq="daily", calendar=Calendar(holidays={**known, day(8): "new"}))
    after = whatif(plain, Edits(holidays=frozenset({day(8)})))
    assert after.point.iloc[8, 0] == pytest.approx(told.point.iloc[8, 0])
    assert after.point.iloc[8, 0] < 0.6 * plain.point.iloc[8, 0]
    assert "A holiday acts as 4 days off of the history did." in after.explain()
    again = whatif(told, Edits(opened=frozenset({day(8)})))
    assert again.point.iloc[8, 0] == pytest.approx(plain.point.iloc[8, 0])
    twice = whatif(told, Edits(holidays=frozenset({day(8)})))
    pd.testing.assert_frame_equal(twice.point, told.point)


def test_a_holiday_where_none_is_known_is_as_the_quietest_weekday() -> None:
    after = whatif(base(), Edits(holidays=frozenset({day(0)})))
    share = after.point["total"].iloc[0] / base().point["total"].iloc[0]
    assert share == pytest.approx(0.4 / 0.9, abs=0.08)  # by hand: Sundays in the mean of the week
    assert outcome.SCENARIO in after.explain()[0] and "quietest weekday" in after.explain()[1]


def test_a_driver_acts_as_if_that_value_had_been_known_ahead() -> None:
    seed = next(one for one in range(20) if any(acting.name == "orders" for acting in _acting(one)))
    frame, beside, _ = made(seed)
    told = beside.copy()
    told.loc[told.index[-DRIVEN_DAYS:], "orders"] = 900.0
    expected = forecast_panel(frame, DRIVEN_DAYS, freq="D", beside=told)
    after = whatif(driven(seed), Edits(drivers={"orders": 900.0}))
    np.testing.assert_allclose(after.point, expected.point, rtol=1e-9)
    with pytest.raises(InputError, match="no driver 'rain'"):
        whatif(driven(seed), Edits(drivers={"rain": 3.0}))


def _acting(seed: int) -> Any:
    learnt = driven(seed).learnt
    return learnt.drivers if learnt else ()


def test_it_says_what_it_is_first() -> None:
    said = whatif(base(), Edits(level=1.2, deflected=0.1, closed=frozenset({day(0)}))).explain("total")
    assert said[0] == "Scenario, not a forecast: level +20 %; 10 % deflected; closed on 26 May 2025."
    assert "past tests" in " ".join(said[1:])


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": -0.1}, {"level": float("nan")}, {"level": float("inf")}, {"deflected": 1.1}, {"deflected": -0.1},
        {"parts": {"refund": -1.0}}, {"shares": {"refund": 0.7, "login": 0.7}}, {"closed_weekdays": frozenset({0})},
        {"parts": {"refund": 2.0}, "shares": {"refund": 0.5}}, {"drivers": {"orders": float("nan")}},
        {"closed": frozenset({FIRST}), "opened": frozenset({FIRST})},
        {"closed_weekdays": frozenset({1}), "opened_weekdays": frozenset({1})},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Edits(**wrong)


@pytest.mark.parametrize(
    "edits",
    [
        Edits(closed=frozenset({day(-1)})), Edits(closed=frozenset({day(DAYS)})), Edits(parts={"no such": 2.0}),
        Edits(parts={"total": 2.0}), Edits(drivers={"orders": 3.0}),
    ],
)  # fmt: skip
def test_what_a_forecast_does_not_have_is_refused(edits: Edits) -> None:
    with pytest.raises(InputError):
        whatif(base(), edits)


def test_other_kinds_and_steps() -> None:
    shares = forecast_panel(history()[["total"]] / 200, DAYS, freq="daily", kind="ratio")
    with pytest.raises(InputError, match="counted"):
        whatif(shares, Edits(level=1.1))
    weeks = history()[["total"]].resample("7D").sum()
    weekly = forecast_panel(weeks, 4, freq="weekly")
    pd.testing.assert_frame_equal(whatif(weekly, Edits(level=2.0)).point, 2 * weekly.point)
    with pytest.raises(InputError, match="Forecast by day"):
        whatif(weekly, Edits(closed_weekdays=frozenset({1})))
    hours = pd.DataFrame(
        {"total": np.tile(np.arange(24.0), 40)}, index=pd.date_range("2025-04-16", periods=960, freq="h")
    )
    hourly = forecast_panel(hours, 48, freq="hourly")
    after = whatif(hourly, Edits(closed=frozenset({FIRST}))).point["total"]
    assert (after[:24] == 0).all() and after[24:].sum() == pytest.approx(hourly.point["total"][24:].sum())
    nothing = forecast_panel(history()[["total"]].iloc[:0], 3, freq="daily")
    assert whatif(nothing, Edits(level=2.0)).explain()[0].startswith(outcome.SCENARIO)
