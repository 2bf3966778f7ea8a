"""A dashboard of our own to look at: started on a port of this machine, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.clocks import PROJECT
from core.home import Home

PATIENCE_S = 120
LAST_WORDS_S = 30


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dashboard(home: Home, port: int | None = None, *, also: Mapping[str, str] | None = None) -> Iterator[str]:
    """The pages of a home on a port, or a free one, with `also` in its environment; gives its address.

    Raises RuntimeError when it does not answer.
    """
    port = port or free_port()
    settings = {"SUPPORTLENS_HOME": str(home.root), **(also or {})}
    with answering(["-m", "ui", "--server.port", str(port)], port, also=settings) as (base, _):
        yield base


@contextmanager
def answering(
    words: Sequence[str], port: int, *, also: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[tuple[str, float]]:
    """A program of this project that serves a port; gives its address and the seconds until it answered.

    What it says goes to the end of `log`, or is thrown away.
    """
    base, begun = f"http://127.0.0.1:{port}", time.perf_counter()
    with (log or Path(os.devnull)).open("ab") as said:
        server = subprocess.Popen(
            [sys.executable, *words],
            cwd=PROJECT,
            env={**os.environ, **(also or {})},
            stdout=said,
            stderr=said,
        )
    try:
        while not _answers(base):
            if server.poll() is not None or time.perf_counter() - begun > PATIENCE_S:
                raise RuntimeError("the dashboard did not start")
            time.sleep(0.05)
        yield base, time.perf_counter() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(LAST_WORDS_S)


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/_stcore/health", timeout=2) as answer:  # noqa: S310 - our own server
            return bool(answer.read() == b"ok")
    except OSError:
        return False
