"""The contract of a connector: what it is called, what it needs, what it can read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core import clock
from core.errors import ConfigError
from core.registry import Registry
from core.settings import Source
from core.stream import Item


class Config(BaseModel):
    """A connector's own settings: the fields of its [[sources]] table besides name, kind and enabled."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Stream:
    """One thing a source can deliver."""

    name: str
    columns: tuple[str, ...] = ()
    rows: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a connection test found, per stream or file."""

    name: str
    status: Literal["ok", "optional_missing", "denied", "error"]
    message: str = ""
    code: str = ""
    hint: str = ""


@dataclass
class ReadContext:
    """What a connector gets from the outside: its name, its state, a way to stop."""

    source_id: str
    state: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # stream -> cursor
    files: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # source_file -> size, modified_at, sha256
    full: bool = False
    deadline: datetime | None = None

    def cancelled(self) -> bool:
        """Whether the run should stop."""
        return self.deadline is not None and clock.now() > self.deadline


class Connector(ABC):
    """One kind of source. Subclasses set `kind` and `Config` and are found by their file."""

    kind: ClassVar[str]
    Config: ClassVar[type[Config]] = Config

    def __init__(self, name: str, config: Any) -> None:
        self.name, self.config = name, config

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "kind" in cls.__dict__:
            CONNECTORS.add(cls.kind, cls)

    @abstractmethod
    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """Try the connection without loading anything. Never raises for a bad source; says so."""

    @abstractmethod
    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """What the source offers."""

    @abstractmethod
    def read(self, context: ReadContext) -> Iterator[Item]:
        """Rows since the state, with a Checkpoint after each page. Raises ConnectorError."""


CONNECTORS: Registry[type[Connector]] = Registry("connector", "connectors")


def configured(source: Source) -> Connector:
    """The connector of a [[sources]] table. Raises ConfigError that names the key that is wrong."""
    kind = CONNECTORS.get(source.kind)
    try:
        config = kind.Config(**source.options())
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"its settings are not valid: {wrong}.", source=source.name) from None
    return kind(source.name, config)
