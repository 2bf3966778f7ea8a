"""Reading one published generation: a cursor per call, and a viewer in every call."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.home import Home
from core.viewer import Viewer
from store import generations
from store.connection import connect
from store.generations import Generation

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_TABLE = re.compile(r"\{(\w+)\}")
# Tables without a conversation: a viewer limited to sources sees their rows of those sources.
_BY_SOURCE = frozenset(
    {"sources", "people", "teams", "team_members", "organizations", "sync_runs", "sync_rejects", "sync_files",
     "sync_state", "capabilities", "field_definitions", "schedules", "sla_policies", "person_roles"}
)  # fmt: skip
_OPEN_TO_ALL = frozenset({"settings_kv", "topics", "schema_version"})


class Reader:
    """One generation, open read-only. Share it between threads: every call takes its own cursor."""

    def __init__(self, home: Home, generation: Generation) -> None:
        self.generation = generation
        self._con = connect(generation.path, home, read_only=True)

    @property
    def number(self) -> int:
        """The generation number: the cache key of everything read here."""
        return self.generation.number

    def query(self, sql: str, params: Sequence[Any] = (), *, viewer: Viewer) -> pa.Table:
        """Run SQL in which every table is written `{name}`; each is limited to what the viewer may see."""
        text = _TABLE.sub(lambda match: scoped(match[1], viewer), sql)
        with self._con.cursor() as cursor:
            return cursor.execute(text, list(params)).to_arrow_table()

    def table(self, name: str, viewer: Viewer) -> ir.Table:
        """An Ibis table limited to what the viewer may see; give the expression to `run`."""
        import ibis

        table = ibis.table(_schema(self, name), name=name)
        if name in _OPEN_TO_ALL:
            return table
        if name != "conversation_facts" and name not in _BY_SOURCE and _is_limited(viewer):
            keys = ["source_id", "conversation_id"]
            return table.semi_join(self.table("conversation_facts", viewer), keys)
        if viewer.sources is not None:
            table = table.filter(table.source_id.isin(viewer.sources))
        if viewer.teams is not None and name == "conversation_facts":
            table = table.filter(table.team.isin(viewer.teams))
        return table

    def run(self, expression: ir.Expr) -> pa.Table:
        """Compile an Ibis expression (once per shape) and run it."""
        with self._con.cursor() as cursor:
            return cursor.execute(compiled(expression)).to_arrow_table()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()


@lru_cache(maxsize=256)
def _schema(reader: Reader, name: str) -> Any:
    import ibis

    with reader._con.cursor() as cursor:
        return ibis.Schema.from_pyarrow(cursor.execute(f"SELECT * FROM {name} LIMIT 0").to_arrow_table().schema)


@lru_cache(maxsize=2048)
def compiled(expression: ir.Expr) -> str:
    """The DuckDB SQL of an expression."""
    import ibis

    return str(ibis.to_sql(expression, dialect="duckdb", pretty=False))


def scoped(table: str, viewer: Viewer) -> str:
    """The table's name, or a sub-select with the viewer's predicate."""
    if table in _OPEN_TO_ALL or not _is_limited(viewer):
        return table
    if table == "conversation_facts":
        return f"(SELECT * FROM conversation_facts WHERE {_predicate(viewer)})"
    if table in _BY_SOURCE:
        only_sources = Viewer(viewer.name, viewer.sources, None)
        return f"(SELECT * FROM {table} WHERE {_predicate(only_sources)})"
    visible = f"SELECT source_id, conversation_id FROM conversation_facts WHERE {_predicate(viewer)}"
    return f"(SELECT * FROM {table} WHERE (source_id, conversation_id) IN ({visible}))"


def _is_limited(viewer: Viewer) -> bool:
    return viewer.sources is not None or viewer.teams is not None


def _predicate(viewer: Viewer) -> str:
    parts = [
        f"{column} IN ({', '.join(_quoted(v) for v in values)})" if values else "false"
        for column, values in (("source_id", viewer.sources), ("team", viewer.teams))
        if values is not None
    ]
    return " AND ".join(parts) or "true"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_readers: dict[tuple[str, int], Reader] = {}
_guard = threading.Lock()


def open_reader(home: Home) -> Reader:
    """The reader of the current generation: opened once per generation and process, then shared."""
    generation = generations.current(home)
    key = (str(home.root), generation.number)
    with _guard:
        if key not in _readers:
            _readers[key] = Reader(home, generation)
        return _readers[key]
