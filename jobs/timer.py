"""The timer: reads each source when it is due, by the same refresh and the same lock as by hand."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core import clock
from core.effective import effective_settings, is_sample
from core.errors import AppError
from core.home import PROJECT, Home
from core.settings import Settings, load_settings
from jobs.family import Family
from jobs.serve import child_environment, command_line
from store.database import kept_in_words
from store.leftovers import forget_uploads
from store.lock import timer_lock
from store.next_reading import next_reading
from store.runs import RunLog

logger = logging.getLogger(__name__)
LOOK_S = 30.0  # the wall clock is looked at so often, also after the machine slept or its clock was set
WAIT_FOR_OTHER_S = 3600  # a refresh by hand is waited for

Start = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Turn:
    """When a source is read next; None when nothing reads it by itself."""

    source: str
    due: datetime | None


def turns(home: Home, settings: Settings, log: RunLog | None = None) -> list[Turn]:
    """When each enabled source is read next, from what the run log says about its last reading.

    The log is all that the timer remembers: after a sleep or a crash it knows what is late. Raises StoreError.
    """
    with kept_in_words():
        now, runs = clock.now(), (log or RunLog(home)).of_sources(1)
    found = []
    for source in settings.sources:
        aside = len(settings.sources) > 1 and is_sample(home, source)  # passed by, it would stay due for ever
        if source.enabled and not aside:
            last = next(iter(runs.get(source.name, ())), None)
            found.append(Turn(source.name, next_reading(settings, source, last, now=now)))
    return found


class Timer:
    """Runs refreshes when they are due, until `stop`. Settings are read anew at every look."""

    def __init__(self, home: Home, settings_file: Path | None, run: Start, stop: threading.Event) -> None:
        self.home, self.settings_file, self.run, self.stop = home, settings_file, run, stop
        self._told: str | None = None

    def keep_on(self) -> None:
        """Look, refresh, sleep, until stopped. Raises RefreshRunning when another timer serves this home.

        After a restore, which moves a home aside, the lock of the new one is taken.
        """
        while not self.stop.is_set():
            with timer_lock(self.home) as is_in_place:
                while not self.stop.is_set() and is_in_place():
                    seconds = self.look()
                    self.stop.wait(min(max(seconds, 0.5), LOOK_S))

    def look(self) -> float:
        """Refresh what is due now; gives the seconds until the next source is.

        What is in the way (settings, a database, a disk) is said once, and looked at again LOOK_S later.
        """
        try:
            seconds = self.refresh_due()
        except (AppError, OSError) as error:
            if str(error) != self._told:
                logger.error("the timer waits, and looks again every %.0f s: %s", LOOK_S, error)
            self._told = str(error)
            return LOOK_S
        self._told = None
        return seconds

    def refresh_due(self) -> float:
        """The same, for one look. Raises ConfigError, StoreError."""
        settings = effective_settings(self.home, load_settings(self.home, self.settings_file))
        forget_uploads(self.home)
        due = [turn.source for turn in turns(self.home, settings) if turn.due and turn.due <= clock.now()]
        if due:
            logger.info("due", extra={"sources": ", ".join(due)})
            code = self.run(due)
            logger.info("refreshed", extra={"sources": ", ".join(due), "exit_code": code})
        left = {turn.source: turn.due for turn in turns(self.home, settings) if turn.due}
        if any(left[source] <= clock.now() for source in due if source in left):
            return LOOK_S  # it could not even note that it was there, or passed a source by
        return (min(left.values()) - clock.now()).total_seconds() if left else LOOK_S


def refresh_runner(family: Family, home: Home, settings_file: Path | None) -> Start:
    """Refreshes in a process of their own, which gives its memory back and can be stopped politely."""

    def run(names: Sequence[str]) -> int:
        asked = [word for name in names for word in ("--source", name)]
        patience = ("--wait", str(WAIT_FOR_OTHER_S))
        process: subprocess.Popen[bytes] = family.start(
            command_line("refresh", "--trigger", "schedule", "--quiet", *patience, *asked),
            cwd=PROJECT,
            env=child_environment(home, settings_file),
        )
        return family.wait(process)

    return run
