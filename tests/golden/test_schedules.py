"""A ticket whose schedule changes while it waits: the three published ways of counting it.

The ticket is number 941606 of dbt_zendesk's decision log: created on Tuesday 2020-09-29 17:01:38 UTC under schedule A,
under schedule B from Wednesday 19:01:25, first reply on Wednesday 19:01:46. Minutes of the week begin on Sunday.

By intervals: A on Tuesday from 17:01:38 (minute 3901.633) to 4440 is 538.367; A on Wednesday from 5040 to 19:01:25
(minute 5461.417) is 421.417; B from then to 19:01:46, inside 5220-5790, is 0.35. Together 960.133 minutes = 57,608 s.
By the last schedule alone: B on Tuesday from 3901.633 to 4350 is 448.367, on Wednesday from 5220 to 5461.767 is
241.767. Together 690.133 minutes = 41,408 s. By the calendar 1,560.133 minutes = 93,608 s.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from core.settings import Counting
from tests.golden.workspace import Rows, rules

KEY = {"source_id": "helpdesk", "conversation_id": "941606"}
SCHEDULE_A = (
    (720, 1560), (2160, 3000), (3600, 4440), (5040, 5880), (6480, 7320), (7920, 8760), (9360, 10200),
)  # fmt: skip
SCHEDULE_B = ((2340, 2910), (3780, 4350), (5220, 5790), (6660, 7230), (8100, 8670))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2020-{text}").replace(tzinfo=UTC)


def schedule(name: str, intervals: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    return {
        "source_id": "helpdesk", "schedule_id": name, "name": name, "iana_tz": "UTC",
        "intervals": json.dumps(intervals), "holidays": "[]",
    }  # fmt: skip


def change(event: str, at: str, old: str | None, new: str) -> dict[str, Any]:
    return KEY | {
        "event_id": event, "occurred_at": moment(at), "field": "schedule", "old_value": old, "new_value": new,
    }  # fmt: skip


def message(name: str, role: str, at: str) -> dict[str, Any]:
    return KEY | {
        "message_id": name, "author_id": name, "author_role": role, "is_public": True, "kind": "message",
        "body_text": f"words of {name}", "created_at": moment(at),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("compat", "seconds"),
    [("intervals", 57_608), ("zendesk_single", 41_408)],
    ids=["intervals", "last schedule"],
)
def test_a_schedule_that_changes(tmp_path: Path, now: datetime, compat: Any, seconds: int) -> None:
    store = Rows(Home(tmp_path / "store"), rules(counting=Counting(business_hours=compat)))
    store.insert("schedules", [schedule("A", SCHEDULE_A), schedule("B", SCHEDULE_B)])
    store.insert("conversations", [KEY | {"created_at": moment("09-29 17:01:38"), "status": "open"}])
    store.insert("messages", [message("customer", "customer", "09-29 17:01:38")])
    store.insert("messages", [message("agent", "agent", "09-30 19:01:46")])
    store.insert(
        "conversation_events",
        [change("e1", "09-29 17:01:38", None, "A"), change("e2", "09-30 19:01:25", "A", "B")],
    )
    store.enrich()
    [facts] = store.table("conversation_facts")
    assert facts["first_reply_s"] == 93_608
    assert facts["first_reply_business_s"] == seconds
    store.writer.close()
