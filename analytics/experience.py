"""The experience score of one conversation: its three parts, each with the message that decided it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics.base import FACTS, Scope
from analytics.metrics.experience_score import DAYS, EXPERIENCE_SCORE
from store.spoken import is_spoken

if TYPE_CHECKING:
    from analytics.dossier import Dossier
    from core.viewer import Viewer
    from store.reader import Reader

Message = Mapping[str, Any]
RANGES = {"resolution": (0, 2), "sentiment": (-2, 2), "service": (0, 2)}


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its value between `low` and `high` (None: unknown), why, and the deciding message (counted from 1)."""

    name: str
    value: float | None
    low: int
    high: int
    why: str
    message: int | None


@dataclass(frozen=True, slots=True)
class Experience:
    """The parts, and the score from 1 to 5 that they make; None while it is not judged, and `pending` says why."""

    score: float | None
    parts: tuple[Part, ...]
    pending: str


def experience(reader: Reader, opened: Dossier, *, viewer: Viewer) -> Experience:
    """How a conversation went, by the rules of the metric `experience_score`, and what decided each part."""
    facts = opened.facts
    values = _values(reader, opened, viewer)
    parts = tuple(
        Part(name, values[name], *RANGES[name], *_WHY[name](opened, values[name])) for name in RANGES
    )
    ripe = facts["last_activity_local"] + timedelta(days=DAYS) if facts["last_activity_local"] else None
    pending = ""
    if not facts["is_counted"]:
        pending = "It is in no number."
    elif any(part.value is None for part in parts):
        missing = ", ".join(part.name for part in parts if part.value is None)
        pending = f"Not judged: {missing} unknown."
    elif ripe is None or ripe > opened.known:
        pending = f"Judged {DAYS} days after the last message or solve" + (
            f", on {ripe:%-d %b %Y}." if ripe else "."
        )
    return Experience(None if pending else values["score"], parts, pending)


def _values(reader: Reader, opened: Dossier, viewer: Viewer) -> dict[str, float | None]:
    """The parts and the score as the metric itself computes them."""
    tables = partial(reader.table, viewer=viewer)
    facts = tables(FACTS)
    key = (opened.facts["source_id"], opened.facts["conversation_id"])
    facts = facts.filter(facts.source_id == key[0], facts.conversation_id == key[1])
    metric = EXPERIENCE_SCORE
    if metric.extend:
        facts = metric.extend(facts, Scope(tables, opened.known, opened.known))
    columns = {variant.name: variant.measure(facts).cast("float64") for variant in metric.variants}
    row = reader.run(facts.select(**columns, score=metric.value_of(facts).cast("float64"))).to_pylist()
    return row[0] if row else dict.fromkeys((*columns, "score"))


Why = tuple[str, int | None]


def _resolution(opened: Dossier, value: float | None) -> Why:
    facts, messages = opened.facts, opened.messages
    if value is None:
        return "no reply by an agent, or no history of its status", None
    if value == 0:
        return "not solved", _last(messages, "customer")
    solved = _last(messages, "agent", facts["last_solved_local"])
    if value == 2:
        is_over = (
            facts["last_solved_local"] and facts["last_solved_local"] + timedelta(days=DAYS) <= opened.known
        )
        return (
            f"solved, and it stayed so for {DAYS} days" if is_over else "solved, and so far it stays so",
            solved,
        )
    if facts["reopens"]:
        return "solved, but it was reopened", _back(opened)
    return f"solved, but the customer wrote anew within {DAYS} days", solved


def _back(opened: Dossier) -> int | None:
    """The customer's message with which it was reopened: the first since the solve that did not hold."""
    since, at = opened.facts["first_solved_local"], opened.facts["first_reopened_local"]
    theirs = [
        n
        for n, m in _of(opened.messages, "customer")
        if m["created_local"] and since and m["created_local"] >= since
    ]
    by_then = [n for n in theirs if at and opened.messages[n - 1]["created_local"] <= at]
    return by_then[-1] if by_then else theirs[0] if theirs else None


def _sentiment(opened: Dossier, value: float | None) -> Why:
    """The last of the customer's words that were scored decide."""
    scored = [n for n, m in _of(opened.messages, "customer") if m["sentiment_score"] is not None]
    if value is None or not scored:
        return "nothing that the customer wrote was scored", None
    mood = "bad" if value < 0 else "good" if value > 0 else "neither good nor bad"
    return f"the mood of the customer's last words is {mood}", scored[-1]


def _service(opened: Dossier, value: float | None) -> Why:
    if value is None:
        return "no reply by an agent, or the source tells no handoffs", None
    missed = [target for target in opened.targets if target["state"] == "breached"]
    told, message = [], None
    if missed:
        first = missed[0]
        told.append(f"a target was missed ({first['sla_metric'].replace('_', ' ')})")
        message = _answer(opened.messages, first)
    if (opened.facts["handoffs"] or 0) >= 2:
        told.append(f"passed on {opened.facts['handoffs']} times")
        message = message or _handed(opened)
    if not told and value < 2:
        told.append("a target is overdue")
        message = _last(opened.messages, "customer")
    return ", and ".join(told) or "no missed target, and passed on less than twice", message


def _answer(messages: Sequence[Message], target: Mapping[str, Any]) -> int | None:
    """The reply that came too late; where none came, the customer's message that waited for it."""
    ended = target["ended_local"]
    late = [
        n for n, m in _of(messages, "agent") if ended and m["created_local"] and m["created_local"] >= ended
    ]
    return late[0] if late else _last(messages, "customer")


def _handed(opened: Dossier) -> int | None:
    """The first message of the agents after it was passed on for the last time."""
    moves = [
        event["when"] for event in opened.events if event["field"] in ("assignee", "team") and event["was"]
    ]
    after = [
        n
        for n, m in _of(opened.messages, "agent")
        if moves and m["created_local"] and m["created_local"] >= moves[-1]
    ]
    return after[0] if after else None


def _of(messages: Sequence[Message], role: str) -> list[tuple[int, Message]]:
    """Public messages of a role with their numbers."""
    return [(n, m) for n, m in enumerate(messages, start=1) if m["author_role"] == role and is_spoken(m)]


def _last(messages: Sequence[Message], role: str, until: datetime | None = None) -> int | None:
    found = [
        n
        for n, m in _of(messages, role)
        if until is None or (m["created_local"] and m["created_local"] <= until)
    ]
    return found[-1] if found else None


_WHY = {"resolution": _resolution, "sentiment": _sentiment, "service": _service}
