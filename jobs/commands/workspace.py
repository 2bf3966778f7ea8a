"""`python -m jobs workspace copy`: what people created, carried to the database that the settings name."""

from __future__ import annotations

import argparse
from typing import Any

from jobs.cli import Context

HELP = "copy what people created and the run log from workspace.sqlite to the database of SUPPORTLENS_DATABASE_URL"
ACTIONS = ("copy",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("--wait", type=float, default=0, metavar="S", help="wait for a running refresh")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Copy. Raises ConfigError, StoreError, RefreshRunning."""
    from store.carried import carry
    from store.database import shown_url
    from store.lock import refresh_lock

    with refresh_lock(context.home, run_id="workspace", wait_s=args.wait):
        tables = carry(context.home)
    return {
        "action": args.action,
        "from": str(context.home.workspace_db),
        "to": shown_url(),
        "tables": tables,
    }


def show(result: dict[str, Any]) -> None:
    """What was copied, table by table, and what is left to do."""
    for name, n in result["tables"].items():
        print(f"{name}: {n:,} rows")
    rows, tables = sum(result["tables"].values()), len(result["tables"])
    print(f"{rows:,} rows of {tables} tables are in {result['to']}, and as many as in {result['from']}.")
    print(
        "Start the dashboard and the timer anew with the setting; what is written to the file from now on is not there."
    )
    print(f"{result['from']} is read no more: delete it once you have looked.")
