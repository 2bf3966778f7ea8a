"""Evidence sets: conversations collected under a name, to show somebody what a number is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from core import clock
from core.errors import InputError
from core.keys import Key
from store.workspace import words
from store.workspace.part import Part, keys, owner_of
from store.workspace.tables import EVIDENCE, EVIDENCE_SETS

MOST = 10_000  # conversations of one set: more is a filter, not evidence


@dataclass(frozen=True, slots=True)
class EvidenceSet:
    """A collection with how many conversations are in it."""

    id: int
    owner: str
    name: str
    note: str
    shared: bool
    created_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One conversation of a set, and why it is there."""

    set_id: int
    source_id: str
    conversation_id: str
    note: str
    added_by: str
    added_at: datetime


class EvidenceSets(Part):
    """Sets belong to their owner. A shared one is seen, and added to, by everybody."""

    def create_evidence(self, name: str, *, owner: str, note: str = "", shared: bool = False) -> int:
        """Begin a set; returns its id. Raises InputError for a name that the owner uses already."""
        row = _row(name, note, shared) | {"owner": owner_of(owner), "created_at": clock.now()}

        def work(con: Connection) -> int:
            _require_free(con, row["owner"], row["name"])
            return int(
                con.execute(insert(EVIDENCE_SETS).values(row).returning(EVIDENCE_SETS.c.id)).scalar_one()
            )

        return self._writing(work)

    def change_evidence(
        self, chosen: EvidenceSet, *, owner: str, name: str, note: str = "", shared: bool = False
    ) -> bool:
        """Give a set of the owner another name, note and audience; whether there was one. Raises InputError."""
        row = _row(name, note, shared)
        change = update(EVIDENCE_SETS).where(_is(chosen, owner)).values(row)

        def work(con: Connection) -> bool:
            _require_free(con, owner, row["name"], besides=chosen.id)
            return bool(con.execute(change).rowcount)

        return self._writing(work)

    def evidence_sets(self, viewer: str) -> list[EvidenceSet]:
        """The viewer's own sets and the shared ones, the newest first."""
        size = (
            select(func.count())
            .where(EVIDENCE.c.set_id == EVIDENCE_SETS.c.id)
            .scalar_subquery()
            .label("size")
        )
        query = select(EVIDENCE_SETS, size).where(_seen_by(viewer)).order_by(EVIDENCE_SETS.c.id.desc())
        with self._reading() as con:
            return [EvidenceSet(**row) for row in con.execute(query).mappings()]

    def evidence(self, set_id: int, *, viewer: str) -> list[Evidence]:
        """The conversations of a set that the viewer may see, in the order they were added."""
        query = (
            select(EVIDENCE)
            .join(EVIDENCE_SETS, EVIDENCE_SETS.c.id == EVIDENCE.c.set_id)
            .where(EVIDENCE.c.set_id == set_id, _seen_by(viewer))
            .order_by(EVIDENCE.c.added_at, EVIDENCE.c.source_id, EVIDENCE.c.conversation_id)
        )
        with self._reading() as con:
            return [Evidence(**row) for row in con.execute(query).mappings()]

    def add_evidence(self, set_id: int, conversations: Sequence[Key], *, viewer: str, note: str = "") -> int:
        """Add conversations to a set that the viewer may see; gives how many were not in it. Raises InputError."""
        row = {
            "set_id": set_id, "added_by": owner_of(viewer), "added_at": clock.now(),
            "note": words.prose(note, what="note", may_be_empty=True),
        }  # fmt: skip
        wanted = keys(conversations)
        have = select(EVIDENCE.c.source_id, EVIDENCE.c.conversation_id).where(EVIDENCE.c.set_id == set_id)

        def work(con: Connection) -> int:
            _require_seen(con, set_id, viewer)
            known = {(source, native) for source, native in con.execute(have)}
            rows = [{"source_id": s, "conversation_id": c} | row for s, c in wanted if (s, c) not in known]
            if len(known) + len(rows) > MOST:
                raise InputError(
                    f"an evidence set holds at most {MOST:,} conversations.", hint="Save a view instead."
                )
            if rows:
                con.execute(insert(EVIDENCE), rows)
            return len(rows)

        return self._writing(work)

    def remove_evidence(self, set_id: int, conversations: Sequence[Key], *, viewer: str) -> int:
        """Take conversations out again, as the set's owner or as who added them; gives how many. Raises InputError."""
        c = EVIDENCE.c
        own = select(EVIDENCE_SETS.c.id).where(EVIDENCE_SETS.c.id == set_id, EVIDENCE_SETS.c.owner == viewer)
        allowed = and_(c.set_id == set_id, or_(c.added_by == viewer, c.set_id.in_(own)))

        def work(con: Connection) -> int:
            _require_seen(con, set_id, viewer)
            return sum(
                con.execute(
                    delete(EVIDENCE).where(allowed, c.source_id == source, c.conversation_id == native)
                ).rowcount
                for source, native in keys(conversations)
            )

        return self._writing(work)

    def delete_evidence(self, chosen: EvidenceSet, *, owner: str) -> bool:
        """Forget a set of the owner with what is in it; whether there was one."""
        gone = delete(EVIDENCE_SETS).where(_is(chosen, owner))
        return self._writing(lambda con: bool(con.execute(gone).rowcount))


def _is(chosen: EvidenceSet, owner: str) -> Any:
    """The set that was looked at, and no later one: a file that is older than `tables.py` gives its number again."""
    c = EVIDENCE_SETS.c
    return and_(c.id == chosen.id, c.owner == owner, c.created_at == chosen.created_at)


def _require_seen(con: Connection, set_id: int, viewer: str) -> None:
    if not con.execute(
        select(EVIDENCE_SETS.c.id).where(EVIDENCE_SETS.c.id == set_id, _seen_by(viewer))
    ).first():
        raise InputError("there is no such evidence set.", hint="It may have been deleted meanwhile.")


def _seen_by(viewer: str) -> Any:
    return or_(EVIDENCE_SETS.c.owner == viewer, EVIDENCE_SETS.c.shared.is_(True))


def _row(name: str, note: str, shared: bool) -> dict[str, Any]:
    return {
        "name": words.line(name, what="name of the set"), "shared": shared,
        "note": words.prose(note, what="note", may_be_empty=True),
    }  # fmt: skip


def _require_free(con: Connection, owner: str, name: str, *, besides: int | None = None) -> None:
    c = EVIDENCE_SETS.c
    found = con.execute(select(c.id).where(c.owner == owner, c.name == name)).scalar()
    if found is not None and found != besides:
        raise InputError(f"there is an evidence set called {name!r} already.", hint="Choose another name.")
