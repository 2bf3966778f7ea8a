"""What happens in the sources while the soak runs: a day of data every few seconds, busy times, and an outage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bench.soak import folder
from bench.soak.alerts import Cause, minute
from bench.soak.desk import Desk
from bench.soak.folder import Folder, midnight_of
from core import clock

BEFORE = 40  # days of data that are there when the first refresh runs
BEHIND = timedelta(days=20)  # of the desk: the folder alone decides how far the data reaches
QUIET, BUSY, A_DESK_DAY = (4, 7), (18, 24), (2, 6)  # new conversations a day
LEAST_TICKS, MOST_TICKS = 9, 30  # that a busy or a quiet time lasts
GENERATIONS = 3  # and so many are published in it, so that whoever looks at the last day cannot miss it


@dataclass
class Weather:
    """Drives both sources and writes down what alerts have to say of it.

    `published` gives the number of the newest generation. Days before `first` plus `BEFORE` are quiet.
    """

    files: Folder
    desk: Desk
    first: datetime
    dice: Random
    published: Callable[[], int]
    causes: list[Cause] = field(default_factory=list)
    number: int = 0
    busy: bool = False
    refused_since: datetime | None = None
    _ticks: int = 0
    _since: int = 0

    def prepare(self, days: int = BEFORE) -> None:
        """The history that is there before anybody looks."""
        for _ in range(days):
            self._day()

    def tick(self) -> None:
        """The next day of data; now and then the kind of time changes, and the desk fails."""
        if self._is_long_enough():
            self._turn()
        self._ticks += 1
        self._day()
        if self.refused_since is None:
            self.desk.stumble()

    def refuse(self) -> None:
        """The desk lets nobody in from now on."""
        self.desk.refuse(everybody=True)
        self.refused_since = clock.now()

    def relent(self) -> None:
        """It does again: the outage was to be told, and so is its end."""
        begun, now = self.refused_since, clock.now()
        if begun is None:
            return
        self.desk.refuse(everybody=False)
        self.refused_since = None
        self.causes += [
            Cause("Stale", "opened", minute(begun), minute(now)),
            Cause("Stale", "resolved", minute(now), minute(now + (now - begun))),
        ]

    def _is_long_enough(self) -> bool:
        is_told = self.published() >= self._since + GENERATIONS
        return self._ticks >= MOST_TICKS or (
            self._ticks >= LEAST_TICKS and is_told and self.dice.random() < 0.5
        )

    def _turn(self) -> None:
        """From quiet to busy or back. The rule on it has to say so on one of the days until it turns again."""
        self._close(self.number - 1)
        self.busy, self._ticks, self._since = not self.busy, 0, self.published()
        event = "opened" if self.busy else "resolved"
        self.causes.append(Cause("Busy", event, self._window(self.number), ""))

    def end(self) -> None:
        """Nothing happens any more."""
        self.relent()
        self._close(self.number - 1)
        self.desk.advance()

    def _close(self, last: int) -> None:
        self.causes = [
            Cause(one.rule, one.event, one.since, one.until or self._window(last)) for one in self.causes
        ]

    def _day(self) -> None:
        midnight = midnight_of(self.first, self.number)
        # The folder first: a conversation of the desk must never be the newest of all.
        self.files.day(self.number, midnight, self.dice.randint(*(BUSY if self.busy else QUIET)))
        self.desk.day(midnight - BEHIND + timedelta(hours=8), self.dice.randint(*A_DESK_DAY))
        self.number += 1

    def _window(self, number: int) -> str:
        return midnight_of(self.first, number).replace(tzinfo=None).isoformat()


def first_day(ticks: int) -> datetime:
    """The first day of the data, so that its last one is over when the soak is."""
    return clock.now() - timedelta(days=BEFORE + ticks + folder.DAYS_A_FILE)
