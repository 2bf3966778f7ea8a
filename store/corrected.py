"""Which values of a published generation are people's, and what the machine found instead."""

from __future__ import annotations

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
