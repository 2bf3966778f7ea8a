"""The one place that opens DuckDB files: plain, or encrypted where the settings name a key. Never the other way."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import duckdb

from core import encryption
from core.errors import ConfigError, StoreError, WarehouseLocked
from core.home import Home
from store import cipher

STORAGE_VERSION = "v1.5.0"
MEMORY = Path(":memory:")


def connect(path: Path, home: Home, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection in UTC whose spill and extension folders lie inside the home.

    Raises StoreError; WarehouseLocked where the file is not as the settings ask, ConfigError where the key is missing.
    """
    key = encryption.key(home)
    if path != MEMORY:
        _refuse_other_kind(path, home, key)
    return connect_with(path, home, key=key, read_only=read_only)


def connect_with(path: Path, home: Home, *, key: str | None, read_only: bool) -> duckdb.DuckDBPyConnection:
    """`connect` with a key that is given, not looked up (None: a plain file). For what changes the key itself."""
    with suppress(*([OSError] if read_only else [])):  # who may only read spills nothing
        home.make()
        home.cache.mkdir(parents=True, exist_ok=True)
    con = None
    try:
        con = _open(path, home, key=key, read_only=read_only)
        # Cursors do not inherit a session's zone, only the global one.
        con.execute("SET GLOBAL TimeZone='UTC'")
        # Tables of an open transaction look empty to the planner, which then joins by time in nested loops.
        con.execute("SET GLOBAL asof_loop_join_threshold=0")
        con.execute("SET enable_progress_bar=false")  # it would go to stdout, which belongs to answers
    except duckdb.Error as error:
        if con is not None:
            con.close()
        if read_only and not path.exists():
            raise  # a reader looks again: generations come and go
        raise _refused(path, str(error).strip().splitlines()[0], read_only=read_only) from None
    return con


class _Attached:
    """A connection whose cursors begin in its attached file too: DuckDB does not hand `USE` on to them."""

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        self._con, self._name = con, name
        con.execute(f'USE "{name}"')

    def cursor(self) -> _Attached:
        """Another connection to the same files."""
        return _Attached(self._con.cursor(), self._name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def __enter__(self) -> _Attached:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()


def _open(path: Path, home: Home, *, key: str | None, read_only: bool) -> duckdb.DuckDBPyConnection:
    if key is None:
        return _instance(path, home, {}, read_only=read_only)
    con = _instance(MEMORY, home, cipher.CONFIG, read_only=False)
    try:
        cipher.load(con)
        if path == MEMORY:
            return con
        cipher.attach(con, path, path.stem, key=key, read_only=read_only)
        return cast(duckdb.DuckDBPyConnection, _Attached(con, path.stem))
    except BaseException:
        con.close()
        raise


def _instance(path: Path, home: Home, more: dict[str, str], *, read_only: bool) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(  # noqa: TID251 - this is the one door
        str(path),
        read_only=read_only,
        config={
            "storage_compatibility_version": STORAGE_VERSION,
            "extension_directory": str(home.cache / "duckdb-extensions"),
            "temp_directory": str(home.cache / "duckdb-spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": f"{encryption.memory_mb(home)}MB",
            # The default of 16 MB makes a checkpoint of every page, and each of them writes the last rows anew.
            "checkpoint_threshold": "256MB",
            **more,
        },
    )


def _refuse_other_kind(path: Path, home: Home, key: str | None) -> None:
    """Raises WarehouseLocked where a file, or for a new file the ones beside it, are not as the settings ask."""
    others = [] if path.exists() else warehouse_files(home)
    for file in others or [path]:
        found = cipher.is_encrypted(file)
        if found and key is None:
            raise WarehouseLocked(
                f"{file} is encrypted, and the settings name no key.",
                hint=f"Set {encryption.SETTING} to where its key lies, or take the encryption away: "
                "`python -m jobs decrypt --old env:NAME`.",
            )
        if found is False and key is not None:
            raise WarehouseLocked(
                f"{file} is not encrypted, and the settings ask for encrypted files.",
                hint="Run `python -m jobs encrypt`: it writes the warehouse anew with the key.",
            )
    if others and key is not None:
        _refuse_other_key(others[-1], home, key)


def _refuse_other_key(path: Path, home: Home, key: str) -> None:
    try:
        connect_with(path, home, key=key, read_only=True).close()
    except WarehouseLocked:
        raise
    except StoreError:  # damaged: of which key it was, nobody can tell
        return


def require_opening(home: Home) -> None:
    """Raises WarehouseLocked or ConfigError where the warehouse does not open as the settings ask: before a start."""
    key, files = encryption.key(home), warehouse_files(home)
    if key is None and not any(map(cipher.is_encrypted, files)):
        return
    try:
        connect(files[-1] if files else MEMORY, home, read_only=bool(files)).close()
    except (WarehouseLocked, ConfigError):
        raise
    except StoreError:  # damaged: pages say so
        return


def warehouse_files(home: Home) -> list[Path]:
    """Every DuckDB file of the home: the work file and the generations."""
    found = [home.warehouse / "work.duckdb", *sorted((home.warehouse / "gen").glob("gen-*.duckdb"))]
    return [path for path in found if path.is_file()]


def _refused(path: Path, told: str, *, read_only: bool) -> StoreError:
    if "encryption key" in told.lower():
        return WarehouseLocked(
            f"{path} does not open with the key that the settings name.",
            hint=f"Check {encryption.SETTING}. Where the key was changed, `python -m jobs encrypt --old env:NAME` "
            "writes the warehouse anew; without the right key nobody can read it.",
        )
    return StoreError(
        f"{path} cannot be opened: {told}",
        hint="Run `python -m jobs refresh`: it publishes the data again."
        if read_only
        else "If it is damaged, move it away: the next refresh reads every source again. What was "
        "published before stays.",
    )
