"""The timer beside the dashboard: started again where it ended by itself, left out where another one serves the home."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable

from core.home import Home
from store.lock import TIMER, holder

logger = logging.getLogger(__name__)
AGAIN_S = (
    15.0  # the pause before another try: long enough that one which ends at once takes nothing from the pages
)


class TimerBeside:
    """Starts the timer by `start`, and again; `look` is called every few seconds while the dashboard runs."""

    def __init__(
        self, home: Home, start: Callable[[], subprocess.Popen[bytes]], *, again_s: float = AGAIN_S
    ) -> None:
        self._home, self._start, self._again_s = home, start, again_s
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._told_of = -1  # the process of another timer

    def look(self) -> None:
        """Start it where neither ours nor somebody else's runs and the pause is over."""
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._pause("the timer ended by itself (exit code %s): another try in %.0f s", code)
            self._process = None
        if time.monotonic() >= self._not_before:
            try:
                self._begin()
            except OSError as error:
                self._pause("the timer cannot be started (%s): another try in %.0f s", error)

    def _begin(self) -> None:
        other = holder(self._home, TIMER)
        if other is None:
            self._process, self._told_of = self._start(), -1
            return
        self._not_before = time.monotonic() + self._again_s
        if other.pid != self._told_of:
            logger.warning("another timer (process %s) serves this home: it is left to that one", other.pid)
        self._told_of = other.pid

    def _pause(self, words: str, why: object) -> None:
        logger.warning(words, why, self._again_s)
        self._not_before = time.monotonic() + self._again_s
