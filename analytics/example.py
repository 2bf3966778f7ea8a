"""A conversation that shows what a group, a topic or a slice is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation, by its source and native id."""

    source: str
    conversation_id: str
    subject: str | None
