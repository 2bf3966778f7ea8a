"""Who signed in, with which groups: what the provider says of people who are not here at the moment."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from core import clock
from store.workspace.part import Part, owner_of
from store.workspace.tables import SIGNED_IN

REMEMBERED = timedelta(days=30)


class People(Part):
    """The groups people had when they last signed in."""

    def remember_groups(self, name: str, groups: tuple[str, ...]) -> None:
        """Keep somebody's groups instead of those they had before. Raises InputError, StoreError."""
        row = {"name": owner_of(name), "groups": list(groups), "at": clock.now()}

        def work(con: Connection) -> None:
            con.execute(delete(SIGNED_IN).where(SIGNED_IN.c.name == name))
            con.execute(insert(SIGNED_IN).values(row))

        self._writing(work)

    def groups_of(self, name: str) -> tuple[str, ...]:
        """The groups somebody had at their last sign-in; none when that is longer ago than `REMEMBERED`."""
        since = clock.now() - REMEMBERED
        query = select(SIGNED_IN.c.groups).where(SIGNED_IN.c.name == name, SIGNED_IN.c.at >= since)
        with self._reading() as con:
            found = con.execute(query).scalar()
        return tuple(found or ())
