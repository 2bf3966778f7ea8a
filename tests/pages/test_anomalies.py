"""Anomalies & events: what is told with its proof, what people say of it, and what that changes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.anomalies import hourly
from analytics.periods import first_day
from core.filters import Period
from core.home import Home
from core.settings import load_settings
from store.reader import open_reader
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.shared import copy_of, kept_quiet

PAGE = "pages/understand/anomalies.py"


@pytest.fixture
def own_home(sample_home: Home, tmp_path: Path) -> Home:
    """A copy of the sample to write into."""
    return copy_of(sample_home, tmp_path / "own")


def test_the_bad_day_is_told_with_what_it_goes_with(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE)
    assert not test.exception
    said = texts(test)
    assert "31 Oct 2026" in said and "It goes with" in said and "Parcel Tracker" in said
    assert "Nobody has judged an incident yet" in said
    examples = [one for one in test.button if str(one.key).startswith("anomaly_0_0_")]
    assert len(examples) == 5


def test_earlier_weeks_like_it_open_their_conversations(app: Any, own_home: Home) -> None:
    day = date(2026, 8, 26)
    Workspace(own_home).add_note(Period(day, day), "Backups failed", tag="incident", author="everyone")
    test = app(own_home, PAGE)
    assert not test.exception and "Earlier weeks most like the one up to this day" in texts(test)
    table = next(one.value for one in test.dataframe if "Noted then" in one.value)
    assert table.iloc[0]["Up to"] == str(day) and table.iloc[0]["Noted then"] == "Backups failed (incident)"


def test_noise_hides_it_with_a_reason_and_can_be_taken_back(app: Any, own_home: Home) -> None:
    test = app(own_home, PAGE)
    test.button(key="anomaly_0_noise").click().run()
    assert not test.exception
    (said,) = Workspace(own_home).anomaly_verdicts()
    assert said.saying == "noise" and said.metric == "volume" and said.is_above is True
    assert "0 of 1 incidents that people judged were useful" in texts(test)
    table = test.dataframe[-1].value
    assert "called noise" in str(table)
    test.button(key=f"anomaly_back_{said.id}").click().run()
    assert Workspace(own_home).anomaly_verdicts() == [] and "It goes with" in texts(test)


def test_one_that_was_kept_quiet_is_shown_again_in_the_month_after(
    app: Any, own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where its days lie before the period, which is 30 days here."""
    kept_quiet(own_home, monkeypatch)
    test = app(own_home, PAGE)
    assert not test.exception and "One thing was unusual" in texts(test)
    assert "Kept quiet since ann called this noise on 5 Oct 2026; shown again once this month" in texts(test)
    test.button(key="anomaly_again_noise").click().run()
    assert not test.exception and "Kept quiet since" not in texts(test)
    *_, first, again = Workspace(own_home).anomaly_verdicts()
    assert again.saying == "noise" and again.from_day == first.from_day == date(2026, 8, 26)


def test_an_expected_event_is_noted_and_taken_back_with_its_note(app: Any, own_home: Home) -> None:
    test = app(own_home, PAGE)
    test.button(key="anomaly_0_expected_event").click().run()
    assert not test.exception
    (note,) = Workspace(own_home).notes()
    assert (note.tag, note.metric, note.from_day) == ("incident", "volume", date(2026, 10, 31))
    assert note.text == "Expected event: Conversations created"
    (said,) = Workspace(own_home).anomaly_verdicts()
    test.button(key=f"anomaly_back_{said.id}").click().run()
    assert Workspace(own_home).notes() == [] and "It goes with" in texts(test)


def test_what_is_said_under_filters_is_of_what_they_keep(app: Any, own_home: Home) -> None:
    test = app(own_home, PAGE, channel="chat")
    test.button(key="anomaly_0_noise").click().run()
    (said,) = Workspace(own_home).anomaly_verdicts()
    assert said.where == (("channel", "chat"),) and said.key == "volume|channel=chat|2026-10-31"
    assert "31 Oct 2026" in texts(app(own_home, PAGE)), "the day of everything is told all the same"


def test_filters_that_are_no_slice_offer_no_verdict_and_say_why(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE, channel=["chat", "web"])
    assert not test.exception and "31 Oct 2026" in texts(test)
    assert not [one for one in test.button if str(one.key).endswith("_noise")]
    assert "The filters of this page are none" in texts(test)


def test_what_could_not_be_judged_is_not_called_quiet(app: Any, sample_home: Home) -> None:
    first = first_day(open_reader(sample_home), load_settings(sample_home))
    assert first is not None
    dates = [str(first), str(first + timedelta(days=6))]
    test = app(sample_home, PAGE, period="custom", dates=dates)
    said = texts(test).replace("\\", "")
    assert not test.exception and "Not judged yet: it takes 14 days with data" in said
    assert "Nothing left" not in said and "Nothing unusual" not in said


def test_a_burst_of_hours_is_told_with_its_own_numbers(
    app: Any, own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    burst = hourly.Burst(date(2026, 11, 10), 9, 11, 14.0, 0.4, 0.0, 2.0, 1e-20)
    monkeypatch.setattr(hourly, "find", lambda *_, **__: [burst])
    test = app(own_home, PAGE)
    said = texts(test).replace("\\", "")
    assert not test.exception and not test.error
    assert (
        "Conversations created, 10 Nov 2026, between 09:00 and 12:00: 14 where about 0.4 would be usual "
        "(95 of 100 such hours: 0 to 2)" in said
    )
    test.button(key="anomaly_0_noise").click().run()  # the most unlikely
    (kept,) = Workspace(own_home).anomaly_verdicts()
    assert kept.key == "volume||2026-11-10T09-11" and kept.where == ()


def test_a_quiet_period_says_so(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE, period="custom", dates=["2026-05-01", "2026-06-30"])
    assert not test.exception and "Nothing left what its past leads one to expect" in texts(test)
