"""Which values of a published generation are people's, and what the machine found instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.viewer import Viewer
from store.reader import Reader


def found_by_machine(
    reader: Reader, source_id: str, conversation_id: str, *, viewer: Viewer
) -> dict[str, str | None]:
    """What was found where this generation shows a correction instead: field (topic, sentiment) to value."""
    rows = reader.query(
        "SELECT field, found FROM {conversation_corrections} WHERE source_id = ? AND conversation_id = ?",
        [source_id, conversation_id], viewer=viewer,
    )  # fmt: skip
    return {row["field"]: row["found"] for row in rows.to_pylist()}


@dataclass(frozen=True, slots=True)
class Differing:
    """A conversation of which people say something else than the machine finds now."""

    source: str
    conversation_id: str
    subject: str | None
    said: str
    found: str | None
    at: datetime


def differing(reader: Reader, field: str, *, viewer: Viewer, limit: int = 50) -> list[Differing]:
    """Conversations whose topic or sentiment people and machine see differently, the latest correction first."""
    rows = reader.query(
        """SELECT k.source_id, k.conversation_id, f.subject, k.value, k.found, k.corrected_at
           FROM {conversation_corrections} k
           JOIN {conversation_facts} f ON f.source_id = k.source_id AND f.conversation_id = k.conversation_id
           WHERE k.field = ? AND k.found IS DISTINCT FROM k.value
           ORDER BY k.corrected_at DESC, k.source_id, k.conversation_id LIMIT ?""",
        [field, limit], viewer=viewer,
    )  # fmt: skip
    return [Differing(*row.values()) for row in rows.to_pylist()]
