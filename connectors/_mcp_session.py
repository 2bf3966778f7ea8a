"""One connection to an MCP server: its program runs as a child, the conversation in a thread of its own.

Only tools that the server itself calls read-only and that the settings allow can be called through it.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, cast

from core.errors import AppError, ConnectorError, PermissionRefused, SourceDataError, SourceUnavailable

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult

T = TypeVar("T")
LOOK_EVERY_S = 0.1
# How long a stop waits for the child to end; its thread goes on until it has.
LEAVE_WITHIN_S = 1.0
# Beyond the client's own limit, for a conversation that does not even answer to that.
GRACE_S = 2.0


@dataclass(frozen=True, slots=True)
class Server:
    """How the server's program is started."""

    command: str
    args: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


@dataclass
class Session:
    """A running server. Use it as a context; `call` may be used from the thread that opened it."""

    server: Server
    source: str
    allowed: Sequence[str]
    timeout_s: float
    stop_if_asked: Callable[[], None]
    tools: frozenset[str] = frozenset()  # read-only and allowed
    offered: tuple[str, ...] = ()
    _client: Client | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _leave: asyncio.Event | None = None
    _ready: Future[None] = field(default_factory=Future)
    _thread: threading.Thread | None = None
    _said: Path | None = None
    _last: str = ""

    def __enter__(self) -> Session:
        self._thread = threading.Thread(target=self._run, name=f"mcp {self.source}")
        self._thread.start()
        try:
            self._wait(self._ready, 2 * self.timeout_s)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the thread ends the server's program, by force if it does not end by itself."""
        if self._loop is not None and self._leave is not None:
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._leave.set)
        if self._thread is not None:
            self._thread.join(LEAVE_WITHIN_S)

    def call(self, tool: str, **arguments: Any) -> CallToolResult:
        """The result of a read-only tool.

        Raises PermissionRefused for any other tool, SourceDataError when the server refuses, SourceUnavailable
        when it is gone or does not answer in time, Cancelled.
        """
        if tool not in self.tools:
            raise PermissionRefused(
                f"the tool {tool} may not be called: only read-only tools that `tools` lists are.",
                hint=f"Allowed here are {', '.join(sorted(self.tools)) or 'none'}.", source=self.source,
            )  # fmt: skip
        client, loop = self._client, self._loop
        if client is None or loop is None or not loop.is_running():
            raise self._gone("it has ended")
        asked = asyncio.run_coroutine_threadsafe(client.call_tool(tool, arguments), loop)
        result = self._wait(asked, self.timeout_s)
        if result.is_error:
            raise SourceDataError(f"the server refused {tool}: {_words(result)[:300]}.",
                                  hint="Check the path and what the server may read.", source=self.source)  # fmt: skip
        return result

    def _wait(self, future: Future[T], timeout_s: float) -> T:
        until = time.monotonic() + timeout_s + GRACE_S
        while True:
            try:
                return future.result(LOOK_EVERY_S)
            except AppError:
                raise
            except NotYet:
                if time.monotonic() > until:
                    future.cancel()
                    raise self._gone(f"no answer within {timeout_s:g} s") from None
            except Exception as error:
                raise self._translated(error) from None
            self.stop_if_asked()

    def _run(self) -> None:
        failed: BaseException | None = None
        with tempfile.NamedTemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            self._said = Path(said.name)
            try:
                asyncio.run(self._converse(cast(TextIO, said)))
            except BaseException as error:
                failed = error
            self._last = self._tail()
        if failed is not None and not self._ready.done():
            self._ready.set_exception(failed)

    async def _converse(self, said: TextIO) -> None:
        from mcp import Client, StdioServerParameters
        from mcp.client.stdio import stdio_client

        leave = asyncio.Event()
        self._loop, self._leave = asyncio.get_running_loop(), leave
        parameters = StdioServerParameters(command=self.server.command, args=list(self.server.args),
                                           env=dict(self.server.env), cwd=self.server.folder)  # fmt: skip
        transport = stdio_client(parameters, errlog=said)
        client = Client(transport, read_timeout_seconds=self.timeout_s)
        connecting = asyncio.ensure_future(self._serve(client, leave))
        leaving = asyncio.ensure_future(leave.wait())
        await asyncio.wait({connecting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            await connecting

    async def _serve(self, client: Client, leave: asyncio.Event) -> None:
        async with client:
            tools, cursor = [], None
            while True:
                page = await client.list_tools(cursor=cursor)
                tools += page.tools
                cursor = page.next_cursor
                if not cursor:
                    break
            self.offered = tuple(tool.name for tool in tools)
            read_only = {
                t.name for t in tools if t.annotations is not None and t.annotations.read_only_hint is True
            }
            self.tools = frozenset(read_only & set(self.allowed))
            self._client = client
            self._ready.set_result(None)
            await leave.wait()

    def _translated(self, error: BaseException) -> ConnectorError:
        while isinstance(error, BaseExceptionGroup) and error.exceptions:
            error = error.exceptions[0]
        if isinstance(error, FileNotFoundError | PermissionError):
            return SourceUnavailable(
                f"the server's program {self.server.command} could not be started: {error.strerror}.",
                hint="Check command and args.", source=self.source,
            )  # fmt: skip
        return self._gone(str(getattr(error, "message", error)) or type(error).__name__)

    def _gone(self, why: str) -> ConnectorError:
        return SourceUnavailable(
            f"the MCP server {self.server.command} failed: {why.rstrip('.')}.{self._last_words()}",
            hint="Start it by hand with the same command to see what it says, or raise timeout_s.",
            source=self.source,
        )

    def _last_words(self) -> str:
        """The last line that the server wrote to its error output, without the secrets it was given."""
        said = self._last or self._tail()
        for secret in self.server.env.values():
            said = said.replace(secret, "…") if secret else said
        return f" It said: {said.rstrip('.')}." if said else ""

    def _tail(self) -> str:
        if self._said is None:
            return ""
        with suppress(OSError), self._said.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - 4000))
            lines = [line.strip() for line in stream.read().decode("utf-8", "replace").splitlines()]
            return next((line[:300] for line in reversed(lines) if line), "")
        return ""


def _words(result: CallToolResult) -> str:
    return " ".join(getattr(part, "text", "") for part in result.content).strip().rstrip(".")
