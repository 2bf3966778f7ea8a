"""What the warehouse remembers of its own making: one text under a key, in the table settings_kv."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer


def recall(writer: Writer, key: str) -> str | None:
    """What is kept under a key; None where nothing is."""
    rows = writer.query("SELECT value FROM settings_kv WHERE key = ?", [key])
    return str(rows["value"][0].as_py()) if rows.num_rows else None


def remember(writer: Writer, key: str, value: str) -> None:
    """Keep a text under a key, in place of what was there. Raises DiskFull."""
    writer.execute("DELETE FROM settings_kv WHERE key = ?", [key])
    writer.execute("INSERT INTO settings_kv (key, value) VALUES (?, ?)", [key, value])
