"""Conversations as evidence: how the address names one, and buttons that open some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from ui import navigation, state
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.example import Example

LINK, MESSAGE = "conversation", "message"


def wanted() -> tuple[str, str] | None:
    """The conversation that the address names as ?conversation=source/id, or None."""
    named = state.link(LINK)
    source, found, native = (named or "").partition("/")
    return (source, native) if found and native else None


def address(source_id: str, conversation_id: str) -> str:
    """The value of the address's parameter for a conversation."""
    return f"{source_id}/{conversation_id}"


def link(source_id: str, conversation_id: str, message_id: str = "") -> str:
    """The address of a conversation's page, below the dashboard's own; at one of its messages, where it is named."""
    at = f"&{MESSAGE}={quote(message_id)}" if message_id else ""
    return f"/conversations?{LINK}={quote(address(source_id, conversation_id))}{at}"


def wanted_message() -> str | None:
    """The message that the address names, or None."""
    return state.link(MESSAGE)


def buttons(examples: Sequence[Example], *, key: str) -> None:
    """A button a conversation, side by side."""
    with st.container(horizontal=True, gap="small"):
        for place, one in enumerate(examples):
            button(
                escaped(one.subject or one.conversation_id),
                one.source,
                one.conversation_id,
                key=f"{key}_{place}",
            )


def button(label: str, source: str, conversation_id: str, *, key: str) -> None:
    """The button that opens a conversation."""
    st.button(
        label, key=key, type="tertiary", icon=":material/chat_bubble:",
        on_click=navigation.open_conversation, args=(source, conversation_id),
    )  # fmt: skip
