"""The single writer of the work file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import clock
from core.home import Home
from store.connection import connect

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SCHEMA = Path(__file__).with_name("schema.sql")
VERSION = 1


class Writer:
    """The open work file. Everything it writes becomes visible to readers by a publish."""

    def __init__(self, home: Home, *, run_id: str) -> None:
        self.home, self.run_id = home, run_id
        home.warehouse.mkdir(parents=True, exist_ok=True)
        self.path = home.warehouse / "work.duckdb"
        self.con: duckdb.DuckDBPyConnection = connect(self.path, home, read_only=False)
        if not self.con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name='schema_version'").fetchone():
            with self.transaction():
                self.con.execute(SCHEMA.read_text())
                self.con.execute("INSERT INTO schema_version VALUES (?, ?)", [VERSION, clock.now()])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.con.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.con.execute("ROLLBACK")
            raise
        self.con.execute("COMMIT")

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement."""
        self.con.execute(sql, list(params))

    def query(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """Rows as an Arrow table."""
        return self.con.execute(sql, list(params)).to_arrow_table()

    def batches(self, sql: str, params: Sequence[Any] = (), *, rows: int = 20_000) -> Iterator[pa.RecordBatch]:
        """Rows in batches of about `rows`, on a cursor of its own so that writes may go on between them."""
        cursor = self.con.cursor()
        try:
            yield from cursor.execute(sql, list(params)).to_arrow_reader(rows)
        finally:
            cursor.close()

    def insert(self, table: str, rows: pa.Table) -> None:
        """Append Arrow rows; columns are matched by name."""
        self.con.register("incoming_rows", rows)
        try:
            self.con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming_rows")
        finally:
            self.con.unregister("incoming_rows")

    def close(self) -> None:
        """Checkpoint and let go of the file."""
        self.con.execute("CHECKPOINT")
        self.con.close()
