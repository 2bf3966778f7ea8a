"""The worker that refreshes by the clock, whoever kills it, and what it holds in memory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bench.clocks import PROJECT
from core.home import Home
from store.lock import holder

WAYS = ("refresh", "timer", "both")


@dataclass
class Worker:
    """The timer as a process of its own, with the refreshes that it starts. A killed one is started again at once."""

    home: Home
    log: Path
    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    peaks_mb: dict[int, float] = field(default_factory=dict)  # of each refresh, by its process
    _timer: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the timer, unless it runs."""
        if self._timer is None or self._timer.poll() is not None:
            with self.log.open("ab") as out:
                line = [sys.executable, "-m", "jobs", "schedule", "--home", str(self.home.root), "--quiet"]
                self._timer = subprocess.Popen(
                    line, cwd=PROJECT, stdout=out, stderr=out, start_new_session=True
                )

    def kill(self, dice: Random) -> bool:
        """SIGKILL for the refresh that runs, the timer, or both; False when nothing runs that could be killed."""
        way, refresh = dice.choice(WAYS), self.refreshing()
        if way != "timer" and refresh is None:
            return False
        if refresh is not None and way != "timer":
            with suppress(ProcessLookupError):
                os.kill(refresh, signal.SIGKILL)
        if way != "refresh" and self._timer is not None:
            self._timer.kill()
            self._timer.wait()
        self.kills[way] += 1
        self.start()
        return True

    def refreshing(self) -> int | None:
        """The process of the refresh that runs now."""
        who = holder(self.home)
        return who.pid if who is not None and who.pid > 0 else None

    def sample(self) -> None:
        """Note the most memory that the running refresh has held so far (MB)."""
        pid = self.refreshing()
        if pid is not None and (peak := peak_mb(pid)):
            self.peaks_mb[pid] = peak

    def stop(self) -> int:
        """End the timer politely; its exit code."""
        if self._timer is None:
            return 0
        self._timer.send_signal(signal.SIGTERM)
        return self._timer.wait(120)


def peak_mb(pid: int) -> float:
    """The most memory that a process has held (MB); 0 when it is gone."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0
