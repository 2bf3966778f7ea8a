"""`python -m jobs drivers OUTCOME`: what goes with reopens, bad ratings, slow answers and missed targets."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core import numbers
from core.filters import Filters
from jobs import asking, opened
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.drivers import Driver, DriverReport

HELP = "what goes with an outcome: topics, channels, products, handling, words; plain and with all else equal"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The outcome, the period and what to look at."""
    from analytics.drivers import MINIMUM
    from analytics.outcomes import OUTCOMES

    parser.add_argument("outcome", metavar="OUTCOME", help=f"one of {', '.join(OUTCOMES)}")
    asking.add_period(parser)
    parser.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="DIM",
        help="only these: topic, channel, word, …; repeatable",
    )
    asking.add_filters(parser)
    asking.add_include(parser)
    parser.add_argument(
        "--minimum",
        type=int,
        default=MINIMUM,
        help=f"conversations with a value, at least (default {MINIMUM})",
    )
    parser.add_argument("--all", action="store_true", help="also what is not clear")


def run(args: argparse.Namespace, context: Context) -> DriverReport:
    """Look for them. Without a period: in the last year. Raises QuestionError."""
    from dataclasses import replace

    from analytics.dimensions import check_values
    from analytics.drivers import drivers
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    filters = Filters.of(
        asking.period(args.start, args.end, reader, settings), asking.where(args.filter),
        include=args.include, groups=asking.groups(args),
    )  # fmt: skip
    check_values(reader, filters, viewer=EVERYTHING)
    report = drivers(
        reader,
        args.outcome,
        filters,
        settings=settings,
        viewer=EVERYTHING,
        by=tuple(args.by),
        minimum=args.minimum,
    )
    if args.all or args.json:
        return report
    return replace(report, drivers=tuple(one for one in report.drivers if one.is_clear))


def show(report: DriverReport) -> None:
    """What was asked, then a row a driver."""
    rate = numbers.percent(report.rate) if report.rate is not None else numbers.MISSING
    slow = (
        f" Slow: more than {numbers.duration(report.threshold_s)}." if report.threshold_s is not None else ""
    )
    print(
        f"{report.title}: {rate} of {numbers.count(report.n)} {report.counts}, {report.period}. {report.description}{slow}"
    )
    if report.drivers:
        head = ["what", "n", "rate", "elsewhere", "ratio", "all else equal", "points", ""]
        print("\n".join(opened.table([head, *(_row(one) for one in report.drivers)])))
    else:
        print("Nothing goes clearly with more or less of it.")
    print(
        f"{report.clear} of {report.tested} are clear (of what is called so, 5 % may be chance); "
        f"{report.too_few} had too few. Held constant: {', '.join(report.held) or 'nothing'}."
    )
    print(" ".join(report.notes))


def _row(one: Driver) -> list[str]:
    return [
        one.name, numbers.count(one.n), numbers.percent(one.rate), numbers.percent(one.rest_rate),
        _ratio(one.ratio, one.ratio_low, one.ratio_high), _ratio(one.adjusted, one.adjusted_low, one.adjusted_high),
        f"{one.impact:+.1f}", "" if one.is_clear else "not clear",
    ]  # fmt: skip


def _ratio(value: float | None, low: float | None, high: float | None) -> str:
    """2.10 (1.60 to 2.90): so many times as many."""
    if value is None or low is None or high is None:
        return numbers.MISSING
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
