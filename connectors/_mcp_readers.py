"""How files are listed and copied over MCP: one reader for the product's own server, one for the reference one."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, ClassVar, Protocol

from connectors._mcp_session import Session
from core.errors import ConfigError, NoProgress, SourceDataError

if TYPE_CHECKING:
    from mcp_types import CallToolResult

OWN_TOOLS = ("list_files", "file_info", "read_file_page")
REFERENCE_TOOLS = ("directory_tree", "list_directory", "get_file_info", "read_media_file", "read_text_file")
# The reference server tells times in whole seconds: what changed so lately may change again within its second.
UNSURE_S = 2.5
MAX_DEPTH = 20
# Files above are refused unless the settings say otherwise. The time of one large answer over pipes grows with
# the square of its size: 20 MB from the reference server took two minutes.
LIMIT_MB, WHOLE_LIMIT_MB = 100.0, 10.0


@dataclass(frozen=True, slots=True)
class Remote:
    """A file as a server tells of it. `etag` is another one whenever the file may be."""

    name: str
    path: str
    size: int
    modified_at: datetime
    etag: str


class Reader(Protocol):
    """What the connector needs of a server. `limit_mb` is the largest file that it is good for."""

    limit_mb: ClassVar[float]

    def listed(self) -> Iterator[Remote]:
        """The files below the folder, in any order."""

    def copy(self, file: Remote, target: IO[bytes]) -> None:
        """Write a file's bytes. Raises SourceDataError when it is another one by now."""


def reader_of(session: Session, root: str) -> Reader:
    """The reader for what the server offers. Raises ConfigError when that is not enough."""
    if session.tools >= {"list_files", "read_file_page"}:
        return PagedReader(session)
    reads = session.tools & {"read_media_file", "read_text_file"}
    lists = session.tools & {"directory_tree", "list_directory"}
    if reads and lists and "get_file_info" in session.tools:
        return WholeReader(session, root or _first_root(session))
    raise ConfigError(
        f"the MCP server offers no read-only tools to list and read files (it has"
        f" {', '.join(session.offered) or 'none'}; usable are {', '.join(sorted(session.tools)) or 'none'}).",
        hint="Use the product's own server, @modelcontextprotocol/server-filesystem, or name its tools in `tools`.",
        source=session.source,
    )


@dataclass
class PagedReader:
    """The product's own server (connectors/mcp_server.py): files come in pages of bytes."""

    limit_mb: ClassVar[float] = LIMIT_MB
    session: Session

    def listed(self) -> Iterator[Remote]:
        after = ""
        while True:
            page = _json(self.session.call("list_files", after=after), self.session)
            for one in page["files"]:
                yield _remote(one["name"], one["name"], one)
            if not page["more"]:
                return
            if not page["files"] or page["files"][-1]["name"] <= after:
                raise NoProgress("the MCP server lists the same files again.", hint="Restart the server.",
                                 source=self.session.source)  # fmt: skip
            after = page["files"][-1]["name"]

    def copy(self, file: Remote, target: IO[bytes]) -> None:
        offset = 0
        while offset < file.size:
            page = _json(self.session.call("read_file_page", path=file.path, offset=offset), self.session)
            data = base64.b64decode(page["data"])
            if _remote(file.name, file.path, page).etag != file.etag or not data:
                raise _changed(file, self.session)
            target.write(data)
            offset += len(data)


@dataclass
class WholeReader:
    """The reference server, @modelcontextprotocol/server-filesystem: a file comes whole, as base64 where it can.

    Its texts are read by what its version 2026.8.31 writes.
    """

    limit_mb: ClassVar[float] = WHOLE_LIMIT_MB
    session: Session
    root: str

    def listed(self) -> Iterator[Remote]:
        for name in self._names():
            if not any(part.startswith((".", "~")) for part in name.split("/")):
                yield self._info(name)

    def copy(self, file: Remote, target: IO[bytes]) -> None:
        if "read_media_file" in self.session.tools:
            data = _blob(self.session.call("read_media_file", path=file.path), self.session)
        else:
            text = _text(self.session.call("read_text_file", path=file.path))
            if "\ufffd" in text:  # bytes that are no UTF-8 are lost on this way
                raise SourceDataError(f"{file.name} is no UTF-8 text, and the server may not be asked for its bytes.",
                                      hint="Add read_media_file to `tools`.", source=self.session.source)  # fmt: skip
            data = text.encode()
        if len(data) != file.size or self._info(file.name).etag.split("~")[0] != file.etag.split("~")[0]:
            raise _changed(file, self.session)
        target.write(data)

    def _names(self) -> Iterator[str]:
        if "directory_tree" in self.session.tools:
            yield from _leaves(json.loads(_text(self.session.call("directory_tree", path=self.root))), "")
        else:
            yield from self._names_in("", 0)

    def _names_in(self, folder: str, depth: int) -> Iterator[str]:
        """From the text listing; a name with a line break in it cannot be told from two names: it is left out."""
        lines = _text(self.session.call("list_directory", path=self._path(folder))).split("\n")
        for line, after in zip(lines, [*lines[1:], "[END]"], strict=True):
            kind, _, name = line.partition(" ")
            if not after.startswith(("[FILE] ", "[DIR] ", "[END]")):
                continue
            if kind == "[FILE]":
                yield f"{folder}{name}"
            elif kind == "[DIR]" and depth < MAX_DEPTH:
                yield from self._names_in(f"{folder}{name}/", depth + 1)

    def _path(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}".rstrip("/")

    def _info(self, name: str) -> Remote:
        told = _text(self.session.call("get_file_info", path=self._path(name)))
        size = re.search(r"^size: (\d+)$", told, re.MULTILINE)
        modified = re.search(r"^modified: (.+?)(?: \(.*)?$", told, re.MULTILINE)
        if not size or not modified:
            raise SourceDataError(f"the server's word on {name} is not understood: {told[:200]!r}.",
                                  hint="Tell us which server and version it is.", source=self.session.source)  # fmt: skip
        moment = javascript_time(modified[1])
        etag = f"{size[1]}-{moment.timestamp():.0f}"
        if abs(time.time() - moment.timestamp()) < UNSURE_S:
            etag += f"~{time.time_ns()}"
        return Remote(name, self._path(name), int(size[1]), moment, etag)


def javascript_time(text: str) -> datetime:
    """`Fri Nov 20 2026 12:42:21 GMT+0000` as an instant."""
    return datetime.strptime(text.strip(), "%a %b %d %Y %H:%M:%S GMT%z").astimezone(UTC)


def _leaves(entries: list[dict[str, Any]], folder: str) -> Iterator[str]:
    for entry in entries:
        if entry.get("type") == "directory":
            yield from _leaves(entry.get("children") or [], f"{folder}{entry['name']}/")
        else:
            yield f"{folder}{entry['name']}"


def _remote(name: str, path: str, told: dict[str, Any]) -> Remote:
    moment = datetime.fromtimestamp(told["modified_ns"] / 1e9, UTC)
    return Remote(name, path, int(told["size"]), moment, f"{told['size']}-{told['modified_ns']}")


def _first_root(session: Session) -> str:
    if "list_allowed_directories" in session.tools:
        lines = _text(session.call("list_allowed_directories")).splitlines()
        if len(lines) == 2:
            return lines[1].strip()
    raise ConfigError("the MCP server does not say which one folder to read.", hint="Set path to it.",
                      source=session.source)  # fmt: skip


def _text(result: CallToolResult) -> str:
    return "\n".join(getattr(part, "text", "") for part in result.content)


def _json(result: CallToolResult, session: Session) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_text(result))
    except ValueError:
        raise SourceDataError("the MCP server's answer is not understood.", hint="Is it another version's server?",
                              source=session.source) from None  # fmt: skip
    return found


def _blob(result: CallToolResult, session: Session) -> bytes:
    for part in result.content:
        resource = getattr(part, "resource", part)
        data = getattr(resource, "blob", None) or getattr(resource, "data", None)
        if data is not None:
            return base64.b64decode(data)
    if any(hasattr(getattr(part, "resource", part), "blob") for part in result.content):
        return b""
    raise SourceDataError("the MCP server sent no bytes.", hint="Is it another version's server?",
                          source=session.source)  # fmt: skip


def _changed(file: Remote, session: Session) -> SourceDataError:
    return SourceDataError(f"{file.name} was written to while it was read.",
                           hint="Refresh again when it is complete.", source=session.source)  # fmt: skip
