"""The parts of the experience score of one conversation equal the metric's, and each names the message that decided it."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics import dossier
from analytics.experience import Experience, experience
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader

Make = Callable[..., Reader]
CREATED = datetime(2026, 11, 2, 10)


def at(hours: float) -> datetime:
    return CREATED + timedelta(hours=hours)


def talk(*turns: tuple[str, float, float | None]) -> dict[str, Any]:
    """(role, hours since the beginning, mood) of each message."""
    return {
        "messages": [
            {"source_id": "desk", "message_id": f"m{n}", "conversation_id": "c0", "seq": n, "author_role": role, "kind": "message",
             "is_public": True, "is_deleted": False, "body_text": f"words {n}", "created_at": at(hours).replace(tzinfo=UTC)}
            for n, (role, hours, _) in enumerate(turns)
        ],
        "message_enrichment": [
            {"source_id": "desk", "message_id": f"m{n}", "conversation_id": "c0", "sentiment_score": mood}
            for n, (_, _, mood) in enumerate(turns) if mood is not None
        ],
    }  # fmt: skip


LATER = {"conversation_id": "later", "created_local": at(24 * 13)}
BASE = {"agent_replies": 1, "customer_messages": 1, "handoffs": 0, "missed_targets": 0, "reopens": 0}


def went(
    make: Make, facts: dict[str, Any], *turns: tuple[str, float, float | None], **tables: Any
) -> Experience:
    reader = make([{**BASE, **facts}, LATER], **talk(*turns), **tables)
    opened = dossier.opened(reader, "desk", "c0", settings=Settings(), viewer=EVERYTHING)
    assert opened is not None
    return experience(reader, opened, viewer=EVERYTHING)


def told(found: Experience) -> dict[str, tuple[float | None, int | None]]:
    return {part.name: (part.value, part.message) for part in found.parts}


def test_solved_and_happy(warehouse: Make) -> None:
    facts = {
        "first_solved_local": at(2),
        "last_solved_local": at(2),
        "sentiment_end": 0.5,
        "last_activity_local": at(3),
    }
    found = went(warehouse, facts, ("customer", 0, -0.5), ("agent", 2, None), ("customer", 3, 0.5))
    assert told(found) == {"resolution": (2, 2), "sentiment": (1, 3), "service": (2, None)}
    assert found.score == pytest.approx(1 + 4 * (0.4 + 0.35 * 3 / 4 + 0.25)) and found.pending == ""


def test_a_reopen_is_decided_by_the_message_that_brought_it(warehouse: Make) -> None:
    facts = {
        "first_solved_local": at(2), "first_reopened_local": at(5), "last_solved_local": at(6), "reopens": 1, "sentiment_end": -1.0,
        "handoffs": 2, "last_activity_local": at(6),
    }  # fmt: skip
    turns = (("customer", 0, 0.0), ("agent", 2, None), ("customer", 5, -1.0), ("agent", 6, None))
    events = [
        {"source_id": "desk", "event_id": f"e{n}", "conversation_id": "c0", "seq": n, "field": "assignee", "old_value": "A",
         "new_value": "B", "is_deleted": False, "occurred_at": at(hours).replace(tzinfo=UTC)} for n, hours in enumerate((1, 5.5))
    ]  # fmt: skip
    found = went(warehouse, facts, *turns, conversation_events=events)
    assert told(found) == {"resolution": (1, 3), "sentiment": (-2, 3), "service": (1, 4)}
    assert "reopened" in found.parts[0].why and "passed on 2 times" in found.parts[2].why
    assert found.score == pytest.approx(1 + 4 * (0.4 / 2 + 0 + 0.25 / 2))


def test_unsolved_and_late(warehouse: Make) -> None:
    target = {
        "source_id": "desk", "conversation_id": "c0", "sla_metric": "first_reply", "instance_no": 1, "target_s": 3600,
        "due_local": at(1), "ended_local": at(4), "breached_local": at(1), "breached_at": at(1).replace(tzinfo=UTC),
    }  # fmt: skip
    facts = {"missed_targets": 1, "sentiment_end": 0.0, "last_activity_local": at(5)}
    found = went(
        warehouse,
        facts,
        ("customer", 0, 0.0),
        ("agent", 4, None),
        ("customer", 5, 0.0),
        sla_instances=[target],
    )
    assert told(found) == {"resolution": (0, 3), "sentiment": (0, 3), "service": (1, 2)}
    assert "target was missed (first reply)" in found.parts[2].why


def test_what_is_not_judged_says_why(warehouse: Make) -> None:
    facts = {"first_solved_local": at(24 * 12), "last_solved_local": at(24 * 12), "sentiment_end": 0.5}
    young = went(warehouse, facts, ("customer", 0, 0.5), ("agent", 2, None))
    assert young.score is None and "Judged 7 days after" in young.pending
    assert told(young)["resolution"][0] == 2  # the parts are there at once
    assert "so far" in young.parts[0].why


def test_without_a_reply_nothing_is_judged(warehouse: Make) -> None:
    found = went(warehouse, {"agent_replies": 0}, ("customer", 0, None))
    assert found.score is None and found.pending == "Not judged: resolution, sentiment, service unknown."
