"""Did it work? On Anomalies & events: the answer of the command for what people noted, and what is missing for one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.compute import compute
from analytics.effects import Effect, effect_of
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.shared import copy_of
from ui import charts

PAGE = "pages/understand/anomalies.py"
DAY = date(2026, 10, 20)


@pytest.fixture
def own_home(sample_home: Home, tmp_path: Path) -> Home:
    """A copy of the sample to write into."""
    return copy_of(sample_home, tmp_path / "own")


def note(home: Home, day: date, text: str, **more: Any) -> int:
    days = Period(day, more.pop("last", day))
    return Workspace(home).add_note(days, text, **{"tag": "change", "author": "everyone", **more})


def computed(home: Home, metric: str = "volume", **more: Any) -> Effect:
    from core.effective import effective_settings
    from core.settings import load_settings

    settings = effective_settings(home, load_settings(home))
    return effect_of(open_reader(home), metric, Filters(), DAY, settings=settings, viewer=EVERYTHING, **more)


def plain(test: Any) -> str:
    return texts(test).replace("\\", "")


def drawn(test: Any) -> list[str]:
    return [
        one.proto.alt
        for one in test.get("plotly_chart")
        if "by day before and from 20 Oct 2026 on" in one.proto.alt
    ]


def test_a_change_of_one_channel_is_told_as_the_command_tells_it(app: Any, own_home: Home) -> None:
    note(own_home, DAY, "New macro in the <b>chat</b>", only={"channel": ["chat"]})
    wanted = computed(own_home, touched={"channel": ["chat"]})
    # The bar's channel is that of nobody: what was touched decides, and all others are the untouched.
    test = app(own_home, PAGE, channel="chat")
    assert not test.exception and not test.error
    said = plain(test)
    assert all(sentence in said for sentence in wanted.sentences) and "Touched: channel chat." in said
    (words,) = drawn(test)
    outside = [day for day in wanted.days if not (day.low or 0) <= (day.actual or 0) <= (day.high or 0)]
    assert words.startswith("Conversations created") and f"; {len(outside)} of 14 days lie outside" in words
    table = next(one.value for one in test.dataframe if "Off the forecast from before" in one.value)
    assert list(table.iloc[:, 0])[:2] == ["What was touched", "What was left alone"] and len(table) == 3


def test_the_days_drawn_are_those_that_the_answer_is_of(app: Any, own_home: Home) -> None:
    """Also where the bar keeps another channel than the note is limited to: it does not count there."""
    note(own_home, DAY, "New macro", only={"channel": ["chat"]})

    def table(**bar: str) -> Any:
        test = app(own_home, PAGE, **bar)
        assert not test.exception and not test.error
        (chart,) = [one for one in test.get("plotly_chart") if "from 20 Oct 2026 on" in one.proto.alt]
        return [one["y"] for one in json.loads(chart.proto.spec)["data"] if "y" in one]

    assert table(channel="email") == table() != []


def test_a_click_opens_what_was_touched_whatever_channel_the_bar_keeps(own_home: Home, now: Any) -> None:
    from ui import effects

    found = computed(own_home, touched={"channel": ["chat"]})
    chat, both = (("channel", ("chat",)),), Filters.of(None, {"channel": ["email"], "team": ["Billing"]})
    assert effects._bar(found, both) == Filters.of(None, {"team": ["Billing"]})
    assert effects._bar(found, Filters.of(None, {"team": ["Billing"]})) is None
    result = compute(
        open_reader(own_home),
        "volume",
        Filters(Period(DAY, DAY)),
        settings=Settings(),
        viewer=EVERYTHING,
        grain="day",
    )
    (drill,) = charts.effect(result, found, effects._bar(found, both)).drills
    assert drill and drill.where == chat and drill.within == Filters.of(None, {"team": ["Billing"]})


def test_the_number_and_the_days_are_chosen_and_stand_in_the_address(app: Any, own_home: Home) -> None:
    note(own_home, DAY, "Earlier shift", metric="first_reply_median")
    first = app(own_home, PAGE)
    assert first.segmented_control(key="effect_metric").value == "first_reply_median"
    test = app(own_home, PAGE, effect_metric="volume", effect_days="7")
    assert not test.exception and not test.error
    assert all(sentence in plain(test) for sentence in computed(own_home, window=7).sentences)


def test_what_is_too_young_says_how_many_days_are_missing(app: Any, own_home: Home) -> None:
    note(own_home, date(2026, 11, 15), "Chat robot on")
    test = app(own_home, PAGE)
    assert not test.exception and "Need 2 more days with a value after the event." in plain(test)
    assert drawn(test) == []


def test_every_change_has_its_answer_in_a_list(app: Any, own_home: Home) -> None:
    note(own_home, DAY, "New macro")
    note(own_home, date(2026, 11, 14), "Chat robot on")
    note(own_home, date(2026, 11, 1), "All Saints", tag="holiday")
    note(own_home, date(2026, 10, 18), "Sale", tag="campaign", last=date(2026, 10, 22))
    test = app(own_home, PAGE)
    assert not test.exception and not test.error
    rows = next(one.value for one in test.dataframe if "Answer" in one.value)
    assert list(rows["Change"]) == ["Chat robot on", "New macro"]
    assert rows["Answer"][0] == "Need 1 more day with a value after the event."
    offered = test.selectbox(key="effect_of").options
    assert [one.partition(" · ")[2] for one in offered] == ["Chat robot on", "New macro", "Sale"]
    sale = test.selectbox(key="effect_of").select_index(2).run()
    assert not sale.exception
    assert sale.segmented_control(key="effect_days").options[0] == "the 5 days noted"


def test_a_note_of_a_number_there_is_no_longer_takes_no_answer_from_the_others(
    app: Any, own_home: Home
) -> None:
    note(own_home, DAY, "New macro")
    note(own_home, date(2026, 10, 25), "Old number", metric="no_metric")
    note(own_home, date(2026, 10, 24), "Old dimension", only={"custom.gone": ["a"]})
    test = app(own_home, PAGE)
    assert not test.exception and not test.error
    rows = next(one.value for one in test.dataframe if "Answer" in one.value).set_index("Change")
    assert rows["Answer"]["Old number"] == "There is no metric called 'no_metric'."
    assert rows["Answer"]["New macro"] in ("no measurable effect", "went up", "went down")
    assert "The note is of the number no_metric, which there is no longer." in plain(test)
    offered = test.selectbox(key="effect_of").options
    assert [one.partition(" · ")[2] for one in offered] == ["Old number", "Old dimension", "New macro"]
    gone = test.selectbox(key="effect_of").select_index(1).run()
    assert not gone.exception and not gone.error and any("gone" in one.value for one in gone.warning)
    assert len(drawn(gone.selectbox(key="effect_of").select_index(2).run())) == 1


def test_without_a_note_it_says_what_to_do_and_a_note_of_that_kind_can_be_made(
    app: Any, own_home: Home
) -> None:
    test = app(own_home, PAGE)
    assert "No change and no event is noted in these days" in texts(test)
    test.text_area(key="note_add_text").input("New macro")
    test.date_input(key="note_add_days").set_value((DAY, DAY))
    test.segmented_control(key="note_add_tag").set_value("change")
    next(button for button in test.button if button.label == "Add note").click().run()
    assert not test.exception and [one.tag for one in Workspace(own_home).notes()] == ["change"]
    assert len(drawn(test)) == 1
