"""Who gives a command that concerns a person: their name for the audit log, and their right where people sign in."""

from __future__ import annotations

import argparse
import getpass

from core.access import viewer_of
from core.errors import ConfigError, InputError
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Right, Viewer


def add_by(parser: argparse.ArgumentParser) -> None:
    """The option that says who."""
    parser.add_argument(
        "--by", default="", metavar="NAME", help="who does it (default: who is logged in here)"
    )


def acting(home: Home, settings: Settings, name: str, *rights: Right) -> str:
    """The name that is noted. Raises ConfigError where a person is named who may not do this.

    Whoever runs the machine sees everything; somebody who is named has to have the rights, over everything.
    """
    from store.workspace import Workspace

    if not name:
        return _logged_in()
    if settings.sign_in.by == "nobody":
        return name
    viewer = viewer_of(settings, name, Workspace(home).groups_of(name))
    if viewer is None or viewer.is_limited or not all(viewer.may(right) for right in rights):
        raise ConfigError(
            f"{name} may not do this.",
            hint=f"It takes {', '.join(rights)} over all conversations: see [[access]].",
        )
    return viewer.name


def owning(home: Home, settings: Settings, owner: str, right: Right) -> Viewer:
    """What somebody may see in whose name a rule or digest is to be kept. Raises InputError for whom it would do nothing."""
    from alerts.owners import owners_of
    from store.workspace import Workspace

    viewer = owners_of(home, Workspace(home), right)(settings, owner)
    if viewer is None:
        raise InputError(
            f"{owner} has no access.", hint=f"Name somebody with the right to {right} as --owner."
        )
    return viewer


def kept_name(settings: Settings, owner: str, viewer: Viewer) -> str:
    """The owner's name as pages ask for it: signed in, capitals do not count; without sign-in it is what was typed."""
    return owner if settings.sign_in.by == "nobody" else viewer.name


def _logged_in() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container whose user has no name
        return EVERYTHING.name
