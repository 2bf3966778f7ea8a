"""Which days of a metric are zeros, which are missing, and where its history begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from analytics.capacity.runway import coming_of
from analytics.daily import WHOLE, Daily, daily
from analytics.forecasting.of_metric import forecast_metric
from core.filters import Filters, Grain, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader, open_reader

Make = Callable[..., Reader]
FIRST, DAYS = date(2026, 9, 14), 56  # eight weeks from a Monday on
PERIOD = Period(FIRST, FIRST + timedelta(days=DAYS - 1))
OUTAGE = 23  # a Wednesday, on which nothing at all came
CHATS = {3: 2, 12: 1, 20: 2, 30: 1, 40: 3, 50: 1}  # by day


def at(day: int, hour: int = 10) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), datetime.min.time()) + timedelta(hours=hour)


def rows(solved: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """Two mails a day but on the outage, and few chats; of the days in `solved` one mail was."""
    mails = [
        {"created_local": at(day), "team": "Billing"} for day in range(DAYS) if day != OUTAGE for _ in (1, 2)
    ]
    for day in solved:
        mails[2 * (day - (day > OUTAGE))] |= {
            "first_solved_local": at(day, 12),
            "last_solved_local": at(day, 12),
        }
    chats = [
        {"created_local": at(day, 11), "channel": "chat", "team": "Front Line"}
        for day, count in CHATS.items()
        for _ in range(count)
    ]
    return mails + chats


def read(
    reader: Reader, name: str = "volume", *, grain: Grain = "day", by: str | None = None, **more: Any
) -> Daily:
    asked = Filters.of(more.pop("period", PERIOD), more.pop("where", {}))
    return daily(
        reader, name, asked, settings=Settings(), viewer=more.pop("viewer", EVERYTHING), by=by, grain=grain
    )


def test_a_day_with_other_conversations_is_a_zero_and_a_day_without_any_is_missing(warehouse: Make) -> None:
    reader = warehouse(rows())
    chat = read(reader, where={"channel": ["chat"]}).values[WHOLE]
    expected = [np.nan if day == OUTAGE else CHATS.get(day, 0) for day in range(3, DAYS)]
    np.testing.assert_array_equal(chat, expected)
    np.testing.assert_array_equal(chat, read(reader, by="channel").values["chat"].iloc[3:])


def test_so_it_is_of_conditions_hours_and_weeks(warehouse: Make) -> None:
    reader = warehouse(rows())
    hours = read(reader, where={"channel": ["chat"]}, grain="hour").values[WHOLE]
    by_day = hours.groupby(hours.index.floor("D")).apply(lambda one: one.sum(skipna=False))
    assert by_day.index[0].date() == FIRST + timedelta(days=3) and by_day.isna().sum() == 1
    assert by_day.sum() == sum(CHATS.values()) and hours.iloc[0] == 2  # from eleven o'clock on
    weeks = read(reader, where={"channel": ["chat"]}, grain="week").values[WHOLE]
    assert weeks.tolist() == [2, 1, 2, 0, 1, 3, 0, 1]


def test_who_sees_a_part_has_days_judged_by_that_part_alone(warehouse: Make) -> None:
    """That others had conversations on a day is not theirs to see."""
    viewer = replace(EVERYTHING, teams=("Front Line",))
    reader = warehouse(rows())
    chat = read(reader, where={"channel": ["chat"]}, viewer=viewer).values[WHOLE]
    assert chat.sum() == sum(CHATS.values())
    np.testing.assert_array_equal(chat, read(reader, viewer=viewer).values[WHOLE])


def test_a_day_on_which_nothing_was_solved_of_what_came_is_a_zero(warehouse: Make) -> None:
    solved = tuple(day for day in range(DAYS) if day % 5 < 4 and day != OUTAGE)
    values = read(warehouse(rows(solved)), "solved").values[WHOLE]
    assert values.sum() == len(solved)
    assert (len(values), values.isna().sum(), values.isna().iloc[OUTAGE]) == (DAYS, 1, True)


@pytest.mark.parametrize("name", ["volume", "backlog", "first_reply_median", "one_touch_rate"])
@pytest.mark.parametrize("grain", ["day", "week"])
def test_history_begins_with_the_first_value_of_anything(
    warehouse: Make, span: Callable[..., dict[str, Any]], name: str, grain: Grain
) -> None:
    more = {
        "first_reply_local": at(1, 12),
        "first_reply_s": 7200,
        "one_touch": True,
        "last_solved_local": at(1, 13),
    }
    reader = warehouse(
        [row | (more if row["created_local"].date() == at(1).date() else {}) for row in rows()],
        [span("c0", at(1), None)],
    )
    long = Period(FIRST - timedelta(days=140), PERIOD.end)
    found = read(reader, name, grain=grain, period=long)
    assert FIRST <= found.period.start <= FIRST + timedelta(days=1)
    is_told = found.values[WHOLE].iloc[0] > 0 or name == "backlog"  # none is a backlog too
    assert is_told and list(found.n.index) == list(found.values.index)


@pytest.mark.parametrize("name", ["volume", "backlog", "first_reply_median", "one_touch_rate"])
def test_of_what_never_was_nothing_is_known(warehouse: Make, name: str) -> None:
    where = {"channel": ["voice"]}
    reader = warehouse(rows())
    assert read(reader, name, where=where).values[WHOLE].isna().tolist() == [True]
    found = forecast_metric(
        reader, name, Filters.of(PERIOD, where), settings=Settings(), viewer=EVERYTHING, horizon=3, by="team"
    )
    whole = found.forecasts[0]
    assert (whole.known_days, whole.tier, whole.alone, whole.weights) == (0, "none", None, ())
    told = [(day.value, day.low_80, day.high_80, day.low_95, day.high_95) for day in whole.days]
    assert told == [(None,) * 5] * 3 and "There are no values" in whole.sentences[0]


def test_a_filter_forecasts_what_the_part_of_the_whole_does(sample_home: Home, now: Any) -> None:
    reader = open_reader(sample_home)
    how: dict[str, Any] = {"settings": Settings(), "viewer": EVERYTHING}
    whole, *parts = forecast_metric(reader, "volume", Filters(), by="channel", horizon=28, **how).forecasts
    for channel in ("chat", "voice"):
        part = next(one for one in parts if one.part == channel)
        filters = Filters.of(None, {"channel": [channel]})
        alone = forecast_metric(reader, "volume", filters, horizon=28, **how).forecasts[0]
        assert alone.alone == pytest.approx(part.alone, rel=0.12)
        volume = daily(reader, "volume", filters, **how)
        expected = coming_of(reader, volume, 28, events=(), **how).point[WHOLE].sum()
        assert expected == pytest.approx(alone.alone) and expected < 0.8 * (whole.alone or 0)


def test_a_stock_that_was_always_none_is_known_from_when_something_first_came(warehouse: Make) -> None:
    """Calls that are answered at once leave no backlog: each day since the first has one of 0."""
    calls = [
        {"created_local": at(day), "first_solved_local": at(day, 11), "last_solved_local": at(day, 11), "channel": "voice"}
        for day in range(10, DAYS, 3)
    ]  # fmt: skip
    found = read(warehouse([*rows(), *calls]), "backlog", where={"channel": ["voice"]})
    assert found.period.start == FIRST + timedelta(days=10)
    assert (found.values[WHOLE] == 0).sum() == len(found.values) == DAYS - 10
