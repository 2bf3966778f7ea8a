"""Steps from older warehouse schemas to the newest: files named NNNN_what.sql, applied in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from core import clock
from core.errors import SchemaMismatch

if TYPE_CHECKING:
    import duckdb

SCHEMA = Path(__file__).parent.with_name("schema.sql")
FOLDER = Path(__file__).parent
FIRST = 1  # the schema that the first release wrote


def newest(folder: Path = FOLDER) -> int:
    """The version a store has after all steps of the folder."""
    return max(_steps(folder), default=FIRST)


def upgrade(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER, schema: Path = SCHEMA) -> int:
    """Bring a store to the newest schema, all or nothing; returns the version it has then.

    An empty store gets `schema`, which is kept at the newest version. Raises SchemaMismatch for a store that
    a newer program wrote.
    """
    steps, target = _steps(folder), newest(folder)
    found = refuse_newer(con, folder)
    if found == target:
        return target
    todo = [schema] if found is None else [steps[n] for n in sorted(steps) if n > found]
    con.execute("BEGIN")
    try:
        for file in todo:
            con.execute(file.read_text(encoding="utf-8"))
        con.execute("INSERT INTO schema_version VALUES (?, ?)", [target, clock.now()])
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")
    return target


def refuse_newer(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> int | None:
    """The schema's version. Raises SchemaMismatch where a newer program wrote the file."""
    found, known = version(con), newest(folder)
    if found is not None and found > known:
        raise SchemaMismatch(
            f"the warehouse is of schema {found}, this program knows up to {known}.",
            hint="Update Supportlens, or point --home at another folder.",
        )
    return found


def version(con: duckdb.DuckDBPyConnection) -> int | None:
    """The schema's version, or None for an empty store."""
    if not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'schema_version'").fetchone():
        return None
    row = con.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(row[0]) if row and row[0] is not None else None


def _steps(folder: Path) -> dict[int, Path]:
    files = [p for p in folder.glob("*.sql") if re.match(r"\d{4}_", p.name)]
    return {int(p.name[:4]): p for p in files}
