"""How fast the same messages load with dlt, in an environment of its own that this benchmark makes."""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.clocks import PROJECT
from bench.loading import by_product
from core.home import Home

DLT = "dlt[duckdb,parquet]==1.31.0"
ENVIRONMENT = PROJECT / "bench" / ".dlt-env"
MOST_ROWS = 200_000  # as dicts they lie in memory, and dlt takes some seconds for them
ROUNDS = 3
INSTALL_S, ROUND_S = 600, 900


class CannotCompare(Exception):
    """The rival could not be installed or run here; says why."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians of a few rounds, in turns, of the same rows."""

    rows: int
    product_s: float
    merged_s: float  # dlt doing the same: rows found again by their id
    appended_s: float  # dlt doing less
    version: str

    @property
    def times(self) -> float:
        """How many times longer dlt takes for the same work."""
        return self.merged_s / self.product_s


def compare(messages: Path, scratch: Path, *, most_rows: int = MOST_ROWS) -> Compared:
    """Load the first rows of the file both ways, each time into an empty store. Raises CannotCompare."""
    python = environment()
    rows = _cut(messages, scratch / "rows.csv", most_rows)
    product, version = [], ""
    dlt: dict[str, list[float]] = {"merge": [], "append": []}
    for number in range(ROUNDS):
        seconds, loaded = by_product(scratch / "rows.csv", Home(scratch / f"ours-{number}"))
        product.append(seconds)
        for how, taken in dlt.items():
            found = _by_dlt(python, scratch / "rows.csv", scratch / f"dlt-{how}-{number}", how)
            taken.append(float(found["seconds"]))
            version = str(found["version"])
            if not loaded == found["rows"] == rows:
                raise RuntimeError(f"of {rows:,} messages {loaded:,} were loaded, by dlt {found['rows']:,}")
    merged, appended = (statistics.median(taken) for taken in dlt.values())
    return Compared(rows, statistics.median(product), merged, appended, version)


def environment(folder: Path = ENVIRONMENT, requirement: str = DLT, *others: str) -> Path:
    """The interpreter of an environment with a rival; made when it is not there. Raises CannotCompare."""
    python, stamp = folder / "bin" / "python", folder / "installed"
    if stamp.is_file() and stamp.read_text() == requirement:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _install([sys.executable, "-m", "venv", str(folder)])
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    pip = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    _install([*pip, "--quiet", requirement, *others])
    stamp.write_text(requirement)
    return python


def _install(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotCompare(f"it could not be installed: {type(error).__name__}") from None
    if done.returncode:
        told = (done.stderr or done.stdout).strip().splitlines()
        raise CannotCompare(f"it could not be installed: {told[-1] if told else 'no reason given'}")


def _cut(messages: Path, target: Path, most_rows: int) -> int:
    """The first rows of a file as a file; gives their number."""
    with (
        messages.open(newline="", encoding="utf-8") as file,
        target.open("w", newline="", encoding="utf-8") as out,
    ):
        lines, copy = csv.reader(file), csv.writer(out)
        copy.writerow(next(lines))
        return sum(1 for line in islice(lines, most_rows) if copy.writerow(line))


def _by_dlt(python: Path, rows: Path, folder: Path, how: str) -> dict[str, float | int | str]:
    folder.mkdir()
    quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "HOME": str(folder)}
    program = Path(__file__).with_name("dlt_program.py")
    done = subprocess.run(
        [str(python), str(program), str(rows), str(folder), how],
        cwd=folder, env={"PATH": os.environ.get("PATH", ""), **quiet}, capture_output=True, text=True,
        timeout=ROUND_S, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CannotCompare(f"dlt could not load the rows: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, float | int | str] = json.loads(done.stdout.splitlines()[-1])
    shutil.rmtree(folder)
    return found
