"""Erasures: which were begun and done, their certificates, and what keeps an erased person from coming back.

While one is under way its row holds what is needed to finish it; afterwards only the certificate, which names nobody.
A tombstone is a salted hash: a refresh asks it whether a person or conversation was erased, and nobody can read from it
who that was. The salt is one for the workspace; erasures that are put on record again from their certificates bring
theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from core import clock
from core.home import Home
from store.database import Instant, continue_numbers, database, is_kept

Kind = Literal["person", "email", "conversation"]
Told = tuple[Kind, str, str]  # kind, source (empty of an address), value
_AT_ONCE = 5_000

metadata = MetaData()
ERASURES = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("begun_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("viewer", String(200), nullable=False),
    Column("work", JSON),  # what is needed to finish it; empty once it is done
    Column("certificate", JSON),
)
TOMBSTONES = Table(
    "tombstones",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("salt", String(32), nullable=False),
    Column("erasure_id", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure; `work` is there while it is not finished."""

    id: int
    begun_at: datetime
    finished_at: datetime | None
    viewer: str
    work: dict[str, Any] | None
    certificate: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Hashes of who and what was erased, and the salts that they were made with."""

    salts: tuple[str, ...] = ()
    hashes: frozenset[str] = frozenset()

    def __contains__(self, told: Told) -> bool:
        return any(hash_of(salt, *told) in self.hashes for salt in self.salts)


def hash_of(salt: str, kind: Kind, source_id: str, value: str) -> str:
    """SHA-256 of a person (source and id), a conversation (source and id) or an address ("" and address)."""
    return hashlib.sha256("\x1f".join((salt, kind, source_id, value)).encode()).hexdigest()


def hash_sql(kind: Kind, source: str, value: str, *, salt: str = "$salt") -> str:
    """The same as SQL over two expressions and the name of a parameter."""
    return f"sha256(concat_ws(chr(31), {salt}, '{kind}', {source}, {value}))"


class Erasures:
    """The erasures of a workspace."""

    def __init__(self, home: Home, *, url: str | None = None) -> None:
        self._engine = database(home, metadata, part="erasures", version=1, url=url)

    def begin(self, work: dict[str, Any], keys: Iterable[Told], *, viewer: str) -> int:
        """Note what is to be erased, and set the tombstones, at once; gives the erasure's number."""
        with self._engine.begin() as con:
            number = _noted(con, clock.now(), viewer, work)
            _set_tombstones(con, number, keys)
        return number

    def add(self, keys: Iterable[Told]) -> None:
        """Set further tombstones: new ids and conversations of somebody who was erased."""
        with self._engine.begin() as con:
            _set_tombstones(con, 0, keys)

    def go_on(self, begun: Erasure, stones: Tombstones) -> int | None:
        """Note what another workspace has begun, to be finished here; gives its number here, None where it is known."""
        if any((one.begun_at, one.viewer) == (begun.begun_at, begun.viewer) for one in self.all()):
            return None
        with self._engine.begin() as con:
            number = _noted(con, begun.begun_at, begun.viewer, begun.work)
            for salt in stones.salts:
                _put(con, number, salt, dict.fromkeys(stones.hashes, "unknown"))
        return number

    def take_over(self, certificates: Iterable[Mapping[str, Any]]) -> list[int]:
        """Put on record what certificates say and the workspace does not know, being lost or another; gives their numbers."""
        taken = []
        with self._engine.begin() as con:
            numbers = set(con.execute(select(ERASURES.c.id)).scalars())
            known = set(con.execute(select(TOMBSTONES.c.hash)).scalars())
            for one in certificates:
                number = int(one["erasure"])
                is_free = number not in numbers
                if not is_free and known.issuperset(one["tombstones"]):
                    continue
                if is_free:  # else another erasure has it: its tombstones alone count
                    con.execute(insert(ERASURES), [_row_of(one)])
                new = dict.fromkeys(set(one["tombstones"]) - known, "unknown")
                _put(con, number if is_free else 0, one["salt"], new)
                known |= new.keys()
                numbers.add(number)
                taken.append(number)
            if taken:
                continue_numbers(con, ERASURES)
        return taken

    def unfinished(self) -> list[Erasure]:
        """Erasures that were begun and broken off, the oldest first."""
        return [one for one in self.all() if one.finished_at is None]

    def all(self) -> list[Erasure]:
        """Every erasure, the oldest first."""
        with self._engine.connect() as con:
            rows = con.execute(select(ERASURES).order_by(ERASURES.c.id)).mappings()
            return [Erasure(**row) for row in rows]

    def certify(self, number: int, certificate: dict[str, Any]) -> None:
        """Keep the certificate in the place of what named the person."""
        self._set(number, {"work": None, "certificate": certificate})

    def finish(self, number: int) -> None:
        """Note that nothing is left to do."""
        self._set(number, {"finished_at": clock.now()})

    def tombstones(self, number: int | None = None) -> Tombstones:
        """What may not come back: of one erasure, or of all."""
        query = select(TOMBSTONES.c.salt, TOMBSTONES.c.hash)
        if number is not None:
            query = query.where(TOMBSTONES.c.erasure_id == number)
        with self._engine.connect() as con:
            rows = con.execute(query).all()
        return Tombstones(tuple(sorted({row[0] for row in rows})), frozenset(row[1] for row in rows))

    def _set(self, number: int, values: dict[str, Any]) -> None:
        with self._engine.begin() as con:
            con.execute(update(ERASURES).where(ERASURES.c.id == number).values(values))


def _noted(con: Connection, begun_at: datetime, viewer: str, work: Mapping[str, Any] | None) -> int:
    row = {"begun_at": begun_at, "viewer": viewer, "work": work}
    return int(con.execute(insert(ERASURES).values(row).returning(ERASURES.c.id)).scalar_one())


def _set_tombstones(con: Connection, number: int, keys: Iterable[Told]) -> None:
    salt = con.execute(select(TOMBSTONES.c.salt).limit(1)).scalar() or token_hex(16)
    _put(con, number, salt, {hash_of(salt, *key): key[0] for key in keys})


def _put(con: Connection, number: int, salt: str, hashes: Mapping[str, str]) -> None:
    rows = [{"hash": h, "kind": kind, "salt": salt, "erasure_id": number} for h, kind in hashes.items()]
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        con.execute(delete(TOMBSTONES).where(TOMBSTONES.c.hash.in_([row["hash"] for row in part])))
        con.execute(insert(TOMBSTONES), part)


def _row_of(certificate: Mapping[str, Any]) -> dict[str, Any]:
    begun, made = (datetime.fromisoformat(certificate[at]) for at in ("begun_at", "made_at"))
    return {
        "id": int(certificate["erasure"]), "begun_at": begun, "finished_at": made,
        "viewer": certificate["by"], "certificate": dict(certificate),
    }  # fmt: skip


def tombstones(home: Home) -> Tombstones:
    """What may not come back into a home; nothing where nobody has used the workspace yet."""
    return Erasures(home).tombstones() if is_kept(home) else Tombstones()


def keys_of(
    people: Sequence[tuple[str, str]], emails: Sequence[str], conversations: Sequence[tuple[str, str]]
) -> Iterable[Told]:
    """What tombstones are set for."""
    for source, person in people:
        yield "person", source, person
    for email in emails:
        yield "email", "", email.strip().lower()
    for source, native in conversations:
        yield "conversation", source, native
