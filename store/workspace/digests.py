"""Digests: what is sent to whom and when. What a definition means is decided in `alerts`, not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from core import clock
from core.errors import InputError
from store.workspace import words
from store.workspace.deliveries import Outgoing, queue
from store.workspace.part import Part, owner_of
from store.workspace.tables import DELIVERIES, DIGESTS, INCIDENTS

DigestStatus = Literal["new", "ok", "held back", "missed", "failed", "suspended"]
ViewKey = tuple[str, str]  # owner and name of a saved view
MOST: Final = 200  # digests of one owner


@dataclass(frozen=True, slots=True)
class KeptDigest:
    """One digest. `view` is the saved view that it sends, None of a brief.

    `told` is the last day of its own zone that is settled. "held back" is one whose data looks broken, "missed" one
    that nothing sent in time; `sizes` are the conversations by source when it was last sent.
    """

    id: int
    owner: str
    name: str
    view: ViewKey | None
    definition: dict[str, Any]
    enabled: bool
    created_at: datetime
    changed_at: datetime
    status: DigestStatus
    problem: str | None
    told: date | None
    told_at: datetime | None
    sizes: dict[str, int] | None


class Digests(Part):
    """Digests. Only their owner changes them; whoever sends them reads all of them."""

    def add_digest(
        self, name: str, definition: Mapping[str, Any], *, owner: str, view: ViewKey | None = None
    ) -> int:
        """Keep a digest; returns its id. Raises InputError, also for a name that the owner uses already."""
        now = clock.now()
        row = {
            **_said(name, definition, view), "owner": owner_of(owner), "enabled": True, "created_at": now,
            "changed_at": now, "status": "new",
        }  # fmt: skip

        def work(con: Connection) -> int:
            mine = list(con.execute(select(DIGESTS.c.name).where(DIGESTS.c.owner == owner)).scalars())
            if len(mine) >= MOST:
                raise InputError(f"there are {MOST} digests already.", hint="Delete one first.")
            _free(row["name"], mine)
            return int(con.execute(insert(DIGESTS).values(row).returning(DIGESTS.c.id)).scalar_one())

        return self._writing(work)

    def change_digest(
        self,
        id: int,
        name: str,
        definition: Mapping[str, Any],
        *,
        owner: str,
        view: ViewKey | None = None,
    ) -> bool:
        """Write a digest of the owner anew; whether there was one. What waits to be sent is dropped. Raises InputError."""
        values = {
            **_said(name, definition, view),
            "changed_at": clock.now(),
            "status": "new",
            "problem": None,
        }

        def work(con: Connection) -> bool:
            others = select(DIGESTS.c.name).where(DIGESTS.c.owner == owner, DIGESTS.c.id != id)
            _free(values["name"], list(con.execute(others).scalars()))
            if not con.execute(_mine(id, owner).values(values)).rowcount:
                return False
            _stop(con, id, "the digest was changed")
            return True

        return self._writing(work)

    def give_digest(self, id: int, *, owner: str, to: str, view: ViewKey | None) -> bool:
        """Let a digest of the owner be somebody else's, of a view that they may see; whether there was one.

        What waits is dropped. Raises InputError.
        """
        values = {
            "owner": owner_of(to), "changed_at": clock.now(), "status": "new", "problem": None, **_of_view(view),
        }  # fmt: skip

        def work(con: Connection) -> bool:
            name = con.execute(select(DIGESTS.c.name).where(DIGESTS.c.id == id)).scalar()
            theirs = select(DIGESTS.c.name).where(DIGESTS.c.owner == to, DIGESTS.c.id != id)
            _free(str(name), list(con.execute(theirs).scalars()))
            if not con.execute(_mine(id, owner).values(values)).rowcount:
                return False
            _stop(con, id, "the digest was given to somebody else")
            return True

        return self._writing(work)

    def digests(self, owner: str | None = None) -> list[KeptDigest]:
        """The digests of an owner, or of everybody, in the order they were made."""
        query = select(DIGESTS).order_by(DIGESTS.c.id)
        if owner is not None:
            query = query.where(DIGESTS.c.owner == owner)
        with self._reading() as con:
            return [_digest(row) for row in con.execute(query).mappings()]

    def digest(self, id: int) -> KeptDigest | None:
        """One digest."""
        with self._reading() as con:
            row = con.execute(select(DIGESTS).where(DIGESTS.c.id == id)).mappings().first()
        return _digest(row) if row else None

    def enable_digest(self, id: int, *, owner: str, enabled: bool) -> bool:
        """Switch a digest on or off; whether there was one. Off, what waits to be sent is dropped."""

        def work(con: Connection) -> bool:
            values = {"enabled": enabled, "changed_at": clock.now()}
            done = bool(con.execute(_mine(id, owner).values(values)).rowcount)
            if done and not enabled:
                _stop(con, id, "the digest was switched off")
            return done

        return self._writing(work)

    def delete_digest(self, id: int, *, owner: str) -> bool:
        """Forget a digest of the owner; whether there was one. What was sent stays in the log."""

        def work(con: Connection) -> bool:
            gone = delete(DIGESTS).where(DIGESTS.c.id == id, DIGESTS.c.owner == owner)
            done = bool(con.execute(gone).rowcount)
            if done:
                _stop(con, id, "the digest was deleted")
            return done

        return self._writing(work)

    def settle_digest(
        self,
        digest: KeptDigest,
        day: date,
        outgoing: Sequence[tuple[str, Outgoing]],
        *,
        status: DigestStatus = "ok",
        problem: str | None = None,
        sizes: Mapping[str, int] | None = None,
        at: datetime,
    ) -> bool:
        """Settle a day of a digest, and queue its word (each with what tells it from the others): both or neither.

        False when somebody else settled that day, or the digest was changed, switched off or deleted since it was
        read: then nothing is queued.
        """
        free = DIGESTS.c.told.is_(None) | (DIGESTS.c.told < day)
        take = (
            update(DIGESTS)
            .where(DIGESTS.c.id == digest.id, DIGESTS.c.changed_at == digest.changed_at)
            .where(DIGESTS.c.enabled.is_(True), free)
        )
        values: dict[str, Any] = {"told": day, "told_at": at, "status": status, "problem": problem}
        if sizes is not None:
            values["sizes"] = dict(sizes)

        def work(con: Connection) -> bool:
            # The write comes first: a second scheduler waits for it and then finds the day settled.
            if not con.execute(take.values(values)).rowcount:
                return False
            for mark, word in outgoing:
                queue(con, word, key=f"digest/{digest.id}/{day}/{mark}", owner=digest.owner, event="digest")
            if status == "ok":
                _end_trouble(con, digest.id, at, "it was sent")
            return True

        return self._writing(work)

    def note_digest(
        self,
        digest: KeptDigest,
        status: DigestStatus,
        problem: str,
        *,
        message: Mapping[str, Any],
        word: Outgoing | None,
        day: date,
        at: datetime,
    ) -> bool:
        """Say why a digest is not sent: an incident that lasts until it is, and word to send, once a day of the digest.

        Whether the incident is new.
        """  # fmt: skip
        opened = INCIDENTS.c.open_key == _trouble(digest.id)

        def work(con: Connection) -> bool:
            change = update(DIGESTS).where(
                DIGESTS.c.id == digest.id,
                DIGESTS.c.changed_at == digest.changed_at,
                DIGESTS.c.enabled.is_(True),
            )
            if not con.execute(change.values(status=status, problem=problem)).rowcount:
                return False  # changed, switched off or deleted since it was read
            said = {"updated_at": at, "message": dict(message)}
            incident = con.execute(
                update(INCIDENTS).where(opened).values(said).returning(INCIDENTS.c.id)
            ).scalar()
            is_new = incident is None
            if incident is None:
                row = said | {
                    "rule_id": 0, "rule_name": digest.name, "owner": digest.owner, "segment": "", "opened_at": at,
                    "open_key": _trouble(digest.id),
                }  # fmt: skip
                incident = con.execute(insert(INCIDENTS).values(row).returning(INCIDENTS.c.id)).scalar_one()
            key = f"digest/{digest.id}/{day}/held back"
            if word and not con.execute(select(DELIVERIES.c.id).where(DELIVERIES.c.key == key)).first():
                queue(con, word, key=key, owner=digest.owner, event="opened", incident_id=incident)
            return is_new

        return self._writing(work)

    def fail_digest(self, id: int, problem: str) -> None:
        """Say that a letter of a digest was given up."""
        change = update(DIGESTS).where(DIGESTS.c.id == id, DIGESTS.c.status == "ok")
        self._writing(lambda con: con.execute(change.values(status="failed", problem=problem)))


def _said(name: str, definition: Mapping[str, Any], view: ViewKey | None) -> dict[str, Any]:
    return {
        "name": words.line(name, what="name of the digest"), **_of_view(view),
        "definition": words.definition(definition, what="digest"),
    }  # fmt: skip


def _of_view(view: ViewKey | None) -> dict[str, Any]:
    owner, title = view or (None, None)
    return {"view_owner": owner, "view_name": title}


def _mine(id: int, owner: str) -> Any:
    return update(DIGESTS).where(DIGESTS.c.id == id, DIGESTS.c.owner == owner)


def _stop(con: Connection, id: int, because: str) -> None:
    now = clock.now()
    con.execute(
        update(DELIVERIES)
        .where(
            DELIVERIES.c.key.startswith(f"digest/{id}/", autoescape=True), DELIVERIES.c.status == "waiting"
        )
        .values(status="dropped", problem=f"{because}.", finished_at=now)
    )
    _end_trouble(con, id, now, because)


def _end_trouble(con: Connection, id: int, at: datetime, because: str) -> None:
    values = {"open_key": None, "ended_at": at, "updated_at": at, "ended_because": because}
    con.execute(update(INCIDENTS).where(INCIDENTS.c.open_key == _trouble(id)).values(values))


def _trouble(id: int) -> str:
    return f"digest/{id}"


def _digest(row: RowMapping) -> KeptDigest:
    told = {key: value for key, value in row.items() if key not in ("view_owner", "view_name")}
    view = (row["view_owner"], row["view_name"]) if row["view_name"] is not None else None
    return KeptDigest(**{**told, "view": view, "enabled": bool(row["enabled"])})


def _free(name: str, taken: list[str]) -> None:
    if name in taken:
        raise InputError(f"there is a digest called {name!r} already.", hint="Choose another name.")
