"""The part of Alerts that sends saved views and the Monday brief by a timetable: the list, the form, and how it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.clock import WEEKDAYS
from ui import data_alerts, data_digests, data_workspace, errors, resources, state, tables
from ui.doing import safely
from ui.sources_view import local
from ui.tables import escaped

if TYPE_CHECKING:
    from store.workspace import KeptDigest, SavedView
    from store.workspace.digests import ViewKey

BRIEF = "brief"
EVERY = {"week": "Each week", "workday": "Monday to Friday", "day": "Every day", "month": "Each month"}
DAYS = dict(enumerate(WEEKDAYS, 1))
EDITED, _VERSION, _SAID = "digest_edited", "digest_form_version", "digest_said"
_STATES = {
    "new": "🕒 waits for its time", "ok": "✅ went out", "held back": "⏸ held back", "missed": "❌ missed",
    "failed": "❌ failed", "suspended": "⏸ suspended",
}  # fmt: skip
_WHEN = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")


def digests() -> None:
    """The viewer's digests, what can be done with each, and the form for another."""
    if told := state.value(_SAID):
        st.toast(told, icon=":material/mail:")
        state.forget(_SAID)
    found = data_digests.digests()
    tables.plain(
        [_row(kept) for kept in found], alt=f"{len(found)} digests", empty="Nothing is sent by a timetable yet.",
        column_config={"Next": _WHEN, "Last": _WHEN},
    )  # fmt: skip
    for kept in found:
        if kept.problem:
            st.warning(
                f"**{escaped(kept.name)}**: {escaped(errors.sentence(kept.problem))}", icon=":material/error:"
            )
    if not data_digests.may_change():
        st.caption("Digests are made by those who have the right to share.")
        return
    if found:
        _manage({kept.id: kept for kept in found})
    edited = next((kept for kept in found if kept.id == state.value(EDITED)), None)
    with st.expander(f"Change {escaped(edited.name)}" if edited else "Send something by a timetable",
                     expanded=edited is not None, icon=":material/schedule_send:", key="digest_panel"):  # fmt: skip
        _form(edited)


def _row(kept: KeptDigest) -> dict[str, Any]:
    when, due = data_digests.when(kept)
    people = kept.definition.get("to") or []
    to = (
        f"{len(people)} {'person' if len(people) == 1 else 'people'} by {kept.definition['channel']}"
        if people
        else kept.definition.get("channel")
    )
    return {
        "Digest": kept.name, "State": _STATES[kept.status] if kept.enabled else "⏹ off",
        "Sends": f"View: {kept.view[1]}" if kept.view else "Monday brief", "To": to, "When": when,
        "Next": local(due), "Last": local(kept.told_at),
    }  # fmt: skip


def _manage(found: dict[int, KeptDigest]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        id = st.selectbox("Digest", list(found), format_func=lambda one: found[one].name, key="digest_chosen")
        kept = found[id]
        st.button(
            "Change", icon=":material/edit:", on_click=state.put, args=(EDITED, id), key="digest_change"
        )
        st.button("Switch off" if kept.enabled else "Switch on", key="digest_enable", on_click=safely(data_digests.enable),
                  args=(id,), kwargs={"enabled": not kept.enabled})  # fmt: skip
        sends = st.button("Send now", icon=":material/send:", key="digest_now",
                          help="To the channel's own recipient, with what you may see.")  # fmt: skip
        st.button(
            "Delete",
            icon=":material/delete:",
            on_click=safely(_delete),
            args=(id, kept.name),
            key="digest_delete",
        )
    if sends:
        with errors.boundary(kept.name), st.spinner("Written and sent…"):
            status, problem = data_digests.send_now(kept)
            if status == "sent":
                st.success(f"{escaped(kept.definition['channel'])} took it.", icon=":material/check:")
            else:
                st.warning(f"{status}. {escaped(errors.sentence(problem))}", icon=":material/error:")


def _delete(id: int, name: str) -> None:
    data_digests.delete(id, name)
    state.forget(EDITED, "digest_chosen")


def _form(edited: KeptDigest | None) -> None:
    channels = list(data_alerts.channels())
    if not channels:
        st.caption("No channel is set. [[channels]] in the settings names them: see docs/digests.md.")
        return
    key = f"digest_{state.value(_VERSION, 0)}_{edited.id if edited else 'new'}"
    was: Mapping[str, Any] = edited.definition if edited else {}
    left, right = st.columns(2)
    name = left.text_input("Name of the digest", edited.name if edited else "", max_chars=120, key=f"{key}_name",
                           placeholder="Monday numbers", help="The subject of the mail.")  # fmt: skip
    view = _what(right, key, edited)
    said = _to(key, was, channels) | _when(key, was)
    said |= {"what": "view" if view else "brief", "filters": was.get("filters") or {}}
    with st.container(horizontal=True):
        keeps = st.button("Save digest", icon=":material/check:", type="primary", key="digest_save")
        if edited:
            st.button("Leave it", on_click=state.forget, args=(EDITED,), key="digest_leave")
    if keeps:
        with errors.refusals():
            data_digests.save(edited.id if edited else None, name, said, view)
            state.put(_SAID, f"{escaped(name)} is kept.")
            state.put(_VERSION, state.value(_VERSION, 0) + 1)
            state.forget(EDITED)
            st.rerun()


def _what(place: Any, key: str, edited: KeptDigest | None) -> ViewKey | None:
    """The view to send; None is the brief."""
    views = {(view.owner, view.name): view for view in data_workspace.views()}
    offered: list[Any] = [BRIEF, *views]
    if edited and edited.view and edited.view not in views:
        offered.append(edited.view)
    at = offered.index(edited.view) if edited and edited.view else 0 if edited or not views else 1
    chosen = place.selectbox("It sends", offered, index=at, key=f"{key}_what", format_func=lambda one: _title(one, views),
                             help="A saved view (Views, on every page), or last week in short.")  # fmt: skip
    return None if chosen == BRIEF else tuple(chosen)


def _title(one: str | ViewKey, views: Mapping[ViewKey, SavedView]) -> str:
    if isinstance(one, str):
        return "Monday brief: last week in short"
    return one[1] if one in views else f"{one[1]} (not there any more)"


def _to(key: str, was: Mapping[str, Any], channels: list[str]) -> dict[str, Any]:
    left, middle, right = st.columns([2, 4, 2], vertical_alignment="bottom")
    usual = channels.index(was["channel"]) if was.get("channel") in channels else 0
    channel = left.selectbox("By", channels, index=usual, key=f"{key}_channel")
    told = "Of a mail channel. Each gets what they may see; empty: the channel's own recipient, with what you may see."
    people = middle.text_input("To these addresses", ", ".join(was.get("to") or []), key=f"{key}_to", help=told,
                               placeholder="ada@example.com, bo@example.com")  # fmt: skip
    attach = right.checkbox("Attach the page as a file", bool(was.get("attach", True)), key=f"{key}_attach")
    return {
        "channel": channel,
        "to": [one for one in people.replace(",", " ").split() if one],
        "attach": attach,
    }


def _when(key: str, was: Mapping[str, Any]) -> dict[str, Any]:
    first, second, third, fourth = st.columns(4)
    names = list(EVERY)
    every = first.selectbox("When", names, index=names.index(was.get("every", "week")), key=f"{key}_every",
                            format_func=EVERY.__getitem__)  # fmt: skip
    on = int(was.get("on", 1))
    if every == "week":
        on = second.selectbox(
            "On", list(DAYS), index=min(on, 7) - 1, format_func=DAYS.__getitem__, key=f"{key}_weekday"
        )
    if every == "month":
        on = int(
            second.number_input(
                "On day", 1, 31, on, key=f"{key}_day", help="The last one where a month is shorter."
            )
        )
    at = third.time_input("At", time.fromisoformat(str(was.get("at", "08:00"))), key=f"{key}_at", step=900)
    zone = fourth.text_input("In the zone", str(was.get("zone") or resources.settings().workspace.reporting_zone),
                             key=f"{key}_zone")  # fmt: skip
    return {"every": every, "on": on, "at": f"{at:%H:%M}", "zone": zone}
