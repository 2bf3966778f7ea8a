"""What a click on a mark does, from app.py: the list has what the mark counts, and a filter is taken back as it came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics.compute import compute
from core.conditions import decode
from core.effective import effective_settings
from core.filters import Filters, Period
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.pages.conversations_page import PAGE as CONVERSATIONS
from tests.pages.test_conversations import listed
from tests.shared import seldom
from ui import drill, filters, navigation
from ui.drill import Drill

OVERVIEW, SPEED = "pages/watch/overview.py", "pages/understand/speed.py"
NINETY = Period(date(2026, 8, 18), date(2026, 11, 15))
TEAM = Drill((("team", ("Billing",)),), of="volume")
NAMES = ("period", "any", "team", "tag", "status", "hour", "sla_metric")
DAY = Drill((), Period(date(2026, 11, 4), date(2026, 11, 4)), of="volume")


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`marks(one, another)`: every page has a button per drill, which does what a click on its mark does."""

    def draw(*drills: Drill) -> None:
        def buttons() -> None:
            for number, one in enumerate(drills):
                st.button(f"Mark {number}", key=f"mark_{number}", on_click=drill.follow, args=(one,))

        monkeypatch.setattr(filters, "explain", buttons)

    return draw


@pytest.fixture
def counted(sample_home: Any, now: datetime) -> Callable[..., Any]:
    """A number of the sample as pages compute it."""
    settings = effective_settings(sample_home, load_settings(sample_home))

    def ask(name: str, chosen: Filters, **how: Any) -> Any:
        return compute(open_reader(sample_home), name, chosen, settings=settings, viewer=EVERYTHING, **how)

    return ask


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked of Conversations: a test cannot change pages in a callback, and opens the page itself."""
    asked: list[dict[str, Any]] = []

    def go(page: str, **parameters: Any) -> None:
        assert page == CONVERSATIONS
        asked.append(parameters)

    monkeypatch.setattr(navigation, "go", go)
    return asked


def click(test: AppTest, mark: int = 0) -> AppTest:
    test.button(key=f"mark_{mark}").click().run()
    assert not test.exception and not test.error
    return test


def chosen(test: AppTest) -> dict[str, Any]:
    """What the bar says, as an address has it; what it says of itself is left out."""
    said = {name: test.session_state[name] for name in NAMES if name in test.session_state}
    if said.get("period") == "custom":
        said["dates"] = [f"{day}" for day in test.session_state["dates"]]
    return {name: value for name, value in said.items() if value and (name, value) != ("period", "30d")}


@pytest.mark.parametrize(
    "name",
    seldom(["volume", "solved", "first_reply_median", "sla_breaches"], often=("volume", "sla_breaches")),
)
def test_an_hour_opens_what_its_mark_counts(app, sample_home, marks, counted, gone, name):
    days = Period(date(2026, 11, 12), date(2026, 11, 13))
    result = counted(name, Filters(days), grain="hour")
    row = max(result.rows, key=lambda row: row.n)
    assert row.n
    marks(drill.of_row(result, row))
    test = click(app(sample_home, OVERVIEW, period="custom", dates=[str(days.start), str(days.end)]))
    assert listed(app(sample_home, CONVERSATIONS, **chosen(test), **gone[0])) == row.n


def beside(counted: Callable[..., Any], tag: str) -> tuple[Filters, Any, Any] | None:
    """The filters of a tag, what is counted of each tag under them, and the row of another tag."""
    within = Filters.of(NINETY, {"tag": [tag]})
    result = counted("volume", within, by=("tag",))
    others = [row for row in result.groups if row.group[0] != tag]
    return (within, result, others[0]) if others else None


def test_one_day_of_an_address_is_that_day(app, sample_home):
    test = app(sample_home, OVERVIEW, period="custom", dates=["2026-11-04", "2026-11-04"])
    assert "Period: 4 Nov" in [button.label for button in test.button]


@pytest.mark.slow
def test_a_tag_beside_a_tag_opens_what_has_both(app, sample_home, marks, counted, gone):
    by_tag = counted("volume", Filters(NINETY), by=("tag",))
    within, result, other = next(found for row in by_tag.groups if (found := beside(counted, row.group[0])))
    (first,) = within.values("tag")
    whole = next(row.n for row in by_tag.groups if row.group == other.group)
    assert 0 < other.n < whole
    of_bar, of_card = drill.of_row(result, other), Drill((("tag", other.group),), of="volume", within=within)
    marks(of_bar, of_card)
    test = click(app(sample_home, OVERVIEW, period="90d", tag=first))
    assert listed(app(sample_home, CONVERSATIONS, **chosen(test), **gone[0])) == other.n
    click(app(sample_home, OVERVIEW, period="7d"), 1)
    assert listed(app(sample_home, CONVERSATIONS, **gone[1])) == other.n


def test_what_an_agent_holds_keeps_to_the_statuses_of_the_bar(app, sample_home, marks, gone):
    held = Drill((("status", ("new", "open", "pending", "hold")),))
    marks(held)
    test = click(app(sample_home, OVERVIEW, period="all", status="pending"))
    assert chosen(test)["status"] == ["pending"] and len(gone) == 1


def test_two_values_of_one_kind_are_narrowed_to_the_one_that_was_clicked(app, sample_home, marks):
    marks(TEAM)
    test = click(app(sample_home, OVERVIEW, click="filter", team=["Billing", "Technical"]))
    assert chosen(test)["team"] == ["Billing"]
    assert chosen(click(test))["team"] == ["Billing", "Technical"]


@pytest.mark.slow
def test_a_value_without_a_list_in_the_bar_filters_and_is_taken_back(app, sample_home, marks):
    marks(Drill((("sla_metric", ("first_reply",)), ("sla_state", ("breached",))), of="sla_targets"))
    test = click(app(sample_home, SPEED, click="filter", period="90d", any="channel:chat|channel:email"))
    said = decode(chosen(test)["any"])
    assert len(said) == 2 and all(len(group) == 3 for group in said)
    assert chosen(click(test)) == {"period": "90d", "any": "channel:chat|channel:email"}


def test_a_click_takes_back_what_it_changed_and_no_other_filter(app, sample_home, marks):
    marks(Drill((("team", ("Billing",)), ("sla_state", ("breached",))), of="sla_targets"))
    test = click(app(sample_home, SPEED, click="filter", team="Billing"))
    assert chosen(test) == {"team": ["Billing"], "any": "sla_state:breached"}
    assert chosen(click(test)) == {"team": ["Billing"]}


def test_a_filter_of_a_link_is_taken_back_by_its_mark(app, sample_home, marks):
    marks(TEAM)
    assert "team" not in chosen(click(app(sample_home, OVERVIEW, click="filter", team="Billing")))


def test_the_days_before_a_click_come_back(app, sample_home, marks):
    week = Drill((), Period(date(2026, 11, 2), date(2026, 11, 8)), of="volume")
    marks(DAY, week)
    test = click(app(sample_home, OVERVIEW, click="filter", period="90d"))
    assert chosen(test)["dates"] == ["2026-11-04", "2026-11-04"]
    assert chosen(click(test)) == {"period": "90d"}
    click(click(test, 1), 0)
    test.button(key="chip_period").click().run()
    assert chosen(test)["dates"] == ["2026-11-02", "2026-11-08"]
    test.button(key="chip_period").click().run()
    assert chosen(test) == {"period": "90d"}


def test_after_a_reset_the_usual_days_hold(app, sample_home, marks):
    marks(DAY)
    test = click(app(sample_home, OVERVIEW, click="filter", period="90d"))
    test.button(key="filters_reset").click().run()
    assert not chosen(test)


def test_a_mark_of_everything_opens_though_clicks_filter(app, sample_home, marks, gone):
    marks(Drill(of="csat_share"))
    click(app(sample_home, OVERVIEW, click="filter"))
    assert gone == [{"of": "csat_share"}]
