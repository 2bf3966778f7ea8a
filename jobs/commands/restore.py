"""`python -m jobs restore FILE`: a backup in place of a home, or only tried."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from jobs.cli import Context

HELP = "put a backup in place, or try one with --check"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument("--check", action="store_true", help="unpack, open and count, then throw it away")
    parser.add_argument("--replace", action="store_true", help="move aside what the home holds now")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Restore into the home, or try. Raises StoreError, DiskFull."""
    from core.home import Home
    from jobs import on_record
    from jobs.settings_kept import told_of_restored
    from jobs.stopping import stop_signals
    from store import restore

    told, begun = "", list[int]()
    with stop_signals():
        done = None if args.check else restore.restore(args.file, context.home, replace=args.replace)
        manifest = done.manifest if done else restore.tried(args.file)
    if done:
        told = told_of_restored(context.home, context.settings_file, manifest.files)
    if done and done.before:
        begun = on_record.go_on(Home(done.before), context.home)
    return {
        "file": str(args.file), "made_at": manifest.made_at, "generation": manifest.generation,
        "counts": manifest.counts, "left_out": list(manifest.left_out), "home": str(done.home) if done else None,
        "before": str(done.before) if done and done.before else None, "settings": told,
        "now": done.generation if done else None, "certificates": list(done.certificates) if done else [],
        "erasures": begun,
    }  # fmt: skip


def show(result: dict[str, Any]) -> None:
    """What is there now."""
    counts = ", ".join(f"{n:,} {name}" for name, n in result["counts"].items())
    print(f"{result['file']} of {result['made_at'][:16]}, generation {result['generation']}: {counts}.")
    if result["home"] is None:
        print("It is whole, it opens, and it holds these rows. Nothing was changed.")
        return
    now = "" if result["now"] == result["generation"] else f", as generation {result['now']}"
    print(
        f"It is in {result['home']} now{now}; `python -m jobs refresh` reads what is newer and completes the index."
    )
    if result["settings"]:
        print(result["settings"])
    if result["before"]:
        print(f"What was there before is in {result['before']}.")
    if names := ", ".join(result["certificates"]):
        print(
            f"Erasures since this backup, whose persons it may hold: {names}. Refresh, then see `python -m jobs doctor`."
        )
    if numbers := ", ".join(map(str, result["erasures"])):
        print(
            f"Broken off before, and begun here too: erasure {numbers}. Finish it: `python -m jobs erase --resume`."
        )
    for words in result["left_out"]:
        print(f"Not in this backup: {words}.")
