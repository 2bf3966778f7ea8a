"""MCP servers for tests: the product's own, and the reference one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.connectors.test_files_contract import FileLab
from tests.fakes import npm

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, VERSION = "@modelcontextprotocol/server-filesystem", "2026.8.31"
GAPS: Mapping[str, str] = {
    "an HTTP fault": "the server speaks over pipes; one that ends is in test_mcp_server_contract.py",
    "a page that does not move on": "this server has no pages",
}


class McpLab(FileLab):
    """A folder with one file of messages behind an MCP server."""

    def __init__(self, folder: Path, command: Sequence[str] = (), **more: Any) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder / "messages.csv")
        self.folder, self.command, self.more = folder, tuple(command), more

    def options(self) -> dict[str, Any]:
        started = {"command": self.command[0], "args": self.command[1:]} if self.command else {}
        return {"kind": "mcp", "path": str(self.folder), **started, **self.more}

    def content(self) -> Any:
        return {p.name: p.read_bytes() for p in self.folder.iterdir()}


def misbehaving(mode: str, folder: Path, **more: Any) -> McpLab:
    """A lab behind tests/fakes/mcp_servers.py."""
    folder.mkdir(exist_ok=True)
    script = ROOT / "tests" / "fakes" / "mcp_servers.py"
    return McpLab(folder, (sys.executable, str(script), mode, str(folder)), **{"timeout_s": 60, **more})


def installed_reference(require_service: Callable[[str], str]) -> tuple[str, str]:
    """The words that start the reference server, before its folder."""
    node, modules = npm.installed(require_service, PACKAGE, VERSION)
    return node, str(modules / PACKAGE / "dist" / "index.js")
