"""Stopwatches: of calls in this process, and of whole commands with their peak memory."""

from __future__ import annotations

import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.home import Home

PROJECT = Path(__file__).resolve().parent.parent
END, NOW = "2026-11-15", "2026-11-16T09:00:00+00:00"  # the last day of the generated data, and the day after


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended: what it printed, how long it took, the processor's share, its peak memory."""

    result: Any
    seconds: float
    cpu_s: float
    peak_mb: float


class CommandFailed(Exception):
    """A command of the product ended with an error."""


def command(*words: str | Path) -> Ran:
    """Run `python -m jobs … --json --quiet`. Raises CommandFailed with what it said."""
    line = [sys.executable, "-m", "jobs", *(str(word) for word in words), "--json", "--quiet"]
    begun = time.perf_counter()
    with subprocess.Popen(line, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        out = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begun
    if process.returncode:
        raise CommandFailed(f"{' '.join(line[2:])}: {out.strip()[-2000:]}")
    return Ran(json.loads(out), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def sample(home: Home, conversations: int, seed: int = 7) -> Ran:
    """Generate the sample workspace of a home."""
    return command("sample", "--home", home.root, "--conversations", str(conversations),
                   "--seed", str(seed), "--end", END)  # fmt: skip


def own_peak_mb() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def repeated(call: Callable[[], object], times: int = 5) -> tuple[float, float]:
    """(median, longest) milliseconds of several calls, after one that warms up."""
    call()
    taken = [milliseconds(call) for _ in range(times)]
    return statistics.median(taken), max(taken)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(round(share * len(ordered), 9)) - 1)]
