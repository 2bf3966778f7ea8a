"""What is coming, on the page Volume: the days ahead for the filters in force, and what is said of a short history."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.filters import Period
from core.home import Home
from store.workspace import Workspace
from tests.conftest import SAMPLE_END
from tests.pages.conftest import texts
from tests.shared import copy_of
from ui import data_capacity, what_if

PAGE = "pages/understand/volume.py"


def drawn(test: Any) -> list[Any]:
    """The charts that tell of a forecast."""
    return [one for one in test.get("plotly_chart") if "forecast of" in one.proto.alt]


def until(first: date, days: int) -> dict[str, Any]:
    """The address of a period that holds the first so many days of the data."""
    return {"period": "custom", "dates": [str(first), str(first + timedelta(days=days - 1))]}


def first_day(ask_sql: Any) -> date:
    found = ask_sql("SELECT min(created_at)::DATE AS day FROM conversations")
    assert isinstance(found, date)
    return found


def test_the_days_ahead_their_tests_and_what_they_are_made_of(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    (chart,) = drawn(test)
    first, last = SAMPLE_END + timedelta(days=1), SAMPLE_END + timedelta(days=14)
    assert f"forecast of {first} to {last}" in chart.proto.alt and "80 %" in chart.proto.alt
    said = texts(test)
    assert "in the next 14 days" in said and "past tests of 14 days" in said
    members = next(one.value for one in test.dataframe if "Member" in one.value)
    assert abs(sum(float(share.rstrip(" %")) for share in members["Weight"]) - 100) <= 3  # each is rounded


def test_what_people_noted_is_tried_and_told(app: Any, sample_home: Home, tmp_path: Path) -> None:
    home = copy_of(sample_home, tmp_path / "own")
    for weeks in (2, 4, 7, 9):
        day = SAMPLE_END - timedelta(days=7 * weeks + weeks)
        Workspace(home).add_note(Period(day, day), "Version", tag="release", author="everyone")
    test = app(home, PAGE)
    assert not test.exception and not test.error
    assert "noted releases" in texts(test)


def test_a_longer_horizon_and_a_filter_change_it(app: Any, sample_home: Home) -> None:
    longer = app(sample_home, PAGE, ahead="56")
    assert f"to {SAMPLE_END + timedelta(days=56)}" in drawn(longer)[0].proto.alt
    assert "in the next 56 days" in texts(longer)
    one_channel = app(sample_home, PAGE, ahead="56", channel="chat")
    assert drawn(one_channel)[0].proto.alt != drawn(longer)[0].proto.alt


def test_a_short_history_draws_what_it_allows(app: Any, sample_home: Home, ask_sql: Any) -> None:

    first = first_day(ask_sql)
    test = app(sample_home, PAGE, **until(first, 10))
    assert not test.exception and not test.error
    assert "Rough: no weekly pattern yet. Only 3 days are drawn." in texts(test)
    assert f"to {first + timedelta(days=12)}" in drawn(test)[0].proto.alt


def test_less_than_a_week_says_how_many_days_are_missing(app: Any, sample_home: Home, ask_sql: Any) -> None:
    test = app(sample_home, PAGE, **until(first_day(ask_sql), 5))
    assert not test.exception and drawn(test) == []
    assert "A forecast can be made in 2 more days: need 7 days, have 5." in texts(test)


def test_nothing_to_learn_from(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE, channel="chat", topic="no such topic")
    assert not test.exception and not test.error and drawn(test) == []
    assert "No conversation was created in the 42 days up to 15 Nov 2026, and none is expected." in texts(
        test
    )


def of_scenario(test: Any) -> list[Any]:
    return [one for one in json.loads(drawn(test)[0].proto.spec)["data"] if "cenario" in one.get("name", "")]


def test_sliders_at_rest_change_nothing(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE)
    assert [one.value for one in test.slider if str(one.key).startswith("whatif")] == [0, 0]
    assert "cenario" not in texts(test) and "cenario" not in drawn(test)[0].proto.alt
    assert of_scenario(test) == []


def test_a_slider_draws_a_scenario_beside_the_forecast(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE)
    test.slider(key="whatif_volume").set_value(50).run()
    assert not test.exception and not test.error
    said = texts(test).replace("\\", "")
    assert "**Scenario, not a forecast: level +50 %.** About" in said and "+50 %)" in said
    assert what_if.ONE_CHANNEL in said and "hours of work at" in said
    (chart,) = drawn(test)
    assert "scenario, not a forecast, as a dotted line: together" in chart.proto.alt
    *_, line = of_scenario(test)
    dashes = next(one for one in json.loads(chart.proto.spec)["data"] if one.get("name") == "Forecast")
    assert line["line"]["dash"] == "dot" and len(line["x"]) == 14
    assert line["y"] == pytest.approx([1.5 * value for value in dashes["y"][1:]])
    test.slider(key="whatif_volume").set_value(0).run()
    assert not test.exception and "cenario" not in texts(test)


def test_an_address_holds_a_scenario_with_closed_days_and_minutes(app: Any, sample_home: Home) -> None:
    shut = SAMPLE_END + timedelta(days=2)
    kept = {"whatif_deflected": "40", "whatif_closed": str(shut), "whatif_minutes": "30", "channel": "chat"}
    test = app(sample_home, PAGE, **kept)
    assert not test.exception and not test.error
    said = texts(test).replace("\\", "")
    assert f"40 % deflected; closed on {shut:%-d %b %Y}.**" in said
    assert "hours of work at 30 m 00 s each (typed)" in said
    assert "An estimate (Erlang C) from the last eight weeks" in said and "on the roster for chat" in said
    *_, line = of_scenario(test)
    assert line["y"][1] == 0 and all(value > 0 for value in line["y"][2:4])
    assert test.multiselect(key="whatif_closed").value == [str(shut)]
    test.multiselect(key="whatif_closed").set_value([]).run()
    assert "closed on" not in texts(test) and "whatif_closed" not in test.query_params


def test_people_of_a_scenario_are_from_the_estimate_of_the_staffing(app: Any, sample_home: Home) -> None:
    """With what is typed there, also of mail, and with the one channel that a condition lets through."""
    kept = {"whatif_volume": "20", "staffing": "true", "handling_min": "200", "away_percent": "60"}
    for more in (
        {"channel": "chat", "within_s": "5", "chats_at_once": "3"},
        {"any": "channel:email", "busy_percent": "50"},
    ):
        test = app(sample_home, PAGE, **kept, **more)
        assert not test.exception and not test.error
        said = texts(test).replace("\\", "")
        told = re.search(
            r"at most (\d+) people at once on the roster for \w+ in place of \d+, \d+ scheduled (?:hours|days) a week",
            said,
        )
        shown = re.search(r"At most (\d+) people on the roster, on", said)
        usual = re.search(r"roster for \w+ in place of (\d+),", said)
        assert told and usual and shown and usual[1] == shown[1], said
        assert (
            "hours of work at 200 m 00 s each (typed)" in said
            or "hours of work at 3 h 20 m each (typed)" in said
        )
        test.number_input(key="away_percent").set_value(10).run()
        said = texts(test).replace("\\", "")
        fewer = re.search(r"roster for \w+ in place of (\d+),", said)
        assert fewer and int(fewer[1]) < int(usual[1])
        assert f"At most {fewer[1]} people on the roster, on" in said


def test_a_scenario_that_cannot_be_made_takes_no_forecast_with_it(
    app: Any, sample_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(sample_home, PAGE, whatif_volume="20", whatif_minutes="100000", channel="chat")
    assert not test.exception and not test.error and len(drawn(test)) == 1
    assert test.number_input(key="whatif_minutes").max == 43_200
    monkeypatch.setattr(data_capacity, "handling_of", lambda *_: -1.0)
    test = app(sample_home, PAGE, whatif_volume="25")
    assert not test.exception and len(drawn(test)) == 1 and of_scenario(test) == []
    assert ["No such handling time" in one.value for one in test.error] == [True]


def test_a_scenario_without_a_handling_time_says_so(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE, whatif_volume="20", channel="email")
    assert not test.exception and not test.error
    said = texts(test).replace("\\", "")
    assert what_if.NO_TIME in said and "hours of work at" not in said
    assert "No handling time of email is known" in said
