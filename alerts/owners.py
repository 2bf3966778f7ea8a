"""With whose eyes a rule looks: those of its owner, who may see less than everything."""

from __future__ import annotations

from collections.abc import Callable

from core import access, secrets
from core.home import Home
from core.settings import Settings
from core.viewer import Right, Viewer
from store.workspace import Workspace

ViewerOf = Callable[[Settings, str], Viewer | None]


def owners_of(home: Home, workspace: Workspace, right: Right = "alerts") -> ViewerOf:
    """What the owner of a rule may see; None for somebody who has no access, or not the right, any more."""
    readers = readers_of(home, workspace)

    def viewer_of(settings: Settings, owner: str) -> Viewer | None:
        found = readers(settings, owner)
        return found if found is not None and found.may(right) else None

    return viewer_of


def readers_of(home: Home, workspace: Workspace) -> ViewerOf:
    """What somebody may see who is not here; None for somebody who has no access.

    Nobody is here to say their groups: those of their last sign-in count, for as long as the workspace remembers them.
    """

    def viewer_of(settings: Settings, name: str) -> Viewer | None:
        if settings.sign_in.by == "nobody":
            return access.viewer_of(settings, name)
        key = secrets.made(home, access.ALIAS_KEY)
        return access.viewer_of(settings, name, workspace.groups_of(name), alias_key=key)

    return viewer_of
