"""Waiting for a file that one process alone may hold."""

from __future__ import annotations

import fcntl
import time

PAUSE_S = 0.02


def taken(handle: int, within_s: float) -> bool:
    """Lock an open file for this process alone; False where another one held it all the time, in seconds.

    The lock ends with the process that holds it, however that ends.
    """
    give_up = time.monotonic() + within_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= give_up:
                return False
            time.sleep(PAUSE_S)
