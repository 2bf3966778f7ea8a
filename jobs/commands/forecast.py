"""`python -m jobs forecast METRIC`: what is ahead with bands, what that was tested on, and its parts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core import numbers
from core.filters import Filters
from jobs import asking, opened, what_if
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.forecasting.of_metric import Forecast, MetricForecast
    from analytics.forecasting.scenario import Scenario

HELP = (
    "a metric ahead by day, hour, week or month with 80 % and 95 % bands, and how such forecasts did before"
)

PATIENCE_S = 20.0  # for Prophet: nobody looks at a page that waits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The metric, how far, and what it is split by."""
    parser.add_argument("name", metavar="METRIC", help="a metric's name: `metric list` tells them")
    parser.add_argument("--by", metavar="DIM", help="a forecast per value: topic, channel, …")
    parser.add_argument("--horizon", type=int, default=14, metavar="N", help="periods ahead (default 14)")
    parser.add_argument(
        "--grain", choices=("hour", "day", "week", "month"), default="day", help="periods (default day)"
    )
    parser.add_argument(
        "--focus", action="store_true", help="Prophet is a member too, where it is ready in time"
    )
    asking.add_period(parser, first="first day to learn from", last="last day to learn from")
    what_if.add_arguments(parser)
    asking.add_filters(parser)


def run(args: argparse.Namespace, context: Context) -> MetricForecast | Scenario:
    """Forecast it; with edits a scenario beside the forecast. Raises QuestionError and InputError."""
    from analytics.anomalies.context import concerning
    from analytics.capacity.staffing import handling_of
    from analytics.dimensions import check_values
    from analytics.forecasting.of_metric import made_of
    from analytics.forecasting.scenario import scenario_of
    from core.effective import effective_settings
    from core.errors import InputError
    from core.viewer import EVERYTHING
    from store.reader import open_reader
    from store.workspace import Workspace

    if args.minutes is not None and not args.what_if:
        raise InputError("--minutes is of a scenario.", hint="Add --what-if, such as --what-if level=+20%.")
    edits, by = what_if.edits(args.what_if, args.by)
    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    period = asking.period(args.start, args.end, reader, settings)
    filters = Filters.of(period, asking.where(args.filter), groups=asking.groups(args))
    check_values(reader, filters, viewer=EVERYTHING)
    made = made_of(
        reader, args.name, filters, settings=settings, viewer=EVERYTHING, by=by, horizon=args.horizon,
        grain=args.grain, focus=args.focus, patience_s=PATIENCE_S,
        events=concerning(Workspace(context.home).notes(), args.name, filters),
    )  # fmt: skip
    if not args.what_if:
        return made.told
    if args.minutes is not None:
        return scenario_of(made, edits, handling_s=60 * args.minutes, how="typed")
    return scenario_of(
        made, edits, handling_s=handling_of(reader, filters, settings=settings, viewer=EVERYTHING)
    )


def show(found: MetricForecast | Scenario) -> None:
    """The whole by period with its sentences, then a row for each part; of a scenario what it comes to, first."""
    from analytics.forecasting.scenario import Scenario

    if isinstance(found, Scenario):
        print(*found.sentences, sep="\n")
        _show(found.scenario, said=found.sentences)
    else:
        _show(found)


def _show(found: MetricForecast, said: tuple[str, ...] = ()) -> None:
    whole, *parts = found.forecasts
    print(f"{found.title}, learnt from {found.history.start} to {found.history.end} ({found.unit})")
    rows = [
        [str(day.day), *map(_number, (day.value, day.low_80, day.high_80, day.low_95, day.high_95))]
        for day in whole.days
    ]
    print("\n".join(opened.table([[found.grain, "forecast", "80 % from", "to", "95 % from", "to"], *rows])))
    print(" ".join(one for one in whole.sentences if one not in said))
    if parts:
        print("\n".join(opened.table([["part", f"mean a {found.grain}", "history"], *map(_part, parts)])))
        if found.adds_up:
            print("Parts are scaled so that they add up to the whole.")


def _part(one: Forecast) -> list[str]:
    values = [day.value for day in one.days if day.value is not None]
    return [one.part, _number(sum(values) / len(values) if values else None), one.tier]


def _number(value: float | None) -> str:
    return numbers.MISSING if value is None else f"{value:,.1f}"
