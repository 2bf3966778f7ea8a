"""Runway and staffing on the page Volume: folded until opened, what is typed changes them, and what is missing is said."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from core.home import Home
from tests.conftest import SAMPLE_END
from tests.pages.conftest import texts
from ui import capacity, data_capacity

PAGE = "pages/understand/volume.py"


def drawn(test: Any, words: str) -> list[Any]:
    return [one for one in test.get("plotly_chart") if words in one.proto.alt]


def test_folded_nothing_is_worked_out(app: Any, sample_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("runway", "staffing"):
        monkeypatch.setattr(data_capacity, name, lambda *_: 1 / 0)
    test = app(sample_home, PAGE)
    assert not test.exception
    assert {capacity.RUNWAY, capacity.STAFFING} <= {one.label for one in test.expander}


def test_the_runway_follows_what_is_typed(app: Any, sample_home: Home) -> None:
    test = app(sample_home, PAGE, runway="true", solved_a_day="1", open_most="20", runway_ahead="56")
    assert not test.exception and not test.error
    (chart,) = drawn(test, "Backlog by day")
    assert f"to {SAMPLE_END + timedelta(days=56)}" in chart.proto.alt and "threshold 20" in chart.proto.alt
    said = texts(test).replace("\\", "")
    assert "Up to 1.0 solved a day (typed)" in said and "It passes 20 on" in said
    assert "What is solved was measured" not in said
    before = _last_day(chart)
    test.number_input(key="more_agents").set_value(5.0).run()
    assert not test.exception and not test.error
    (chart,) = drawn(test, "Backlog by day")
    assert "5 more agents in it" in texts(test).replace("\\", "") and _last_day(chart) < before


def _last_day(chart: Any) -> float:
    found = re.search(r": ([\d,]+) on the last day", chart.proto.alt)
    assert found
    return float(found[1].replace(",", ""))


def test_people_by_hour_with_what_was_measured_and_typed(app: Any, sample_home: Home, ask_sql: Any) -> None:
    test = app(sample_home, PAGE, staffing="true", staffing_channel="chat", handling_min="10")
    assert not test.exception and not test.error
    assert drawn(test, "People on the roster for chat by hour")
    said = texts(test).replace("\\", "")
    assert "Handling time typed: 10 m 00 s" in said and "Erlang C for 80 %" in said
    mail = app(sample_home, PAGE, staffing="true", staffing_channel="email")
    assert not mail.exception and not mail.error
    assert "No handling time of email is known" in texts(mail).replace("\\", "")
    mail.number_input(key="handling_min").set_value(20.0).run()
    (chart,) = drawn(mail, "People on the roster for email by weekday")
    came = ask_sql(
        "SELECT count(*) FROM conversations WHERE channel = 'email' AND dayname(created_at) = 'Monday' "
        "AND created_at::DATE BETWEEN DATE '2026-09-21' AND DATE '2026-11-15'"
    )
    by_hand = -(-(came / 8 * 1200 / 3600 / 8 / 0.85 / 0.7) // 1)
    assert _bars(chart)["Monday"] == by_hand


def _bars(chart: Any) -> dict[str, float]:
    import json

    (trace,) = json.loads(chart.proto.spec)["data"]
    return dict(zip(trace["x"], trace["y"], strict=True))


def test_a_slot_leads_to_the_conversations_it_was_counted_from(sample_home: Home, now: Any) -> None:
    from analytics.capacity.staffing import Needs, staffing_of
    from analytics.compute import compute
    from core.filters import Filters
    from core.settings import Settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader
    from ui import charts

    reader, how = open_reader(sample_home), {"settings": Settings(), "viewer": EVERYTHING}
    found = staffing_of(reader, Filters(), "chat", Needs(600.0), **how)  # type: ignore[arg-type]
    chart = charts.roster(found)
    assert len(chart.drills) == len(chart.rows) == len(found.slots) == len(chart.exact)
    for drill, slot in list(zip(chart.drills, found.slots, strict=True))[::20]:
        assert drill is not None
        counted = compute(reader, "volume", Filters.of(drill.period, dict(drill.where)), **how)  # type: ignore[arg-type]
        assert counted.total.value == pytest.approx(8 * slot.arrivals)


def test_what_is_missing_is_said(app: Any, sample_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_capacity, "missing_days", lambda: 3)
    test = app(sample_home, PAGE, runway="true", staffing="true", topic="no such topic")
    assert not test.exception and not test.error
    said = texts(test).replace("\\", "")
    assert "Need 3 more days: the mean is of 8 full weeks, have 53 days." in said
    assert capacity.NOTHING in said
    assert not drawn(test, "Backlog by day") and not drawn(test, "People on the roster")
