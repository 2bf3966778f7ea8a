"""How commands are asked for numbers: days, periods and filters, as people type them."""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from typing import TYPE_CHECKING, get_args

from core import conditions
from core.conditions import Groups
from core.errors import QuestionError
from core.filters import NOT_COUNTED, Hours, Period
from core.settings import Provider, Settings

if TYPE_CHECKING:
    from store.reader import Reader

Container = argparse.ArgumentParser | argparse._ArgumentGroup
# Years of history are counted back from a day and its days ahead, within what a date can be.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def day(text: str) -> date:
    """A day such as 2026-10-31, for argparse."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-10-31") from None
    if not EARLIEST <= found <= LATEST:
        raise argparse.ArgumentTypeError(f"{text} is not between {EARLIEST} and {LATEST}")
    return found


def period(start: date | None, end: date | None, reader: Reader, settings: Settings) -> Period | None:
    """The days from --from to --to: 30 of them where one is missing, None where both are.

    Raises QuestionError when they are the wrong way round.
    """
    from analytics.compute import default_period

    if not start and not end:
        return None
    last = end or max(default_period(reader, settings).end, start or date.min)
    first = start or last - timedelta(days=29)
    if last < first:
        raise QuestionError(
            f"the period ends ({last}) before it starts ({first}).", hint="Swap --from and --to."
        )
    return Period(first, last)


def add_period(
    parser: argparse.ArgumentParser, first: str = "first day, included", last: str = "last day, included"
) -> None:
    """--from and --to."""
    parser.add_argument("--from", dest="start", type=day, metavar="DAY", help=first)
    parser.add_argument("--to", dest="end", type=day, metavar="DAY", help=last)


def add_compare(parser: Container, *, none: bool = False) -> None:
    """--compare; with `none` also for a page that compares by itself."""
    choices = ("previous", "year", *["none"] * none)
    told = (
        "with the period before, a year ago, or nothing" if none else "with the period before, or a year ago"
    )
    parser.add_argument("--compare", choices=choices, help=told)


def add_hours(parser: Container) -> None:
    """--hours."""
    parser.add_argument("--hours", choices=get_args(Hours), default="calendar", help="the clock of durations")


def add_include(parser: Container) -> None:
    """--include, of numbers: an export of rows also knows `all`."""
    parser.add_argument(
        "--include", action="append", default=[], choices=NOT_COUNTED, metavar="KIND",
        help=f"count these too: {', '.join(NOT_COUNTED)}; repeatable",
    )  # fmt: skip


def add_provider(parser: argparse.ArgumentParser, words: str) -> None:
    """--provider, who words what."""
    parser.add_argument("--provider", choices=get_args(Provider), help=f"who words {words}")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """--filter and --any."""
    parser.add_argument(
        "--filter", action="append", default=[], metavar="DIM=VALUE", help="only these; repeatable"
    )
    parser.add_argument(
        "--any", default="", metavar="CONDITIONS",
        help="and any of these: team:Billing;priority!:low|channel:chat (; is and, | is or, ! is not)",
    )  # fmt: skip


def groups(args: argparse.Namespace) -> Groups:
    """The alternatives of --any. Raises QuestionError for what cannot be read."""
    return conditions.decode(args.any)


def where(pairs: list[str]) -> dict[str, list[str]]:
    """The values of each dimension, from DIM=VALUE. Raises QuestionError."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise QuestionError(f"{pair!r} is not a filter.", hint="Write it as channel=email.")
        found.setdefault(name.strip(), []).append(value.strip())
    return found
