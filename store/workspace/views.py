"""Saved views: the address of a page with its filters, under a name, for its owner or for everybody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, exists, insert, or_, select, update

from core import clock
from core.errors import InputError
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import DIGESTS, VIEWS

QUERY = 4_000  # characters of an address that browsers and proxies pass on
_PAGE = re.compile(r"[A-Za-z0-9_-]{0,100}")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A page with its filters, kept under a name. An owner and a name are the key."""

    owner: str
    name: str
    page: str  # the page's part of the address; "" is the first page
    query: str  # the rest of the address, without the question mark
    created_at: datetime
    shared: bool = False


class Views(Part):
    """Saved views. Two owners may use one name."""

    def save_view(self, name: str, *, owner: str, page: str, query: str, shared: bool = False) -> None:
        """Keep a page with its filters; a view of the same owner and name is replaced. Raises InputError."""
        row = {
            "owner": owner_of(owner), "name": words.line(name, what="name of the view"), "page": _page(page),
            "query": _query(query), "created_at": clock.now(), "shared": shared,
        }  # fmt: skip
        mine = (VIEWS.c.owner == row["owner"], VIEWS.c.name == row["name"])

        def work(con: Connection) -> None:
            con.execute(delete(VIEWS).where(*mine))
            con.execute(insert(VIEWS).values(row))

        self._writing(work)

    def views(self, viewer: str) -> list[SavedView]:
        """The viewer's own views and those of everybody, by name; of one name the viewer's own first."""
        query = select(VIEWS).where(or_(VIEWS.c.owner == viewer, VIEWS.c.shared.is_(True)))
        with self._reading() as con:
            found = [_view(row) for row in con.execute(query).mappings()]
        return sorted(found, key=lambda view: (view.name.casefold(), view.owner != viewer, view.owner))

    def view(self, owner: str, name: str, *, viewer: str) -> SavedView | None:
        """One view, when it is the viewer's own or everybody's."""
        seen = or_(VIEWS.c.owner == viewer, VIEWS.c.shared.is_(True))
        query = select(VIEWS).where(VIEWS.c.owner == owner, VIEWS.c.name == name, seen)
        with self._reading() as con:
            row = con.execute(query).mappings().first()
        return _view(row) if row else None

    def rename_view(self, name: str, new: str, *, owner: str) -> bool:
        """Give a view of the owner another name; whether there was one. Digests go on sending it.

        Raises InputError for a name in use.
        """
        title = words.line(new, what="name of the view")
        taken = exists().where(VIEWS.c.owner == owner, VIEWS.c.name == title)
        change = update(VIEWS).where(VIEWS.c.owner == owner, VIEWS.c.name == name).values(name=title)
        sent = update(DIGESTS).where(DIGESTS.c.view_owner == owner, DIGESTS.c.view_name == name)

        def work(con: Connection) -> bool:
            if title != name and con.execute(select(taken)).scalar():
                raise InputError(f"there is a view called {title!r} already.", hint="Choose another name.")
            con.execute(sent.values(view_name=title))
            return bool(con.execute(change).rowcount)

        return self._writing(work)

    def share_view(self, name: str, *, owner: str, shared: bool) -> bool:
        """Show a view of the owner to everybody, or to the owner alone; whether there was one."""
        change = update(VIEWS).where(VIEWS.c.owner == owner, VIEWS.c.name == name).values(shared=shared)
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def delete_view(self, name: str, *, owner: str) -> bool:
        """Forget a view of the owner; whether there was one."""
        gone = delete(VIEWS).where(VIEWS.c.owner == owner, VIEWS.c.name == name)
        return self._writing(lambda con: bool(con.execute(gone).rowcount))


def _view(row: RowMapping) -> SavedView:
    return SavedView(**{**row, "shared": bool(row["shared"])})  # views of version 1 say nothing


def _page(page: str) -> str:
    if not _PAGE.fullmatch(page):
        raise InputError(f"there is no page {page[:100]!r}.", hint="Save the view from the page it shows.")
    return page


def _query(query: str) -> str:
    kept = query.removeprefix("?")
    if len(kept) > QUERY:
        raise InputError(
            f"the address has {len(kept):,} characters.", hint=f"At most {QUERY:,}: choose fewer values."
        )
    return words.line(kept, what="address", most=QUERY) if kept.strip() else ""
