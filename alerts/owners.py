"""With whose eyes a rule looks: those of its owner, who may see less than everything."""

from __future__ import annotations

from collections.abc import Callable

from core import access, secrets
from core.home import Home
from core.settings import Settings
from core.viewer import Viewer
from store.workspace import Workspace

ViewerOf = Callable[[Settings, str], Viewer | None]


def owners_of(home: Home, workspace: Workspace) -> ViewerOf:
    """What the owner of a rule may see; None for somebody who has no access or may not have alerts any more.

    Nobody is here to say their groups: those of their last sign-in count, for as long as the workspace remembers them.
    """

    def viewer_of(settings: Settings, owner: str) -> Viewer | None:
        if settings.sign_in.by == "nobody":
            return access.viewer_of(settings, owner)
        key = secrets.made(home, access.ALIAS_KEY)
        found = access.viewer_of(settings, owner, workspace.groups_of(owner), alias_key=key)
        return found if found is not None and found.may("alerts") else None

    return viewer_of
