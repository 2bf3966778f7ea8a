"""A real Chroma server on loopback, for the tests that need one."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag import chroma
from tests.fakes.postgres import free_port


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """The address of a server that keeps its collections in a folder."""
    port, program = free_port(), Path(sys.executable).with_name("chroma")
    folder.mkdir(parents=True, exist_ok=True)
    command = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
    with (folder.parent / "chroma.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, f"{address}/api/v2/heartbeat")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if server.poll() is not None:
                raise RuntimeError(f"the Chroma server ended with {server.returncode}") from None
            time.sleep(0.05)
    raise RuntimeError("the Chroma server does not answer")


def close_clients() -> None:
    """What a process does of itself when it ends."""
    for client in chroma._of_servers.values():
        close_client(client)
    chroma._of_servers.clear()
    chroma.let_go()


def close_client(client: Any) -> None:
    """Its connections and those of the other that it makes for itself."""
    client._server._session.close()
    client._admin_client._server._session.close()
