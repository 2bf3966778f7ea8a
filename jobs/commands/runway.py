"""`python -m jobs runway`: the backlog's path ahead, the day it passes a threshold, and how many more agents hold it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.filters import Filters
from jobs import asking, opened
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.capacity.runway import Runway

HELP = "the backlog's path ahead with its 80 % band, when it passes a threshold, and how many more agents hold it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The threshold, how far, and what is solved."""
    parser.add_argument(
        "--threshold", type=float, metavar="N", help="open conversations (default: half more than now)"
    )
    parser.add_argument("--horizon", type=int, default=28, metavar="N", help="days ahead (default 28)")
    parser.add_argument("--capacity", type=float, metavar="N", help="solved a week (default: as measured)")
    parser.add_argument(
        "--agents", type=float, metavar="N", help="agents who solve that (default: as measured)"
    )
    parser.add_argument(
        "--more", type=float, default=0.0, metavar="N", help="as if so many more agents solved"
    )
    asking.add_filters(parser)


def run(args: argparse.Namespace, context: Context) -> Runway:
    """Work it out. Raises QuestionError and InputError."""
    from analytics.anomalies.context import concerning
    from analytics.capacity.runway import runway_of
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader
    from store.workspace import Workspace

    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    filters = Filters.of(None, asking.where(args.filter), groups=asking.groups(args))
    check_values(reader, filters, viewer=EVERYTHING)
    return runway_of(
        reader, filters, settings=settings, viewer=EVERYTHING, threshold=args.threshold, horizon=args.horizon,
        capacity_week=args.capacity, more_agents=args.more, agents=args.agents,
        events=concerning(Workspace(context.home).notes(), "volume", filters),
    )  # fmt: skip


def show(found: Runway) -> None:
    """The sentences, then a row a day."""
    print(*found.sentences, sep="\n")
    rows = [[str(one.day), f"{one.open:,.0f}", f"{one.low:,.0f}", f"{one.high:,.0f}"] for one in found.days]
    if rows:
        print("\n".join(opened.table([["day", "open", "80 % from", "to"], *rows])))
