"""`python -m jobs encrypt`: the warehouse written anew with the key of the settings."""

from __future__ import annotations

import argparse

from core import encryption
from core.errors import ConfigError
from jobs.cli import Context
from jobs.plain_files import forget_index_of_before
from store.lock import refresh_lock
from store.recode import Recoded, recode

HELP = "write the warehouse anew with the key that the settings name, for the first time or in place of an older one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--old", metavar="WHERE", help='the key it has now: "env:NAME" or "file:/path" (default: none)'
    )
    parser.add_argument("--wait", type=float, default=0, metavar="S", help="wait for a running refresh")


def run(args: argparse.Namespace, context: Context) -> Recoded:
    """Recode. Raises ConfigError, StoreError."""
    if context.settings.storage.encryption_key is None:
        raise ConfigError(
            "the settings name no key.",
            hint=f'Set {encryption.SETTING} = "env:NAME" first; `openssl rand -base64 32` makes a key.',
        )
    old = encryption.resolved(args.old, context.home) if args.old else None
    with refresh_lock(context.home, run_id="encrypt", wait_s=args.wait):
        done = recode(context.home, old=old, new=encryption.key(context.home))
        forget_index_of_before(context.home)
    return done


def show(result: Recoded) -> None:
    """What was done, and what no program can take back."""
    show_written(result)
    print("Restart the dashboard and the timer, so that they know the key.")
    print(
        "Backups made before, and blocks that the disk has not used again, may still hold what was written before: "
        "destroy those backups, and wipe the free space where the disk itself is not encrypted."
    )


def show_written(result: Recoded) -> None:
    """Which files were written, and which generations went."""
    if not result.written:
        print("Every file of the warehouse is so already; nothing was written.")
        return
    print(f"Written anew and compared row by row: {', '.join(result.written)}.")
    if result.generations_removed:
        print(f"Removed: {result.generations_removed} generations of before; there is no rollback to them.")
