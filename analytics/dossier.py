"""One conversation opened: its thread, what happened, and every computed fact with the events it lies between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from analytics import periods
from analytics.memo import per_reader
from analytics.sla_states import sla_state
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Duration:
    """A computed duration: seconds, the same in working time, and the two events it lies between.

    Moments are wall-clock times of the reporting zone; `end` is None while it is still running.
    """

    title: str
    seconds: int
    business_s: int | None
    begins: str
    start: datetime | None
    ends: str
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which status, team, agent and priority stayed as they were; `until` is None for the last one."""

    since: datetime
    until: datetime | None
    status: str | None
    team: str | None
    agent: str | None
    priority: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything known about one conversation. `known` is how far the data reaches; all moments are local.

    `messages` have author and created_local; `events` when, who, role, field, was, became and is_derived;
    `replies` asked, replied, agent, team, waited_s, waited_business_s; `targets` the rows of sla_instances with
    state; `ratings` those of csat, oldest first.
    """

    facts: Row
    url: str | None
    known: datetime
    messages: tuple[Row, ...]
    events: tuple[Row, ...]
    ratings: tuple[Row, ...]
    replies: tuple[Row, ...]
    targets: tuple[Row, ...]
    stretches: tuple[Stretch, ...]
    durations: tuple[Duration, ...]


_KEY = "source_id = ? AND conversation_id = ?"
_EVENTS = f"""
WITH happened AS (FROM {{conversation_events}} WHERE {_KEY} AND NOT coalesce(is_deleted, false))
SELECT h.occurred_at, coalesce(a.name, a.handle, h.actor_id, h.actor_role) AS who, h.actor_role AS role, h.field,
  coalesce(wp.name, wt.name, h.old_value) AS was, coalesce(bp.name, bt.name, h.new_value) AS became, h.is_derived
FROM happened h
LEFT JOIN {{people}} a ON a.source_id = h.source_id AND a.person_id = h.actor_id
LEFT JOIN {{people}} wp ON h.field = 'assignee' AND wp.source_id = h.source_id AND wp.person_id = h.old_value
LEFT JOIN {{people}} bp ON h.field = 'assignee' AND bp.source_id = h.source_id AND bp.person_id = h.new_value
LEFT JOIN {{teams}} wt ON h.field = 'team' AND wt.source_id = h.source_id AND wt.team_id = h.old_value
LEFT JOIN {{teams}} bt ON h.field = 'team' AND bt.source_id = h.source_id AND bt.team_id = h.new_value
ORDER BY h.occurred_at, h.seq, h.event_id"""
_REPLIES = f"""SELECT * FROM {{replies}} WHERE {_KEY} ORDER BY reply_no"""
_SPANS = f"""SELECT * FROM {{open_spans}} WHERE {_KEY} ORDER BY opened_at, span_no"""


def opened(
    reader: Reader, source_id: str, conversation_id: str, *, settings: Settings, viewer: Viewer
) -> Dossier | None:
    """One conversation, or None where there is none that the viewer may see."""
    from store import queries

    found = queries.conversation(reader, source_id, conversation_id, viewer=viewer)
    if found is None:
        return None
    key, zone = [source_id, conversation_id], settings.workspace.zone
    known = periods.known_until(reader, settings)

    def rows(sql: str) -> list[Row]:
        return list(reader.query(sql, key, viewer=viewer).to_pylist())

    targets = reader.select(
        f"SELECT * FROM ({_targets(reader, known, viewer)}) WHERE {_KEY}", key
    ).to_pylist()
    spans = rows(_SPANS)
    return Dossier(
        facts={**found.facts, "tags": found.tags}, url=found.url, known=known,
        messages=tuple(_message(row, zone) for row in found.messages.to_pylist()),
        events=tuple({**row, "when": _local(row["occurred_at"], zone)} for row in rows(_EVENTS)),
        ratings=tuple(_rating(row, zone) for row in found.csat.to_pylist()),
        replies=tuple(_reply(row, zone) for row in rows(_REPLIES)),
        targets=tuple(
            {**row, "started_local": _local(row["started_at"], zone)}
            for row in sorted(targets, key=lambda row: (row["sla_metric"], row["instance_no"]))
        ),
        stretches=tuple(stretches(found.facts, spans)), durations=tuple(durations(found.facts, known, zone)),
    )  # fmt: skip


@per_reader
def _targets(reader: Reader, known: datetime, viewer: Viewer) -> str:
    """SQL of the targets with their state."""
    from store.reader import compiled

    table = partial(reader.table, viewer=viewer)("sla_instances")
    return compiled(table.mutate(state=sla_state(table, known)))


def _message(row: Row, zone: ZoneInfo) -> Row:
    return {
        **row,
        "author": row["author"] or row["author_id"],
        "created_local": _local(row["created_at"], zone),
    }


def _rating(row: Row, zone: ZoneInfo) -> Row:
    return {
        **row,
        "offered_local": _local(row["offered_at"], zone),
        "rated_local": _local(row["rated_at"], zone),
    }


def _reply(row: Row, zone: ZoneInfo) -> Row:
    return {**row, "asked_local": _local(row["asked_at"], zone)}


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone).replace(tzinfo=None) if at else None


def stretches(facts: Row, spans: list[Row]) -> list[Stretch]:
    """The unsolved stretches as they are, and what lies between and after them as solved."""
    found: list[Stretch] = []
    for position, span in enumerate(spans):
        found.append(
            Stretch(
                span["opened_local"], span["closed_local"], span["status"], span["team"], span["agent"],
                span["priority"],
            )
        )  # fmt: skip
        ends = span["closed_local"]
        begins = spans[position + 1]["opened_local"] if position + 1 < len(spans) else None
        if ends is not None and (begins is None or begins > ends):
            is_last = begins is None
            status = facts["status"] if is_last and facts["is_solved"] else "solved"
            found.append(
                Stretch(ends, begins, status, facts["team"] if is_last else span["team"],
                        facts["agent"] if is_last else span["agent"], span["priority"])
            )  # fmt: skip
    return found


def durations(facts: Row, known: datetime, zone: ZoneInfo) -> list[Duration]:
    """Every duration that the facts hold, in the order in which they begin."""
    created, first, last = facts["created_local"], facts["first_solved_local"], facts["last_solved_local"]
    reply, again = facts["first_reply_local"], facts["reopened_reply_local"]
    found = [
        _duration(facts, "First reply", "first_reply", "creation", created,
                  f"the first public message by a human agent{_by(facts['first_reply_agent'])}", reply),
        _duration(facts, "First resolution", "first_resolution", "creation", created,
                  f"the first solve{_by(facts['first_solve_agent'])}", first),
        _duration(facts, "Until it was reopened", "first_reopened", "the first solve", first,
                  "the first reopen that was more than thanks", facts["first_reopened_local"]),
        _duration(facts, "Reply after the reopen", "reopened_reply", "the last reopen", _before(again, facts["reopened_reply_s"]),
                  f"the first public reply after it{_by(facts['reopened_reply_agent'])}", again),
        _duration(facts, "Full resolution", "full_resolution", "creation", created,
                  f"the last solve{_by(facts['last_solve_agent'])}", last),
        *_sums(facts, created, last),
        _duration(facts, "Until the customer came back", "next_contact", "the last solve", last,
                  "their next conversation", _local(facts["next_contact_at"], zone)),
    ]  # fmt: skip
    waiting = facts["waiting_since_local"]
    if waiting and not facts["is_solved"] and known >= waiting:
        seconds = int((known - waiting).total_seconds())
        found.append(
            Duration(
                "Waiting for a reply",
                seconds,
                None,
                "the oldest message without a reply",
                waiting,
                "now",
                None,
            )
        )
    return [one for one in found if one is not None]


def _sums(facts: Row, created: datetime, last: datetime | None) -> list[Duration | None]:
    """Times in some statuses, added up until the last solve."""
    told = (
        ("The customer waited", "requester_wait", "new, open and on hold"),
        ("With us", "agent_work", "new and open"),
        ("Waiting for the customer", "agent_wait", "pending"),
        ("On hold", "on_hold", "on hold"),
    )
    return [
        _duration(facts, title, stem, f"creation, only the time in {states}", created, "the last solve", last)
        for title, stem, states in told if facts[f"{stem}_s"]
    ]  # fmt: skip


def _duration(
    facts: Row, title: str, stem: str, begins: str, start: datetime | None, ends: str, end: datetime | None
) -> Duration | None:
    seconds = facts[f"{stem}_s"]
    if seconds is None:
        return None
    return Duration(title, seconds, facts.get(f"{stem}_business_s"), begins, start, ends, end)


def _before(at: datetime | None, seconds: int | None) -> datetime | None:
    return at - timedelta(seconds=seconds) if at and seconds is not None else None


def _by(agent: str | None) -> str:
    return f" ({agent})" if agent else ""
