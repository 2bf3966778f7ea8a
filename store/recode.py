"""The warehouse written anew with another key, with one for the first time, or without.

Each file is written beside the old one, compared with it row by row, and only then takes its place. Whatever ends the
program meanwhile, every file is whole, as before or as asked, and the same call does the rest.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StoreError, WarehouseLocked
from core.home import Home
from store import cipher, generations
from store.connection import connect_with, warehouse_files

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Recoded:
    """Names of the files that were written anew, how many generations were removed, and which are readable now."""

    written: list[str]
    generations_removed: int
    generation: int | None
    is_encrypted: bool


def recode(home: Home, *, old: str | None, new: str | None) -> Recoded:
    """Bring work file and published generation from the old key to the new one (None: plain files).

    Call it while holding the refresh lock. There is no rollback to generations of before. Raises WarehouseLocked
    where a file opens with neither key, StoreError, DiskFull.
    """
    work, written = home.warehouse / "work.duckdb", []
    published = generations.current_or_none(home)
    before = set(generations.all_generations(home))
    for path in filter(Path.is_file, (work, *([published.path] if published else []))):
        if _opens(path, home, new):
            continue
        if not _opens(path, home, old):
            raise WarehouseLocked(
                f"{path} opens neither with the key of the settings nor with the old one.",
                hint="Name the key it was written with: --old env:NAME, or --old file:/path.",
            )
        scratch = _written_anew(path, home, old, new)
        written.append(path.name)
        if path == work:
            _take_place(scratch, path)
        else:
            generations.put(home, scratch)
    _forget_leftovers(home, published is not None)
    shown = generations.current_or_none(home)
    gone = before - set(generations.all_generations(home))
    return Recoded(written, len(gone), shown.number if shown else None, new is not None)


def _opens(path: Path, home: Home, key: str | None) -> bool:
    """Whether a file is of this key. Raises StoreError where it opens with none, for it is damaged."""
    if cipher.is_encrypted(path) is (key is None):
        return False
    try:
        connect_with(path, home, key=key, read_only=True).close()
    except WarehouseLocked:
        return False
    return True


def _written_anew(path: Path, home: Home, old: str | None, new: str | None) -> Path:
    """A copy with the new key, on disk and compared."""
    scratch = path.with_suffix(".tmp")
    generations.remove_database(scratch)
    generations.require_room(home, path.stat().st_size, reserve_mb=0)
    if path.with_name(path.name + ".wal").exists():  # what a killed refresh committed last
        with connect_with(path, home, key=old, read_only=False) as con:
            con.execute("CHECKPOINT")
    con = connect_with(scratch, home, key=new, read_only=False)
    try:
        name = (con.execute("SELECT current_database()").fetchone() or ("",))[0]
        cipher.attach(con, path, "older", key=old, read_only=True)
        con.execute(f'COPY FROM DATABASE older TO "{name}"')
        _compare(con, name, path)
        con.execute("DETACH older")
        con.execute("CHECKPOINT")
    except BaseException:
        con.close()
        generations.remove_database(scratch)
        raise
    con.close()
    generations.sync(scratch)
    return scratch


def _compare(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Raises StoreError where the copy has another table, or another row."""
    found = {database: _summed(con, database) for database in ("older", name)}
    if found["older"] != found[name]:
        raise StoreError(
            f"the copy of {path} is not what was copied.", hint="Nothing was replaced. Look at the disk."
        )


def _summed(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, tuple[int, int]]:
    tables = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND NOT temporary", [database]
    ).fetchall()
    sums = {}
    for (table,) in tables:
        sql = f'SELECT count(*), bit_xor(hash(t)) FROM "{database}".main."{table}" AS t'
        sums[str(table)] = con.execute(sql).fetchall()[0]
    return sums


def _take_place(scratch: Path, path: Path) -> None:
    scratch.replace(path)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    generations.sync(path.parent)


def _forget_leftovers(home: Home, has_generation: bool) -> None:
    """Generations of before, and what killed runs left: all of it may be readable."""
    if has_generation:
        generations.forget_others(home)
    generations.clean(home)
    shutil.rmtree(home.cache / "duckdb-spill", ignore_errors=True)


def readable(home: Home) -> list[Path]:
    """Files of the warehouse that anybody can read who reads the disk."""
    return [path for path in warehouse_files(home) if not cipher.is_encrypted(path)]
