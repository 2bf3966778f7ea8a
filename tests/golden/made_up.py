"""Conversations made at random, for what must hold of any: the same seed gives the same ones."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.golden.story import AGENTS, TEAMS, Event, Story

START = datetime(2026, 2, 2, tzinfo=UTC)
STATUSES = ("open", "pending", "hold", "solved", "closed")
TEXTS = (
    "It does not work", "Thanks!", "Thank you, but how?", "Which one do you mean?", "Done", "Grüße aus Köln 🚲",
)  # fmt: skip


def conversations(seed: int, count: int, prefix: str = "random") -> list[Story]:
    """`count` of them, in several sources, with requesters of their own who come back."""
    rng = random.Random(seed)
    return [_conversation(rng, f"{prefix}_{n}", prefix) for n in range(count)]


def _conversation(rng: random.Random, name: str, prefix: str) -> Story:
    created = START + timedelta(seconds=rng.randrange(8 * 7 * 86400))
    requester = f"{prefix}_customer_{rng.randrange(12)}"
    events, at = [Event(created, requester, "customer", "says", rng.choice(TEXTS))], created
    for _ in range(rng.randrange(14)):
        at += timedelta(seconds=rng.choice((0, 1, 59, 1799, 1801, 7200, 90_000)))
        event = _event(rng, at, requester)
        if event.what not in ("says", "notes", "status") and at == events[-1].at:
            # Who holds a conversation at an instant is asked for after everything of that instant.
            event = replace(event, at=at + timedelta(seconds=1))
        at = event.at
        events.append(event)
    return Story(
        id=name, why="made at random", file="random", created=created, events=tuple(events),
        source=rng.choice(("desk", "slas", "second")), channel=rng.choice(("email", "chat")),
        priority=rng.choice(("none", "low", "normal", "high", "urgent")),
        team=rng.choice((None, *TEAMS)), agent=rng.choice((None, *AGENTS)), requester=requester,
        row=rng.choice(({}, {}, {}, {}, {"is_spam": "true"}, {"merged_into": "plain"})),
    )  # fmt: skip


def _event(rng: random.Random, at: datetime, requester: str) -> Event:
    agent = rng.choice(list(AGENTS))
    what = rng.choice(
        (
            "asks",
            "asks",
            "says",
            "says",
            "notes",
            "status",
            "status",
            "status",
            "team",
            "assignee",
            "priority",
        )
    )
    if what == "asks":
        return Event(at, requester, "customer", "says", rng.choice(TEXTS))
    if what in ("says", "notes"):
        who, role = rng.choice(((agent, "agent"), (agent, "agent"), ("bot", "bot"), ("system", "system")))
        # No two are equal, so that none of them is an acknowledgement.
        return Event(at, who, role, what, f"{rng.choice(TEXTS)} {rng.random()}")
    values = {
        "status": STATUSES, "team": tuple(TEAMS), "assignee": tuple(AGENTS),
        "priority": ("low", "normal", "high", "urgent"),
    }  # fmt: skip
    return Event(at, agent, "agent", what, rng.choice(values[what]))
