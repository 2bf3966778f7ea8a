"""The CSV tables of one slice, as Arrow tables with the canonical column names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.sample import events as ev
from jobs.sample import scripts as s
from jobs.sample import threads, world
from jobs.sample.draw import Draws, Ints
from jobs.sample.hours import DAY_S
from jobs.sample.plan import Plan, requesters
from jobs.sample.slots import digits, joined, person_email, person_names, pick, slot_values
from jobs.sample.text import RATED, Author, Phrases

FIRST_NUMBER = 100_001
EVENT_VALUES = (world.STATUSES, world.TEAM_IDS, world.AGENT_IDS, world.PRIORITIES)
EXTRA_TAGS = ("vip", "escalated", "bug", "follow-up", "refund-given", "callback")


@cache
def _times_of_day() -> pa.Array:
    return pa.array([f"T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z" for n in range(DAY_S)])


def instants(seconds: Ints, known: NDArray[np.bool_] | None = None) -> pa.Array:
    """Instants as ISO 8601 with Z, null where not known."""
    known = np.ones(len(seconds), dtype=np.bool_) if known is None else known
    seconds = np.where(known, seconds, 0)
    days, inverse = np.unique(seconds // DAY_S, return_inverse=True)
    dates = pa.array(np.datetime_as_string(days.astype("datetime64[D]")).tolist(), pa.string())
    clock = _times_of_day()
    return joined(
        dates.take(pa.array(inverse, mask=~known)), clock.take(pa.array(seconds % DAY_S, mask=~known))
    )


def conversation_ids(rows: Ints) -> pa.Array:
    """Ids of conversations by their number in the sample; negative numbers give null."""
    known = pa.array(rows + FIRST_NUMBER, mask=rows < 0)
    return joined("SL-", pc.cast(known, pa.string()))


def requester_ids(numbers: Ints) -> pa.Array:
    """Ids of customers by their number."""
    return joined("C-", digits(numbers + 1, 6))


def organization_of(draws: Draws, requester: Ints, total: int) -> Ints:
    """The organization of each requester, -1 for private people."""
    many = organizations(total)
    member = draws.uniform("is member", requester) < 0.45
    return np.where(member, np.floor(many * draws.uniform("organization", requester) ** 1.3), -1).astype(
        np.int64
    )


def organizations(total: int) -> int:
    """How many organizations write: one for a dozen people."""
    return max(5, requesters(total) // 12)


def organization_ids(numbers: Ints) -> pa.Array:
    """Ids of organizations; negative numbers give null."""
    known = pa.array(numbers + 1, mask=numbers < 0)
    return joined("O-", pc.utf8_lpad(pc.cast(known, pa.string()), 4, "0"))


def optional(values: tuple[str, ...], position: Ints) -> pa.Array:
    """The values at these positions, null where negative."""
    return pa.array(values).take(pa.array(np.maximum(position, 0), mask=position < 0))


def flags(values: NDArray[np.bool_]) -> pa.Array:
    """Booleans as true and false."""
    return pick(("false", "true"), values.astype(np.int64))


@dataclass(frozen=True)
class SliceTables:
    """One slice of the sample, ready to be written."""

    slice_: threads.Slice
    phrases: Phrases

    @cached_property
    def events(self) -> threads.Events:
        """All events, in order."""
        return ev.of(self.slice_)

    @cached_property
    def author(self) -> Author:
        """Writes this slice's texts."""
        x, plan = self.slice_, self.slice_.plan
        slots = slot_values(x.clock.draws, plan, x.rows)
        return Author(
            self.phrases,
            x.clock.draws,
            x.rows,
            plan.language[x.rows],
            plan.topic[x.rows],
            plan.mood[x.rows],
            slots,
        )

    def conversations(self) -> pa.Table:
        """conversations.csv"""
        x, plan, rows = self.slice_, self.slice_.plan, self.slice_.rows
        status, kind = ev.latest(x, self.events, threads.STATUS), plan.kind[rows]
        updated = np.zeros(len(rows), dtype=np.int64)
        updated[self.events.row] = self.events.at
        updated = np.maximum(updated, x.at(x.last))
        changed = ev.latest(x, self.events, threads.PRIORITY)
        organization = organization_of(x.clock.draws, plan.requester[rows], len(plan))
        everyone = np.arange(len(rows))
        closing, closed_at = ev.ending(x)
        return pa.table({
            "conversation_id": conversation_ids(rows),
            "channel": pick(world.CHANNELS, plan.channel[rows]),
            "subject": self.author.one("subject", everyone),
            "status": pick(world.STATUSES, status),
            "priority": pick(world.PRIORITIES, np.where(changed >= 0, changed, self._priority())),
            "type": pick(world.TYPES, self._type()),
            "product": pick(world.PRODUCTS, plan.product[rows]),
            "brand": pick(world.BRANDS, plan.product[rows]),
            "requester_id": requester_ids(plan.requester[rows]),
            "assignee_id": optional(world.AGENT_IDS, ev.latest(x, self.events, threads.ASSIGNEE)),
            "team_id": pick(world.TEAM_IDS, ev.latest(x, self.events, threads.TEAM)),
            "organization_id": organization_ids(organization),
            "language": pick(world.LANGUAGES, plan.language[rows]),
            "created_at": instants(x.times[:, 0]),
            "updated_at": instants(updated),
            "closed_at": instants(closed_at, closing == world.CLOSED),
            "merged_into": conversation_ids(plan.merged_into[rows]),
            "is_spam": flags(kind == world.SPAM), "is_automatic": flags(kind == world.AUTOMATIC),
            "is_test": flags(kind == world.TEST), "is_outbound": flags(kind == world.OUTBOUND),
        })  # fmt: skip

    def _priority(self) -> Ints:
        """The first priority: that of the plan, or the one an agent has not corrected yet."""
        x = self.slice_
        return ev.first_priority(x)

    def _type(self) -> Ints:
        x = self.slice_
        negative = x.plan.mood[x.rows] == 0
        drawn = x.clock.draws.choice("type", (0.45, 0.35, 0.12, 0.08), x.rows)
        return np.where(negative & (drawn == 0), 1, drawn)

    def messages(self) -> pa.Table:
        """messages.csv"""
        x, rows = self.slice_, self.slice_.rows
        row, step = np.nonzero(x.visible)
        act = x.clock.tables.act[x.script[row], step]
        role, agent = x.role[row, step], x.agent_of_step[row, step]
        note = np.array([a.note for a in s.ACTS.values()])[act]
        kind = np.where(note, 1, np.where((x.channel[row] == 3) & (role != s.BOT), 2, 0))
        ids = conversation_ids(rows[row])
        return pa.table({
            "message_id": joined(ids, "-", digits(step + 1, 2)),
            "conversation_id": ids,
            "author_id": self._author(row, role, agent, ids=True),
            "author_role": pick(s.ROLES, role),
            "author_name": self._author(row, role, agent, ids=False),
            "is_public": flags(~note),
            "kind": pick(s.MESSAGE_KINDS, kind),
            "body_text": self.author.messages(row, step, x.script[row], act),
            "language": pick(world.LANGUAGES, x.plan.language[rows[row]]),
            "created_at": instants(x.times[row, step]),
        })  # fmt: skip

    def _author(self, row: Ints, role: Ints, agent: Ints, *, ids: bool) -> pa.Array:
        """Who wrote each message: requesters, then agents, then the bot, then nobody."""
        x = self.slice_
        requester = x.plan.requester[x.rows]
        first, last = person_names(x.clock.draws, requester)
        people = requester_ids(requester) if ids else joined(first, " ", last)
        staff = world.AGENT_IDS if ids else tuple(name for name, _ in world.AGENTS)
        known = pa.concat_arrays([people, pa.array([*staff, world.BOT if ids else world.BOT_NAME])])
        size = len(x.rows)
        place = np.where(role == s.CUSTOMER, row, np.where(role == s.AGENT, size + agent, size + len(staff)))
        return known.take(pa.array(place, mask=role == s.SYSTEM))

    def conversation_events(self) -> pa.Table:
        """conversation_events.csv"""
        x, e = self.slice_, self.events
        ids = conversation_ids(x.rows[e.row])
        starts = np.searchsorted(e.row, np.arange(len(x.rows)))
        offsets = np.cumsum([0, *(len(values) for values in EVENT_VALUES)])[e.field]
        flat = tuple(value for values in EVENT_VALUES for value in values)
        size = len(x.rows)
        actors = pa.concat_arrays([requester_ids(x.plan.requester[x.rows]), pa.array(world.AGENT_IDS)])
        place = np.where(e.actor == threads.BY_REQUESTER, e.row, size + np.maximum(e.actor, 0))
        roles = np.where(
            e.actor == threads.BY_REQUESTER, s.CUSTOMER, np.where(e.actor < 0, s.SYSTEM, s.AGENT)
        )
        return pa.table({
            "event_id": joined(ids, "-e", digits(np.arange(len(e.row)) - starts[e.row] + 1, 2)),
            "conversation_id": ids,
            "occurred_at": instants(e.at),
            "actor_id": actors.take(pa.array(place, mask=e.actor == threads.BY_SYSTEM)),
            "actor_role": pick(s.ROLES, roles),
            "field": pick(threads.FIELDS, e.field),
            "old_value": optional(flat, np.where(e.old < 0, -1, offsets + e.old)),
            "new_value": pick(flat, offsets + e.new),
        })  # fmt: skip

    def csat(self) -> pa.Table:
        """csat.csv: a survey without an answer has no score, no comment and no time of rating."""
        x, sent = self.slice_, ev.surveys(self.slice_)
        rows = x.rows[sent.row]
        ids = conversation_ids(rows)
        comments = [self.author.one(name, sent.row) for name in RATED]
        band = np.where(sent.stars <= 2, 0, np.where(sent.stars == 3, 1, 2))
        comment = pc.choose(pa.array(band), *comments)
        said = sent.answered & (x.clock.draws.uniform("comments", rows) < 0.55)
        team = ev.latest(x, self.events, threads.TEAM)[sent.row]
        agent = ev.latest(x, self.events, threads.ASSIGNEE)[sent.row]
        return pa.table({
            "csat_id": joined(ids, "-r"),
            "conversation_id": ids,
            "person_id": requester_ids(x.plan.requester[rows]),
            "agent_id": optional(world.AGENT_IDS, agent),
            "team_id": pick(world.TEAM_IDS, team),
            "score": optional(("0", "0.25", "0.5", "0.75", "1"), np.where(sent.answered, sent.stars - 1, -1)),
            "native_score": pick(("offered", "1", "2", "3", "4", "5"), np.where(sent.answered, sent.stars, 0)),
            "scale": pick(("1-5",), np.zeros(len(rows), dtype=np.int64)),
            "comment": pc.if_else(pa.array(said), comment, pa.scalar(None, pa.string())),
            "offered_at": instants(sent.offered),
            "rated_at": instants(sent.rated, sent.answered),
        })  # fmt: skip

    def conversation_tags(self) -> pa.Table:
        """conversation_tags.csv"""
        x = self.slice_
        topic_tags = tuple(topic.tag for topic in world.TOPICS)
        talk = np.isin(x.plan.kind[x.rows], (world.ORDINARY, world.REMOVED, world.MERGED))
        row = np.nonzero(talk & (x.clock.draws.uniform("tagged", x.rows) < 0.85))[0]
        extra = np.nonzero(talk & (x.clock.draws.uniform("extra tag", x.rows) < 0.22))[0]
        which = x.clock.draws.choice("which tag", (4, 3, 3, 5, 2, 2), x.rows[extra])
        both = np.concatenate([row, extra])
        tags = pa.concat_arrays([pick(topic_tags, x.plan.topic[x.rows[row]]), pick(EXTRA_TAGS, which)])
        order = np.argsort(both, kind="stable")
        return pa.table({
            "conversation_id": conversation_ids(x.rows[both[order]]),
            "tag": tags.take(pa.array(order)),
            "valid_from": instants(x.times[both[order], 0]),
        })  # fmt: skip


def people(draws: Draws, plan: Plan, numbers: Ints) -> pa.Table:
    """people.csv: customers."""
    first, last = person_names(draws, numbers)
    organization = organization_of(draws, numbers, len(plan))
    nobody = pa.nulls(len(numbers), pa.string())
    return pa.table({
        "person_id": requester_ids(numbers),
        "kind": pick(("customer",), np.zeros(len(numbers), dtype=np.int64)),
        "name": joined(first, " ", last),
        "email": person_email(draws, numbers),
        "native_role": nobody,
        "active": pick(("true",), np.zeros(len(numbers), dtype=np.int64)),
        "organization_id": organization_ids(organization),
    })  # fmt: skip


def staff() -> pa.Table:
    """people.csv: agents and the bot."""
    size = len(world.AGENTS)
    emails = [f"{name.lower().replace(' ', '.')}@support.example" for name, _ in world.AGENTS]
    return pa.table({
        "person_id": [*world.AGENT_IDS, world.BOT],
        "kind": ["agent"] * size + ["bot"],
        "name": [*(name for name, _ in world.AGENTS), world.BOT_NAME],
        "email": pa.array([*emails, None], pa.string()),
        "native_role": [*("lead" if n % 8 == 0 else "agent" for n in range(size)), "bot"],
        "active": ["true"] * (size + 1),
        "organization_id": pa.nulls(size + 1, pa.string()),
    })  # fmt: skip
