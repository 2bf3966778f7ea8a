"""The messages of a conversation, one bubble each: whose they are, when, and which of them only agents see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from store.spoken import is_private
from ui import evidence
from ui.conversations import five_lines, told
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
    named = evidence.wanted_message()
    is_early = any(message["message_id"] == named for message in messages[:-MOST])
    if len(messages) > MOST and not st.toggle(
        f"Show all {len(messages):,} messages", value=is_early, key="thread_all"
    ):
        st.caption(f"The latest {MOST}.")
        messages = messages[-MOST:]
    before, anchors = None, told.linked(opened) | five_lines.linked(opened)
    for number, message in enumerate(messages, start=len(opened.messages) - len(messages) + 1):
        _bubble(
            number, message, before, is_named=message["message_id"] == named, has_anchor=number in anchors
        )
        before = message["created_local"] or before


def _bubble(number: int, message: dict[str, Any], before: Any, *, is_named: bool, has_anchor: bool) -> None:
    word, icon = ROLES.get(message["author_role"] or "unknown", ROLES["unknown"])
    with st.chat_message("user" if word == "Customer" else "assistant", avatar=icon):
        private = is_private(message)
        at = message["created_local"]
        when = numbers.moment(at) if at else "no time"
        gap = (
            f" · {numbers.duration((at - before).total_seconds())} later"
            if at and before and at >= before
            else ""
        )
        note = " · :orange-badge[:material/lock: private note]" if private else ""
        if word == "Customer" and message["sentiment_score"] is not None:
            note += f" · mood {numbers.score(message['sentiment_score'])}"
        note += " · :blue-badge[:material/format_quote: quoted]" if is_named else ""
        head = f"**{escaped(message['author'] or word)}** · {word.lower()} · {when}{gap}{note} · {number}"
        if has_anchor:
            with st.container(horizontal=True, gap=None):
                st.caption(head)
                st.html(f'<span id="{told.ANCHOR}{number}"></span>', width="content")
        else:
            st.caption(head)
        # Words of customers are shown as they are: never read as markdown or HTML.
        st.text(message["clean_text"] or message["body_text"] or "(no text)")
        if message["clean_text"] and message["body_text"]:
            with st.expander("As it arrived, with quoted mail, signatures and notices"):
                st.text(message["body_text"])
