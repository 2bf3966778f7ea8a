"""The messages of a conversation, one bubble each: whose they are, when, and which of them only agents see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.dossier import Dossier

ROLES = {
    "customer": ("Customer", ":material/person:"),
    "agent": ("Agent", ":material/support_agent:"),
    "bot": ("Bot", ":material/smart_toy:"),
    "system": ("System", ":material/settings:"),
    "unknown": ("Author", ":material/chat_bubble:"),
}
MOST = 60  # bubbles at once: the browser takes a second for a few hundred


def draw(opened: Dossier) -> None:
    """The messages in order; of a long thread the latest ones, and all of them on request."""
    messages = opened.messages
    if not messages:
        st.info(
            f"The source **{escaped(opened.facts['source_id'])}** brings no messages, only the conversation's own fields.",
            icon=":material/speaker_notes_off:",
        )
        return
    if len(messages) > MOST and not st.toggle(f"Show all {len(messages):,} messages", key="thread_all"):
        st.caption(f"The latest {MOST}.")
        messages = messages[-MOST:]
    before = None
    for message in messages:
        _bubble(message, before)
        before = message["created_local"] or before


def _bubble(message: dict[str, Any], before: Any) -> None:
    word, icon = ROLES.get(message["author_role"] or "unknown", ROLES["unknown"])
    with st.chat_message("user" if word == "Customer" else "assistant", avatar=icon):
        private = message["is_public"] is False or message["kind"] == "note"
        at = message["created_local"]
        when = f"{at:%-d %b %Y, %H:%M}" if at else "no time"
        gap = (
            f" · {numbers.duration((at - before).total_seconds())} later"
            if at and before and at >= before
            else ""
        )
        note = " · :orange-badge[:material/lock: private note]" if private else ""
        st.caption(f"**{escaped(message['author'] or word)}** · {word.lower()} · {when}{gap}{note}")
        # Words of customers are shown as they are: never read as markdown or HTML.
        st.text(message["body_text"] or "(no text)")
