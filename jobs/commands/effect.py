"""`python -m jobs effect METRIC --at DAY`: did it work? What came, beside the forecast made from the days before."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.filters import Filters
from jobs import asking, opened
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.effects import Effect

HELP = (
    "what an event did to a metric: actual minus the forecast made before it, against what it left untouched"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The metric, the day, and what was touched."""
    parser.add_argument("name", metavar="METRIC", help="a metric's name: `metric list` tells them")
    parser.add_argument(
        "--at", type=asking.day, metavar="DAY", required=True, help="the first day of the change"
    )
    parser.add_argument("--days", type=int, default=14, metavar="N", help="days after it (default 14)")
    parser.add_argument(
        "--touched", action="append", default=[], metavar="DIM=VALUE",
        help="what it touched, such as topic=Refunds; all else is the untouched, whatever --filter says of topic; repeatable",
    )  # fmt: skip
    asking.add_filters(parser)


def run(args: argparse.Namespace, context: Context) -> Effect:
    """Measure it. Raises QuestionError and InputError."""
    from analytics.anomalies.context import concerning
    from analytics.dimensions import check_values
    from analytics.effects import effect_of, within
    from core.effective import effective_settings
    from core.errors import InputError
    from core.viewer import EVERYTHING
    from store.reader import open_reader
    from store.workspace import Workspace

    if not 1 <= args.days <= 90:
        raise InputError(f"no effect over {args.days} days.", hint="--days is 1 to 90.")
    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    filters = Filters.of(None, asking.where(args.filter), groups=asking.groups(args))
    touched = asking.where(args.touched)
    check_values(reader, filters, viewer=EVERYTHING)
    check_values(reader, Filters.of(None, touched), viewer=EVERYTHING)
    scope = within(filters, Filters.of(None, touched).where)
    return effect_of(
        reader, args.name, filters, args.at, settings=settings, viewer=EVERYTHING, touched=touched, window=args.days,
        events=concerning(Workspace(context.home).notes(), args.name, scope),
    )  # fmt: skip


def show(found: Effect) -> None:
    """The answer, then a row a day."""
    from analytics.trends.words import amount

    print(*found.sentences, sep="\n")
    rows = [
        [
            str(one.day),
            *(amount(value, found.unit) for value in (one.actual, one.expected, one.low, one.high)),
        ]
        for one in found.days
    ]
    if rows:
        print("\n".join(opened.table([["day", "came", "forecast", "95 % from", "to"], *rows])))
