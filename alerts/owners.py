"""With whose eyes a rule looks: those of its owner, who may see less than everything."""

from __future__ import annotations

from collections.abc import Callable

from core import access
from core.settings import Settings
from core.viewer import Viewer

ViewerOf = Callable[[Settings, str], Viewer | None]


def viewer_of(settings: Settings, owner: str) -> Viewer | None:
    """What the owner of a rule may see; None for somebody who has no access or may not have alerts any more."""
    found = access.viewer_of(settings, owner)
    return found if found is not None and found.may("alerts") else None
