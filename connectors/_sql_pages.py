"""Pages of a relation: SQL for a range of its rows, read bit by bit and resumed where a connection was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors._sql_database import TAG_MARK, Database, Rows
from connectors._sql_relation import CURSOR, KEY, Relation
from connectors.base import ReadContext
from core.stream import Page, Reject

if TYPE_CHECKING:
    import pyarrow as pa

Position = tuple[str, str | None]  # cursor and key as text
PAGE_BYTES = 40 << 20
_FETCH_BYTES, _FETCH_FIRST, _FETCH_MOST = 8 << 20, 500, 10_000


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page, the rows that could not be read, and the positions of its first and last row."""

    page: Page
    rejects: tuple[Reject, ...]
    first: Position | None
    last: Position | None


@dataclass
class Pass:
    """One way through a relation: a condition on its rows, and the direction by cursor and key.

    `low` and `high` are SQL values that bound the cursor, both included. After a lost connection the next
    page begins at the last row that was given out, which comes again.
    """

    database: Database
    relation: Relation
    context: ReadContext
    page_rows: int
    condition: str = ""
    source: str = ""
    low: str = ""
    high: str = ""
    ordered: bool = True
    descending: bool = False
    last: Position | None = None
    done: bool = False
    _rows: Rows | None = None
    _generation: int = 0
    _fetch: int = _FETCH_FIRST
    _names: list[str] = field(default_factory=list)

    def next_page(self) -> PageRead | None:
        """The next page, None at the end. Raises ConnectorError; may then be called again."""
        if self.done:
            return None
        rows = self._opened()
        batches: list[Any] = []
        size = count = 0
        rejects: list[Reject] = []
        while count < self.page_rows and size < PAGE_BYTES:
            self.context.stop_if_asked()
            many = min(self._fetch, self.page_rows - count)
            with self.database.told():
                chunk = rows.fetch(many)
            if not chunk:
                self.done = True
                rows.close()
                break
            batch, odd = as_text_table(self._names, chunk, self.relation.stream)
            rejects += odd
            batches.append(batch)
            count, size = count + len(chunk), size + batch.nbytes
            self.context.note(requests=1, bytes=batch.nbytes)
            self._fetch = max(10, min(_FETCH_MOST, int(_FETCH_BYTES / max(1, batch.nbytes / len(chunk)))))
        return self._page(batches, rejects) if batches else None

    def _page(self, batches: list[Any], rejects: list[Reject]) -> PageRead:
        import pyarrow as pa

        table = pa.concat_tables(batches)
        first = last = None
        if self._names[-1] in (KEY, CURSOR) and table.num_rows:
            first, last = self._position(table, 0), self._position(table, table.num_rows - 1)
            self.last = last
        if self.relation.stream == "denominators":
            kept = beside_to_below(table)
        else:
            kept = table.select([n for n in self.relation.read.header if n in table.column_names])
        if self.descending:  # of rows with one key the last one counts: the newest
            kept = kept.take(pa.array(range(kept.num_rows - 1, -1, -1), pa.int64()))
        return PageRead(Page(kept, self.relation.read), tuple(rejects), first, last)

    def _position(self, table: pa.Table, row: int) -> Position:
        key = table[KEY][row].as_py() if KEY in table.column_names else None
        return (table[CURSOR][row].as_py() if CURSOR in table.column_names else ""), key

    def _opened(self) -> Rows:
        self.database.ready()
        if self._rows is None or self._generation != self.database.generation:
            self._generation = self.database.generation
            self._rows = self.database.stream(self.sql())
            self._generation = self.database.generation
        return self._rows

    def sql(self) -> str:
        """The whole query."""
        selected = self._selected()
        self._names = list(selected)
        columns = ", ".join(f"{sql} AS {self.database.name(name)}" for name, sql in selected.items())
        where = [c for c in (self.condition, *self._bounds()) if c]
        text = f"SELECT {columns} FROM {self.source or self.relation.source}"
        text += f" WHERE {' AND '.join(where)}" if where else ""
        return text + (f" ORDER BY {', '.join(self._order())}" if self.ordered and self._order() else "")

    def _selected(self) -> dict[str, str]:
        db, relation = self.database, self.relation
        found = {c.name: db.as_text(c, f"q.{db.name(c.name)}") for c in relation.columns}
        found |= relation.extra or {}
        if relation.stream == "denominators":
            return found
        if not self.ordered:
            return found
        if relation.cursor:
            found[CURSOR] = db.as_text(relation.cursor, self._cursor())
        if relation.key:
            found[KEY] = db.as_text(relation.key, self._key())
        return found

    def _cursor(self) -> str:
        return f"q.{self.database.name(self.relation.cursor.name)}" if self.relation.cursor else ""

    def _key(self) -> str:
        return f"q.{self.database.name(self.relation.key.name)}" if self.relation.key else ""

    def _order(self) -> list[str]:
        direction = " DESC" if self.descending else ""
        return [f"{column}{direction}" for column in (self._cursor(), self._key()) if column]

    def _bounds(self) -> list[str]:
        cursor, key, relation = self._cursor(), self._key(), self.relation
        low, high = self.low, self.high
        bounds = []
        if self.last is not None and self.ordered:
            at, place = self.last
            sign = "<" if self.descending else ">"
            if not cursor:
                return (
                    [f"{key} {sign}= {self.database.literal(place or '', relation.key)}"]
                    if relation.key
                    else []
                )
            assert relation.cursor is not None  # noqa: S101 - a cursor column is what `cursor` came from
            value = self.database.literal(at, relation.cursor)
            if relation.key and place is not None:
                bounds.append(
                    after(
                        self.database,
                        (cursor, key),
                        (value, self.database.literal(place, relation.key)),
                        sign,
                    )
                )
            else:
                bounds.append(f"{cursor} {sign}= {value}")
            low, high = ("" if sign == ">" else low), ("" if sign == "<" else high)
        bounds += [f"{cursor} >= {low}"] if low and cursor else []
        bounds += [f"{cursor} <= {high}"] if high and cursor else []
        return bounds or ([f"{cursor} IS NOT NULL"] if cursor and self.ordered and not self.condition else [])


def after(database: Database, columns: tuple[str, str], values: tuple[str, str], sign: str) -> str:
    """SQL of the rows from a position on, its own row included, in the form that the database reads by index."""
    (cursor, key), (at, place) = columns, values
    if database.row_values:
        return f"({cursor}, {key}) {sign}= ({at}, {place})"
    return f"{cursor} {sign}= {at} AND ({cursor} {sign} {at} OR {key} {sign}= {place})"


def as_text_table(
    names: Sequence[str], rows: Sequence[Sequence[Any]], stream: str
) -> tuple[Any, list[Reject]]:
    """Rows as an Arrow table of texts. Rows with a text that is none are left out and said."""
    import pyarrow as pa

    columns: list[Any] = []
    bad: set[int] = set()
    for values in zip(*rows, strict=True) if rows else [()] * len(names):
        try:
            columns.append(pa.array(values, pa.string()))
        except (pa.ArrowException, TypeError, UnicodeError):
            texts, odd = _texts(values)
            bad |= odd
            columns.append(pa.array(texts, pa.string()))
    table = pa.table(columns, names=list(names))
    if not bad:
        return table, []
    keep = pa.array([n not in bad for n in range(len(rows))])
    rejects = [Reject(stream, "the row is not valid UTF-8", native_id=_id(rows[n])) for n in sorted(bad)]
    return table.filter(keep), rejects


def _id(row: Sequence[Any]) -> str | None:
    said = next((str(v) for v in row if isinstance(v, (str, int))), None)
    return said.encode("utf-8", "replace").decode() if said else None


def _texts(values: Sequence[Any]) -> tuple[list[str | None], set[int]]:
    texts: list[str | None] = []
    bad = set()
    for place, value in enumerate(values):
        text = as_text(value)
        try:
            (text or "").encode()
        except UnicodeEncodeError:
            bad.add(place)
            text = None
        texts.append(text)
    return texts, bad


def as_text(value: Any) -> str | None:
    """Any value of a driver as text; bytes are none."""
    if value is None or isinstance(value, (bytes, bytearray, memoryview)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return TAG_MARK.join(map(str, value)) if isinstance(value, list) else str(value)


def beside_to_below(table: pa.Table) -> pa.Table:
    """Days with numbers beside each other to one number a row: day, name, value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    day, *names = table.column_names
    days = pc.utf8_slice_codeunits(table[day], 0, 10)
    parts = [
        pa.table({"day": days, "name": pa.array([name] * table.num_rows, pa.string()), "value": table[name]})
        for name in names
    ]
    below = pa.concat_tables(parts)
    return below.filter(pc.is_valid(below["value"]))
