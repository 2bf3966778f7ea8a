"""Digests of the viewer. Never cached: another process sends them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core import clock
from core.errors import InputError
from ui import command, resources, trail

if TYPE_CHECKING:
    from store.workspace import KeptDigest
    from store.workspace.digests import ViewKey


def may_change() -> bool:
    """Whether the viewer may send things to others."""
    return resources.viewer().may("share")


def digests() -> list[KeptDigest]:
    """The viewer's digests, in the order they were made."""
    return resources.workspace().digests(resources.me())


def when(kept: KeptDigest) -> tuple[str, datetime | None]:
    """In words when it is sent, and its next time (UTC); empty where its definition does not hold any more."""
    from alerts import digests

    try:
        timetable = digests.read(kept.definition).timetable
    except InputError:
        return "", None
    return timetable.words(), timetable.next(clock.now()).at if kept.enabled else None


def save(id: int | None, name: str, said: Mapping[str, Any], view: ViewKey | None) -> None:
    """Keep a new digest, or write one of the viewer's anew. Raises InputError, NoAccess."""
    from alerts import digests

    with trail.changing("share", "digest", name=name, to=", ".join(said.get("to") or [])):
        digests.read(said).check(resources.settings())
        workspace, me = resources.workspace(), resources.me()
        if view is not None and workspace.view(*view, viewer=me) is None:
            raise InputError(f"the view {view[1]!r} is not there any more.", hint="Choose another one.")
        if id is None:
            workspace.add_digest(name, said, owner=me, view=view)
        elif not workspace.change_digest(id, name, said, owner=me, view=view):
            raise InputError("the digest is not there any more.", hint="Save it as a new one.")


def delete(id: int, name: str) -> None:
    """Forget one of the viewer's digests."""
    with trail.changing("share", "deleted digest", name=name):
        resources.workspace().delete_digest(id, owner=resources.me())


def enable(id: int, *, enabled: bool) -> None:
    """Switch one of the viewer's digests on or off."""
    with trail.changing("share", "digest", id=id, enabled=enabled):
        resources.workspace().enable_digest(id, owner=resources.me(), enabled=enabled)


def send_now(kept: KeptDigest) -> tuple[str, str]:
    """Send a digest at once to its channel's own recipient: how that went, and why. Raises AppError."""
    with trail.changing("share", "digest sent now", name=kept.name):
        told = command.answer(resources.home(), ["digest", "now", str(kept.id)])
    return str(told["status"]), str(told["problem"] or "")
