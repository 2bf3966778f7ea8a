"""The audit log as admins read it: by person, by action, page by page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from store.workspace.audit import ACTIONS
from ui import resources, state, tables, trail
from ui.sources_view import local

if TYPE_CHECKING:
    from store.workspace import AuditEntry

PAGE = 100
_PERSON, _ACTION, _PLACES = "audit_person", "audit_action", "audit_places"


def show() -> None:
    """Filters, a page of entries, and the way to older ones."""
    if not resources.is_guarded():
        st.info(
            "Nobody signs in to this workspace, so changes and exports are noted without a name, and what was looked "
            "at is not noted. docs/sign-in.md tells how to turn the sign-in on.",
            icon=":material/no_accounts:",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        person = st.selectbox("Who", trail.people(), index=None, placeholder="Everybody", key=_PERSON, width=280,
                              on_change=_first)  # fmt: skip
        action = st.selectbox("What", ACTIONS, index=None, placeholder="Everything", key=_ACTION, width=200,
                              on_change=_first)  # fmt: skip
    places: list[int] = state.value(_PLACES) or []
    found = trail.log(PAGE + 1, viewer=person, action=action, before=places[-1] if places else None)
    rows = [_row(entry) for entry in found[:PAGE]]
    tables.plain(
        rows, alt=f"{len(rows)} entries of the audit log", empty="Nothing has been noted yet.",
        column_config={"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss"),
                       "Detail": st.column_config.TextColumn(width="large")},
    )  # fmt: skip
    with st.container(horizontal=True):
        st.button(
            "Newer", icon=":material/chevron_left:", key="audit_newer", disabled=not places, on_click=_newer
        )
        st.button(
            "Older", icon=":material/chevron_right:", key="audit_older", disabled=len(found) <= PAGE,
            on_click=_older, args=(found[PAGE - 1].id if len(found) > PAGE else 0,),
        )  # fmt: skip


def _row(entry: AuditEntry) -> dict[str, Any]:
    detail = dict(entry.detail or {})
    of = str(detail.pop("page", None) or detail.pop("what", None) or detail.pop("question", None) or "")
    return {
        "When": local(entry.at), "Who": entry.viewer, "Did": entry.action, "What": of,
        "Detail": "; ".join(f"{key}: {value if isinstance(value, str) else json.dumps(value)}"
                            for key, value in detail.items()),
    }  # fmt: skip


def _first() -> None:
    state.forget(_PLACES)


def _newer() -> None:
    state.put(_PLACES, (state.value(_PLACES) or [])[:-1])


def _older(last: int) -> None:
    state.put(_PLACES, [*(state.value(_PLACES) or []), last])
