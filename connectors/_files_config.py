"""The settings of sources that consist of files."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatch
from typing import Any, Literal

from pydantic import Field, field_validator

from connectors._streams import STREAM_COLUMNS
from connectors.base import Config
from core.stream import Form, Role
from core.zones import Zone

PresetName = Literal["zendesk", "freshdesk", "intercom"]


_COLUMNS = frozenset(c for columns in STREAM_COLUMNS.values() for c in columns) | {"tags", "author_email"}


def known_columns(value: dict[str, Any]) -> dict[str, Any]:
    """The mapping, when every column on our side exists. Raises ValueError that names the nearest one."""
    for name in value:
        if name not in _COLUMNS and not name.startswith("custom:"):
            near = get_close_matches(name, _COLUMNS, 1)
            meant = f"did you mean {near[0]!r}?" if near else "see docs/connectors/files.md for the names"
            raise ValueError(
                f'{name!r} is no column of ours: {meant} An attribute of its own is "custom:{name}"'
            )
    return value


class RolesConfig(Config):
    """Who is a customer and who is an agent. The first rule that is set and matches decides."""

    column: str | None = Field(None, description="Column that says who wrote.")
    values: dict[str, Role] = Field(
        default_factory=dict,
        description="Native words of that column to ours; without a column, names of authors to their role.",
    )
    agents: tuple[str, ...] = Field(
        (), description="Ids, names or e-mail addresses of agents; others are customers."
    )
    first_author: Literal["customer", "agent"] | None = Field(
        None, description="Role of whoever opens a conversation; everyone else has the other one."
    )


class Reading(Config):
    """How files are read; a `[[sources.files]]` entry overrides the source's own."""

    stream: str | None = Field(
        None, description="Canonical stream of the rows, when name and columns do not tell."
    )
    form: Form | None = Field(None, description="What a row is: a message, a ticket, or a row of `stream`.")
    columns: dict[str, str] = Field(default_factory=dict, description="Our column to the file's header.")
    constants: dict[str, str] = Field(
        default_factory=dict, description="Our column to one value for every row."
    )
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Our column to native word to our word, before the built-in lists."
    )
    roles: RolesConfig = Field(default_factory=RolesConfig, description="Who is who.")
    timezone: Zone | None = Field(None, description="IANA zone of dates that carry none; UTC when empty.")
    day_first: bool | None = Field(None, description="Whether 03/04/2024 is in April; never guessed.")
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="Overrides the detected one.")
    encoding: str | None = Field(None, description="Overrides the detected one, for example cp1252.")
    tag_separator: str = Field(",", min_length=1, description="Between the tags of one cell.")
    preset: PresetName | None = Field(None, description="Column names of a helpdesk's own export.")

    @field_validator("stream")
    @classmethod
    def _known_stream(cls, value: str | None) -> str | None:
        if value is not None and value not in STREAM_COLUMNS:
            raise ValueError(f"{value!r} is not a stream; streams are {', '.join(STREAM_COLUMNS)}")
        return value

    @field_validator("columns", "constants", "values")
    @classmethod
    def _known_columns(cls, value: dict[str, Any]) -> dict[str, Any]:
        return known_columns(value)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        import codecs

        try:
            return codecs.lookup(value).name if value is not None else None
        except LookupError:
            raise ValueError(f"{value!r} is not an encoding such as utf-8, cp1252 or utf-16") from None


class FileEntry(Reading):
    """One `[[sources.files]]` table."""

    path: str = Field(
        description="File or glob, relative to the source's folder; `book.xlsx#Sheet` for one table of a file."
    )
    skip: bool = Field(False, description="Leave these files out.")


class TablesConfig(Reading):
    """The settings of every source that consists of files, wherever they lie."""

    files: tuple[FileEntry, ...] = Field((), description="What differs for some of the files.")

    def entry(self, name: str) -> FileEntry | None:
        """The first entry that means a file, or a table of a file such as `book.xlsx#Tickets`."""
        return next((entry for entry in self.files if fnmatch(name, entry.path)), None)

    def reading_of(self, name: str, within: str | None = None) -> Reading | None:
        """How a file is read, or a table `within` a file; None when it is to be left out."""
        entry = self.entry(name) or (self.entry(within) if within else None)
        return None if entry is not None and entry.skip else self.reading(entry)

    def reading(self, entry: FileEntry | None) -> Reading:
        """The source's reading, with an entry's own settings over it."""
        if entry is None:
            return self
        own = {name: getattr(entry, name) for name in entry.model_fields_set & set(Reading.model_fields)}
        for name in ("columns", "constants", "values"):
            if name in own:
                own[name] = {**getattr(self, name), **own[name]}
        base = {name: getattr(self, name) for name in Reading.model_fields}
        return Reading.model_construct(**{**base, **own})


class FilesConfig(TablesConfig):
    """A `[[sources]]` table of kind `files`."""

    path: str = Field(description="A file, a folder or a glob.")
    settle_s: float = Field(
        0.0, ge=0, description="A file changed within so many seconds waits for the next run."
    )
