"""Refreshes on a disk that fills up, run by a test in a mount namespace of its own.

    unshare -rm sh -c 'mount -t tmpfs -o size=64m tmpfs DISK && exec python full_disk_program.py DISK FREE_KB …'

Publishes, fills the disk up to each FREE_KB, refreshes twice as much data, makes room and refreshes again. Prints one
JSON document: for each FREE_KB what the refresh said, what readers saw, and what the next one said and brought.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.base import CONNECTORS, ReadContext
from core.errors import AppError
from core.home import Home
from core.stream import Batch, Checkpoint, Item
from jobs.refresh import refresh
from store import reader
from store.runs import RunLog
from tests.jobs.scripted import START, Scripted, plain_steps, published, workspace

ROWS, PAGES = 2_000, 4
_TEXT = "the same words over and over would be pressed to nothing "


def batch(page: int) -> Batch:
    ids = range(page * ROWS, (page + 1) * ROWS)
    return Batch(
        "conversations",
        pa.table(
            {
                "conversation_id": [f"c{n}" for n in ids], "created_at": [START] * ROWS,
                "subject": [f"{_TEXT}{hash((n, 'x'))}{hash((n, 'y'))}" * 3 for n in ids],
            }
        ),
    )  # fmt: skip


def reads(pages: int) -> Any:
    def read(context: ReadContext) -> Iterator[Item]:
        for page in range(context.state.get("conversations", {}).get("page", 0), pages):
            yield batch(page)
            yield Checkpoint("conversations", {"page": page + 1}, "page")

    return read


def run(home: Home, pages: int) -> tuple[str, str, str]:
    """Status or class of the error, its message, and what was said of the refresh before."""
    Scripted.scripts["one"] = reads(pages)
    settings = workspace("one").model_copy(
        update={"workspace": workspace("one").workspace.model_copy(update={"min_free_disk_mb": 0})}
    )
    try:
        report = refresh(home, settings, steps=plain_steps())
    except AppError as error:
        return error.code, str(error), ""
    return (
        report.status,
        f"{report.error.code}: {report.error.message}" if report.error else "",
        report.before,
    )


def fill(disk: Path, free_kb: int) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        while shutil.disk_usage(disk).free > free_kb * 1024:
            file.write(b"1" * min(65536, max(4096, shutil.disk_usage(disk).free - free_kb * 1024)))
            file.flush()
    return ballast


def main(disk: Path, sizes: list[int]) -> None:
    CONNECTORS.names()
    told = {}
    for free_kb in sizes:
        home = Home(disk / f"home{free_kb}")
        assert run(home, 1)[0] == "ok"
        ballast = fill(disk, free_kb)
        full = run(home, PAGES)
        seen = published(home)
        ballast.unlink()
        after = run(home, PAGES)
        told[free_kb] = {
            "full": full[:2], "seen": seen, "after": after, "rows": published(home),
            "runs": [entry.status for entry in RunLog(home).recent(5)],
        }  # fmt: skip
        reader._open.clear()
        reader._marks.clear()
        shutil.rmtree(home.root)
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(word) for word in sys.argv[2:]])
