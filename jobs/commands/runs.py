"""`python -m jobs runs`: the refreshes of this workspace, newest first."""

from __future__ import annotations

import argparse

from jobs.cli import Context
from store.runs import Run, RunLog

HELP = "list refreshes, newest first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--last", type=int, default=20, metavar="N", help="how many (default 20)")


def run(args: argparse.Namespace, context: Context) -> dict[str, list[Run]]:
    """The run log."""
    return {"runs": RunLog(context.home).recent(args.last)}


def show(result: dict[str, list[Run]]) -> None:
    """The list for people."""
    for entry in result["runs"]:
        print(
            f"{entry.started_at:%Y-%m-%d %H:%M:%S}  {entry.status:<11}  {entry.seconds:7.1f} s  "
            f"{entry.rows_inserted:,} inserted, {entry.rows_updated:,} updated  {entry.error_message or ''}"
        )
        for part in entry.sources:
            print(f"    {part.source_id:<30} {part.status:<11} {part.rows_read:,} rows read")
    if not result["runs"]:
        print("No refresh has run yet.")
