"""Writes the sample workspace: CSV files in slices, settings, and the truths planted in the data."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from pyarrow import csv

from core import clock
from core.errors import ConfigError
from jobs.sample import plan as plans
from jobs.sample import tables, world
from jobs.sample.draw import Draws, Ints
from jobs.sample.hours import local_hours
from jobs.sample.settings import settings_text
from jobs.sample.text import Phrases
from jobs.sample.threads import Clockwork, Slice
from jobs.sample.truth import Played, truths

SLICE = 50_000
STREAMS = ("conversations", "messages", "conversation_events", "csat", "conversation_tags")
LARGEST = 5_000_000


@dataclass(frozen=True)
class SampleReport:
    """What was written where."""

    folder: Path
    conversations: int
    messages: int
    seed: int
    start: date
    end: date
    seconds: float
    rows: dict[str, int] = field(default_factory=dict)
    bytes: int = 0


@dataclass
class Files:
    """The open CSV files of a sample."""

    folder: Path
    zipped: bool
    stack: ExitStack
    writers: dict[str, csv.CSVWriter] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def append(self, name: str, table: pa.Table) -> None:
        """Add rows to <name>.csv; the first call writes the header."""
        if name not in self.writers:
            sink = self.stack.enter_context(_sink(self.folder / f"{name}.csv", self.zipped))
            self.writers[name] = self.stack.enter_context(csv.CSVWriter(sink, table.schema))
            self.rows[name] = 0
        self.writers[name].write_table(table)
        self.rows[name] += table.num_rows


@contextmanager
def _sink(path: Path, zipped: bool) -> Iterator[BinaryIO]:
    """A file, or one inside gzip that says neither its name nor the time, so that bytes repeat."""
    if not zipped:
        with path.open("wb") as plain:
            yield plain
        return
    with (
        path.with_name(path.name + ".gz").open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
    ):
        yield cast(BinaryIO, packed)


def generate(
    out: Path,
    *,
    conversations: int = 2000,
    seed: int = 7,
    end: date | None = None,
    zipped: bool = False,
    slice_size: int = SLICE,
    planted: bool = True,
) -> SampleReport:
    """Write a sample workspace into the folder `out`; the same arguments give the same bytes.

    `end` is the last day with data, yesterday when left out. Without `planted` nothing changes but week, season and
    growth. Raises ConfigError for a size or a folder that will not do.
    """
    if not 1 <= conversations <= LARGEST:
        raise ConfigError(f"a sample has between 1 and {LARGEST:,} conversations.", hint="Choose another N.")
    began = time.monotonic()
    end = end or clock.today(world.ZONE) - timedelta(days=1)
    data = _clean_folder(out)
    draws = Draws(seed)
    plan = plans.make(conversations, draws, end, planted=planted)
    with ExitStack() as stack:
        files = Files(data, zipped, stack)
        played = _write_rows(files, plan, draws, slice_size)
        _write_people(files, plan, draws)
    (out / "settings.toml").write_text(settings_text(plan.calendar), encoding="utf-8")
    truth = {"seed": seed, "conversations": conversations, **truths(plan, played)}
    (out / "truth.json").write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return SampleReport(
        out, conversations, files.rows["messages"], seed, plan.calendar.start, end,
        round(time.monotonic() - began, 2), files.rows, size,
    )  # fmt: skip


def _clean_folder(out: Path) -> Path:
    """Remove an older sample from the folder. Refuses a folder that holds something else."""
    data = out / "data"
    known = {"data", "settings.toml", "truth.json", "README.md"}
    if out.exists() and (not out.is_dir() or {path.name for path in out.iterdir()} - known):
        raise ConfigError(
            f"{out} holds other files than a sample.", hint="Choose an empty folder with --out."
        )
    if data.exists():
        shutil.rmtree(data)
    data.mkdir(parents=True)
    return data


def _write_rows(files: Files, plan: plans.Plan, draws: Draws, slice_size: int) -> Played:
    last = local_hours(plan.calendar.end + timedelta(days=1), 1, ZoneInfo(world.ZONE))[0, 0]
    clockwork, phrases = Clockwork.of(plan.calendar, draws, int(last) - 1), Phrases.load()
    played = Played.empty(len(plan))
    for begin in range(0, len(plan), slice_size):
        rows = np.arange(begin, min(begin + slice_size, len(plan)))
        slice_ = Slice(plan, clockwork, rows)
        made = tables.SliceTables(slice_, phrases)
        for name in STREAMS:
            files.append(name, getattr(made, name)())
        played.add(slice_)
    return played


def _write_people(files: Files, plan: plans.Plan, draws: Draws) -> None:
    files.append("people", tables.staff())
    many = plans.requesters(len(plan))
    for begin in range(0, many, SLICE):
        files.append("people", tables.people(draws, plan, np.arange(begin, min(begin + SLICE, many))))
    files.append("teams", pa.table({"team_id": world.TEAM_IDS, "name": world.TEAMS}))
    files.append("team_members", _team_members(plan))
    files.append("organizations", _organizations(tables.organizations(len(plan))))


def _team_members(plan: plans.Plan) -> pa.Table:
    return pa.table({
        "team_id": [world.TEAM_IDS[team] for _, team in world.AGENTS],
        "person_id": list(world.AGENT_IDS),
        "valid_from": [f"{plan.calendar.start}T00:00:00Z"] * len(world.AGENTS),
    })  # fmt: skip


def _organizations(many: int) -> pa.Table:
    numbers: Ints = np.arange(many)
    first, last = world.ORGANIZATION_FIRST, world.ORGANIZATION_LAST
    names = [
        f"{first[n % len(first)]} {last[(n // len(first) + 7 * n) % len(last)]}"
        + (f" {n // 400 + 1}" if n >= 400 else "")
        for n in numbers
    ]
    return pa.table({"organization_id": tables.organization_ids(numbers), "name": names})
