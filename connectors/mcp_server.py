"""The product's own MCP file server: `python -m connectors.mcp_server DIR`. It reads, and can do nothing else.

Large results over stdio are slow on both sides, so a file is handed over in pages of bytes.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

LIST_ENTRIES = 500  # names in one page of a listing
PAGE_BYTES = 768 << 10  # a megabyte once it is base64


class OutsideRoot(ValueError):
    """A path that is not in the folder of this server."""


def build(root: Path) -> MCPServer:
    """The server over a folder."""
    from mcp.server.mcpserver import MCPServer
    from mcp_types import ToolAnnotations

    root = root.resolve()
    server = MCPServer("supportlens-files", instructions="Files of one folder, read only, in pages.")
    annotations = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )

    @server.tool(annotations=annotations, structured_output=False)
    def list_files(after: str = "") -> str:
        """Names, sizes and times (nanoseconds since 1970) of the files below the folder, in the order of their
        names, a page at a time: give the last name of a page as `after` to get the next."""
        found = [(name, path) for name, path in sorted(_files(root)) if name > after]
        page = [{"name": name, **_told(path)} for name, path in found[:LIST_ENTRIES]]
        return json.dumps({"files": page, "more": len(found) > LIST_ENTRIES})

    @server.tool(annotations=annotations, structured_output=False)
    def file_info(path: str) -> str:
        """Size and time of one file."""
        return json.dumps({"name": path, **_told(_inside(root, path))})

    @server.tool(annotations=annotations, structured_output=False)
    def read_file_page(path: str, offset: int = 0, length: int = PAGE_BYTES) -> str:
        """Bytes of a file from `offset` as base64, with the file's size and time when they were read."""
        file = _inside(root, path)
        with file.open("rb") as stream:
            stream.seek(max(0, offset))
            data = stream.read(max(0, min(length, PAGE_BYTES)))
        return json.dumps({**_told(file), "offset": offset, "data": base64.b64encode(data).decode("ascii")})

    return server


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith((".", "~")) for part in name.split("/"))
        if not hidden and path.is_file() and path.resolve().is_relative_to(root):
            yield name, path


def _told(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"size": status.st_size, "modified_ns": status.st_mtime_ns}


def _inside(root: Path, name: str) -> Path:
    path = (root / name).resolve()
    if not path.is_relative_to(root) or any(part.startswith(".") for part in Path(name).parts):
        raise OutsideRoot(f"{name} is not in the folder of this server")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {name}")
    return path


def main(arguments: list[str]) -> int:
    """Serve a folder over standard input and output until the other side hangs up."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m connectors.mcp_server DIR (a folder that exists)\n")
        return 2
    build(Path(arguments[0])).run("stdio")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
