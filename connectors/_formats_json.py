"""JSON to tables: an array of objects, an object with arrays under its keys, one object a line; also packed.

Read by the standard library's own decoder, record by record from a buffer: it is written in C and faster than
event parsers such as ijson, which build every object in Python, and it needs no further package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from connectors._detect import opened, readable
from connectors._formats import Converted, Table, Tick, suffix
from connectors._formats_flat import IDS, child_stream, flatten, give_role
from connectors._formats_write import TextTable
from connectors._mapping import file_stream, plain
from core.errors import SourceDataError
from core.stream import MAX_RECORD_BYTES, TOO_LONG

_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_DECODER = json.JSONDecoder(strict=False)  # control characters in texts are removed later
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_PIECE = 1 << 20
WRAPPER_BYTES = 4 << 20  # a longer object around arrays is read array by array, without judging it as a whole


class _TooLong(Exception):
    """A value that does not end within the longest record."""


@dataclass(slots=True)
class Text:
    """The text of a file, parsed from the front in pieces."""

    stream: TextIO
    name: str
    buffer: str = ""
    at: int = 0
    read: int = 0
    ended: bool = False

    def more(self, size: int = _PIECE) -> bool:
        """Read on; false at the end."""
        piece = self.stream.read(size)
        self.read += len(piece)
        self.buffer, self.at, self.ended = self.buffer[self.at :] + piece, 0, not piece
        return bool(piece)

    def peek(self) -> str:
        """The next character that is no space, or nothing at the end."""
        while True:
            match = _SPACE.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def take(self, expected: str) -> None:
        """Step over a character. Raises SourceDataError when another one stands there."""
        if self.peek() != expected:
            raise self.damaged(f"{expected!r} is missing" if self.peek() else "it ends too early")
        self.at += 1

    def value(self, longest: int = MAX_RECORD_BYTES) -> Any:
        """The next value. Raises SourceDataError, or _TooLong with nothing taken."""
        size = _PIECE
        while True:
            try:
                found, end = _DECODER.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                inside = error.pos < len(self.buffer) - 64 and not error.msg.startswith("Unterminated")
                if self.ended or inside:
                    raise self.damaged(
                        "it ends too early" if self.ended and not inside else error.msg
                    ) from None
            except RecursionError:
                raise self.damaged("it is nested too deeply") from None
            else:
                # A number at the end of a piece may go on in the next.
                if end < len(self.buffer) or self.ended or isinstance(found, Mapping | list | str):
                    self.at = end
                    return found
            if len(self.buffer) - self.at > longest:
                raise _TooLong
            self.more(size)
            size = min(2 * size, MAX_RECORD_BYTES)

    def line(self) -> tuple[str, bool] | None:
        """The next line and whether it is whole; a longer one than a record may be is cut. None at the end."""
        searched = 0
        while (end := self.buffer.find("\n", self.at + searched)) < 0:
            searched = len(self.buffer) - self.at
            if searched > MAX_RECORD_BYTES or not self.more():
                break
        if end < 0 and not self.ended:
            line = self.buffer[self.at : self.at + 500]
            self._skip_line()
            return line, False
        line = self.buffer[self.at : end if end >= 0 else None]
        self.at = end + 1 if end >= 0 else len(self.buffer)
        return (line, True) if line or end >= 0 else None

    def _skip_line(self) -> None:
        self.at = len(self.buffer)
        while self.more():
            if (end := self.buffer.find("\n")) >= 0:
                self.at = end + 1
                return
            self.at = len(self.buffer)

    def damaged(self, why: str) -> SourceDataError:
        """The error for text that is no JSON."""
        place = self.read - len(self.buffer) + self.at
        return SourceDataError(
            f"{self.name} is damaged JSON: {why} near character {place}.",
            hint="Export it again, or copy it again: a file that was cut off looks like this.",
        )


@dataclass
class Tables:
    """The tables of one file while it is read: of each array its own, and of the rows nested in them."""

    name: str
    scratch: Path
    tick: Tick
    id_column: str | None = None
    found: dict[tuple[str, str], TextTable] = field(default_factory=dict)

    def table(self, key: str, child: str = "") -> TextTable:
        """The table of an array, or of the rows that its records hold."""
        if (key, child) not in self.found:
            self.found[key, child] = TextTable(self.name, self.scratch)
        return self.found[key, child]

    def row(self, key: str, record: Any, number: int) -> None:
        """One record of an array."""
        table = self.table(key)
        if number % 500 == 0:
            self.tick()
        if not isinstance(record, Mapping):
            table.set_aside(number, "the row is not a JSON object", str(record))
            return
        flat = flatten(record, id_column=self.id_column)
        table.listed |= flat.listed
        table.add(flat.cells, number)
        for name, rows in flat.children.items():
            below = self.table(key, name)
            for row in rows:
                inner = flatten(row, nested=True)
                if child_stream(name) == "messages":
                    give_role(inner.cells, flat.cells)
                below.listed |= inner.listed
                below.add(inner.cells, below.rows + 1)

    def object(self, value: Mapping[str, Any], number: int) -> None:
        """An object on its own: a row, or a wrapper around arrays of rows."""
        wrapped = _wrapped(value)
        if wrapped is None:
            self.row("", value, number)
            return
        for key, rows in wrapped.items():
            for place, row in enumerate(rows, start=1):
                self.row(key, row, place)

    def converted(self) -> Converted:
        """The files that were written, and sentences about what holds no rows."""
        several = len({key for key, _ in self.found}) > 1
        stem = Path(self.name).name.split(".")[0]
        tables = []
        for (key, child), table in self.found.items():
            path = table.close()
            if not table.rows:
                path.unlink()
                self._refuse_all(table)
                continue
            part = ".".join(part for part in (key if several else "", child) if part)
            named = (key and (several or file_stream(Path(key)))) or not key
            title = child_stream(child) if child else (key if key and named else stem)
            tables.append(
                Table(f"{self.name}#{part}" if part else self.name, path, title=title or stem, parquet=True,
                      notes=table.notes, rejects=tuple(table.rejects), listed=frozenset(table.listed))
            )  # fmt: skip
        return Converted(tables, [] if tables else [f"{self.name} left out: it holds no rows"])

    def _refuse_all(self, table: TextTable) -> None:
        if table.rejects:
            raise SourceDataError(
                f"{self.name} holds no row that can be read: {table.rejects[0].reason} (row {table.rejects[0].line}).",
                hint="It must hold an array of objects, one object a line, or an object with an array of objects.",
            )


def json_tables(
    path: Path, name: str, scratch: Path, tick: Tick, *, encoding: str | None, id_column: str | None
) -> Converted:
    """The tables of a JSON file. Raises SourceDataError."""
    tables = Tables(name, scratch, tick, id_column)
    with readable(path), opened(path) as binary:
        chosen = encoding or json.detect_encoding(binary.read(4).ljust(4, b" "))
        binary.seek(0)
        lenient = "surrogateescape" if chosen.startswith("utf-8") else "strict"
        text = Text(TextIOWrapper(binary, chosen, errors=lenient, newline="\n"), name)
        try:
            _read(text, tables, lines=suffix(Path(name)) in _LINES)
        except UnicodeDecodeError as error:
            raise SourceDataError(f"{name} cannot be read as {chosen}: {error.reason}.",
                                  hint="JSON is UTF-8; set encoding if this file is not.") from None  # fmt: skip
        except _TooLong:
            raise SourceDataError(f"{name}: {TOO_LONG}.", hint="Export it without attachments.") from None
    return tables.converted()


def _read(text: Text, tables: Tables, *, lines: bool) -> None:
    first = text.peek()
    if first and first not in "[{":
        raise SourceDataError(
            f"{text.name} is not JSON that holds rows: it begins with {text.buffer[text.at : text.at + 20]!r}.",
            hint="A sign-in page saved under this name looks like this; export it again.",
        )
    if first == "{" and (lines or _is_lines(text)):
        _read_lines(text, tables)
        return
    count = 0
    while first := text.peek():
        if first == "[":
            _read_array(text, tables, "")
            continue
        count += 1
        try:
            found = text.value(WRAPPER_BYTES)
        except _TooLong:
            _read_wrapper(text, tables)
            continue
        if not isinstance(found, Mapping):
            raise text.damaged("there is text after its end")
        tables.object(found, count)


def _is_lines(text: Text) -> bool:
    """Whether the first line is an object of its own and others follow. Takes nothing."""
    while "\n" not in text.buffer and len(text.buffer) < MAX_RECORD_BYTES and text.more():
        pass
    if "\n" not in text.buffer:
        return False
    line, _, rest = text.buffer[text.at :].partition("\n")
    while not rest.strip() and len(rest) < _PIECE and not text.ended:
        text.more()
        line, _, rest = text.buffer[text.at :].partition("\n")
    try:
        return isinstance(json.loads(line, strict=False), Mapping) and rest.lstrip().startswith("{")
    except (ValueError, RecursionError):
        return False


def _read_lines(text: Text, tables: Tables) -> None:
    number = 0
    while (found := text.line()) is not None:
        line, whole = found
        number += 1
        if not whole:
            tables.table("").set_aside(number, TOO_LONG, line)
        elif line.strip():
            try:
                value = json.loads(line, strict=False)
            except (ValueError, RecursionError):
                tables.table("").set_aside(number, "the line is not complete JSON", line)
                continue
            if isinstance(value, Mapping):
                tables.object(value, number)
            else:
                tables.table("").set_aside(number, "the line is not a JSON object", line)


def _read_array(text: Text, tables: Tables, key: str, *, rows_only: bool = False) -> None:
    """The records of an array; with `rows_only` anything else in it says nothing about rows."""
    text.take("[")
    number = 0
    while text.peek() != "]":
        number += 1
        value = text.value()
        if isinstance(value, Mapping) or not rows_only:
            tables.row(key, value, number)
        if text.peek() != "]":
            text.take(",")
    text.take("]")


def _read_wrapper(text: Text, tables: Tables) -> None:
    """An object too long for one record: its arrays are read row by row."""
    text.take("{")
    while text.peek() != "}":
        key = text.value()
        text.take(":")
        if text.peek() == "[":
            _read_array(text, tables, str(key), rows_only=True)
        else:
            try:
                text.value(WRAPPER_BYTES)
            except _TooLong:
                if text.peek() != "{":
                    raise
                _read_wrapper(text, tables)
        if text.peek() != "}":
            text.take(",")
    text.take("}")


def _wrapped(value: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """The arrays of rows in an object, or None when the object is a row itself."""
    lists = {k: v for k, v in value.items() if isinstance(v, list) and v and isinstance(v[0], Mapping)}
    own = {k: v for k, v in lists.items() if child_stream(k) is None}
    if any(file_stream(Path(k)) in ("conversations", "messages") for k in own):
        return lists
    scalars = {plain(k) for k, v in value.items() if v is not None and not isinstance(v, list | Mapping)}
    if scalars & set(IDS):
        return None
    if lists:
        return lists
    inner = [_wrapped(v) or {} for v in value.values() if isinstance(v, Mapping)]
    if any(inner):
        return {key: rows for one in inner for key, rows in one.items()}
    return {} if not scalars or any(isinstance(v, list) for v in value.values()) else None
