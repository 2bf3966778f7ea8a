"""Settings → People and roles: who may see and do what, read-only; settings.toml says it."""

from __future__ import annotations

import streamlit as st

from core.access import RIGHTS_OF, Access
from ui import resources, tables, trail

SIGN_IN = {
    "nobody": "Nobody signs in: who reaches the dashboard may see and do everything.",
    "oidc": "People sign in at the OpenID provider.",
    "proxy": "The proxy in front says who is looking.",
}
RIGHT_WORDS = {
    "export": "Export", "correct": "Correct", "share": "Share", "refresh": "Refresh", "alerts": "Alerts",
    "agent_names": "Names of agents", "unmasked": "Unmasked", "manage": "Manage",
}  # fmt: skip


def panel() -> None:
    """How people sign in, the rows of `[[access]]` in their order, and what each role may do."""
    if not trail.allows("manage"):
        st.caption("Who may see what is shown to who manages this workspace.")
        return
    settings = resources.settings()
    st.markdown(SIGN_IN[settings.sign_in.by])
    tables.plain(
        [_row(row) for row in settings.access], alt="Who may see and do what",
        empty="No row of [[access]]: where people sign in, nobody is let in.",
    )  # fmt: skip
    st.caption("The first row that fits a person counts; whom none fits is turned away.")
    st.markdown("**What each role may do**")
    tables.plain(
        [
            {"Role": role} | {RIGHT_WORDS[one]: "yes" if one in rights else "–" for one in RIGHT_WORDS}
            for role, rights in RIGHTS_OF.items()
        ],
        alt="What each role may do",
    )


def _row(row: Access) -> dict[str, str]:
    return {
        "Who": ", ".join((*row.who, *(f"group {name}" for name in row.groups))), "Role": row.role,
        "Sources": _limit(row.sources), "Teams": _limit(row.teams), "Tags": _limit(row.tags),
        "Also may": ", ".join(RIGHT_WORDS[one] for one in row.may), "May not": ", ".join(RIGHT_WORDS[one] for one in row.may_not),
    }  # fmt: skip


def _limit(names: tuple[str, ...] | None) -> str:
    return "all" if names is None else ", ".join(names) or "none"
