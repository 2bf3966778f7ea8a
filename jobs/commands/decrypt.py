"""`python -m jobs decrypt`: the warehouse written anew without a key."""

from __future__ import annotations

import argparse

from core import encryption
from core.errors import ConfigError
from jobs.cli import Context
from jobs.commands.encrypt import show_written
from store.lock import refresh_lock
from store.recode import Recoded, recode

HELP = "write the warehouse anew without encryption"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--old", metavar="WHERE", required=True, help='the key it has now: "env:NAME" or "file:/path"'
    )
    parser.add_argument("--wait", type=float, default=0, metavar="S", help="wait for a running refresh")


def run(args: argparse.Namespace, context: Context) -> Recoded:
    """Recode. Raises ConfigError, StoreError."""
    if context.settings.storage.encryption_key is not None:
        raise ConfigError(
            "the settings still name a key.",
            hint=f"Take {encryption.SETTING} out first, so that nothing is encrypted again.",
        )
    old = encryption.resolved(args.old, context.home)
    with refresh_lock(context.home, run_id="decrypt", wait_s=args.wait):
        return recode(context.home, old=old, new=None)


def show(result: Recoded) -> None:
    """What was done."""
    show_written(result)
    print("Restart the dashboard and the timer.")
