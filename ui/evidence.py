"""Conversations as evidence: how the address names one."""

from __future__ import annotations

from urllib.parse import quote

from ui import state

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
