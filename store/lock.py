"""One refresh at a time: a kernel lock on a file in the warehouse folder, with a note of who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from core import clock
from core.errors import RefreshRunning, StoreError
from core.home import Home
from core.locking import taken

REFRESH, TIMER = "refresh.lock", "timer.lock"
_LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, as they wrote it down when they took it."""

    pid: int
    run_id: str
    since: str


@contextmanager
def refresh_lock(home: Home, *, run_id: str, wait_s: float = 0) -> Iterator[None]:
    """Hold the writer's lock. Raises RefreshRunning, naming the holder, after `wait_s` seconds.

    The kernel releases it when the process ends, however it ends: a stale lock cannot exist.
    """
    with _held(home, REFRESH, run_id, wait_s):
        yield


@contextmanager
def timer_lock(home: Home) -> Iterator[Callable[[], bool]]:
    """Hold the timer's lock: one timer a home. Raises RefreshRunning, naming the holder.

    What it gives tells whether the lock still is that of the home: another home may have taken its place.
    """
    with _held(home, TIMER, "timer", 0) as handle:
        yield lambda: _is_in_place(handle, home, TIMER)


@contextmanager
def _held(home: Home, name: str, run_id: str, wait_s: float) -> Iterator[int]:
    handle = _opened(home, name)
    try:
        # Somebody who looks (`holder`) is in the way for microseconds; a refresh for longer than this.
        give_up = time.monotonic() + max(wait_s, _LOOK_S)
        while True:
            if not taken(handle, give_up - time.monotonic()):
                raise _running(_note(handle))
            if _is_in_place(handle, home, name):
                break
            aside, handle = handle, _opened(home, name)
            os.close(aside)  # of a home that was moved meanwhile
        note = json.dumps(asdict(Holder(os.getpid(), run_id, clock.now().isoformat())))
        os.ftruncate(handle, 0)
        os.pwrite(handle, note.encode(), 0)
        yield handle
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _opened(home: Home, name: str) -> int:
    try:
        home.make()
        home.warehouse.mkdir(parents=True, exist_ok=True)
        return os.open(home.warehouse / name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{home.warehouse} cannot be written to: {error.strerror}.",
            hint="Check who owns it and how it is mounted; what was published before can still be read.",
        ) from None


def _is_in_place(handle: int, home: Home, name: str) -> bool:
    """Whether an open file is the one that the home has under this name now."""
    try:
        return os.path.samestat(os.fstat(handle), (home.warehouse / name).stat())
    except OSError:
        return False


def holder(home: Home, name: str = REFRESH) -> Holder | None:
    """Who holds the lock now (of a refresh, or of the timer), or None.

    The look takes a shared lock for an instant, which is why whoever takes it tries more than once.
    """
    try:
        handle = os.open(home.warehouse / name, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _note(handle) or Holder(0, "", "")
    finally:
        os.close(handle)


def _note(handle: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(handle, 4096, 0)))
    except (ValueError, TypeError):
        return None  # taken this instant, not written down yet


def _running(who: Holder | None) -> RefreshRunning:
    told = f" (process {who.pid}, run {who.run_id}, since {who.since})" if who else ""
    return RefreshRunning(
        f"another refresh is running{told}.", hint="Wait for it to end, or use --wait SECONDS."
    )
