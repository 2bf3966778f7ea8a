"""`python -m jobs match`: does it match the vendor? Its own metrics beside ours, conversation by conversation."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import QuestionError
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.vendor import Difference, VendorMatch

HELP = "a vendor's own metrics beside ours: how many are equal, and why the others differ"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which metrics and causes, and how many conversations of each."""
    parser.add_argument("--source", help="only this source")
    parser.add_argument("--metric", metavar="M", help="only this metric of the vendor, such as reply_time")
    parser.add_argument("--cause", metavar="C", help="only this cause, with its conversations")
    parser.add_argument(
        "--limit", type=_count, default=20, metavar="N", help="conversations of each cause (20)"
    )


def run(args: argparse.Namespace, context: Context) -> list[VendorMatch]:
    """Compare. Raises QuestionError for a source, metric or cause that is not there."""
    from analytics.vendor import match, only
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    limit = args.limit or (20 if args.cause or args.json else 2)
    found = match(
        reader, settings=settings, viewer=EVERYTHING, source=args.source, metric=args.metric, limit=limit
    )
    if args.source and not found:
        raise QuestionError(
            f"the source {args.source!r} brings no metrics of its vendor.",
            hint="`python -m jobs sources list` names the sources; Zendesk's bring them.",
        )
    return list(only(found, args.cause) if args.cause else found)


def show(result: list[VendorMatch]) -> None:
    """A line a metric, its causes under it, and their conversations where a cause was asked for."""
    if not result:
        print("no source brings metrics of its vendor")
    for one in result:
        share = f"{one.equal / one.n:.1%}"
        print(f"{one.source}  {one.metric}: {one.equal:,} of {one.n:,} equal ({share})")
        for cause in one.causes:
            print(f"    {cause.n:>9,}  {cause.title}: {cause.words}")
            for difference in cause.conversations:
                print(f"               {_line(difference, one.unit)}")


def _line(one: Difference, unit: str) -> str:
    """What a conversation has on both sides; one that is equal differs in being counted."""
    ours = "left out here" if one.theirs == one.ours else f"{_written(one.ours, unit)} here"
    return f"{one.conversation_id}  {_written(one.theirs, unit)} there, {ours}  {one.subject or ''}".rstrip()


def _written(value: int | datetime | None, unit: str) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return f"{value:,} min" if unit == "minutes" else f"{value:,}"


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of conversations")
    return int(text)
