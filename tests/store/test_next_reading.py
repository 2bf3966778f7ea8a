"""When a source is read next, from what the run log says of its last reading; what the timer does, pages show."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.home import Home
from core.settings import Settings, Source
from store.next_reading import next_reading
from store.runs import RunLog

SOURCE = Source(name="desk", kind="files", every="6h")  # type: ignore[call-arg]


def next_minutes(home: Home, now: datetime) -> float:
    (last,) = RunLog(home).of_sources(1)["desk"]
    due = next_reading(Settings(sources=[SOURCE]), SOURCE, last, now=now)  # type: ignore[list-item]
    assert due is not None
    return (due - now).total_seconds() / 60


@pytest.mark.parametrize(
    ("status", "trigger", "minutes"),
    [("ok", "schedule", 360), ("interrupted", "manual", 5), ("interrupted", "schedule", 5), ("cancelled", "schedule", 5),
     ("cancelled", "manual", 360), ("failed", "schedule", 360)],
)  # fmt: skip
def test_one_that_was_cut_off_is_taken_up_again_soon(
    home: Home, now: datetime, status: str, trigger: str, minutes: int
) -> None:
    RunLog(home).start("r1", "desk", trigger=trigger)
    RunLog(home).finish("r1", "desk", status)
    assert next_minutes(home, now) == minutes


def test_one_that_failed_is_tried_again_when_it_said(home: Home, now: datetime) -> None:
    RunLog(home).start("r1", "desk")
    RunLog(home).finish("r1", "desk", "failed", next_attempt_at=now + timedelta(minutes=7))
    assert next_minutes(home, now) == 7


def test_one_that_was_never_read_is_due_now(now: datetime) -> None:
    assert next_reading(Settings(sources=[SOURCE]), SOURCE, None, now=now) == now  # type: ignore[list-item]
    by_hand = Source(name="desk", kind="files")  # type: ignore[call-arg]
    assert next_reading(Settings(sources=[by_hand]), by_hand, None, now=now) == now  # type: ignore[list-item]
