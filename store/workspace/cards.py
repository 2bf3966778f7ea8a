"""My page: an ordered list of pinned cards, one list an owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import Connection, delete, insert, select, update

from core import clock
from core.errors import InputError
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import CARDS

Kind = Literal["metric", "explore", "question"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Way = Literal["up", "down"]
MOST: Final = 60  # cards of one page: more would not be read


@dataclass(frozen=True, slots=True)
class Card:
    """One pinned card. `definition` is what its kind draws it from; `position` counts from 1."""

    id: int
    owner: str
    kind: Kind
    title: str
    definition: dict[str, Any]
    position: int
    created_at: datetime


class Cards(Part):
    """Pinned cards. Only their owner sees and changes them."""

    def pin(self, kind: Kind, title: str, definition: Mapping[str, Any], *, owner: str) -> int:
        """Put a card at the end of the owner's page; returns its id. Raises InputError."""
        row = {
            "owner": owner_of(owner), "kind": words.one_of(kind, KINDS, what="card"), "title": words.line(title, what="title"),
            "definition": words.definition(definition, what="card"), "created_at": clock.now(),
        }  # fmt: skip

        def work(con: Connection) -> int:
            order = _ordered(con, owner)
            if len(order) >= MOST:
                raise InputError(f"My page has {MOST} cards already.", hint="Remove one first.")
            make = insert(CARDS).values(row | {"position": len(order) + 1}).returning(CARDS.c.id)
            return int(con.execute(make).scalar_one())

        return self._writing(work)

    def cards(self, owner: str) -> list[Card]:
        """The owner's cards in their order."""
        query = select(CARDS).where(CARDS.c.owner == owner).order_by(CARDS.c.position, CARDS.c.id)
        with self._reading() as con:
            rows = list(con.execute(query).mappings())
        return [Card(**{**row, "position": place}) for place, row in enumerate(rows, 1)]

    def move_card(self, id: int, way: Way, *, owner: str) -> bool:
        """Swap a card with the one above or below; whether it moved."""

        def work(con: Connection) -> bool:
            order = _ordered(con, owner)
            if id not in order:
                return False
            place = order.index(id)
            other = place - 1 if way == "up" else place + 1
            if not 0 <= other < len(order):
                return False
            order[place], order[other] = order[other], order[place]
            _place(con, order)
            return True

        return self._writing(work)

    def rename_card(self, id: int, title: str, *, owner: str) -> bool:
        """Give a card of the owner another title; whether there was one. Raises InputError."""
        change = (
            update(CARDS)
            .where(CARDS.c.id == id, CARDS.c.owner == owner)
            .values(title=words.line(title, what="title"))
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def unpin(self, id: int, *, owner: str) -> bool:
        """Take a card off the owner's page; whether there was one."""

        def work(con: Connection) -> bool:
            order = _ordered(con, owner)
            gone = con.execute(delete(CARDS).where(CARDS.c.id == id, CARDS.c.owner == owner)).rowcount
            _place(con, [kept for kept in order if kept != id])
            return bool(gone)

        return self._writing(work)


def _ordered(con: Connection, owner: str) -> list[int]:
    """The ids of an owner's cards in order, locked until the transaction ends.

    Another tab of the same owner waits: where rows can be locked at the first of them, in SQLite at the write.
    """
    mine = CARDS.c.owner == owner
    con.execute(select(CARDS.c.id).where(mine).order_by(CARDS.c.id).with_for_update()).all()
    con.execute(update(CARDS).where(mine).values(position=CARDS.c.position))
    query = select(CARDS.c.id).where(CARDS.c.owner == owner).order_by(CARDS.c.position, CARDS.c.id)
    return [int(id) for id in con.execute(query).scalars()]


def _place(con: Connection, order: list[int]) -> None:
    for place, id in enumerate(order, 1):
        con.execute(update(CARDS).where(CARDS.c.id == id).values(position=place))
