"""`python -m jobs requester WHO --out FILE.zip`: everything that is held of one customer, to hand it out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.acting import acting, add_by
from jobs.cli import Context

if TYPE_CHECKING:
    from jobs.handing_out import HandedOut

HELP = "write everything that is held of one customer to an archive, unmasked"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who, and where to."""
    parser.add_argument("requester", help="e-mail address, id, handle, or SOURCE/PERSON")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.zip", help="the archive to write")
    add_by(parser)


def run(args: argparse.Namespace, context: Context) -> HandedOut:
    """Write the archive. Raises QuestionError, InputError, StoreError, ConfigError."""
    from jobs import handing_out
    from store import requesters

    viewer = acting(context.home, context.settings, args.by, "export", "unmasked", "agent_names")
    find = requesters.by_name(context.home, args.requester)
    return handing_out.hand_out(context.home, find, args.out.expanduser().resolve(), viewer=viewer)


def show(result: HandedOut) -> None:
    """What is in it."""
    from jobs import handing_out

    print(*handing_out.lines(result), sep="\n")
