"""`python -m jobs trends METRIC`: level and slope without the week, the days it moved, or that it did not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.filters import Filters
from jobs import asking, opened
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.trends import Trends

HELP = "where a metric stands without its weekdays, which way it goes and when it moved, in all and by a dimension"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The metric, what it is split by, and the days."""
    parser.add_argument("name", metavar="METRIC", help="a metric's name: `metric list` tells them")
    parser.add_argument("--by", metavar="DIM", help="a trend per value: topic, channel, …")
    asking.add_period(parser, first="first day, included (default: 26 weeks)")
    asking.add_filters(parser)


def run(args: argparse.Namespace, context: Context) -> Trends:
    """Find them. Raises QuestionError."""
    from datetime import timedelta

    from analytics.compute import default_period
    from analytics.dimensions import check_values
    from analytics.trends import trends_of
    from analytics.trends.of_metric import USUAL_DAYS
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    start = args.start
    if args.end and not start:
        start = args.end - timedelta(days=USUAL_DAYS - 1)
    period = asking.period(
        start, args.end or (start and default_period(reader, settings).end), reader, settings
    )
    filters = Filters.of(period, asking.where(args.filter), groups=asking.groups(args))
    check_values(reader, filters, viewer=EVERYTHING)
    return trends_of(reader, args.name, filters, settings=settings, viewer=EVERYTHING, by=args.by)


def show(found: Trends) -> None:
    """The whole in words, then a row a segment."""
    from analytics.trends.words import DIRECTIONS, amount

    whole, *parts = found.trends
    print(f"{found.title}, {found.period.start} to {found.period.end} ({found.unit})")
    print(whole.sentence)
    if parts:
        rows = [
            [one.part, DIRECTIONS[one.direction], amount(one.level, found.unit), one.sentence]
            for one in parts
        ]
        print("\n".join(opened.table([["segment", "trend", "level", "what is said"], *rows])))
    for note in found.notes:
        print(note)
