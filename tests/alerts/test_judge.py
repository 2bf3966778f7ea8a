"""Verdicts and hysteresis, worked out by hand: no store, no clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.judge import Reading, measure, step, verdict
from alerts.rules import Rule
from store.workspace.incidents import AlertState

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def reading(value: float | None, day: int = 1, *, n: int = 50, **more: object) -> Reading:
    return Reading("", f"2026-11-{day:02}T00:00:00", value, n, **more)  # type: ignore[arg-type]


def walk(rule: Rule, values: list[float | None], *, n: int = 50) -> list[str]:
    """The events of one reading a day."""
    state, events = None, []
    for day, value in enumerate(values, 1):
        state, event = step(rule, state, reading(value, day, n=n), NOON + timedelta(days=day))
        events.append(event)
    return events


def test_above_and_below_are_strict() -> None:
    above, below = Rule("threshold", 10.0, "volume"), Rule("threshold", 10.0, "volume", direction="below")
    assert [verdict(above, reading(v)) for v in (10.0, 10.1, 3.0)] == ["back", "beyond", "back"]
    assert [verdict(below, reading(v)) for v in (10.0, 9.9, 12.0)] == ["back", "beyond", "back"]


def test_a_clear_level_keeps_an_incident_until_it_is_really_over() -> None:
    rule = Rule("threshold", 10.0, "volume", clear=8.0)
    assert walk(rule, [9, 11, 9, 11, 9, 8, 9, 11]) == [
        "", "opened", "updated", "updated", "updated", "resolved", "", "opened",
    ]  # fmt: skip
    falling = Rule("threshold", 10.0, "volume", direction="below", clear=12.0)
    assert walk(falling, [11, 9, 11, 12]) == ["", "opened", "updated", "resolved"]


def test_so_many_windows_in_a_row() -> None:
    rule = Rule("threshold", 10.0, "volume", times=3)
    assert walk(rule, [11, 11, 9, 11, 11, 11, 11]) == ["", "", "", "", "", "opened", "updated"]


def test_too_few_and_no_number_neither_open_nor_end_anything() -> None:
    rule = Rule("threshold", 10.0, "csat", min_n=20)
    state, event = step(rule, None, reading(99.0, n=19), NOON)
    assert (state.said, event, state.streak) == ("too few", "", 0)
    open_one = AlertState("firing", "firing", 1, 0, "2026-11-01T00:00:00", 11.0, 50, NOON)
    for found in (reading(1.0, 2, n=19), reading(None, 2)):
        state, event = step(rule, open_one, found, NOON)
        assert (state.level, event) == ("firing", "updated")
        assert state.said in ("too few", "no value")


def test_a_window_that_is_judged_again_is_not_counted_again() -> None:
    rule = Rule("threshold", 10.0, "volume", times=2)
    state, event = step(rule, None, reading(11.0, 1), NOON)
    for minute in range(5):
        state, event = step(rule, state, reading(11.0, 1), NOON + timedelta(minutes=minute))
        assert (event, state.streak) == ("", 1)
    late, event = step(rule, state, reading(9.0, 1), NOON + timedelta(hours=1))
    assert (late.streak, event) == (0, ""), "late rows made the day quiet"
    assert step(rule, state, reading(11.0, 2), NOON + timedelta(hours=1))[1] == "opened"


def test_what_is_older_than_what_was_judged_changes_nothing() -> None:
    rule = Rule("threshold", 10.0, "volume")
    state, _ = step(rule, None, reading(11.0, 2), NOON)
    assert step(rule, state, reading(1.0, 1), NOON + timedelta(hours=1)) == (state, "")
    assert step(rule, state, reading(1.0, 2), NOON - timedelta(seconds=1)) == (state, "")


@pytest.mark.parametrize(
    ("direction", "change_in", "now", "before", "expected"),
    [
        ("above", "percent", 130.0, 100.0, 30.0),
        ("below", "percent", 60.0, 100.0, 40.0),
        ("below", "percent", 130.0, 100.0, -30.0),
        ("either", "percent", 60.0, 100.0, 40.0),
        ("above", "percent", -10.0, -20.0, 50.0),
        ("above", "absolute", 0.9, 0.75, 0.15),
        ("above", "percent", 5.0, 0.0, None),
        ("above", "absolute", 5.0, 0.0, 5.0),
        ("either", "percent", 5.0, None, None),
        ("either", "percent", None, 5.0, None),
    ],
)
def test_changes(direction, change_in, now, before, expected) -> None:
    rule = Rule("change", 20.0, "volume", direction=direction, change_in=change_in)
    found = measure(rule, reading(now, previous=before, previous_n=40))
    assert found == (None if expected is None else pytest.approx(expected))


def test_a_change_rests_on_the_smaller_of_the_two() -> None:
    rule = Rule("change", 20.0, "volume", min_n=30)
    assert verdict(rule, reading(200.0, n=200, previous=100.0, previous_n=29)) == "too few"
    assert verdict(rule, reading(200.0, n=200, previous=100.0, previous_n=30)) == "beyond"


@given(st.lists(st.one_of(st.none(), st.floats(-50, 50)), max_size=40), st.integers(1, 4), st.floats(0, 10))
def test_incidents_never_overlap(values: list[float | None], times: int, gap: float) -> None:
    """Opened and resolved alternate, whatever the numbers do, and begin with opened."""
    events = [
        e
        for e in walk(Rule("threshold", 10.0, "x", clear=10.0 - gap, times=times), values)
        if e in ("opened", "resolved")
    ]
    assert events == [("opened", "resolved")[place % 2] for place in range(len(events))]
