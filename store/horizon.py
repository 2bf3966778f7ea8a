"""How far back history is loaded, while a long first reading is still under way."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader


def loaded_back_to(reader: Reader, *, viewer: Viewer) -> dict[str, datetime]:
    """Sources whose history is not complete yet, with the instant (UTC) since when all of it is there."""
    rows = reader.query(
        "SELECT source_id, max(horizon) AS horizon FROM {sync_state} WHERE horizon IS NOT NULL GROUP BY 1",
        viewer=viewer,
    ).to_pylist()
    return {row["source_id"]: row["horizon"] for row in rows}
