"""What tells one conversation from all others: its source, and the id that it has there."""

from __future__ import annotations

KEYS = ("source_id", "conversation_id")
Key = tuple[str, str]  # the values of KEYS
