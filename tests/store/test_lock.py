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
from store.lock import holder, refresh_lock, timer_lock


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


def replaced(home: Home) -> None:
    """Another home in its place, as a restore does it."""
    home.root.rename(home.root.with_name("before"))
    home.warehouse.mkdir(parents=True)


def test_who_waited_for_a_home_that_is_moved_aside_holds_the_lock_of_the_one_in_its_place(home: Home) -> None:
    entered, leave = threading.Event(), threading.Event()

    def wait() -> None:
        with refresh_lock(home, run_id="waiting", wait_s=10):
            entered.set()
            leave.wait(10)

    waiting = threading.Thread(target=wait)
    with refresh_lock(home, run_id="restore"):
        waiting.start()
        assert not entered.wait(0.1)
        replaced(home)
    assert entered.wait(10)
    with pytest.raises(RefreshRunning, match="run waiting"), refresh_lock(home, run_id="second"):
        pass
    leave.set()
    waiting.join()


def test_a_lock_tells_that_its_home_was_moved_aside(home: Home) -> None:
    with timer_lock(home) as is_in_place:
        assert is_in_place()
        replaced(home)
        assert not is_in_place()
