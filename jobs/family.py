"""Programs that we start and that all end with us: whatever they start, and however we end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_SET_PARENT_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
_IS_LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None)  # loaded here, because nothing may be loaded between fork and exec


class Family:
    """A `with` block around child processes; on leaving it none of them, nor their children, is left.

    On Linux we adopt what our children leave behind (a detached refresh, for example), and a child ends
    even when we are killed outright. Elsewhere each child's process group is ended.
    """

    def __init__(self, *, patience_s: float = 10.0) -> None:
        self._patience_s = patience_s
        self._started: list[subprocess.Popen[bytes]] = []
        self._others: frozenset[int] = frozenset()

    def __enter__(self) -> Family:
        self._others = frozenset(_children_of(os.getpid()))  # not ours to end
        if _IS_LINUX:
            _prctl(_SET_CHILD_SUBREAPER, 1)
        return self

    def start(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program in a process group of its own, so that a Ctrl-C meets us first."""
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent if _IS_LINUX else None,
        )
        self._started.append(process)
        return process

    def wait(self, process: subprocess.Popen[bytes], *, meanwhile: Callable[[], None] | None = None) -> int:
        """Wait for one of them, burying adopted ones that ended meanwhile; `meanwhile` is called every few seconds."""
        while True:
            try:
                return process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._bury()
                if meanwhile:
                    meanwhile()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ValueError):  # only the main thread may; elsewhere nobody sends us signals
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
        deadline = time.monotonic() + self._patience_s
        while self._members():
            number = signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL
            for pid in self._members():
                _send(pid, number)
            _sleep_until_fewer(self, len(self._members()), 1.0)
        if _IS_LINUX:
            _prctl(_SET_CHILD_SUBREAPER, 0)

    def _members(self) -> list[int]:
        """Process ids of what is alive: what we started, and what was left to us."""
        alive = {process.pid for process in self._started if process.poll() is None}
        self._bury()
        return sorted(alive | set(_children_of(os.getpid())) - self._others)

    def _bury(self) -> None:
        others = self._others | {process.pid for process in self._started}
        for pid in _children_of(os.getpid(), dead=True):
            if pid not in others:
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)


def _sleep_until_fewer(family: Family, count: int, longest_s: float) -> None:
    until = time.monotonic() + longest_s
    while time.monotonic() < until and len(family._members()) >= count:
        time.sleep(0.05)


def _children_of(parent: int, *, dead: bool = False) -> list[int]:
    if not _IS_LINUX:
        return []
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The second field is the program's name in brackets and may itself hold brackets and spaces.
            state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
            if int(ppid) == parent and (state == "Z") == dead:
                found.append(int(stat.parent.name))
    return found


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == os.getpgid(0):
            os.kill(pid, number)
        else:
            os.killpg(os.getpgid(pid), number)


def _end_with_parent() -> None:
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    _LIBC.prctl(option, value, 0, 0, 0)
