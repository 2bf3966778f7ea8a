"""`python -m jobs backup TARGET`: the workspace in one file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from jobs.cli import Context

HELP = "write what is published and what people created to one file"
KEEP = 7


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("target", type=Path, help="a file ending in .tar, or a folder that holds several")
    parser.add_argument(
        "--keep", type=int, default=KEEP, help=f"in a folder: how many stay (default {KEEP}; 0: all)"
    )
    parser.add_argument("--with-secrets", action="store_true", help="passwords and keys of sources too")
    parser.add_argument("--without-vectors", action="store_true", help="smaller; texts are embedded again")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Write one backup and take away the oldest of its folder, never the one just made.

    Raises NothingPublished, StoreError, DiskFull.
    """
    from core import clock
    from jobs.settings_kept import settings_kept
    from jobs.stopping import stop_signals
    from store import backup

    is_file = args.target.suffix == ".tar"
    target = args.target if is_file else args.target / backup.name_at(clock.now())
    kept = settings_kept(context.home, context.settings_file, with_secrets=args.with_secrets)
    with stop_signals():
        made = backup.back_up(
            context.home, target.resolve(), settings=kept.text, left_out=kept.left_out,
            with_secrets=args.with_secrets, with_vectors=not args.without_vectors,
        )  # fmt: skip
    others = [path for path in backup.newest_first(target.parent) if path.name != target.name]
    old = others[args.keep - 1 :] if not is_file and args.keep > 0 else []
    for path in old:
        path.unlink()
    return {
        "file": str(target), "bytes": target.stat().st_size, "generation": made.generation, "counts": made.counts,
        "files": len(made.files), "left_out": list(made.left_out), "removed": [str(path) for path in old],
    }  # fmt: skip


def show(result: dict[str, Any]) -> None:
    """What was written, and what was not."""
    counts = ", ".join(f"{n:,} {name}" for name, n in result["counts"].items())
    print(f"{result['file']}: {result['bytes'] / 1e6:,.1f} MB, generation {result['generation']} ({counts}).")
    for words in result["left_out"]:
        print(f"Left out: {words}.")
    for path in result["removed"]:
        print(f"Removed: {path}")
