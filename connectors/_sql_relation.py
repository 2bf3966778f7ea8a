"""What the rows of a table or query mean: a sample is mapped like a file, and key and cursor are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from connectors._describe import Described, describe_rows
from connectors._detect import Layout
from connectors._mapping import plain
from connectors._sql_config import SqlConfig, TableConfig
from connectors._sql_database import TAG_MARK, Column, Database
from core.errors import SchemaError
from core.stream import KEYS, ColumnRead, Dialect, FileRead

SAMPLE_ROWS = 2000
CURSOR, KEY, ROLE = "_sl_cursor", "_sl_key", "_sl_role"
_CHANGED = (
    "updated at", "modified at", "changed at", "last updated", "last modified", "last updated at",
    "last modified at", "updated", "modified", "updated on", "modified on", "sys updated on",
    "system modstamp", "row version",
)  # fmt: skip
# Rows of these streams are written once; without a better column the time of writing says what is new.
_WRITTEN_ONCE = {"messages": "created_at", "conversation_events": "occurred_at"}
MESSAGE_COLUMNS = frozenset(
    {"message_id", "conversation_id", "seq", "author_id", "author_name", "author_email", "is_public", "kind",
     "in_reply_to", "body_text", "body_html", "language", "created_at", "edited_at", "engagement"}
)  # fmt: skip
_DAY = ("day", "date", "datum", "jour", "fecha", "tag", "dt")


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of one stream: what stands behind FROM (as `q`), and how they are read, ordered and compared.

    `key` and `cursor` order the rows; `keys` are the columns that the warehouse knows a row by. `zone` is
    that of instants without one; `example` is a value of the cursor.
    """

    stream: str
    source: str
    columns: tuple[Column, ...]
    read: FileRead
    zone: str
    key: Column | None = None
    cursor: Column | None = None
    keys: tuple[Column, ...] = ()
    example: str | None = None
    notes: tuple[str, ...] = ()
    extra: Mapping[str, str] | None = None  # name to SQL of a column that the source does not have
    key_source: str = ""  # the same rows for their keys alone, where that is cheaper
    behind: str | None = None  # the cursor of the rows that these were grouped from
    narrow: str | None = None  # `source` with a mark where a condition on `behind` stands

    def where(self, condition: str) -> str:
        """What stands behind FROM when only rows with changes of a kind are wanted; {} is the cursor."""
        return (
            self.narrow.replace(NARROW, condition.replace("{}", self.behind))
            if self.narrow and self.behind
            else self.source
        )


NARROW = "\0"


@dataclass(frozen=True, slots=True)
class Found:
    """A table or query as it was found: its columns, a sample, and what they are taken for."""

    stream: str
    entry: TableConfig
    source: str
    columns: Mapping[str, Column]
    layout: Layout
    described: Described
    zone: str
    notes: tuple[str, ...]


def behind_from(database: Database, entry: TableConfig, alias: str = "q") -> str:
    """The table or query as it stands behind FROM."""
    if entry.table is not None:
        return f"{database.table(entry.table)} {alias}"
    return f"(\n{entry.query}\n) {alias}"


def sampled(
    database: Database, name: str, entry: TableConfig, timeout_s: float
) -> tuple[Layout, list[Column]]:
    """The first rows as text, with the columns they have. Raises SchemaError when nothing can be read."""
    source = behind_from(database, entry)
    columns = database.columns(source, timeout_s)
    readable = [c for c in columns if c.kind != "binary"]
    if not readable:
        raise SchemaError(f"{name} has no column that holds text, numbers or times.", source=database.source)
    listed = ", ".join(database.as_text(c, f"q.{database.name(c.name)}") for c in readable)
    rows = database.rows(f"SELECT {listed} FROM {source} LIMIT {SAMPLE_ROWS}", timeout_s=timeout_s)
    texts = tuple(tuple("" if v is None else str(v) for v in row) for row in rows)
    left_out = [c.name for c in columns if c.kind == "binary"]
    notes = (f"left out, because they hold bytes: {', '.join(left_out)}",) if left_out else ()
    return Layout(Dialect(), tuple(c.name for c in readable), texts, notes), readable


def find(database: Database, stream: str, entry: TableConfig, config: SqlConfig) -> Found:
    """Look at a table or query. Raises SchemaError when its columns cannot carry a load."""
    layout, columns = sampled(database, stream, entry, config.statement_timeout_s)
    reading = entry.reading(stream, config)
    described = describe_rows(stream, layout, reading, database.source)
    return Found(
        stream, entry, behind_from(database, entry), {c.name: c for c in columns}, layout, described,
        reading.timezone or "UTC", (*layout.notes, *described.notes),
    )  # fmt: skip


def relation(database: Database, found: Found, streams: Set[str]) -> Relation:
    """How the rows of a stream are read in pages, in a source that holds these streams."""
    read, extra = found.described.read, None
    if found.stream == "messages":
        read = _message_columns(read)
        if found.described.read.roles.first_author:
            extra = {ROLE: opener_role(database, found)}
            read = replace(read, roles=replace(read.roles, column=ROLE, first_author=None))
    if found.stream == "conversations":
        read = _ticket_columns(read, streams)
    read = replace(read, elsewhere=tuple(sorted(set(streams) - {found.stream})))
    read = replace(read, columns={c: _zoned(r, found) for c, r in read.columns.items()})
    tags = read.columns.get("tags")
    if tags and tags.column and found.columns[tags.column].kind == "array":
        read = replace(read, tag_separator=TAG_MARK)
    used = {r.column for r in read.columns.values() if r.column} | {read.roles.column} - {None, ROLE}
    key, cursor = _key(found), _cursor(found)
    columns = tuple(c for c in found.columns.values() if c.name in used)
    header = (*(c.name for c in columns), *(extra or ()))
    # No version: rows come from one snapshot after the other, and what was read last is what holds. Cursors of
    # different kinds and zones cannot be compared, and a row may come back with an older one.
    read = replace(read, header=header)
    return Relation(
        found.stream, found.source, columns, read, found.zone, key, cursor, _keys(found),
        _example(found, cursor), (*found.notes, _said(key, cursor, found.stream)), extra,
    )  # fmt: skip


def _message_columns(read: FileRead) -> FileRead:
    """Only what belongs to a message: attributes of its conversation come with the conversation."""
    return replace(read, columns={c: r for c, r in read.columns.items() if c in MESSAGE_COLUMNS})


def _ticket_columns(read: FileRead, streams: Set[str]) -> FileRead:
    """A ticket's text is its first message only where nobody lists the messages."""
    dropped = {"body_text"} if "messages" in streams else set()
    columns = {c: r for c, r in read.columns.items() if c not in dropped}
    columns.setdefault("channel", ColumnRead(constant="other"))
    return replace(read, columns=columns)


def _zoned(read: ColumnRead, found: Found) -> ColumnRead:
    column = found.columns.get(read.column or "")
    return replace(read, zone="UTC") if column is not None and column.zoned else read


def author(database: Database, found: Found) -> str:
    """SQL of who wrote a message, as the warehouse names them; empty when the source does not say."""
    columns = found.described.read.columns
    given = [columns[c].column for c in ("author_id", "author_email", "author_name") if c in columns]
    texts = [f"nullif(trim({_text(database, found, name)}), '')" for name in given if name]
    return f"coalesce({', '.join(texts)}, NULL)" if texts else ""


def opener_role(database: Database, found: Found) -> str:
    """SQL of a message's role where whoever opened the conversation decides."""
    roles, who = found.described.read.roles, author(database, found)
    if not who:
        return "NULL"
    given = []
    for role in ("bot", "system", "agent", "customer"):
        if natives := [database.text(native) for native, ours in roles.values if ours == role]:
            given.append(f"WHEN lower({who}) IN ({', '.join(natives)}) THEN '{role}'")
    of_one = f"PARTITION BY {_column(database, found, 'conversation_id')}"
    opener = f"first_value({who}) OVER ({of_one} ORDER BY {in_order(database, found)})"
    first, other = roles.first_author, "agent" if roles.first_author == "customer" else "customer"
    given += [f"WHEN {who} = {opener} THEN '{first}'", f"WHEN {who} IS NOT NULL THEN '{other}'"]
    return f"CASE {' '.join(given)} END"


def in_order(database: Database, found: Found, direction: str = "") -> str:
    """SQL that orders the messages of a conversation."""
    key = _key(found)
    parts = [_column(database, found, "created_at")]
    parts += [f"q.{database.name(key.name)}"] if key else []
    return ", ".join(f"{part} {direction}".strip() for part in parts)


def _column(database: Database, found: Found, canonical: str) -> str:
    return f"q.{database.name(found.described.read.columns[canonical].column or '')}"


def _text(database: Database, found: Found, name: str) -> str:
    return database.as_text(found.columns[name], f"q.{database.name(name)}")


def _key(found: Found) -> Column | None:
    if found.entry.key is not None:
        return _named(found, found.entry.key, "key")
    keys = _keys(found)
    return keys[0] if len(keys) == 1 else None


def _keys(found: Found) -> tuple[Column, ...]:
    """The source's columns of the warehouse's key; none when a part of it is made or may be empty."""
    columns = found.described.read.columns
    names = [columns[key].column if key in columns else None for key in KEYS[found.stream]]
    return tuple(found.columns[n] for n in names if n) if all(names) else ()


def _cursor(found: Found) -> Column | None:
    if found.entry.cursor is not None:
        return _named(found, found.entry.cursor, "cursor") if found.entry.cursor else None
    mapped = found.described.proposal.columns
    candidates = [mapped.get("updated_at")]
    candidates += [c for word in _CHANGED for c in found.columns if plain(c) == word]
    candidates.append(mapped.get(_WRITTEN_ONCE.get(found.stream, "")))
    usable = [found.columns[c] for c in candidates if c and found.columns[c].kind in ("instant", "number")]
    return usable[0] if usable else None


def _named(found: Found, name: str, what: str) -> Column:
    if name not in found.columns:
        raise SchemaError(
            f"{found.stream} has no column {name!r}, which the settings name as its {what}.",
            hint=f"It has: {', '.join(found.columns)}.",
        )
    return found.columns[name]


def _example(found: Found, cursor: Column | None) -> str | None:
    if cursor is None:
        return None
    return next(iter(found.layout.values(cursor.name)), None)


def _said(key: Column | None, cursor: Column | None, stream: str) -> str:
    if cursor is None:
        return "no column says what changed: every refresh reads all rows"
    said = f"changes by {cursor.name}" + (f", then {key.name}" if key else "")
    names = (*_CHANGED, "created at") if stream not in _WRITTEN_ONCE else _CHANGED
    return said if plain(cursor.name) in names else f"{said} (a later edit that does not move it is not seen)"


def find_day(name: str, layout: Layout, entry: TableConfig, source: str) -> str:
    """The column of a denominator's day. Raises SchemaError."""
    wanted = entry.columns.get("day")
    for column in layout.header:
        if column == wanted or (wanted is None and plain(column) in _DAY):
            return column
    raise SchemaError(
        f"{name} has no column that says which day its numbers are of (columns: {', '.join(layout.header)}).",
        hint='Call it day, or set columns = { day = "…" }.', source=source,
    )  # fmt: skip


def denominators(database: Database, entry: TableConfig, config: SqlConfig) -> Relation:
    """Days with numbers beside each other; they are turned into (day, name, value) page by page.

    Raises SchemaError when no column is a day, or none beside it holds numbers.
    """
    layout, columns = sampled(database, "denominators", entry, config.statement_timeout_s)
    day = find_day("denominators", layout, entry, database.source)
    names = ("day", "name", "value")
    read = FileRead(
        path="", source_file="denominators", form="rows", header=names, stream="denominators",
        columns={c: ColumnRead(c) for c in names}, complete=False,
    )  # fmt: skip
    numbers = [c for c in columns if c.name == day or c.kind == "number"]
    ordered = sorted(numbers, key=lambda c: c.name != day)
    told = f"a day ({day}) and {', '.join(c.name for c in ordered[1:]) or 'no numbers'}"
    if len(ordered) < 2:
        raise SchemaError("denominators has no column of numbers beside the day.", source=database.source)
    return Relation(
        "denominators", behind_from(database, entry), tuple(ordered), read, config.timezone, notes=(told,)
    )
