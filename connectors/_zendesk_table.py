"""From Python rows to Arrow tables in the columns of the warehouse, and from Zendesk's texts to values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from connectors._streams import STREAM_COLUMNS
from core.stream import KEYS, Batch, KeysSeen

if TYPE_CHECKING:
    import pyarrow as pa

_TIMES = frozenset({"valid_from", "valid_to"})
_FLAGS = frozenset({"active", "inline", "business_hours"})
_WHOLE = frozenset({"source_version", "size_bytes", "target_seconds", "position"})
_FIRST_YEAR, _LAST_YEAR = 1970, 2200  # beyond: a placeholder, not a date
MICROSECONDS = 1_000_000


def batch(stream: str, rows: Sequence[Mapping[str, Any]]) -> Batch:
    """Rows with canonical keys as one batch; what a row does not name is NULL."""
    import pyarrow as pa

    names = [*STREAM_COLUMNS[stream], "source_version", "is_deleted"]
    used = [name for name in names if name in KEYS[stream] or any(name in row for row in rows)]
    schema = pa.schema([(name, _type(name)) for name in used])
    return Batch(stream, pa.Table.from_pylist([{n: row.get(n) for n in used} for row in rows], schema))


def tag_batch(rows: Sequence[Mapping[str, Any]], tickets: Sequence[Mapping[str, Any]]) -> Batch:
    """The tags of whole tickets: those that are not among them were taken away."""
    import pyarrow as pa

    columns = [("conversation_id", pa.string()), ("tag", pa.string()), ("source_version", pa.int64())]
    names = [name for name, _ in columns]
    told = pa.Table.from_pylist([{name: row[name] for name in names} for row in rows], pa.schema(columns))
    whole = pa.schema([columns[0], columns[2]])
    owners = [{name: one[name] for name in whole.names} for one in tickets]
    return Batch("conversation_tags", told, pa.Table.from_pylist(owners, whole))


def field_batch(rows: Sequence[Mapping[str, Any]]) -> list[Batch]:
    """What custom fields are called, if there are any."""
    import pyarrow as pa

    columns = [
        (name, _type(name)) for name in ("field_key", "native_id", "title", "type", "options", "active")
    ]
    return [Batch("field_definitions", pa.Table.from_pylist(list(rows), pa.schema(columns)))] if rows else []


def keys_seen(stream: str, rows: Sequence[Mapping[str, Any]]) -> KeysSeen:
    """Everything a list holds: stored rows that are not among it are gone."""
    import pyarrow as pa

    names = KEYS[stream]
    told = [{name: _key(row.get(name)) for name in names} for row in rows]
    return KeysSeen(
        stream, pa.Table.from_pylist(told, pa.schema([(name, pa.string()) for name in names])), last=True
    )


def _key(value: Any) -> str | None:
    """A key as the store writes it in text."""
    return f"{value:%Y-%m-%d %H:%M:%S}+00" if isinstance(value, datetime) else value


def batches(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Batch]:
    """One batch a stream, without the empty ones."""
    return [batch(stream, rows) for stream, rows in found.items() if rows]


def _type(name: str) -> pa.DataType:
    import pyarrow as pa

    if name.endswith("_at") or name in _TIMES:
        return pa.timestamp("us", tz="UTC")
    if name.startswith("is_") or name in _FLAGS:
        return pa.bool_()
    if name in _WHOLE:
        return pa.int64()
    if name == "score":
        return pa.float64()
    return pa.list_(pa.string()) if name == "domains" else pa.string()


def instant(value: Any) -> datetime | None:
    """An ISO text or Unix seconds as an instant; None for what is no date or only stands for one."""
    try:
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, int | float):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            moment = datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        return None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if _FIRST_YEAR <= moment.year < _LAST_YEAR else None


def micros(value: Any) -> int | None:
    """A time as microseconds since 1970, which is how versions of rows are counted."""
    moment = instant(value)
    return None if moment is None else int(moment.timestamp()) * MICROSECONDS + moment.microsecond


def text(value: Any) -> str | None:
    """A value as text that every store can hold: no NUL, no half of a surrogate pair."""
    if value is None:
        return None
    words = str(value).replace("\0", "")
    if words.isascii():
        return words
    return words.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def native_id(value: Any) -> str | None:
    """An id as text; None for none."""
    return None if value is None or value == "" else text(value)


def as_json(value: Any) -> str | None:
    """A value as JSON text; None for nothing."""
    return text(json.dumps(value, ensure_ascii=False, sort_keys=True)) if value else None


class _Words(HTMLParser):
    """Collects the words of a piece of HTML, with a new line where a block ends."""

    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"})
    _HIDDEN = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self._HIDDEN))
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def words_of_html(html: Any) -> str | None:
    """The text of a piece of HTML, or None when it has none."""
    parser = _Words()
    parser.feed(text(html) or "")
    parser.close()
    lines = [" ".join(line.split()) for line in "".join(parser.parts).split("\n")]
    return "\n".join(line for line in lines if line) or None
