"""What a run of the tests wrote, looked through for secrets when it ends.

Nothing may have the form of a key, an address's password or a private key but the look-alikes that tests plant
(`planted_secrets.txt`): whatever else there is belongs to whoever runs the tests. And what the program says of itself, its
logs and its run logs, holds not even a planted one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import pytest

from scripts import care

# Columns and vectors, packed: no text can be seen in them; of a warehouse the run log is asked for. And keys that tests
# make for servers of their own.
PASSED_BY = (".duckdb", ".parquet", ".f32", ".bin", ".npy", ".npz", ".gz", ".zst", ".key")
RUN_LOGS = ("sync_runs", "sync_state", "runs")
_FOUND = pytest.StashKey[list[str]]()


def look_through(base: Path, known: Collection[str]) -> list[str]:
    """Where below a folder something stands that should not: file, line, and a mark that does not tell it."""
    found: list[care.Secret] = []
    with duckdb.connect(config={"threads": 1}) as con:
        for path in _files(base):
            with suppress(OSError):  # tests make files that nobody may read, and servers take theirs away
                if path.suffix not in PASSED_BY:
                    found += care.secrets([path], () if _is_log(path) else known)
                if path.name in ("work.duckdb", "workspace.sqlite"):
                    found += care.secrets_in(path, _run_logs(path, con).encode())
    return [f"{one.path.relative_to(base)}:{one.line} {one.kind} ({one.mark})" for one in found]


def _files(base: Path) -> Iterator[Path]:
    """Every file once: tests copy whole homes."""
    seen = set()
    for path in sorted(base.rglob("*")):
        with suppress(OSError):
            told = path.lstat()
            key = (path.name, told.st_size, told.st_mtime_ns)
            if path.is_file() and not path.is_symlink() and key not in seen:
                seen.add(key)
                yield path


def _is_log(path: Path) -> bool:
    return path.suffix == ".log" or path.parent.name == "logs"


def _run_logs(path: Path, warehouses: duckdb.DuckDBPyConnection) -> str:
    """What the run logs in a database say; nothing of one that is damaged, locked or encrypted, as tests make them."""
    with suppress(duckdb.Error, sqlite3.Error):
        if path.suffix == ".sqlite":
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as con:
                return _told(con, [name for (name,) in con.execute("SELECT name FROM sqlite_master")])
        warehouses.execute(
            f"ATTACH '{path}' AS one (READ_ONLY)"
        )  # an instance of its own takes ten times as long
        try:
            tables = warehouses.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'one'")
            return _told(warehouses, [name for (name,) in tables.fetchall()], "one.")
        finally:
            warehouses.execute("DETACH one")
    return ""


def _told(
    con: sqlite3.Connection | duckdb.DuckDBPyConnection, tables: Collection[str], place: str = ""
) -> str:
    rows = [con.execute(f"SELECT * FROM {place}{name}").fetchall() for name in RUN_LOGS if name in tables]
    return "\n".join(str(cell) for table in rows for row in table for cell in row)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Once, when every process is done; a find fails the run."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    base = getattr(factory, "_basetemp", None)
    if base is None or hasattr(session.config, "workerinput"):
        return
    found = session.config.stash[_FOUND] = look_through(base, care.known(care.PROJECT))
    if found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was found."""
    if found := config.stash.get(_FOUND, []):
        terminalreporter.section("secrets in what the tests wrote", red=True)
        for line in found:
            terminalreporter.line(line)
