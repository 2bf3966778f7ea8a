"""Files that an MCP server hands over: copied here, then read like any other file."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import Field, SecretStr, field_validator

from connectors._files_config import TablesConfig
from connectors._formats import READABLE, verdict
from connectors._loading import SourceFile, load
from connectors._looking import checked, discovered, with_scratch
from connectors._mcp_readers import LIMIT_MB, OWN_TOOLS, REFERENCE_TOOLS, Reader, Remote, reader_of
from connectors._mcp_session import Server, Session
from connectors._retry import attempts
from connectors.base import CheckResult, Connector, ReadContext, Stream
from core.errors import AppError, SourceDataError, SourceNotFound, SourceUnavailable
from core.home import PROJECT
from core.settings import secret_value
from core.stream import Item, Progress

TRIES = 3
T = TypeVar("T")


class McpConfig(TablesConfig):
    """A `[[sources]]` table of kind `mcp`."""

    operational: ClassVar[frozenset[str]] = frozenset({"env", "timeout_s"})

    path: str = Field("", description="The folder: of the product's own server, or inside another server.")
    command: str = Field("", description="The server's program; empty for the product's own server.")
    args: tuple[str, ...] = Field((), description="Words that follow the program. No secrets: use env.")
    env: dict[str, SecretStr] = Field(
        default_factory=dict, description="Variables for the program, each as env:NAME or secret:NAME."
    )
    pattern: str = Field("*", description="Which files: *.csv, tickets/*.json.")
    tools: tuple[str, ...] = Field(
        (*OWN_TOOLS, *REFERENCE_TOOLS, "list_allowed_directories"),
        description="The only tools that may be called, and only where the server says they are read-only.",
    )
    max_file_mb: float | None = Field(
        None,
        gt=0,
        description="A larger file is refused before it is asked for; 100, or 10 where files come whole.",
    )
    timeout_s: float = Field(30.0, gt=0, description="How long to wait for one answer.")

    @field_validator("env")
    @classmethod
    def _only_references(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in value.items():
            if not secret.get_secret_value().startswith(("env:", "secret:")):
                raise ValueError(f"{name} must be a reference such as env:{name}, not the value itself")
        return value


class McpConnector(Connector):
    """A folder behind an MCP server that is started for the reading and ended after it."""

    kind: ClassVar[str] = "mcp"
    title: ClassVar[str] = "Files over MCP"
    tells_gone: ClassVar[bool] = True
    Config = McpConfig
    config: McpConfig

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """What each file is taken for, or why the server or a file cannot be read."""
        try:
            with with_scratch(context) as own, _Files(self, own) as files:
                found, left_out = files.listed()
                results = checked(self.config, self.name, own, [files.file(one) for one in found])
        except AppError as error:
            return [CheckResult(self.config.command or "mcp", "error", error.message, error.code, error.hint)]
        return [*results, *(CheckResult(text.split(" ")[0], "optional_missing", text) for text in left_out)]

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """The files, their columns, and what a row of each is. Raises ConnectorError."""
        with with_scratch(context) as own, _Files(self, own) as files:
            found, _ = files.listed()
            return discovered(self.config, self.name, own, [files.file(one) for one in found])

    def read(self, context: ReadContext) -> Iterator[Item]:
        """A FileRead for each new or changed file, a FileGone for each that vanished."""
        context.stop_if_asked()
        with _Files(self, context) as files:
            found, left_out = yield from attempts(files.listed, context, tries=TRIES)
            yield from (Progress(text) for text in left_out)
            yield from load(self.config, self.name, context, [files.file(one) for one in found])

    def server(self) -> Server:
        """How the server is started. Raises SourceNotFound when its program is not on this machine."""
        config = self.config
        env = {name: secret_value(secret) for name, secret in config.env.items()}
        if not config.command:
            if not Path(config.path).is_dir():
                raise SourceNotFound(f"there is no folder {config.path or '(path is empty)'}.",
                                     hint="Set path to the folder to read.", source=self.name)  # fmt: skip
            args = ("-m", "connectors.mcp_server", config.path)
            return Server(sys.executable, args, env, PROJECT)
        if shutil.which(config.command) is None:
            raise SourceNotFound(
                f"the server's program {config.command} is not on this machine.",
                hint="Install it, write its full path in `command`, or leave `command` out to use the product's own"
                " server.",
                source=self.name,
            )  # fmt: skip
        return Server(config.command, config.args, env)


class _Files:
    """The files of one reading; a server that died is started again for the next try."""

    def __init__(self, connector: McpConnector, context: ReadContext) -> None:
        self.config, self.name, self.context = connector.config, connector.name, context
        self._connector = connector
        self._session: Session | None = None
        self._reader: Reader | None = None

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def listed(self) -> tuple[list[Remote], list[str]]:
        """The files to read in the order of their names, and sentences about those left out."""
        everything = self._try(lambda reader: sorted(reader.listed(), key=lambda one: one.name))
        found, left_out = [], []
        for one in everything:
            if not fnmatch(one.name, self.config.pattern) or self.config.reading_of(one.name) is None:
                continue
            named = self.config.pattern != "*" or self.config.entry(one.name) is not None
            is_read, why = verdict(one.name, named=named)
            if is_read:
                found.append(one)
            elif why:
                left_out.append(why)
        if not found:
            raise SourceNotFound(f"the MCP server has no file {self.config.pattern} that can be read.",
                                 hint=f"Files that can be read end in {', '.join(READABLE)}.",
                                 source=self.name)  # fmt: skip
        return found, left_out

    def file(self, one: Remote) -> SourceFile:
        """The file as the loader wants it."""
        return SourceFile(one.name, lambda: self._fetch(one), one.size, one.modified_at, one.etag)

    def _fetch(self, one: Remote) -> Generator[Item, None, Path]:
        limit_mb = self.config.max_file_mb or (self._reader.limit_mb if self._reader else LIMIT_MB)
        if one.size > limit_mb * 1_000_000:
            raise SourceDataError(
                f"{one.name} has {one.size / 1e6:.1f} MB; max_file_mb is {limit_mb:g}.",
                hint='Raise max_file_mb, or read the folder with kind = "files" where it is on this machine.',
                source=self.name,
            )
        yield Progress(f"copying {one.name}")
        path: Path = yield from attempts(lambda: self._copied(one), self.context, tries=TRIES)
        return path

    def _copied(self, one: Remote) -> Path:
        folder = self.context.scratch / hashlib.sha256(one.name.encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        target = folder / Path(one.name).name

        def copy(reader: Reader) -> None:
            with target.open("wb") as stream:
                reader.copy(one, stream)

        try:
            self._try(copy)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        self.context.note(bytes=one.size)
        return target

    def _try(self, work: Callable[[Reader], T]) -> T:
        """Do something with the server, which is started first where it does not run."""
        self.context.note(requests=1)
        try:
            if self._reader is None:
                config = self.config
                self._session = Session(self._connector.server(), self.name, config.tools, config.timeout_s,
                                        self.context.stop_if_asked).__enter__()  # fmt: skip
                self._reader = reader_of(self._session, config.path)
            return work(self._reader)
        except SourceUnavailable:
            self._close()
            raise

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = self._reader = None
