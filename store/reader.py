"""Reading one published generation: a cursor per call, and a viewer in every call."""

from __future__ import annotations

import hashlib
import re
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from core.home import Home
from core.viewer import Viewer
from store import generations, migrations
from store.connection import connect
from store.faults import in_our_words
from store.generations import Generation
from store.visible import visible

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import pyarrow as pa

_TABLE = re.compile(r"\{(\w+)\}")
NOTHING: Mapping[str, pa.Table] = {}


class Reader:
    """One generation, open read-only. Share it between threads: every call takes its own cursor."""

    def __init__(self, home: Home, generation: Generation) -> None:
        self.home, self.generation = home, generation
        self._con = connect(generation.path, home, read_only=True)
        try:
            migrations.refuse_newer(self._con)
        except BaseException:
            self._con.close()
            raise
        self._tables: dict[str, ir.Table] = {}
        # A reader that nobody holds any more lets go of its file by itself.
        self._closer = weakref.finalize(self, self._con.close)

    @property
    def number(self) -> int:
        """The generation number: the cache key of everything read here."""
        return self.generation.number

    @cached_property
    def layout(self) -> str:
        """Which columns all tables have: what is written for one generation fits every other of this layout."""
        with self._con.cursor() as cursor:
            columns = cursor.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() "
                "WHERE NOT internal ORDER BY table_name, column_index"
            ).fetchall()
        return hashlib.md5(repr(columns).encode(), usedforsecurity=False).hexdigest()

    def query(
        self,
        sql: str,
        params: Sequence[Any] = (),
        *,
        viewer: Viewer,
        tables: Mapping[str, pa.Table] = NOTHING,
    ) -> pa.Table:
        """Run SQL in which every table is written `{name}`; each is limited to what the viewer may see.

        `tables` are Arrow tables that it knows by a plain name.
        """
        return self.select(_TABLE.sub(lambda match: self._scoped(match[1], viewer), sql), params, tables)

    def table(self, name: str, viewer: Viewer) -> ir.Table:
        """An Ibis table limited to what the viewer may see; give the expression to `run`."""
        return visible(self._whole, name, viewer)

    def run(self, expression: ir.Expr) -> pa.Table:
        """Compile an Ibis expression (once per shape) and run it."""
        return self.select(compiled(expression))

    def select(
        self, sql: str, params: Sequence[Any] = (), tables: Mapping[str, pa.Table] = NOTHING
    ) -> pa.Table:
        """Run SQL whose tables are limited already, as those of `compiled` are. Raises MemoryLimit, DiskFull."""
        with self._con.cursor() as cursor, in_our_words(self.home, "rows were read"):
            for name, rows in tables.items():
                cursor.register(name, rows)
            return cursor.execute(sql, list(params)).to_arrow_table()

    def rows_of(
        self, name: str, columns: Sequence[str], conversation_ids: Sequence[str], *, viewer: Viewer
    ) -> pa.Table:
        """Columns of a table's rows of some conversations, by their native ids, as the viewer may see them."""
        table, names = self._scoped(name, viewer), ", ".join(f'"{column}"' for column in columns)
        wanted = "conversation_id IN (SELECT unnest(?::VARCHAR[]))"
        if table == name:
            # The places first, then their columns: reading the columns of every id beside them takes twice as long.
            wanted = f"rowid IN (SELECT rowid FROM {name} WHERE {wanted})"
        return self.select(f"SELECT {names} FROM {table} WHERE {wanted}", [list(conversation_ids)])

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own, for what the store does with rows besides handing them over."""
        with self._con.cursor() as cursor:
            yield cursor

    def close(self) -> None:
        """Let go of the file."""
        self._closer()

    def _scoped(self, name: str, viewer: Viewer) -> str:
        """The table's name, or a sub-select of what the viewer may see. Raises StoreError for a new table."""
        table = visible(self._whole, name, viewer)
        return name if table is self._whole(name) else f"({compiled(table)})"

    def _whole(self, name: str) -> ir.Table:
        if name not in self._tables:
            self._tables[name] = self._described(name)
        return self._tables[name]

    def _described(self, name: str) -> ir.Table:
        import ibis

        with self._con.cursor() as cursor:
            empty = cursor.execute(f"SELECT * FROM {name} LIMIT 0").to_arrow_table()
        return ibis.table(ibis.Schema.from_pyarrow(empty.schema), name=name)


def compiled(expression: ir.Expr) -> str:
    """The DuckDB SQL of an expression; equal expressions are compiled once."""
    return _compiled(expression.op())


@lru_cache(maxsize=64)  # each holds its whole expression: hundreds of columns at every step, near half a MB
def _compiled(operation: Any) -> str:
    import ibis

    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb", pretty=False))


_KEPT = 3  # the newest reader and two before it stay open; older ones close when their last holder lets go
_TRIES = 5
_Mark = tuple[int, int, int]
_open: dict[str, dict[int, Reader]] = {}
_marks: dict[str, tuple[_Mark, Reader]] = {}
_guard = threading.Lock()


def open_reader(home: Home) -> Reader:
    """The reader of the current generation: opened once per generation and process, then shared.

    Looks at the CURRENT file on every call (one stat), so a publish or a rollback is seen without a restart.
    Raises NothingPublished before the first refresh, StoreError when the generations cannot be opened.
    """
    root = str(home.root)
    seen = _marks.get(root)
    if seen is not None and seen[0] == _mark(home):
        return seen[1]
    with _guard:
        for _ in range(_TRIES):
            mark, generation = _mark(home), generations.current(home)
            readers = _open.setdefault(root, {})
            reader = readers.get(generation.number) or _opened(home, generation)
            if reader is None:  # replaced and removed between the look and the opening
                continue
            readers[generation.number] = reader
            if mark is not None:
                _marks[root] = (mark, reader)
            for old in sorted(readers)[:-_KEPT]:
                if old != generation.number:
                    del readers[old]
            return reader
    raise StoreError(
        "the published generation's file is missing.", hint="Run `python -m jobs rollback` or a refresh."
    )


def _opened(home: Home, generation: Generation) -> Reader | None:
    import duckdb

    try:
        return Reader(home, generation)
    except duckdb.IOException:
        if generation.path.exists():
            raise
        return None


def _mark(home: Home) -> _Mark | None:
    try:
        found = (home.warehouse / "CURRENT").stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
