from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection

import pytest

from core.errors import RefreshRunning
from core.home import Home
from store.lock import holder, refresh_lock


def _hold(home: Home, told: Connection) -> None:
    with refresh_lock(home, run_id="other"):
        told.send(os.getpid())
        told.recv()


def test_a_second_refresh_is_told_who_holds_the_lock(home: Home) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(home, theirs))
    process.start()
    pid = ours.recv()
    found = holder(home)
    assert found is not None
    assert (found.pid, found.run_id) == (pid, "other")
    with pytest.raises(RefreshRunning, match=f"process {pid}, run other"), refresh_lock(home, run_id="mine"):
        pass
    # Killed without any farewell: the kernel gives the lock to whoever waits.
    os.kill(process.pid or 0, signal.SIGKILL)
    with refresh_lock(home, run_id="mine", wait_s=10):
        mine = holder(home)
        assert mine is not None
        assert mine.run_id == "mine"
    process.join()
    assert holder(home) is None


def test_nobody_holds_a_lock_that_was_never_taken(home: Home) -> None:
    assert holder(home) is None


def test_the_lock_is_free_after_an_error(home: Home) -> None:
    with pytest.raises(ValueError, match="no"), refresh_lock(home, run_id="a"):
        raise ValueError("no")
    with refresh_lock(home, run_id="b"):
        pass


def test_a_look_at_the_holder_does_not_refuse_a_refresh(home: Home) -> None:
    home.warehouse.mkdir(parents=True)
    looking = os.open(home.warehouse / "refresh.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.05, os.close, [looking]).start()
    with refresh_lock(home, run_id="mine"):
        assert holder(home) is not None
