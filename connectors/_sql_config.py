"""The settings that the SQL sources share."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from connectors._files_config import Reading, RolesConfig, known_columns
from connectors._sql_guard import is_query, one_query
from connectors.base import Config
from core.settings import secret_value
from core.zones import Zone

# The settings of a source that hold rows, and the stream each of them fills.
STREAMS: dict[str, str] = {
    "teams": "teams",
    "organizations": "organizations",
    "people": "people",
    "denominators": "denominators",
    "conversations": "conversations",
    "messages": "messages",
    "events": "conversation_events",
    "ratings": "csat",
    "tags": "conversation_tags",
}


def _entry(value: Any) -> Any:
    if isinstance(value, str):
        return {"query": value} if is_query(value) else {"table": value}
    return value


class TableConfig(Config):
    """Where the rows of one stream come from, and how they are read."""

    table: str | None = Field(None, description="A table or view, with its schema where it needs one.")
    query: str | None = Field(None, description="A select in place of a table.")
    key: str | None = Field(None, description="Column that names a row; proposed from the mapping.")
    cursor: str | None = Field(
        None,
        description='Column that grows with every change, for example updated_at; "" reads everything each time.',
    )
    columns: dict[str, str] = Field(default_factory=dict, description="Our column to the source's column.")
    constants: dict[str, str] = Field(
        default_factory=dict, description="Our column to one value for every row."
    )
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Our column to native word to our word."
    )
    roles: RolesConfig = Field(default_factory=RolesConfig, description="Who is who.")
    timezone: Zone | None = Field(None, description="IANA zone of times that carry none.")
    day_first: bool | None = Field(
        None, description="Whether 03/04/2024 is in April, for dates kept as text."
    )
    tag_separator: str = Field(",", min_length=1, description="Between the tags of one cell.")

    @field_validator("columns", "constants", "values")
    @classmethod
    def _known_columns(cls, value: dict[str, Any]) -> dict[str, Any]:
        return known_columns(value)

    @field_validator("query")
    @classmethod
    def _one_query(cls, value: str | None) -> str | None:
        return one_query(value) if value is not None else None

    @model_validator(mode="after")
    def _one_of(self) -> TableConfig:
        if self.table is not None and self.query is not None:
            raise ValueError("give either a table or a query")
        return self

    @property
    def named(self) -> bool:
        """Whether it says where the rows are; a source that proposes tables may leave that out."""
        return self.table is not None or self.query is not None

    def reading(self, stream: str, source: SqlConfig) -> Reading:
        """The same settings as those of a file."""
        roles = self.roles if self.roles != RolesConfig() else source.roles
        given = {name: getattr(self, name) for name in ("columns", "constants", "values", "day_first")}
        given |= {"tag_separator": self.tag_separator} if "tag_separator" in self.model_fields_set else {}
        return Reading(stream=stream, roles=roles, timezone=self.timezone or source.timezone, **given)


Entry = Annotated[TableConfig | None, BeforeValidator(_entry)]


class SqlConfig(Config):
    """What every SQL source can be told."""

    operational: ClassVar[frozenset[str]] = frozenset(
        {"reconcile_every_h", "page_rows", "statement_timeout_s", "overlap_s", "safety_s", "overlap_count"}
    )

    conversations: Entry = Field(None, description="Table or query with one conversation a row.")
    messages: Entry = Field(None, description="Table or query with one message a row.")
    events: Entry = Field(None, description="Status history: one change a row.")
    people: Entry = Field(None, description="Customers and agents, with attributes of their own.")
    organizations: Entry = Field(None, description="Companies, with attributes of their own.")
    teams: Entry = Field(None, description="Teams: id and name.")
    ratings: Entry = Field(None, description="Satisfaction ratings.")
    tags: Entry = Field(None, description="One tag of a conversation a row.")
    denominators: Entry = Field(None, description="A day and numbers of that day, such as active customers.")
    roles: RolesConfig = Field(default_factory=RolesConfig, description="Who is who, for every stream.")
    timezone: Zone = Field("UTC", description="IANA zone of times that carry none.")
    overlap_s: float = Field(300, ge=0, description="Every run reads again what changed in this time before.")
    overlap_count: int = Field(1000, ge=0, description="The same for a cursor that counts and is no time.")
    safety_s: float = Field(
        5,
        ge=0,
        description="Changes younger than this do not move the position: they are read again next time.",
    )
    reconcile_every_h: float = Field(
        24, ge=0, description="How often all keys are compared, which finds deleted rows; 0 = every run."
    )
    page_rows: int = Field(100_000, ge=1, description="Rows that are written together.")
    statement_timeout_s: float = Field(30, gt=0, description="Longest query of a test or a preview.")

    def entries(self) -> dict[str, TableConfig]:
        """Stream to its settings, for the streams that are set, in the order of reading."""
        found = {stream: getattr(self, name) for name, stream in STREAMS.items()}
        return {stream: entry for stream, entry in found.items() if entry is not None}


class ServerConfig(SqlConfig):
    """A database server."""

    operational: ClassVar[frozenset[str]] = SqlConfig.operational | {"user", "password", "connect_timeout_s"}

    dsn: SecretStr | None = Field(
        None, description='The whole address, best as a reference: "env:TICKETS_DSN".'
    )
    host: str | None = Field(None, description="The server's name.")
    hosts: tuple[str, ...] = Field((), description="Several servers, tried in turn; name or name:port.")
    port: int | None = Field(None, ge=1, le=65535, description="The server's port.")
    database: str | None = Field(None, description="The database's name.")
    user: str | None = Field(None, description="An account that may only read.")
    password: SecretStr | None = Field(None, description='The password, best as a reference: "env:NAME".')
    connect_timeout_s: float = Field(10, gt=0, description="Seconds to wait for each server.")

    @model_validator(mode="after")
    def _something(self) -> ServerConfig:
        if not self.entries():
            raise ValueError(f"name at least one of {', '.join(STREAMS)}: a table or a select")
        for name, stream in STREAMS.items():
            if stream in self.entries() and not self.entries()[stream].named:
                raise ValueError(f"{name}: give a table or a query")
        if not (self.dsn or self.host or self.hosts):
            raise ValueError("say where the server is: dsn, host or hosts")
        return self

    def account(self, database: str) -> dict[str, str]:
        """Database (under the driver's name for it), user and password, as far as the settings give them."""
        told = {database: self.database, "user": self.user}
        told |= {"password": secret_value(self.password) if self.password else None}
        return {name: value for name, value in told.items() if value}

    def addresses(self, port: int) -> list[tuple[str, int]]:
        """Host and port of every server, in the order of trying."""
        named = [*((self.host,) if self.host else ()), *self.hosts]
        return [_address(name, self.port or port) for name in named]


def _address(name: str, port: int) -> tuple[str, int]:
    host, colon, own = name.rpartition(":")
    if colon and own.isdigit() and (host.startswith("[") or ":" not in host):
        return host.strip("[]"), int(own)
    return name, port
