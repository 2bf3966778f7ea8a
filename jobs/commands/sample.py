"""Generate the sample workspace."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.cli import Context

if TYPE_CHECKING:
    from jobs.sample import SampleReport

HELP = "generate the sample workspace"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Size, seed, place and last day."""
    parser.add_argument("--conversations", type=int, default=2000, help="how many (default 2000)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same bytes (default 7)")
    parser.add_argument("--out", type=Path, help="folder to write (default: sample in the home)")
    parser.add_argument("--end", type=date.fromisoformat, help="last day with data (default: yesterday)")
    parser.add_argument("--unplanted", action="store_true", help="nothing is planted: only week and season")
    parser.add_argument("--gzip", action="store_true", help="write .csv.gz files")


def run(args: argparse.Namespace, context: Context) -> SampleReport:
    """Write the files."""
    from jobs.sample import generate

    out = args.out.expanduser().resolve() if args.out else context.home.sample
    return generate(
        out, conversations=args.conversations, seed=args.seed, end=args.end, zipped=args.gzip,
        planted=not args.unplanted,
    )  # fmt: skip


def show(result: SampleReport) -> None:
    """Where it is and how large it is."""
    print(f"{result.conversations:,} conversations, {result.messages:,} messages")
    print(f"{result.start} to {result.end}, seed {result.seed}")
    print(f"{result.bytes / 1e6:,.1f} MB in {result.folder} after {result.seconds:.1f} s")
