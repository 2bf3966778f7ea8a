"""Published generations: immutable copies of the work file and a pointer to the one that readers open."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core import clock
from core.errors import DiskFull, NothingPublished, StoreError
from core.home import Home

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Generation:
    """One published state of the warehouse.

    `state` is the fingerprint of its content; `newest` is the highest number ever given in this home; `size` that of
    its file in bytes (0: not written down). Whoever still has one below `least` open must let go of it: something that
    it holds was erased.
    """

    number: int
    path: Path
    published_at: datetime
    state: str = ""
    newest: int = 0
    size: int = 0
    least: int = 0


def current(home: Home) -> Generation:
    """The generation that readers open.

    Raises NothingPublished before the first refresh, StoreError when the pointer to it is damaged.
    """
    try:
        data = json.loads((home.warehouse / "CURRENT").read_text())
        return Generation(
            int(data["generation"]),
            home.warehouse / data["file"],
            datetime.fromisoformat(data["published_at"]),
            data.get("state", ""),
            data.get("newest", data["generation"]),
            data.get("size", 0),
            data.get("least", 0),
        )
    except FileNotFoundError:
        raise NothingPublished("no data has been loaded yet.", hint="Run `python -m jobs refresh`.") from None
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            f"{home.warehouse / 'CURRENT'}, which says what is published, is damaged.",
            hint="Run `python -m jobs refresh`: it publishes the data again.",
        ) from None


def current_or_none(home: Home) -> Generation | None:
    """The generation that readers open, or None when there is none or the pointer to it is damaged."""
    try:
        return current(home)
    except StoreError:
        return None


def is_whole(generation: Generation) -> bool:
    """Whether the generation's file is there, begins like a DuckDB file and has its size."""
    try:
        size = generation.path.stat().st_size
        with generation.path.open("rb") as stream:
            return stream.read(12)[8:] == b"DUCK" and generation.size in (0, size)
    except OSError:
        return False


def all_generations(home: Home) -> list[int]:
    """Numbers of the generation files on disk, oldest first."""
    return sorted(int(p.stem.split("-")[1]) for p in (home.warehouse / "gen").glob("gen-*.duckdb"))


def clean(home: Home) -> None:
    """Remove what a publish, or a work file that was written anew, left behind when it was killed."""
    names = ("gen/*.tmp", "CURRENT.tmp", "work.tmp*", "work.rewritten*")
    for leftover in (path for name in names for path in home.warehouse.glob(name)):
        leftover.unlink(missing_ok=True)


def require_room(home: Home, size: int, *, reserve_mb: int, what: str = "a new generation") -> None:
    """Raises DiskFull when `size` more bytes, those of `what`, would leave less than the reserve."""
    free = shutil.disk_usage(home.warehouse).free
    if free < size + reserve_mb * _MB:
        need = f"{what} needs {size / _MB:,.0f} MB" if size else ""
        kept = f"{reserve_mb:,} MB are kept in reserve" if reserve_mb or not size else ""
        raise DiskFull(
            f"{' and '.join(filter(None, (need, kept)))}, "
            f"but {home.warehouse} has {free / _MB:,.0f} MB free.",
            hint="Free some space, or lower workspace.keep_generations; the data published before stays.",
        )


def publish(home: Home, work: Path, *, keep: int, reserve_mb: int = 0, state: str = "") -> Generation:
    """Copy the checkpointed, closed work file to a new name, sync it, and point CURRENT at it.

    Raises DiskFull before or during the copy; CURRENT then stays as it was.
    """
    folder = home.warehouse / "gen"
    folder.mkdir(parents=True, exist_ok=True)
    clean(home)
    require_room(home, work.stat().st_size, reserve_mb=reserve_mb)
    before = current_or_none(home)
    number = newest(home) + 1
    target = file_of(home, number)
    _copy(work, target)
    # Where the pointer is damaged nobody knows what was erased: everything before is let go of.
    least = before.least if before else number
    generation = Generation(number, target, clock.now(), state, number, target.stat().st_size, least)
    _point(home, generation)
    _forget_old(home, keep=keep, held=number)
    return generation


def put(home: Home, made: Path) -> Generation:
    """Publish a file of `gen/` that holds what the current generation holds, under a number of its own."""
    before = current(home)
    number = newest(home) + 1
    target = file_of(home, number)
    made.replace(target)
    sync(target.parent)
    generation = Generation(
        number, target, before.published_at, before.state, number, target.stat().st_size, before.least
    )
    _point(home, generation)
    return generation


def newest(home: Home) -> int:
    """The highest number that was ever given in a home, as far as it can be known; 0 where nothing was published."""
    before = current_or_none(home)
    return max([*all_generations(home), before.newest if before else 0])


def renumber(home: Home, *, above: int) -> Generation:
    """Give the current generation a number above another home's and its own; nobody shows an older one on."""
    held = current(home)
    number = max(above, newest(home)) + 1
    target = file_of(home, number)
    held.path.rename(target)
    generation = replace(held, number=number, path=target, newest=number, least=number)
    _point(home, generation)
    return generation


def rollback(home: Home, to: int | None = None) -> Generation:
    """Point CURRENT at another generation on disk (the one before, unless `to` names it).

    Raises NothingPublished before the first refresh, StoreError when there is no such generation.
    """
    before = current(home)
    found = [n for n in all_generations(home) if (n < before.number if to is None else n == to)]
    if not found:
        wanted = f"before {before.number}" if to is None else str(to)
        there = ", ".join(map(str, all_generations(home))) or "none"
        raise StoreError(f"there is no generation {wanted} on disk.", hint=f"There are: {there}.")
    # No state: the next refresh finds that its work differs from what is published, and publishes it.
    path = file_of(home, found[-1])
    generation = Generation(
        found[-1], path, clock.now(), "", before.newest, path.stat().st_size, before.least
    )
    _point(home, generation)
    return generation


def forget_others(home: Home) -> None:
    """Remove every generation but the one that readers open; there is no way back to them, and nobody shows them on."""
    held = current(home)
    _point(home, replace(held, least=held.number))
    _forget_old(home, keep=0, held=held.number)


def remove_database(path: Path) -> None:
    """Remove a file of DuckDB and its log, where they are."""
    for one in (path, path.with_name(path.name + ".wal")):
        one.unlink(missing_ok=True)


def file_of(home: Home, number: int) -> Path:
    """Where a generation lies."""
    return home.warehouse / "gen" / f"gen-{number:06d}.duckdb"


def _copy(work: Path, target: Path) -> None:
    scratch = target.with_suffix(".tmp")
    try:
        shutil.copyfile(work, scratch)
        sync(scratch)
        scratch.replace(target)
        sync(target.parent)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"the disk of {target.parent} filled up while a generation was written.",
                hint="Free some space; the data published before stays.",
            ) from None
        raise


def _forget_old(home: Home, *, keep: int, held: int) -> None:
    # Readers that have an old file open keep it: unlinking only removes the name.
    for old in all_generations(home)[: -keep or None]:
        if old != held:
            file_of(home, old).unlink(missing_ok=True)


def _point(home: Home, generation: Generation) -> None:
    pointer = home.warehouse / "CURRENT"
    scratch = pointer.with_suffix(".tmp")
    scratch.write_text(
        json.dumps(
            {
                "generation": generation.number,
                "file": str(generation.path.relative_to(home.warehouse)),
                "published_at": generation.published_at.isoformat(),
                "state": generation.state,
                "newest": generation.newest,
                "size": generation.size,
                "least": generation.least,
            }
        )
    )
    sync(scratch)
    scratch.replace(pointer)
    sync(home.warehouse)


def sync(path: Path) -> None:
    """Make sure that a file, or what a folder names, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
