"""The sources of the workspace: how each is, what it has brought, and what can be done about it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import AppError
from ui import command, refresh, resources, sources_form, sources_view, state, tables, trail
from ui.doing import safely
from ui.sources_view import SourceView

_CHOSEN, _ASKED = "source_chosen", "source_remove"
ORIGINS = {
    "added": "added here", "uploaded": "uploaded file", "settings": "settings file", "sample": "generated sample",
}  # fmt: skip
FIXED = {
    "settings": "It stands in settings.toml, which is written by people: change it there.",
    "sample": "The generated sample steps aside as soon as there is data of your own.",
}


def panel() -> None:
    """The table of sources, what can be done with one of them, and the form when it is open."""
    configured = sources_view.sources()
    _table(configured)
    if not trail.allows("manage"):
        return
    if sources_form.said():
        st.success(sources_form.said(), icon=":material/check_circle:")
    if sources_form.is_open():
        with st.container(border=True, key="source_form_box"):
            sources_form.panel()
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="source_actions"):
        chosen = _actions(configured)
    if chosen is not None and state.value(_ASKED) == chosen:
        _sure(chosen)


def _table(configured: list[SourceView]) -> None:
    rows = [
        {
            "Source": one.name, "Kind": one.kind, "Health": one.health, "Why": one.reason,
            "Last success": one.last_ok, "Conversations": one.conversations, "Messages": one.messages,
            "Set aside": one.rejects, "Next attempt": one.next_attempt, "History back to": one.history_back_to,
            "From": one.first_at, "To": one.last_at, "Written in": ORIGINS.get(one.origin, one.origin),
        }
        for one in configured
    ]  # fmt: skip
    day, moment = st.column_config.DateColumn, st.column_config.DatetimeColumn
    shown = {name: day(format="D MMM YYYY") for name in ("From", "To")} | {
        name: moment(format="D MMM YYYY, HH:mm") for name in ("Last success", "Next attempt")
    }
    shown["Health"] = st.column_config.TextColumn(width=150)
    shown["Why"] = st.column_config.TextColumn(width=320)
    shown["History back to"] = day(format="D MMM YYYY", help="Older conversations are still being loaded.")
    unused = {
        name
        for name in ("Next attempt", "History back to", "Set aside")
        if not any(row[name] for row in rows)
    }
    tables.plain(
        [{name: cell for name, cell in row.items() if name not in unused} for row in rows],
        alt=f"{len(rows)} sources: " + ", ".join(f"{one.name} {one.word}" for one in configured),
        empty="No source is configured: the first refresh generates a sample workspace. Add a source of your own, "
        "or load a file below.", column_config=shown, placeholder="–",
    )  # fmt: skip
    told = [one for one in configured if one.cannot]
    if told:
        with st.expander("What the sources cannot tell", icon=":material/info:", key="source_gaps"):
            for one in told:
                st.caption(f"**{tables.escaped(one.name)}**: {tables.told(one.cannot)}")


def _actions(configured: list[SourceView]) -> str | None:
    """Add one; refresh, pause, change or remove the chosen one."""
    st.button(
        "Add a source",
        icon=":material/add:",
        type="primary",
        key="source_add",
        on_click=safely(sources_form.open_new),
    )
    if not configured:
        return None
    names = [one.name for one in configured]
    if state.value(_CHOSEN) not in names:
        state.forget(_CHOSEN)
    name = st.selectbox("Source", names, key=_CHOSEN, width=240)
    one = configured[names.index(name)]
    fixed = FIXED.get(one.origin)
    st.button(
        "Refresh it", icon=":material/sync:", key="source_refresh", on_click=refresh.begin, args=(one.name,),
        disabled=refresh.is_active() or not one.enabled or not one.is_configured,
        help="Reads this source alone and publishes what it brings.",
    )  # fmt: skip
    st.button(
        "Pause" if one.enabled else "Resume", icon=":material/pause:" if one.enabled else ":material/play_arrow:",
        key="source_pause", on_click=_command, args=("pause" if one.enabled else "resume", one.name),
        disabled=fixed is not None or not one.is_configured, help=fixed or "A paused source keeps its data and is not read.",
    )  # fmt: skip
    st.button(
        "Change", icon=":material/edit:", key="source_edit", on_click=_edit, args=(one.name,),
        disabled=fixed is not None or not one.is_configured, help=fixed or "Settings, mapping, password.",
    )  # fmt: skip
    st.button(
        "Remove", icon=":material/delete:", key="source_remove_ask", on_click=state.put, args=(_ASKED, one.name),
        disabled=fixed is not None or not one.is_configured, help=fixed or "Takes it out of the settings.",
    )  # fmt: skip
    return one.name


def _sure(name: str) -> None:
    """Ask before a source is taken out, and say what happens to its data."""
    with st.container(border=True, key="source_sure"):
        st.markdown(
            f"**Remove {name}?** It is taken out of the settings, with its password and its uploaded copies of files. "
            "Its conversations stay in every number until `jobs refresh --forget` takes them out."
        )
        with st.container(horizontal=True):
            st.button("Remove it", type="primary", key="source_remove_yes", on_click=_remove, args=(name,))
            st.button("Keep it", key="source_remove_no", on_click=state.forget, args=(_ASKED,))


def _remove(name: str) -> None:
    state.forget(_ASKED)
    _command("remove", name)


def _command(action: str, name: str) -> None:
    try:
        with trail.changing("manage", f"source: {action}", source=name):
            done = command.answer(resources.home(), ["sources", action, name])
        sources_form.say(sources_form.quoted(done["message"], name))
    except AppError as error:
        st.toast(tables.told(str(error)), icon=":material/error:")


def _edit(name: str) -> None:
    try:
        trail.require("manage")
        found: dict[str, Any] = command.answer(resources.home(), ["sources", "list", name])
    except AppError as error:
        st.toast(tables.told(str(error)), icon=":material/error:")
        return
    sources_form.open_edit(found["sources"][0])
