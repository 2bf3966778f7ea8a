"""A work file that is written anew on a disk too small for it, run by a test in a mount namespace of its own.

    unshare -rm sh -c 'mount -t tmpfs -o size=64m tmpfs DISK && exec python full_disk_rewrite_program.py DISK'

Prints one JSON document: what was said and what was left where a rule has to take conversations out and there is no
room, where the room ends in the middle, and where a program was killed meanwhile.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.base import CONNECTORS, ReadContext
from core import clock
from core.errors import AppError
from core.home import Home
from core.settings import Retention, Workspace
from core.stream import Batch, Checkpoint, Item
from jobs.refresh import refresh
from store import erase, generations, retention
from tests.jobs.full_disk_program import PAGES, batch, fill
from tests.jobs.scripted import Scripted, plain_steps, published, workspace


def read(context: ReadContext) -> Iterator[Item]:
    """A page of old conversations, then pages of new ones."""
    for page in range(context.state.get("conversations", {}).get("page", 0), PAGES):
        table = batch(page).rows
        if page:
            moments = pa.array([clock.now()] * len(table), table.schema.field("created_at").type)
            table = table.set_column(table.schema.get_field_index("created_at"), "created_at", moments)
        yield Batch("conversations", table)
        yield Checkpoint("conversations", {"page": page + 1}, "page")


def run(home: Home, *, keep_days: int = 0, reserve_mb: int = 1, **steps: Any) -> list[str]:
    """How a refresh ended, and what it said."""
    Scripted.scripts["one"] = read
    settings = workspace("one").model_copy(
        update={
            "workspace": Workspace(min_free_disk_mb=reserve_mb),
            "retention": Retention(keep_days=keep_days),
        }  # type: ignore[call-arg]
    )
    report = refresh(home, settings, steps=plain_steps(**steps))
    return [report.status, f"{report.error.code}: {report.error.message}" if report.error else ""]


def left(home: Home) -> list[str]:
    return sorted(path.name for path in home.warehouse.glob("work.*") if path.name != "work.duckdb")


def main(disk: Path) -> None:
    CONNECTORS.names()
    home, told = Home(disk / "home"), dict[str, Any]()
    told["first"] = [*run(home), published(home)]
    half_kb = (home.warehouse / "work.duckdb").stat().st_size // 2048
    ballast = fill(disk, half_kb)
    # As after a refresh that took conversations out and was killed then: the next one has to finish that.
    (home.warehouse / "retention.json").write_text(retention.note_text([("one", "c0")]))
    told["no room"] = [*run(home, enrich=lambda *_: "nothing new"), published(home), left(home)]
    require_room, generations.require_room = generations.require_room, lambda *_, **__: None  # type: ignore[assignment]
    try:
        erase.rewrite(home)
    except AppError as error:
        told["in the middle"] = [error.code, str(error), left(home)]
    generations.require_room = require_room
    ballast.unlink()
    told["room"] = [*run(home, keep_days=30), published(home), left(home)]
    for name in ("work.rewritten", "work.rewritten.wal", "work.tmp"):
        (home.warehouse / name).write_bytes(b"1" * 4_000_000)
    told["killed"] = [*run(home, keep_days=30), left(home)]
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
