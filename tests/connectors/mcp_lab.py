"""MCP servers for tests: the product's own, and the reference one, installed once into .cache of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.test_files_contract import FileLab

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, VERSION = "@modelcontextprotocol/server-filesystem", "2026.8.31"
CACHE = ROOT / ".cache" / f"mcp-server-filesystem-{VERSION}"
SCRIPT = CACHE / "node_modules" / PACKAGE / "dist" / "index.js"
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
    """The words that start the reference server, before its folder; installs it when it is not there yet."""
    node, npm = require_service("node"), require_service("npm")
    if wrong := _install(npm):
        reason = f"needs {PACKAGE}: npm could not install it: {wrong}"
        pytest.fail(reason) if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip(reason)
    return node, str(SCRIPT)


@cache
def _install(npm: str) -> str:
    """Why the server is not there; empty when it is."""
    if SCRIPT.is_file():
        return ""
    part = CACHE.with_name(f"{CACHE.name}.{os.getpid()}")
    part.mkdir(parents=True)
    words = [
        npm,
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=1",
        "--prefix",
        str(part),
    ]
    told = subprocess.run([*words, f"{PACKAGE}@{VERSION}"], capture_output=True, text=True, check=False,
                          env=_trusting_the_system())  # fmt: skip
    if told.returncode == 0 and not SCRIPT.is_file():
        part.rename(CACHE)
    shutil.rmtree(part, ignore_errors=True)
    return "" if SCRIPT.is_file() else told.stderr.strip()[:300] or f"exit code {told.returncode}"


def _trusting_the_system() -> dict[str, str]:
    """Node brings authorities of its own; those of the machine count too."""
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    return {**({"NODE_EXTRA_CA_CERTS": str(bundle)} if bundle.is_file() else {}), **os.environ}
