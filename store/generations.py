"""Published generations: immutable copies of the work file and a pointer to the newest."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core import clock
from core.errors import NothingPublished, StoreError
from core.home import Home


@dataclass(frozen=True, slots=True)
class Generation:
    """One published state of the warehouse."""

    number: int
    path: Path
    published_at: datetime


def current(home: Home) -> Generation:
    """The generation that readers open. Raises NothingPublished before the first refresh."""
    pointer = home.warehouse / "CURRENT"
    try:
        data = json.loads(pointer.read_text())
    except FileNotFoundError:
        raise NothingPublished("no data has been loaded yet.", hint="Run `python -m jobs refresh`.") from None
    return Generation(
        data["generation"], home.warehouse / data["file"], datetime.fromisoformat(data["published_at"])
    )


def all_generations(home: Home) -> list[int]:
    """Numbers of the generation files on disk, oldest first."""
    return sorted(int(p.stem.split("-")[1]) for p in (home.warehouse / "gen").glob("gen-*.duckdb"))


def publish(home: Home, work: Path, *, keep: int) -> Generation:
    """Copy the checkpointed, closed work file to a new name, sync it, and point CURRENT at it."""
    folder = home.warehouse / "gen"
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("*.tmp"):
        leftover.unlink()
    number = (all_generations(home) or [0])[-1] + 1
    target = folder / f"gen-{number:06d}.duckdb"
    scratch = target.with_suffix(".tmp")
    shutil.copyfile(work, scratch)
    _sync(scratch)
    scratch.replace(target)
    _sync(folder)
    generation = Generation(number, target, clock.now())
    _point(home, generation)
    for old in all_generations(home)[:-keep]:
        (folder / f"gen-{old:06d}.duckdb").unlink(missing_ok=True)
    return generation


def rollback(home: Home, to: int | None = None) -> Generation:
    """Point CURRENT at an older generation (the one before, unless `to` names it)."""
    now_at = current(home).number
    older = [n for n in all_generations(home) if (n < now_at if to is None else n == to)]
    if not older:
        raise StoreError(f"there is no generation {'before ' + str(now_at) if to is None else to} on disk.")
    generation = Generation(older[-1], home.warehouse / "gen" / f"gen-{older[-1]:06d}.duckdb", clock.now())
    _point(home, generation)
    return generation


def _point(home: Home, generation: Generation) -> None:
    pointer = home.warehouse / "CURRENT"
    scratch = pointer.with_suffix(".tmp")
    scratch.write_text(
        json.dumps(
            {
                "generation": generation.number,
                "file": str(generation.path.relative_to(home.warehouse)),
                "published_at": generation.published_at.isoformat(),
            }
        )
    )
    _sync(scratch)
    scratch.replace(pointer)
    _sync(home.warehouse)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
