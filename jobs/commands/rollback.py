"""`python -m jobs rollback`: point readers at an earlier generation."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from jobs.cli import Context
from store import generations
from store.lock import refresh_lock

HELP = "go back to the generation before, or to a chosen one"


@dataclass(frozen=True, slots=True)
class Rollback:
    """Which generation readers see now, which they saw before, and which there are."""

    generation: int
    before: int
    available: list[int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--to", type=int, metavar="N", help="the generation to show (default: the one before)"
    )
    parser.add_argument("--wait", type=float, default=0, metavar="S", help="wait for a running refresh")


def run(args: argparse.Namespace, context: Context) -> Rollback:
    """Point CURRENT at the chosen generation."""
    with refresh_lock(context.home, run_id="rollback", wait_s=args.wait):
        before = generations.current(context.home).number
        chosen = generations.rollback(context.home, args.to)
    return Rollback(chosen.number, before, generations.all_generations(context.home))


def show(result: Rollback) -> None:
    """The result for people."""
    print(f"Readers see generation {result.generation} now (before: {result.before}).")
    print("The next refresh publishes the newest state again.")
