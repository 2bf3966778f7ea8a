"""Stories as canonical rows, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.golden.story import AGENTS, TEAMS, Event, Story

Row = dict[str, Any]
SAID = {"says": True, "notes": False}
FIELDS = ("status", "team", "assignee", "priority", "schedule")
SCALES = {"promoter": ("NPS 0-10", 0, 10), "effort": ("CES 1-7", 1, 7)}
SILENT = ("bare",)  # sources that have no status at all


def rows_of(stories: Iterable[Story]) -> dict[str, list[Row]]:
    """Rows of all streams; every row has its source_id."""
    made: dict[str, list[Row]] = {
        "teams": [], "people": [], "conversations": [], "messages": [], "conversation_events": [], "csat": [],
    }  # fmt: skip
    told = list(stories)
    for source in dict.fromkeys(story.source for story in told):
        made["teams"] += [{"source_id": source, "team_id": t, "name": n} for t, n in TEAMS.items()]
        made["people"] += [
            {"source_id": source, "person_id": a, "kind": "agent", "name": n} for a, n in AGENTS.items()
        ]
    for story in told:
        _tell(story, made)
    return made


def _tell(story: Story, made: dict[str, list[Row]]) -> None:
    now: dict[str, Any] = {
        "status": "new", "team": story.team, "assignee": story.agent, "priority": story.priority,
        "schedule": None,
    }  # fmt: skip
    for place, event in enumerate(story.events, 1):
        key = {"source_id": story.source, "conversation_id": story.id}
        if story.ordered:
            key["seq"] = place
        if event.what in SAID:
            made["messages"].append(key | _message(story, place, event))
        elif event.what in FIELDS:
            made["conversation_events"].append(key | _change(story, place, event, now[event.what]))
            now[event.what] = None if event.text == "nobody" else event.text
        else:
            key.pop("seq", None)
            made["csat"].append(key | _rating(story, place, event))
    made["conversations"].append(
        {
            "source_id": story.source, "conversation_id": story.id, "created_at": story.created,
            "channel": story.channel, "requester_id": story.requester, "subject": story.id,
            "status": None if story.source in SILENT else now["status"], "priority": now["priority"],
            "team_id": now["team"], "assignee_id": now["assignee"],
        } | {c: _cell(c, v) for c, v in story.row.items()}
    )  # fmt: skip


def _message(story: Story, place: int, event: Event) -> Row:
    return {
        "message_id": f"{story.id}-m{place}", "author_id": None if event.who == "-" else event.who, "author_role": event.role,
        "is_public": SAID[event.what], "kind": "message" if SAID[event.what] else "note",
        "body_text": event.text, "created_at": event.at,
    }  # fmt: skip


def _change(story: Story, place: int, event: Event, before: str | None) -> Row:
    return {
        "event_id": f"{story.id}-e{place:03}", "occurred_at": event.at, "field": event.what,
        "actor_id": None if event.who == "-" else event.who, "actor_role": event.role or None,
        "old_value": before, "new_value": None if event.text == "nobody" else event.text,
    }  # fmt: skip


def _rating(story: Story, place: int, event: Event) -> Row:
    """`rated 4 of 5`: points of a scale that begins at one; `promoter 9`: of 0 to 10; `effort 6`: of 1 to 7.

    `surveyed` is a question without an answer.
    """
    row: Row = {"csat_id": f"{story.id}-r{place}", "person_id": story.requester}
    if event.what == "surveyed":
        return row | {"offered_at": event.at}
    points, _, top = event.text.partition(" of ")
    name, low, high = SCALES.get(event.what, (f"1-{top}", 1, int(top or 0)))
    score = (int(points) - low) / (high - low)
    return row | {"rated_at": event.at, "score": score, "native_score": points, "scale": name}


def _cell(column: str, value: str) -> Any:
    if value == "null":
        return None
    if column.endswith("_at"):
        return datetime.fromisoformat(value)
    return {"true": True, "false": False}.get(value, value)
