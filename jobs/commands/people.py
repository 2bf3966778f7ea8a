"""`python -m jobs people`: which customers were recognised, who was not, and what is known about them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from jobs.cli import Context

if TYPE_CHECKING:
    from store.queries import MatchReport

HELP = "customers joined to those who asked: match rate, the unmatched (masked), attributes and denominators"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many of the unmatched to list."""
    parser.add_argument(
        "--limit", type=int, default=20, metavar="N", help="list this many of the unmatched (default: 20)"
    )


def run(args: argparse.Namespace, context: Context) -> MatchReport:
    """Read the report of the published generation."""
    from core.viewer import EVERYTHING
    from store.queries import match_report
    from store.reader import open_reader

    return match_report(open_reader(context.home), EVERYTHING, limit=max(0, args.limit))


def show(result: MatchReport) -> None:
    """Rates by rule, then attributes, denominators and the unmatched."""
    if not result.sources:
        print("No source delivers people alone. See docs/people.md for how to join a CRM or a customer list.")
    for source in result.sources:
        rules = ", ".join(f"{n:,} by {rule}" for rule, n in source.by_rule.items())
        print(
            f"{source.source_id}: {source.people:,} people, {source.organizations:,} organizations; knows "
            f"{_share(source.matched, result.requesters)} requesters{f' ({rules})' if rules else ''}"
        )
    for attribute in result.attributes:
        told = attribute.kind if attribute.is_dimension else f"no dimension: {attribute.reason}"
        print(f"  {attribute.name}: {attribute.distinct_values:,} values of {attribute.holders:,}, {told}")
    for one in result.denominators:
        print(f"{one.source_id}: {one.name}, {one.days:,} days from {one.first_day} to {one.last_day}")
    for copy in result.copies:
        print(
            f"{copy.source_id}: {copy.conversations:,} conversations are also in {copy.original_source_id} "
            f"({copy.rule}) and counted there"
        )
    print(f"\n{_share(result.matched, result.requesters)} requesters are known. Not known:")
    for person in result.unmatched:
        print(
            f"  {person.source_id}: {person.requester}, {person.conversations:,} conversations such as "
            f"{person.example}: {person.reason}"
        )
    left = result.unmatched_total - len(result.unmatched)
    if left > 0:
        print(f"  and {left:,} more")


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else "nobody"
