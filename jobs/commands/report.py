"""`python -m jobs report`: a page of the dashboard as one HTML file, without a browser."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import conditions, numbers
from core.errors import QuestionError
from core.filters import GRAINS, Filters, Period
from jobs import asking, page_program
from jobs.cli import Context

if TYPE_CHECKING:
    from core.settings import Settings
    from store.reader import Reader

HELP = "write a page of the dashboard as one HTML file that opens offline"


@dataclass(frozen=True, slots=True)
class Reported:
    """What was written. `parts` counts numbers, charts, tables and sentences."""

    file: str
    page: str
    parts: int
    bytes: int
    period: str | None
    generation: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which page, under which filters, and where to."""
    parser.add_argument(
        "--page", default="overview", help="a page by its address: overview, volume, … (default: overview)"
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="the HTML file to write")
    asking.add_period(parser)
    asking.add_filters(parser)
    parser.add_argument("--grain", choices=GRAINS, help="a point per hour, day, week, …")
    asking.add_compare(parser, none=True)
    asking.add_hours(parser)
    asking.add_include(parser)


def run(args: argparse.Namespace, context: Context) -> Reported:
    """Run the page and write it. Raises QuestionError for filters that the page does not take."""
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    out = Path(args.out).expanduser().resolve()
    if out.is_dir() or not out.parent.is_dir():
        raise QuestionError(f"{out} cannot be a file.", hint="Name a file in a folder that is there.")
    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    filters = _filters(args, reader, settings)
    check_values(reader, filters, viewer=EVERYTHING)
    wanted = {
        "period": filters.period and str(filters.period),
        "where": filters.where,
        "any": conditions.encode(filters.groups),
        "include": filters.include,
    }
    parameters = _parameters(args, filters)
    asked = {"page": args.page, "parameters": parameters, "wanted": wanted, "out": str(out)}
    told = page_program.answer(asked, context.home, context.settings_file)
    return Reported(**told)


def show(result: Reported) -> None:
    """One line."""
    days = f", {result.period}" if result.period else ""
    print(
        f"{result.file}: {result.page}{days}, {numbers.count(result.bytes)} bytes, generation {result.generation}"
    )


def _filters(args: argparse.Namespace, reader: Reader, settings: Settings) -> Filters:
    period: Period | None = asking.period(args.start, args.end, reader, settings)
    return Filters.of(
        period, asking.where(args.filter), hours=args.hours, include=args.include, groups=asking.groups(args)
    )


def _parameters(args: argparse.Namespace, filters: Filters) -> dict[str, list[str]]:
    """The address of the page under these filters: what the filter bar would write there."""
    found = {name: list(values) for name, values in filters.where}
    if filters.period:
        found |= {"period": ["custom"], "dates": [str(filters.period.start), str(filters.period.end)]}
    chosen = {"compare": args.compare, "grain": args.grain}
    found |= {name: [value] for name, value in chosen.items() if value}
    if filters.hours != "calendar":
        found["hours"] = [filters.hours]
    if filters.groups:
        found["any"] = [conditions.encode(filters.groups)]
    if filters.include:
        found["include"] = list(filters.include)
    return found
