"""A metric of the catalogue, forecast: days off of the calendars count, and a page draws no more than is known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import forecast_panel
from analytics.forecasting.of_metric import Forecast, forecast_metric, made_of
from analytics.forecasting.outcome import offered_days, tier
from core.errors import InputError
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.conftest import SAMPLE_END

CLOSED = SAMPLE_END + timedelta(days=2)  # a Tuesday, the busiest day of the sample


def whole(home: Home, name: str, settings: Settings, filters: Filters | None = None) -> Forecast:
    return forecast_metric(
        open_reader(home), name, filters or Filters(), settings=settings, viewer=EVERYTHING
    ).forecasts[0]


def closed_on(*days: Any) -> Settings:
    return Settings.model_validate(
        {"calendars": [{"name": "uk", "zone": "Europe/London", "hours": {"mon-fri": "09:00-17:00"}, "closed": days}]}
    )  # fmt: skip


def test_a_closed_day_ahead_is_quieter_and_named(sample_home: Home, now: Any) -> None:
    usual, off = (whole(sample_home, "volume", one) for one in (Settings(), closed_on(CLOSED)))
    before = {day.day: day.value or 0 for day in usual.days}
    after = {day.day: day.value or 0 for day in off.days}
    assert after[CLOSED] < before[CLOSED]
    far = CLOSED + timedelta(days=5)
    assert after[far] == pytest.approx(before[far])
    assert any("closed by calendar uk." in one for one in off.sentences)
    assert not any("calendar" in one for one in usual.sentences)


def test_a_share_has_no_days_off(sample_home: Home, now: Any) -> None:
    usual, off = (whole(sample_home, "one_touch_rate", one) for one in (Settings(), closed_on(CLOSED)))
    assert usual.days == off.days and usual.days


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [("share", r"\d+\.\d pp, where a day had \d+ %"), ("seconds", r"\d+ s, where a day had \d+ s"),
     ("score", r"\d\.\d\d, where a day had \+\d\.\d\d"), ("count", r"\d\.\d\d, where a day had \d\.\d\d")],
)  # fmt: skip
def test_an_error_that_is_no_percent_is_told_in_the_unit(unit: str, wanted: str) -> None:
    """Of what was 0 on many days no error is told in percent of it."""
    values = np.random.default_rng(2).choice([0.0, 0.1, 0.3], 120)
    frame = pd.DataFrame(
        {"total": values * (100 if unit == "seconds" else 1)}, index=pd.date_range("2026-01-01", periods=120)
    )
    first, *_ = replace(forecast_panel(frame, 7, freq="daily", kind="ratio"), unit=unit).explain()
    assert re.search(f"the error averaged {wanted} \\(MASE", first), first


def test_what_a_forecast_says_is_in_the_unit_of_its_metric(sample_home: Home, now: Any) -> None:
    found = made_of(
        open_reader(sample_home), "reopen_rate", Filters(), settings=Settings(), viewer=EVERYTHING
    )
    assert found.found.unit == "share"


def test_it_says_how_many_days_it_knows(sample_home: Home, now: Any) -> None:
    ten = Filters(Period(SAMPLE_END - timedelta(days=9), SAMPLE_END))
    found = whole(sample_home, "volume", Settings(), ten)
    assert (found.known_days, found.tier) == (10, "rough")
    assert found.wording == "rough: no weekly pattern yet"


@pytest.mark.parametrize(
    ("known", "offered"), [(6, 0), (7, 3), (14, 7), (28, 14), (83, 14), (84, 28), (168, 56), (800, 266)]
)
def test_days_that_are_drawn_of_so_many_known(known: int, offered: int) -> None:
    assert offered_days(tier(known), known) == offered


def test_what_is_open_is_no_mean_of_few(sample_home: Home, now: Any) -> None:
    """Only of shares, means and medians a value of few is drawn to the weeks before it."""
    few = {
        name: [one for one in whole(sample_home, name, Settings()).sentences if "were drawn" in one]
        for name in ("backlog", "volume", "net_flow", "one_touch_rate")
    }
    assert [name for name, said in few.items() if said] == ["one_touch_rate"]


@pytest.mark.parametrize(("grain", "horizon"), [("day", 100_000), ("month", 5_000), ("day", 10**12)])
def test_days_that_no_calendar_has_are_refused(sample_home: Home, now: Any, grain: Any, horizon: int) -> None:
    with pytest.raises(InputError, match="dates end in 2261"):
        forecast_metric(
            open_reader(sample_home), "volume", Filters(), settings=Settings(), viewer=EVERYTHING, grain=grain,
            horizon=horizon,
        )  # fmt: skip
