"""The one place that opens DuckDB files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb

from core.errors import StoreError
from core.home import Home

STORAGE_VERSION = "v1.5.0"


def connect(
    path: Path, home: Home, *, read_only: bool, memory_limit: str = "4GB"
) -> duckdb.DuckDBPyConnection:
    """A connection in UTC whose spill and extension folders lie inside the home. Raises StoreError."""
    with suppress(*([OSError] if read_only else [])):  # who may only read spills nothing
        home.cache.mkdir(parents=True, exist_ok=True)
    try:
        con = _open(path, home, read_only=read_only, memory_limit=memory_limit)
        # Cursors do not inherit a session's zone, only the global one.
        con.execute("SET GLOBAL TimeZone='UTC'")
        # Tables of an open transaction look empty to the planner, which then joins by time in nested loops.
        con.execute("SET GLOBAL asof_loop_join_threshold=0")
        con.execute("SET enable_progress_bar=false")  # it would go to stdout, which belongs to answers
    except duckdb.Error as error:
        if read_only and not path.exists():
            raise  # a reader looks again: generations come and go
        raise StoreError(
            f"{path} cannot be opened: {str(error).splitlines()[0]}",
            hint="Run `python -m jobs refresh`: it publishes the data again."
            if read_only
            else "If it is damaged, move it away: the next refresh reads every source again. What was "
            "published before stays.",
        ) from None
    return con


def _open(path: Path, home: Home, *, read_only: bool, memory_limit: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(  # noqa: TID251 - this is the one door
        str(path),
        read_only=read_only,
        config={
            "storage_compatibility_version": STORAGE_VERSION,
            "extension_directory": str(home.cache / "duckdb-extensions"),
            "temp_directory": str(home.cache / "duckdb-spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory_limit,
            # The default of 16 MB makes a checkpoint of every page, and each of them writes the last rows anew.
            "checkpoint_threshold": "256MB",
        },
    )
