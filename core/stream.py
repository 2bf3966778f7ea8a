"""What a connector yields and the store takes: the words both sides of that wall share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Role = Literal["customer", "agent", "bot", "system", "unknown"]
Form = Literal["messages", "tickets", "rows"]

# Natural keys of the canonical streams, after source_id. A test compares them with store/schema.sql.
KEYS: Mapping[str, tuple[str, ...]] = {
    "conversations": ("conversation_id",),
    "messages": ("message_id",),
    "conversation_events": ("event_id",),
    "people": ("person_id",),
    "person_roles": ("person_id", "kind", "valid_from"),
    "teams": ("team_id",),
    "team_members": ("team_id", "person_id", "valid_from"),
    "organizations": ("organization_id",),
    "csat": ("csat_id",),
    "conversation_tags": ("conversation_id", "tag"),
    "attachments": ("attachment_id",),
    "schedules": ("schedule_id", "valid_from"),
    "sla_policies": ("policy_id",),
    "denominators": ("day", "name"),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one canonical stream, in canonical columns (absent ones are NULL), at most one page.

    `whole_for` (columns conversation_id, and source_version where versions exist) names conversations of which
    the batch holds all rows of this stream, for example their tags: stored rows that are not among them are
    marked deleted. Send the conversations themselves, with the same version, before it in the same page.
    """

    stream: str
    rows: pa.Table
    whole_for: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a stream has been read; committed in one transaction with the rows yielded before it.

    `kind` and `version` say how the cursor is to be understood, so that a later program can recognise it.
    `horizon`: what happened since then is loaded, older history is not yet; None when all of it is.
    """

    stream: str
    cursor: Mapping[str, Any]
    kind: str
    version: int = 1
    high_water: datetime | None = None
    horizon: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Something to show while reading; never affects data."""

    text: str
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The source asked for patience until `until` (UTC)."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was set aside. `line` counts physical lines from 1, the header included."""

    stream: str
    reason: str
    source_file: str | None = None
    line: int | None = None
    native_id: str | None = None
    field: str | None = None
    sample: str | None = None


ROW_NUMBER = "__row__"
# A record may be this long, in whatever file; a longer one is set aside with its line.
MAX_RECORD_BYTES = 16 << 20
TOO_LONG = f"the row is longer than {MAX_RECORD_BYTES >> 20} MB"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written; what was detected is said to the user.

    A file of format `parquet` holds text columns only; the other fields say nothing about it. Where it was made
    from another file, its column ROW_NUMBER says where each row stood there.
    """

    format: Literal["delimited", "parquet"] = "delimited"
    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    encoding: str = "utf-8"
    compression: str | None = None  # "gzip"
    has_header: bool = True


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """How one canonical column is read from a file.

    `column` is the header name; `formats` are strptime patterns tried in order for instants (empty: ISO
    8601); `zone` is assumed where the text carries none; `values` maps native values (lower case) to ours;
    `constant` replaces the column.
    """

    column: str | None = None
    formats: tuple[str, ...] = ()
    zone: str = "UTC"
    values: tuple[tuple[str, str], ...] = ()
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """Who is who in a file. The first rule that is set and matches decides."""

    column: str | None = None
    values: tuple[tuple[str, Role], ...] = ()
    agents: tuple[str, ...] = ()
    first_author: Role | None = None
    default: Role = "unknown"


@dataclass(frozen=True, slots=True)
class FileRead:
    """A description of a local file that the store reads by itself (store/bulk.py).

    `form` says what a row is: a message of a conversation, a whole ticket, or a row of one canonical
    stream (`stream`). `complete` means that rows of this file that are no longer in it are deleted.
    `header` names every column of the file once, also where the file has no header line. Keys of `columns`
    are canonical columns, `custom:<key>` for an attribute of its own, `tags`, and `author_email`.
    `elsewhere` names streams that other files of the source deliver, so that they are not derived here.
    `version` is the column whose whole number says which of two rows with one key is the newer.
    """

    path: str
    source_file: str
    form: Form
    header: tuple[str, ...]
    columns: Mapping[str, ColumnRead]
    stream: str | None = None
    dialect: Dialect = field(default_factory=Dialect)
    roles: Roles = field(default_factory=Roles)
    tag_separator: str = ","
    time_precision: str | None = None
    complete: bool = True
    elsewhere: tuple[str, ...] = ()
    size: int = 0
    modified_at: datetime | None = None
    sha256: str | None = None
    etag: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the source's own columns, all of them text, with the description that files are read by too.

    `read.path` is empty and `read.source_file` names the page's part of the source. Pages are never complete:
    rows that are missing in one are not deleted (`KeysSeen` does that), and conversations are not derived from
    the messages of one, because another page may hold more of them.
    """

    rows: pa.Table
    read: FileRead


@dataclass(frozen=True, slots=True)
class KeysSeen:
    """Keys that the source holds now, in the columns of `KEYS[stream]`, as text; many may follow each other.

    After the `last` one, stored rows whose key was in none of them are marked deleted. `part` limits this to
    rows of one source_file.
    """

    stream: str
    keys: pa.Table
    last: bool = False
    part: str | None = None


@dataclass(frozen=True, slots=True)
class FileGone:
    """A file that was loaded before and no longer exists: its rows are marked deleted."""

    source_file: str


Item = Batch | Page | KeysSeen | FileRead | FileGone | Checkpoint | Progress | Waiting | Reject
