"""The contract of a connector: what it is called, what it needs, what it can read."""

from __future__ import annotations

import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core import clock
from core.errors import Cancelled, ConfigError
from core.registry import Registry
from core.settings import Source
from core.stream import Item
from core.validation import problems

if TYPE_CHECKING:
    import pyarrow as pa


class Config(BaseModel):
    """A connector's own settings: the fields of its [[sources]] table besides those of core.settings.Source.

    `operational` names the fields that do not change what is read, such as passwords and timeouts: when one
    of the others changes, everything is read again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    operational: ClassVar[frozenset[str]] = frozenset()


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
class Effort:
    """What reading has cost so far, for the run table."""

    requests: int = 0
    retries: int = 0
    bytes: int = 0
    waited_s: float = 0.0


def _no_keys(stream: str) -> pa.Table:
    raise LookupError(f"nobody compared the keys of {stream}")


@dataclass
class ReadContext:
    """What a connector gets from the outside: its name, its state, a folder, a way to stop.

    `full` asks to read again what was read before; `files` holds what is known about them all the same.
    """

    source_id: str
    state: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # stream -> cursor
    files: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # source_file -> size, modified_at, sha256, rows, etag
    full: bool = False
    is_first: bool = False  # nothing of this source is stored yet: there is nothing to compare with
    deadline: datetime | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    first_window_days: int = 30
    effort: Effort = field(default_factory=Effort)
    # Keys of a stream that the source named in its last KeysSeen and the store does not hold.
    missing: Callable[[str], pa.Table] = _no_keys
    folder: Path | None = None
    pace: float = 1.0  # of waits; a test that need not wait sets 0

    @property
    def scratch(self) -> Path:
        """A folder for this reading alone; the engine removes a file in it once it is loaded."""
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="supportlens-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def cancelled(self) -> bool:
        """Whether the run should stop."""
        return self.stop.is_set() or (self.deadline is not None and clock.now() > self.deadline)

    def stop_if_asked(self) -> None:
        """Raises Cancelled when the run should stop."""
        if self.cancelled():
            late = not self.stop.is_set()
            why = "the time it was given is over" if late else "the run was stopped"
            raise Cancelled(f"{why}.", source=self.source_id)

    def sleep(self, seconds: float) -> None:
        """Wait, and raise Cancelled within a fifth of a second when the run is stopped meanwhile."""
        self.note(waited_s=max(0.0, seconds))
        until = time.monotonic() + seconds * self.pace
        while (left := until - time.monotonic()) > 0:
            self.stop_if_asked()
            self.stop.wait(min(left, 0.2))
        self.stop_if_asked()

    def note(self, *, requests: int = 0, retries: int = 0, bytes: int = 0, waited_s: float = 0.0) -> None:
        """Add to what reading has cost."""
        self.effort.requests += requests
        self.effort.retries += retries
        self.effort.bytes += bytes
        self.effort.waited_s += waited_s


class Connector(ABC):
    """One kind of source. Subclasses set `kind`, `title` and `Config`, and are found by their file."""

    kind: ClassVar[str]
    title: ClassVar[str] = ""  # what people call it; the kind itself where it is empty
    Config: ClassVar[type[Config]] = Config
    # Items that may be read while the one before is written. 0: the source is asked for nothing too early.
    read_ahead: ClassVar[int] = 0
    # Whether it names the files that are gone by itself, also when everything is read anew.
    tells_gone: ClassVar[bool] = False
    # Whether it is read again at once until nothing new is there, as another look costs next to nothing.
    looks_again: ClassVar[bool] = False

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

    def migrate_state(
        self, stream: str, kind: str, version: int, cursor: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """A stored cursor as this version understands it; None when the stream has to be read anew."""
        return cursor


CONNECTORS: Registry[type[Connector]] = Registry("connector", "connectors")


def configured(source: Source) -> Connector:
    """The connector of a [[sources]] table. Raises ConfigError that names the key that is wrong."""
    kind = CONNECTORS.get(source.kind)
    try:
        config = kind.Config(**source.options())
    except ValidationError as error:
        raise ConfigError(f"its settings are not valid: {problems(error)}.", source=source.name) from None
    return kind(source.name, config)
