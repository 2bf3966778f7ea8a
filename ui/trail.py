"""What people do, noted in the audit log as they do it: the right is asked for, then the deed is written down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from core.viewer import Right
from ui import resources
from ui.identity import NoAccess

if TYPE_CHECKING:
    from store.workspace import AuditEntry, Workspace
    from store.workspace.audit import Action

logger = logging.getLogger(__name__)


def allows(right: Right) -> bool:
    """Whether whoever looks has a right: what they may not do is not offered."""
    return resources.viewer().may(right)


def require(right: Right) -> None:
    """Raises NoAccess, NotSignedIn: also for a control that was drawn while the right was still there."""
    viewer = resources.viewer()
    if not viewer.may(right):
        raise NoAccess(
            f"your role, {viewer.role}, may not do this.",
            hint="Ask whoever runs this dashboard for the right.",
        )


def note(action: Action, **detail: Any) -> None:
    """Write down that the viewer did something. Raises StoreError where people sign in: what cannot be noted is not done."""
    _write(resources.is_guarded(), resources.workspace, resources.me(), action, detail)


@contextmanager
def changing(right: Right | None, what: str, **detail: Any) -> Iterator[None]:
    """Around a change: asks for the right, and notes what was changed when it went well."""
    if right is not None:
        require(right)
    yield
    note("changed", what=what, **detail)


def handed_out(make: Callable[[], bytes], what: str, **detail: Any) -> Callable[[], bytes]:
    """`make`, noted when the file is made. A click comes outside of a page's run: whoever looks
    is taken along, and what they may is asked again."""
    require("export")
    home, now, is_guarded = resources.home(), resources.returning(), resources.is_guarded()

    def noted() -> bytes:
        viewer = now()
        if viewer is None or not viewer.may("export"):
            raise NoAccess("the right to export was taken away.", hint="Load the page again.")
        _write(
            is_guarded, lambda: resources.workspace(home), viewer.name, "exported", {"what": what, **detail}
        )
        return make()

    return noted


def log(
    n: int, *, viewer: str | None = None, action: str | None = None, before: int | None = None
) -> list[AuditEntry]:
    """The newest entries, for who may see them. Raises NoAccess."""
    require("manage")
    return resources.workspace().audit_log(n, viewer=viewer, action=action, before=before)


def people() -> list[str]:
    """Everybody the log speaks of. Raises NoAccess."""
    require("manage")
    return resources.workspace().audited_people()


def _write(
    is_guarded: bool, workspace: Callable[[], Workspace], name: str, action: Action, detail: dict[str, Any]
) -> None:
    try:
        workspace().audit(action, viewer=name, detail=detail)
    except StoreError:
        if is_guarded:
            raise
        logger.warning(
            "not noted in the audit log", exc_info=True
        )  # nobody is asked who they are, so nobody is stopped
