"""What would change is told in words, with the hours that a calendar is open."""

from __future__ import annotations

from datetime import UTC, datetime

from analytics.goals_changes import GoalChange, changes
from core.hours_file import Goals, proposed

MONDAY = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
OFFICE = {"name": "office", "hours": {"mon-fri": "09:00-17:00"}}
TARGET = {"metric": "first_reply", "target": "4h", "calendar": "office"}
NOW = proposed([OFFICE], [TARGET, {"metric": "resolution", "target": "2d"}])


def told(after: Goals) -> dict[str, tuple[str, str]]:
    return {one.what: (one.before, one.after) for one in changes(NOW, after, MONDAY)}


def test_nothing_changed_is_nothing() -> None:
    assert told(NOW) == {}


def test_longer_hours_and_a_closed_day_are_counted() -> None:
    after = told(
        proposed([OFFICE | {"hours": {"mon-fri": "09:00-18:00"}, "closed": ["2026-11-18"]}], [TARGET])
    )
    # 20 days of 8 h; then 19 days of 9 h.
    assert after["Open hours of office in the next 4 weeks"] == ("160 h", "171 h")
    assert "closed 2026-11-18" in after["Calendar office"][1]
    assert after["Resolution"] == ("2d around the clock", "")


def test_another_length_and_a_new_filter() -> None:
    after = told(
        proposed(
            [OFFICE],
            [TARGET | {"target": "2h"}, {"metric": "resolution", "target": "2d", "priority": "high"}],
        )
    )
    assert after["First reply"] == ("4h in the hours of office", "2h in the hours of office")
    assert after["Resolution"] == ("2d around the clock", "")
    assert after["Resolution (priority high)"] == ("", "2d around the clock")


def test_the_order_of_targets_is_a_change() -> None:
    swapped = proposed([OFFICE], [{"metric": "resolution", "target": "2d"}, TARGET])
    assert changes(NOW, swapped, MONDAY) == [
        GoalChange("Order of targets", "First reply, Resolution", "Resolution, First reply")
    ]


def test_one_name_with_a_comma_is_not_two_names() -> None:
    kept = proposed(
        [OFFICE | {"teams": ["Sales, EMEA"]}], [TARGET | {"filter": {"product": ["Phones, tablets"]}}]
    )
    torn = proposed(
        [OFFICE | {"teams": ["Sales", "EMEA"]}], [TARGET | {"filter": {"product": ["Phones", "tablets"]}}]
    )
    found = {one.what: (one.before, one.after) for one in changes(kept, torn, MONDAY)}
    assert 'teams "Sales, EMEA"' in found["Calendar office"][0]
    assert "teams Sales, EMEA" in found["Calendar office"][1]
    assert found['First reply (filter product "Phones, tablets")'] == ("4h in the hours of office", "")
    assert changes(kept, kept, MONDAY) == []
