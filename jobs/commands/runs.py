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
            print(f"    {part.source_id:<30} {part.status:<11} {', '.join(_told(part))}")
    if not result["runs"]:
        print("No refresh has run yet.")


def _told(part: Run) -> list[str]:
    """What a source did, and what stood in its way."""
    told = [f"{part.rows_read:,} rows read"]
    told += [f"{part.rows_rejected:,} set aside"] if part.rows_rejected else []
    told += [f"{part.rows_deleted:,} deleted"] if part.rows_deleted else []
    told += [f"{part.requests:,} requests"] if part.requests else []
    told += [f"{part.retries:,} tried again"] if part.retries else []
    told += [f"{part.rate_limited_seconds:.0f} s waited"] if part.rate_limited_seconds else []
    if part.status == "running" and part.next_attempt_at:
        told.append(f"waiting until {part.next_attempt_at:%H:%M:%S}: {part.progress_text}")
    elif part.status == "running" and part.progress_text:
        told.append(part.progress_text)
    elif part.next_attempt_at:
        told.append(f"tried again at {part.next_attempt_at:%H:%M}")
    return [*told, part.error_message] if part.error_message else told
