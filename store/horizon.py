"""How far back history goes: while a long first reading is under way, and where a retention rule took older rows out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

RETENTION: Final = "*retention*"  # the row of sync_state that is no stream


def loaded_back_to(reader: Reader, *, viewer: Viewer) -> dict[str, datetime]:
    """Sources whose history is not complete yet, with the instant (UTC) since when all of it is there."""
    return _horizons(reader, f"stream <> '{RETENTION}'", viewer)


def kept_since(reader: Reader, *, viewer: Viewer) -> dict[str, datetime]:
    """Sources of which a retention rule took conversations out, with the instant (UTC) since when all are there."""
    return _horizons(reader, f"stream = '{RETENTION}'", viewer)


def complete_since(reader: Reader, *, viewer: Viewer) -> dict[str, datetime]:
    """Sources that lack older conversations, for either reason, with the instant (UTC) since when all are there."""
    return _horizons(reader, "true", viewer)


def _horizons(reader: Reader, where: str, viewer: Viewer) -> dict[str, datetime]:
    rows = reader.query(
        f"SELECT source_id, max(horizon) AS horizon FROM {{sync_state}} WHERE horizon IS NOT NULL AND {where} GROUP BY 1",
        viewer=viewer,
    ).to_pylist()
    return {row["source_id"]: row["horizon"] for row in rows}
