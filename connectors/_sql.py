"""What the SQL connectors share: one run reads every stream from one snapshot, newest first."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from connectors._retry import attempts
from connectors._sql_config import SqlConfig, TableConfig
from connectors._sql_database import Column, Database, Rows, interruptible
from connectors._sql_derived import conversations
from connectors._sql_lanes import Lane, known_state
from connectors._sql_pages import Pass, as_text_table
from connectors._sql_relation import Relation, denominators, find, relation
from connectors.base import CheckResult, Connector, ReadContext, Stream
from core.errors import AppError, PermissionRefused, SourceDataError
from core.stream import KEYS, Item, KeysSeen, Progress

if TYPE_CHECKING:
    import pyarrow as pa

# What others refer to comes first, each to its end; the rest is read side by side, by time.
_BEFORE = ("teams", "organizations", "people", "denominators")
KEYS_AT_ONCE, KEYS_ASKED = 50_000, 500


class SqlConnector(Connector):
    """Tables or read-only queries of a database."""

    config: SqlConfig
    read_ahead: ClassVar[int] = 1

    @abstractmethod
    def database(self) -> Database:
        """A connection that is not open yet. Raises ConfigError."""

    def entries(self, database: Database) -> dict[str, TableConfig]:
        """The streams and where their rows come from."""
        return self.config.entries()

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """Connect and look at every stream. Never raises for a bad source."""
        results = []
        try:
            with closing(self.database()) as database:
                database.ready()
                for stream, entry in self.entries(database).items():
                    results.append(self._checked(database, stream, entry))
        except AppError as error:
            results.append(CheckResult(self.kind, "error", error.message, error.code, error.hint))
        return results

    def _checked(self, database: Database, stream: str, entry: TableConfig) -> CheckResult:
        try:
            found = self._relations(database, {stream: entry})[-1]
        except PermissionRefused as error:
            return CheckResult(stream, "denied", error.message, error.code, error.hint)
        except AppError as error:
            return CheckResult(stream, "error", error.message, error.code, error.hint)
        return CheckResult(stream, "ok", "; ".join(n for n in found.notes if n))

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """The streams, their columns and what these are taken for. Raises ConnectorError."""
        with closing(self.database()) as database:
            relations = self._relations(database, self.entries(database))
        return [
            Stream(r.stream, tuple(c.name for c in r.columns), note="; ".join(n for n in r.notes if n))
            for r in relations
        ]

    def migrate_state(
        self, stream: str, kind: str, version: int, cursor: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """A position of this version; others are read anew."""
        return known_state(cursor, kind, version)

    def read(self, context: ReadContext) -> Iterator[Item]:
        """Pages of every stream: changes, then history from the newest on, then the comparison of keys."""
        context.stop_if_asked()
        database = self.database()
        with closing(database), interruptible(database, context):
            try:
                yield from self._items(database, context)
            except AppError:
                context.stop_if_asked()  # a query that was stopped from outside ends as an error too
                raise

    def _items(self, database: Database, context: ReadContext) -> Iterator[Item]:
        relations = yield from attempts(lambda: self._look(database), context)
        clock = yield from attempts(lambda: self._now(database), context)
        high = clock - timedelta(seconds=self.config.safety_s)
        yield from (Progress(f"{r.stream}: {'; '.join(n for n in r.notes if n)}") for r in relations)
        lanes = [Lane(database, r, self.config, context, high) for r in relations]
        for lane in [lane for lane in lanes if lane.stream in _BEFORE]:
            yield from self._read([lane])
        yield from self._read([lane for lane in lanes if lane.stream not in _BEFORE])
        for lane in lanes:
            if lane.due():
                yield from Comparison(lane, context).items()

    def _read(self, lanes: Sequence[Lane]) -> Iterator[Item]:
        yield from _side_by_side([(lane, p) for lane in lanes if (p := lane.changes())], descending=False)
        for lane in lanes:
            for one in [*lane.strangers(), lane.everything()]:
                if one is not None:
                    yield from _side_by_side([(lane, one)], descending=False)
        yield from _side_by_side([(lane, p) for lane in lanes if (p := lane.history())], descending=True)

    def _look(self, database: Database) -> list[Relation]:
        return self._relations(database, self.entries(database))

    def _now(self, database: Database) -> Any:
        database.ready()
        with database.told():
            return database.now()

    def _relations(self, database: Database, entries: Mapping[str, TableConfig]) -> list[Relation]:
        found = []
        for stream, entry in entries.items():
            if stream == "denominators":
                found.append(denominators(database, entry, self.config))
                continue
            one = find(database, stream, entry, self.config)
            if stream == "messages" and self.config.conversations is None and "conversations" not in entries:
                found.append(conversations(database, one, entries.keys()))
            found.append(relation(database, one, entries.keys()))
        return found


def _side_by_side(passes: list[tuple[Lane, Pass]], *, descending: bool) -> Iterator[Item]:
    """Several streams at once: the one that lags behind in time is read next."""

    def lag(pair: tuple[Lane, Pass]) -> tuple[bool, float]:
        at = pair[0].at(pair[1])
        return at is not None, (at.timestamp() if at else 0.0) * (-1 if descending else 1)

    while passes:
        lane, one = min(passes, key=lag)
        yield from lane.next_items(one)
        if one.done:
            passes.remove((lane, one))


class Comparison:
    """All keys of a stream, for the store to find what is gone; rows that it lacks are read by their keys."""

    def __init__(self, lane: Lane, context: ReadContext) -> None:
        self.lane, self.context, self.database = lane, context, lane.database

    def items(self) -> Iterator[Item]:
        """Keys in pages, then the missing rows."""
        yield Progress(f"{self.lane.stream}: comparing keys")
        yield from self._keys()
        if self.lane.read_whole:  # what is missing was read and set aside
            yield self.lane.reconciled()
            return
        if self.lane.relation.narrow:  # made of messages: one that is gone changes what they say together
            yield from self._all_of(self.lane.keyed("1 = 1"))
        with suppress(LookupError):  # nobody compared: there is no store behind this reading
            yield from self._missing(self.context.missing(self.lane.stream))
        yield self.lane.reconciled()

    def _keys(self) -> Iterator[Item]:
        stream, found = self.lane.stream, 0
        scan = KeyScan(self.database, self._sql(), key_names(stream), self.context)
        held = as_text_table(key_names(stream), [], stream)[0]
        while (table := (yield from attempts(scan.next, self.context))) is not None:
            if held.num_rows:
                yield KeysSeen(stream, held)
            held, found = table, found + table.num_rows
        if not found and self.lane.seen_before and not self.context.full:
            raise SourceDataError(
                f"{stream} has no rows any more.",
                hint="Nothing was deleted: this is how a lost permission looks. If the rows are really gone,"
                " run `python -m jobs refresh --full`, or remove the source.",
                source=self.database.source,
            )
        yield KeysSeen(stream, held, last=True)

    def _sql(self) -> str:
        relation = self.lane.relation
        names = ", ".join(self.database.as_text(c, self._column(c)) for c in relation.keys)
        return f"SELECT {names} FROM {relation.key_source or relation.source}"

    def _column(self, column: Column) -> str:
        return f"q.{self.database.name(column.name)}"

    def _missing(self, keys: pa.Table) -> Iterator[Item]:
        columns = self.lane.relation.keys
        for start in range(0, keys.num_rows, KEYS_ASKED):
            chunk = keys.slice(start, KEYS_ASKED).to_pylist()
            told = [tuple(row[name] for name in key_names(self.lane.stream)) for row in chunk]
            yield from self._all_of(self.lane.keyed(self._named(columns, told)))

    def _all_of(self, one: Pass) -> Iterator[Item]:
        while not one.done:
            yield from self.lane.next_items(one)

    def _named(self, columns: Sequence[Column], keys: Sequence[tuple[str, ...]]) -> str:
        values = [[self.database.literal(v, c) for v, c in zip(key, columns, strict=True)] for key in keys]
        if len(columns) == 1:
            return f"{self._column(columns[0])} IN ({', '.join(value for (value,) in values)})"
        pairs = [
            " AND ".join(f"{self._column(c)} = {v}" for v, c in zip(key, columns, strict=True))
            for key in values
        ]
        return "(" + " OR ".join(f"({pair})" for pair in pairs) + ")"


def key_names(stream: str) -> tuple[str, ...]:
    """The columns that the warehouse knows a row of a stream by."""
    return KEYS[stream]


class KeyScan:
    """All keys, bit by bit; from the beginning again after a lost connection, for keys may come twice."""

    def __init__(self, database: Database, sql: str, names: Sequence[str], context: ReadContext) -> None:
        self.database, self.sql, self.names, self.context = database, sql, names, context
        self.rows: Rows | None = None
        self.generation = -1

    def next(self) -> pa.Table | None:
        """The next keys as text without the blanks around them, None at the end. Raises ConnectorError."""
        import pyarrow as pa
        import pyarrow.compute as pc

        self.context.stop_if_asked()
        self.database.ready()
        if self.rows is None or self.generation != self.database.generation:
            self.rows = self.database.stream(self.sql)
            self.generation = self.database.generation
        with self.database.told():
            chunk = self.rows.fetch(KEYS_AT_ONCE)
        if not chunk:
            return None
        self.context.note(requests=1)
        table, _ = as_text_table(self.names, chunk, "keys")
        return pa.table({n: pc.utf8_trim(table[n], characters=" ") for n in self.names})
