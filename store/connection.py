"""The one place that opens DuckDB files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from core.home import Home

STORAGE_VERSION = "v1.5.0"


def connect(
    path: Path, home: Home, *, read_only: bool, memory_limit: str = "4GB"
) -> duckdb.DuckDBPyConnection:
    """A connection in UTC whose spill and extension folders lie inside the home."""
    home.cache.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(  # noqa: TID251 - this is the one door
        str(path),
        read_only=read_only,
        config={
            "storage_compatibility_version": STORAGE_VERSION,
            "extension_directory": str(home.cache / "duckdb-extensions"),
            "temp_directory": str(home.cache / "duckdb-spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory_limit,
        },
    )
    # Cursors do not inherit a session's zone, only the global one.
    con.execute("SET GLOBAL TimeZone='UTC'")
    return con
