"""What people create, as pages read and write it. Never cached: another tab may have changed it a moment ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.filters import Period
from ui import resources, trail

if TYPE_CHECKING:
    from store.workspace import Card, Note, SavedView, Tag
    from store.workspace.cards import Kind, Way


def views() -> list[SavedView]:
    """The viewer's saved views and those of everybody, by name."""
    return resources.workspace().views(resources.me())


def save_view(name: str, page: str, query: str, *, shared: bool) -> None:
    """Keep an address under a name. Raises InputError, NoAccess."""
    with trail.changing("share" if shared else None, "saved view", name=name, page=page, shared=shared):
        resources.workspace().save_view(name, owner=resources.me(), page=page, query=query, shared=shared)


def change_view(name: str, new: str, *, shared: bool) -> bool:
    """Give one of the viewer's own views another name and audience; whether there was one. Raises InputError."""
    workspace = resources.workspace()
    with trail.changing("share" if shared else None, "saved view", name=name, now=new, shared=shared):
        workspace.share_view(name, owner=resources.me(), shared=shared)
        return workspace.rename_view(name, new, owner=resources.me())


def delete_view(name: str) -> bool:
    """Forget one of the viewer's own views; whether there was one."""
    with trail.changing(None, "deleted view", name=name):
        return resources.workspace().delete_view(name, owner=resources.me())


def notes() -> list[Note]:
    """Everybody's notes, the earliest first; of very many the latest."""
    return resources.workspace().notes()


def add_note(
    period: Period, text: str, tag: Tag, *, metric: str | None, only: Mapping[str, Sequence[str]]
) -> None:
    """Keep a note of the viewer. Raises InputError, NoAccess."""
    with trail.changing("share", "note", text=text):
        resources.workspace().add_note(period, text, tag=tag, author=resources.me(), metric=metric, only=only)


def change_note(
    id: int, period: Period, text: str, tag: Tag, *, metric: str | None, only: Mapping[str, Sequence[str]]
) -> bool:
    """Write one of the viewer's own notes anew; whether there was one. Raises InputError."""
    with trail.changing("share", "note", id=id, text=text):
        return resources.workspace().change_note(
            id, period, text, tag=tag, author=resources.me(), metric=metric, only=only
        )


def delete_note(id: int) -> bool:
    """Forget one of the viewer's own notes; whether there was one."""
    with trail.changing("share", "deleted note", id=id):
        return resources.workspace().delete_note(id, author=resources.me())


def metric_titles() -> dict[str, str]:
    """Every metric by name, with its title, by title."""
    from analytics import catalogue

    found = {metric.name: metric.title for metric in catalogue.every(resources.settings())}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def cards() -> list[Card]:
    """The viewer's cards in their order. Raises StoreError."""
    return resources.workspace().cards(resources.me())


def pin(kind: Kind, title: str, definition: Mapping[str, Any]) -> None:
    """Put a card at the end of the viewer's page. Raises InputError, StoreError."""
    resources.workspace().pin(kind, title, definition, owner=resources.me())


def move_card(id: int, way: Way) -> None:
    """Swap a card with the one above or below."""
    resources.workspace().move_card(id, way, owner=resources.me())


def rename_card(id: int, title: str) -> None:
    """Give a card another title. Raises InputError."""
    resources.workspace().rename_card(id, title, owner=resources.me())


def unpin(id: int) -> None:
    """Take a card off the page."""
    resources.workspace().unpin(id, owner=resources.me())
