"""`python -m jobs staffing`: people by hour for chat (Erlang C), by day for mail (workload)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.filters import Filters
from jobs import asking, opened
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.capacity.staffing import Staffing

HELP = "how many people a channel needs: by hour for chat and voice (Erlang C), by weekday for the others (workload)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The channel and what is asked for."""
    parser.add_argument("channel", metavar="CHANNEL", help="chat, voice, email, …")
    parser.add_argument("--handling", type=float, metavar="S", help="seconds for each (default: as measured)")
    parser.add_argument(
        "--target", type=float, default=0.8, metavar="SHARE", help="answered in time (default 0.8)"
    )
    parser.add_argument(
        "--within", type=float, default=60.0, metavar="S", help="seconds that is in time (default 60)"
    )
    parser.add_argument(
        "--shrinkage",
        type=float,
        default=0.3,
        metavar="SHARE",
        help="paid time not at the desk (default 0.3)",
    )
    parser.add_argument(
        "--occupancy", type=float, default=0.85, metavar="SHARE", help="of mail (default 0.85)"
    )
    parser.add_argument(
        "--together", type=int, default=1, metavar="N", help="chats at once by one person (default 1)"
    )
    asking.add_filters(parser)


def run(args: argparse.Namespace, context: Context) -> Staffing:
    """Work it out. Raises QuestionError and InputError."""
    from analytics.capacity.staffing import Needs, staffing_of
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    filters = Filters.of(None, asking.where(args.filter), groups=asking.groups(args))
    check_values(reader, Filters.of(None, {"channel": [args.channel]}), viewer=EVERYTHING)
    check_values(reader, filters, viewer=EVERYTHING)
    needs = Needs(args.handling, args.target, args.within, args.shrinkage, args.occupancy, args.together)
    return staffing_of(reader, filters, args.channel, needs, settings=settings, viewer=EVERYTHING)


def show(found: Staffing) -> None:
    """The sentences, then a row a slot."""
    from core.clock import WEEKDAYS

    print(*found.sentences, sep="\n")
    rows = [
        [
            WEEKDAYS[one.weekday - 1], f"{one.hour:02d}:00" if one.hour is not None else "day",
            f"{one.arrivals:.2f}", f"{one.at_desk:.1f}", str(one.heads),
        ]
        for one in found.slots
    ]  # fmt: skip
    if rows:
        print(
            "\n".join(
                opened.table([["weekday", "hour", "conversations", "at the desk", "on the roster"], *rows])
            )
        )
