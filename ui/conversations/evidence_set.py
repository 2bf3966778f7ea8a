"""What can be done with the evidence set that is listed: take conversations out, give it another name, delete it."""

from __future__ import annotations

import streamlit as st

from core.keys import Key
from store.workspace import EvidenceSet
from ui import kept, state, trail
from ui.conversations import asked
from ui.conversations.actions import counted, many, telling
from ui.data_conversations import Listed
from ui.tables import escaped

_ASKED = "set_delete_asked"
MOST_CHARACTERS = 120
NOTHING = "Nothing changed: they are not in the set, or somebody else put them there."


def manage(listed: Listed) -> None:
    """Name, note and the end of the set, for its owner."""
    chosen = kept.own_set(listed.evidence) if trail.allows("correct") else None
    if chosen is None:
        return
    with st.popover("This set", icon=":material/inventory_2:", key="set_manage"):
        # A name or note that somebody gave meanwhile is shown: the widget is another one for it.
        name = st.text_input(
            "Name", chosen.name, key=f"set_name_{chosen.id}_{chosen.name}", max_chars=MOST_CHARACTERS
        )
        note = st.text_area(
            "Note", chosen.note, key=f"set_note_{chosen.id}_{chosen.note}", placeholder="What it shows"
        )
        st.button(
            "Save", key="set_change", icon=":material/check:",
            disabled=not name.strip() or (name, note) == (chosen.name, chosen.note),
            on_click=lambda: telling(lambda: _changed(chosen, name, note)),
        )  # fmt: skip
        _end(chosen)


def _end(chosen: EvidenceSet) -> None:
    """Ask before a set is deleted, and say what stays."""
    if state.value(_ASKED) != chosen.id:
        st.button(
            "Delete",
            key="set_delete_ask",
            icon=":material/delete:",
            on_click=state.put,
            args=(_ASKED, chosen.id),
        )
        return
    st.markdown(
        f"**Delete {escaped(chosen.name)}?** The set and its notes are forgotten; the conversations stay as they are."
    )
    with st.container(horizontal=True):
        st.button(
            "Delete it",
            key="set_delete_yes",
            type="primary",
            on_click=lambda: telling(lambda: _deleted(chosen)),
        )
        st.button("Keep it", key="set_delete_no", on_click=state.forget, args=(_ASKED,))


def take_out(keys: list[Key], listed: Listed) -> None:
    """The button that takes the ticked conversations out of the set that is listed."""
    set_id = listed.evidence
    if set_id is None or not trail.allows("correct"):
        return
    st.button(
        f"Take {many(keys)} out of the set", key="set_take_out", icon=":material/remove:",
        help="Of a set of somebody else only what you added.",
        on_click=lambda: telling(lambda: _taken_out(keys, set_id)),
    )  # fmt: skip


def _changed(chosen: EvidenceSet, name: str, note: str) -> str:
    kept.change_set(chosen, name, note)
    return f"The evidence set is kept as **{escaped(name.strip())}**."


def _deleted(chosen: EvidenceSet) -> str:
    kept.delete_set(chosen)
    state.forget(_ASKED)
    asked.put(asked.EVIDENCE)
    return f"The evidence set **{escaped(chosen.name)}** is deleted."


def _taken_out(keys: list[Key], set_id: int) -> str:
    n = kept.take_out(keys, set_id)
    return counted(n, "taken out of", "the set") if n else NOTHING
