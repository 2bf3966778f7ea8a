"""The outbox: word that has to reach a channel, once. Whoever claims a delivery is the only one who sends it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, case, exists, insert, literal, select, update

from core import clock
from store.database import Instant
from store.workspace.part import Part, owner_of
from store.workspace.tables import DELIVERIES

Status = Literal["waiting", "sending", "sent", "unknown", "gave up", "dropped"]
TRIED_FOR: Final = timedelta(hours=24)  # from when it was first due
LEASE: Final = timedelta(minutes=10)  # much longer than any channel may take


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for one channel, not to be sent before `due_at` (UTC)."""

    channel: str
    message: Mapping[str, Any]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one channel, and how that went.

    `idempotency_id` is the same at every attempt. "unknown" is what was begun and never confirmed; "dropped" what
    nobody needs any more.
    """

    id: int
    key: str
    idempotency_id: str
    owner: str
    incident_id: int | None
    event: str
    channel: str
    message: dict[str, Any]
    status: Status
    attempts: int
    created_at: datetime
    due_at: datetime
    until: datetime
    claim: str | None
    lease_until: datetime | None
    is_repeatable: bool
    finished_at: datetime | None
    problem: str | None


_before = DELIVERIES.alias()
# Whether something earlier of the same incident is still on its way to the same channel.
_HAS_EARLIER = exists().where(
    _before.c.incident_id == DELIVERIES.c.incident_id,
    _before.c.channel == DELIVERIES.c.channel,
    _before.c.id < DELIVERIES.c.id,
    _before.c.status.in_(("waiting", "sending")),
)


def queue(
    con: Connection, word: Outgoing, *, key: str, owner: str, event: str, incident_id: int | None = None
) -> int:
    """Put a message into the outbox within a transaction; returns its id. A key that is there already is an error."""
    row = {
        "key": key, "idempotency_id": str(uuid.uuid4()), "owner": owner_of(owner), "incident_id": incident_id,
        "event": event, "channel": word.channel, "message": dict(word.message), "status": "waiting", "attempts": 0,
        "created_at": clock.now(), "due_at": word.due_at, "until": word.due_at + TRIED_FOR, "is_repeatable": False,
    }  # fmt: skip
    return int(con.execute(insert(DELIVERIES).values(row).returning(DELIVERIES.c.id)).scalar_one())


class Deliveries(Part):
    """The outbox and its log."""

    def queue_delivery(self, word: Outgoing, *, key: str, owner: str, event: str) -> int | None:
        """Put a message into the outbox; None when one of that key is there already: it is sent once."""

        def work(con: Connection) -> int | None:
            if con.execute(select(DELIVERIES.c.id).where(DELIVERIES.c.key == key)).first():
                return None
            return queue(con, word, key=key, owner=owner, event=event)

        return self._writing(work)

    def due_deliveries(self, now: datetime, *, limit: int = 1_000) -> list[Delivery]:
        """What is waiting and due, the earliest first. The end of an incident waits for its beginning."""
        query = select(DELIVERIES).where(
            DELIVERIES.c.status == "waiting", DELIVERIES.c.due_at <= now, ~_HAS_EARLIER
        )
        with self._reading() as con:
            rows = con.execute(query.order_by(DELIVERIES.c.due_at, DELIVERIES.c.id).limit(limit)).mappings()
            return [Delivery(**row) for row in rows]

    def has_unfinished_deliveries(self, now: datetime) -> bool:
        """Whether there is something to send now, or to look after."""
        due = (DELIVERIES.c.status == "waiting") & (DELIVERIES.c.due_at <= now)
        lost = (DELIVERIES.c.status == "sending") & (DELIVERIES.c.lease_until < now)
        with self._reading() as con:
            return con.execute(select(DELIVERIES.c.id).where(due | lost).limit(1)).first() is not None

    def claim_delivery(self, id: int, *, now: datetime, is_repeatable: bool) -> Delivery | None:
        """Take a due delivery for oneself, by one statement; None when another process was faster.

        `is_repeatable` says whether it may be sent again when this process ends before it says how it went.
        """
        take = (
            update(DELIVERIES)
            .where(DELIVERIES.c.id == id, DELIVERIES.c.status == "waiting", DELIVERIES.c.due_at <= now)
            .where(~_HAS_EARLIER)
            .values(
                status="sending", claim=str(uuid.uuid4()), lease_until=now + LEASE, is_repeatable=is_repeatable,
                attempts=DELIVERIES.c.attempts + 1,
            )
            .returning(DELIVERIES)
        )  # fmt: skip

        def work(con: Connection) -> RowMapping | None:
            return con.execute(take).mappings().first()

        row = self._writing(work)
        return Delivery(**row) if row else None

    def hold_delivery(self, delivery: Delivery, *, now: datetime, is_repeatable: bool) -> bool:
        """Begin a lease anew for what is sent from now on; whether the claim still held."""
        change = (
            update(DELIVERIES)
            .where(DELIVERIES.c.id == delivery.id, DELIVERIES.c.claim == delivery.claim)
            .where(DELIVERIES.c.status == "sending")
            .values(lease_until=now + LEASE, is_repeatable=is_repeatable)
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def finish_delivery(
        self, delivery: Delivery, status: Status, problem: str | None, *, now: datetime
    ) -> bool:
        """Say how a claimed delivery went; whether the claim still held."""
        return self._end(delivery, {"status": status, "problem": problem, "finished_at": now})

    def retry_delivery(self, delivery: Delivery, problem: str, *, due_at: datetime) -> bool:
        """Put a claimed delivery back, for another attempt at `due_at`; whether the claim still held."""
        return self._end(delivery, {"status": "waiting", "problem": problem, "due_at": due_at})

    def postpone_delivery(self, id: int, due_at: datetime) -> bool:
        """Keep a waiting delivery back until `due_at`; whether it waited. One never tried gets its whole day after it."""
        # A literal of its own type: a database must not read it as wall-clock time of its zone.
        whole_day = literal(due_at + TRIED_FOR, Instant)
        until = case((DELIVERIES.c.attempts == 0, whole_day), else_=DELIVERIES.c.until)
        change = (
            update(DELIVERIES)
            .where(DELIVERIES.c.id == id, DELIVERIES.c.status == "waiting", DELIVERIES.c.due_at < due_at)
            .values(due_at=due_at, until=until)
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def sweep_deliveries(self, now: datetime) -> int:
        """Look after deliveries whose process ended between sending and saying so; returns how many there were.

        A repeatable one is sent again with the same id; of any other it is unknown whether it arrived.
        """
        lost = update(DELIVERIES).where(DELIVERIES.c.status == "sending", DELIVERIES.c.lease_until < now)
        told = "the process ended before it was known whether this arrived."

        def work(con: Connection) -> int:
            again = con.execute(
                lost.where(DELIVERIES.c.is_repeatable.is_(True)).values(
                    status="waiting", claim=None, lease_until=None, due_at=now, problem=told
                )
            ).rowcount
            left = con.execute(
                lost.values(status="unknown", claim=None, lease_until=None, finished_at=now, problem=told)
            ).rowcount
            return int(again + left)

        return self._writing(work)

    def drop_delivery(self, id: int, why: str) -> bool:
        """Let go of a delivery that waits, since nobody needs it any more; whether it waited."""
        waiting = (DELIVERIES.c.id == id, DELIVERIES.c.status == "waiting")
        change = update(DELIVERIES).where(*waiting)
        values = {"status": "dropped", "problem": why, "finished_at": clock.now()}
        return self._writing(lambda con: bool(con.execute(change.values(values)).rowcount))

    def send_again(self, id: int, *, owner: str) -> bool:
        """Try a delivery anew that ended as unknown or was given up; whether there was one. A person decides that."""
        now = clock.now()
        change = (
            update(DELIVERIES)
            .where(
                DELIVERIES.c.id == id, DELIVERIES.c.owner == owner, DELIVERIES.c.status.in_(("unknown", "gave up"))
            )
            .values(status="waiting", due_at=now, until=now + TRIED_FOR, finished_at=None)
        )  # fmt: skip
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def deliveries(
        self,
        owner: str | None = None,
        *,
        limit: int = 100,
        incident_id: int | None = None,
        event: str | None = None,
    ) -> list[Delivery]:
        """The log of an owner, or of everybody, the newest first."""
        query = select(DELIVERIES).order_by(DELIVERIES.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(DELIVERIES.c.owner == owner)
        if incident_id is not None:
            query = query.where(DELIVERIES.c.incident_id == incident_id)
        if event is not None:
            query = query.where(DELIVERIES.c.event == event)
        with self._reading() as con:
            return [Delivery(**row) for row in con.execute(query).mappings()]

    def delivery(self, id: int) -> Delivery | None:
        """One delivery."""
        with self._reading() as con:
            row = con.execute(select(DELIVERIES).where(DELIVERIES.c.id == id)).mappings().first()
        return Delivery(**row) if row else None

    def _end(self, delivery: Delivery, values: dict[str, Any]) -> bool:
        change = (
            update(DELIVERIES)
            .where(DELIVERIES.c.id == delivery.id, DELIVERIES.c.claim == delivery.claim)
            .where(DELIVERIES.c.status == "sending")
            .values({**values, "claim": None, "lease_until": None})
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))
