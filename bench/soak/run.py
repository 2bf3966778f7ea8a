"""One soak from the first refresh to the last."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from bench import sessions
from bench.browsing import serving
from bench.clocks import CommandFailed, command
from bench.sessions import Browsed
from bench.soak.alerts import CHANNELS, rules
from bench.soak.around import TICK_S, Around
from bench.soak.desk import Desk
from bench.soak.folder import Folder
from bench.soak.truth import Truth, Watcher
from bench.soak.weather import Weather, first_day
from bench.soak.worker import Worker
from bench.visits import memory_mb
from core import clock
from core.home import Home
from store import generations

MINUTE_S, LOOK_S = 60.0, 1.0
# A helpdesk that was not read for so long, or for so many refreshes, is stale; an outage lasts twice as long.
STALE_S, STALE_REFRESHES = 90.0, 8
OUTAGE_AT = 0.3  # of the run
SETTLE_TRIES = 5


class Soak:
    """The parts of a run in an empty folder, and what was seen of them."""

    def __init__(self, root: Path, servers: Around, *, minutes: float, people: int, seed: int) -> None:
        self.home, self.servers, self.log = Home(root / "home"), servers, root / "server.log"
        self.seconds, self.people = minutes * 60, people
        self.dice, self.truth = Random(seed), Truth()  # noqa: S311 - a schedule
        desk = Desk(servers.zendesk, self.truth, self.dice)
        files = Folder(root / "export", self.truth, self.dice)
        first = first_day(int(self.seconds / TICK_S))
        self.weather = Weather(files, desk, first, self.dice, lambda: generations.current(self.home).number)
        self.worker = Worker(self.home, root / "worker.log")
        self.watcher = Watcher(self.home, self.truth)
        self.seen, self.server_mb, self.stale_s = Browsed(), list[float](), STALE_S

    def run(self) -> None:
        """All of it."""
        self._begin()
        with serving(self.home, self.log) as (base, _):
            people = threading.Thread(target=self._browse, args=(base,))
            people.start()
            try:
                self._live(base)
            finally:
                people.join()
                self.worker.stop()
        self.weather.end()
        self._settle()

    def _begin(self) -> None:
        """The settings, the history of both sources, a first refresh and the rules."""
        self.home.root.mkdir()
        self.home.settings_file.write_text(self.servers.settings(self.weather.files.path))
        self.weather.prepare()
        command("refresh", "--home", self.home.root)
        # The second is as those that follow, and says how quick this machine is.
        ran = command("refresh", "--home", self.home.root)
        self.stale_s = max(STALE_S, STALE_REFRESHES * ran.seconds)
        for name, (kind, said) in rules(self.stale_s).items():
            rule = json.dumps({**said, "channels": CHANNELS})
            command("alerts", "add", name, "--kind", kind, "--rule", rule, "--home", self.home.root)

    def _browse(self, base: str) -> None:
        self.seen = sessions.browse(base, self.seconds, sessions=self.people)

    def _live(self, base: str) -> None:
        begun = time.monotonic()
        tick, kill = 0.0, self.dice.uniform(0, MINUTE_S)
        while (now := time.monotonic() - begun) < self.seconds:
            if now >= tick:
                self.weather.tick()
                self.server_mb.append(memory_mb(base))
                tick += TICK_S
            if now >= kill and self.worker.kill(self.dice):
                kill = (kill // MINUTE_S + 1) * MINUTE_S + self.dice.uniform(0, MINUTE_S)
            self._rain(now)
            self.worker.start()
            self.worker.sample()
            self.watcher.look()
            time.sleep(LOOK_S)

    def _rain(self, now: float) -> None:
        """The outage, where the run is long enough for one."""
        begins = self.seconds * OUTAGE_AT
        ends, refused = begins + 2 * self.stale_s, self.weather.refused_since is not None
        if refused and now >= ends:
            self.weather.relent()
        elif not refused and begins <= now < ends <= self.seconds - MINUTE_S:
            self.weather.refuse()

    def _settle(self) -> None:
        """Refresh until it says that everything was read, and send what is left to be sent."""
        from alerts.outbox import deliver
        from core.settings import load_settings
        from store.workspace import Workspace
        from store.workspace.deliveries import LEASE

        for left in reversed(range(SETTLE_TRIES)):
            try:
                command("refresh", "--home", self.home.root)
                break
            except CommandFailed:
                if not left:
                    raise
        self.watcher.look()
        # What a killed process was sending is taken up again when its lease is over.
        with _at(clock.now() + LEASE + timedelta(minutes=1)):
            deliver(Workspace(self.home), load_settings(self.home))


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """The product's clock stands at an instant."""
    os.environ[clock.NOW_VARIABLE] = moment.isoformat()
    try:
        yield
    finally:
        del os.environ[clock.NOW_VARIABLE]
