"""Rows of the two sheets say what the tables of settings say, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.hours_file import Goals, proposed
from ui.goals_rows import calendar_rows, calendar_tables, target_rows, target_tables

CALENDARS: list[dict[str, Any]] = [
    {"name": "office", "zone": "Europe/London", "hours": {"mon-thu": "09:00-12:00, 13:00-17:30", "fri": "09:00-15:00"}},
    {
        "name": "office", "zone": "Europe/London", "hours": {"mon-fri": "08:00-18:00"}, "valid_from": "2027-01-01",
        "holidays": "GB-ENG", "closed": ["2027-02-01", "2027-02-02"], "sources": ["desk"], "teams": ["Billing", "Tier 2"],
    },
]  # fmt: skip
TARGETS: list[dict[str, Any]] = [
    {"metric": "first_reply", "preset": "4/8/24/72h", "calendar": "office"},
    {"metric": "resolution", "target": "2d", "priority": "high", "pause_in": []},
    {"metric": "next_reply", "target": "30m", "pause_in": ["pending", "hold"], "sources": ["desk"],
     "filter": {"channel": ["email", "chat"], "custom:plan": ["gold"]}},
]  # fmt: skip


def test_both_ways_lose_nothing() -> None:
    meant = proposed(CALENDARS, TARGETS)
    calendars, targets = calendar_rows(meant.calendars), target_rows(meant.sla)
    assert calendars[0]["Hours"] == "mon-thu 09:00-12:00, 13:00-17:30; fri 09:00-15:00"
    assert (targets[0]["Target"], targets[1]["Stands still in"]) == ("4/8/24/72h", "none")
    assert targets[2]["Only for"] == "channel = email, chat; custom:plan = gold"
    assert proposed(calendar_tables(calendars), target_tables(targets)) == meant


@given(names=st.lists(st.text("ab,;=\\ \"'|:\n", min_size=1), min_size=1, max_size=3))
def test_names_of_any_signs_stay_whole(names: list[str]) -> None:
    """What the sheets split at is part of many names: "Sales, EMEA"."""
    calendar = {"name": "office", "hours": {"mon": "09:00-17:00"}, "teams": names, "sources": names}
    target = {
        "metric": "resolution",
        "target": "2d",
        "filter": {"product": names, "custom:a;b, c=d\\": names},
    }
    meant = proposed([calendar], [target])
    calendars, targets = calendar_rows(meant.calendars), target_rows(meant.sla)
    assert proposed(calendar_tables(calendars), target_tables(targets)) == meant


def test_a_sign_of_a_name_stands_behind_a_backslash() -> None:
    meant = proposed([CALENDARS[0] | {"teams": ["Sales, EMEA", "Tier 2"]}], [])
    assert calendar_rows(meant.calendars)[0]["Teams"] == r"Sales\, EMEA, Tier 2"


def test_empty_rows_and_cells_say_nothing() -> None:
    row: dict[str, Any] = {
        "Name": " office ",
        "Hours": "mon 09:00-17:00",
        "Zone": None,
        "Teams": "",
        "Closed": " ",
    }
    assert calendar_tables([{}, {"Name": None}, row]) == [{"name": "office", "hours": {"mon": "09:00-17:00"}}]
    assert proposed(calendar_tables([row]), []).calendars[0].zone == "UTC"


@pytest.mark.parametrize("text", ["always", "09:00-17:30", "mon-fri 09:00-17:30; weekend"])
def test_a_cell_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        calendar_tables([{"Name": "office", "Hours": text}])


@pytest.mark.parametrize(
    ("calendars", "targets", "why"),
    [
        ([{"Name": "office", "Hours": "mon-fry 09:00-17:00"}], [], "mon-fry"),
        ([{"Name": "office", "Hours": "mon 9-17"}], [], "span of hours"),
        ([{"Name": "office", "Hours": "mon 09:00-17:00", "Zone": "Mars/Base"}], [], "zone"),
        ([], [{"Clock": "first_reply", "Target": "1h", "Calendar": "office"}], "there is no calendar office"),
        ([], [{"Clock": "first_reply"}], "set either target or preset"),
        ([], [{"Clock": "first_reply", "Target": "soon"}], "duration"),
        ([], [{"Clock": "first_reply", "Target": "1h", "Stands still in": "asleep"}], "asleep"),
        ([], [{"Clock": "first_reply", "Target": "1h", "Only for": "weather = bad"}], "weather"),
    ],
)
def test_what_is_not_valid_is_told(calendars: list[Any], targets: list[Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        proposed(calendar_tables(calendars), target_tables(targets))


def test_nothing_is_valid_too() -> None:
    assert proposed([], []) == Goals()
