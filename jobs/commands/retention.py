"""`python -m jobs retention`: what is older than the settings allow, and taking it out."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from jobs.cli import Context

HELP = "take out conversations that are older than keep_days; every refresh does it too"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to do it, and whether to believe the clock."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="only say what would go")
    what.add_argument("--yes", action="store_true",
                      help="the clock is right: remove also where it is far ahead of everything that is known")  # fmt: skip


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Look, and take out. Raises NothingPublished, StoreError, RetentionHeld, RefreshRunning."""
    from core.effective import effective_settings
    from core.errors import RetentionHeld, StoreError
    from jobs import retention
    from jobs.refresh import refresh

    settings = effective_settings(context.home, context.settings)
    if args.dry_run:
        due, held = retention.look(context.home, settings)
        return {"dry_run": True, "sources": [asdict(one) for one in due], "held": str(held) if held else None}
    report = refresh(context.home, context.settings, sources=(), clock_is_right=args.yes)
    if report.error is not None and report.error.code == RetentionHeld.code:
        raise RetentionHeld(report.error.message, hint=report.error.hint)
    if report.error is not None:
        raise StoreError(f"retention is not finished: {report.error.message}", hint="Run it again.")
    return {"dry_run": False, "removed": dict(report.removed), "generation": report.generation}


def show(result: dict[str, Any]) -> None:
    """In words."""
    if not result["dry_run"]:
        for source, n in result["removed"].items():
            print(f"{source}: {n:,} conversations were removed.")
        if not result["removed"]:
            print("Nothing was older than the settings allow.")
        return
    for one in result["sources"]:
        print(f"{one['source']}: {one['conversations']:,} conversations with {one['messages']:,} messages are from "
              f"before {one['kept_since']:%Y-%m-%d %H:%M} UTC and would go.")  # fmt: skip
    if not result["sources"]:
        print("No source has keep_days.")
    if result["held"]:
        print(f"Not yet: {result['held']}")
