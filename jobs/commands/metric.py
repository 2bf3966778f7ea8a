"""`python -m jobs metric`: a number with its n, what is not in it, and how it was made."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import numbers
from core.filters import GRAINS, Filters
from jobs import asking
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.result import Audit, MetricResult, Row, Value

HELP = "a metric over a period: value, n, comparison, what is not counted; `metric list` names them"


@dataclass(frozen=True, slots=True)
class Listed:
    """One metric of the catalogue."""

    name: str
    title: str
    unit: str
    better: str
    description: str
    words: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The metric, its period, and how to split and compare it."""
    parser.add_argument("name", metavar="NAME", help="a metric's name, or `list`")
    parser.add_argument("--from", dest="start", type=asking.day, metavar="DAY", help="first day, included")
    parser.add_argument("--to", dest="end", type=asking.day, metavar="DAY", help="last day, included")
    parser.add_argument("--grain", choices=GRAINS, help="a row per hour, day, week, …")
    parser.add_argument(
        "--by", action="append", default=[], metavar="DIM", help="a row per value; repeatable"
    )
    parser.add_argument(
        "--filter", action="append", default=[], metavar="DIM=VALUE", help="only these; repeatable"
    )
    parser.add_argument(
        "--compare", choices=("previous", "year"), help="with the period before, or a year ago"
    )
    parser.add_argument(
        "--per", metavar="NAME", help="what contact_rate is divided by: active_customers, orders, …"
    )
    parser.add_argument(
        "--audit", action="store_true", help="definition, conversations behind it, and the SQL"
    )


def run(args: argparse.Namespace, context: Context) -> MetricResult | list[Listed]:
    """Compute it."""
    from analytics import audit, catalogue, targets
    from analytics.compute import compute
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    if args.name == "list":
        return [
            Listed(m.name, m.title, m.unit, m.better, m.description, m.words) for m in catalogue.METRICS.all()
        ]
    catalogue.find(args.name)
    settings = effective_settings(context.home, context.settings)
    targets.check(settings)
    reader = open_reader(context.home)
    filters = Filters.of(asking.period(args.start, args.end, reader, settings), asking.where(args.filter))
    check_values(reader, filters, viewer=EVERYTHING)
    result = compute(
        reader, args.name, filters, settings=settings, viewer=EVERYTHING,
        grain=args.grain, by=tuple(args.by), compare=args.compare, per=args.per,
    )  # fmt: skip
    return audit.audited(reader, result, settings=settings, viewer=EVERYTHING) if args.audit else result


def show(result: MetricResult | list[Listed]) -> None:
    """The number, its rows as a table, and what is not in it."""
    if isinstance(result, list):
        for item in result:
            print(f"{item.name:26} {item.title}: {item.description}")
        return
    print(_headline(result))
    rows = result.rows or result.groups
    if rows:
        print()
        for line in _table([_header(result), *(_cells(result, row) for row in rows)]):
            print(line)
    _footer(result)


def _headline(result: MetricResult) -> str:
    text = f"{result.title}, {result.period}: {_written(result, result.total)}"
    if result.previous and result.previous_period:
        n = min(result.total.n, result.previous.n)
        change = numbers.change(result.total.value, result.previous.value, result.unit, n)
        before = _written(result, result.previous)
        text += f"\n{result.previous_period}: {before}, change {change}"
    return text


def _written(result: MetricResult, value: Value | Row) -> str:
    text = numbers.value(value.value, result.unit, value.n)
    if result.unit == "count" or text.startswith("n = "):
        return text
    between = numbers.interval(value.low, value.high, value.n)
    return f"{text} ({between}, n = {value.n:,})" if between else f"{text} (n = {value.n:,})"


def _header(result: MetricResult) -> list[str]:
    before = ["before", "change"] if result.previous and not result.rows else []
    return [*([result.grain] if result.grain else []), *result.by, result.title.lower(), "n", *before]


def _cells(result: MetricResult, row: Row) -> list[str]:
    cells = [f"{row.bucket}{' (part)' if row.partial else ''}"] if result.grain else []
    cells += [*row.group, numbers.value(row.value, result.unit, row.n), f"{row.n:,}"]
    if row.previous:
        n = min(row.n, row.previous.n)
        cells += [
            numbers.value(row.previous.value, result.unit, row.previous.n),
            numbers.change(row.value, row.previous.value, result.unit, n),
        ]
    return cells


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [line.rstrip() for line in (lines[0], "  ".join("-" * width for width in widths), *lines[1:])]


def _footer(result: MetricResult) -> None:
    from analytics import targets

    print()
    for line in result.targets:
        print(targets.told(line, result))
    for item in result.excluded:
        print(f"{item.kind}: {item.reason}, {item.n:,} created in the period")
    for note in result.notes:
        print(note)
    print(f"data to {result.as_of:%Y-%m-%d %H:%M} {result.zone}, generation {result.generation}")
    if result.audit:
        _opened(result, result.audit)


def _opened(result: MetricResult, audit: Audit) -> None:
    print(f"\n{result.description}\nIncludes: {audit.population}")
    print(f"A conversation counts on the day of {audit.counted_on}. No value: {audit.null_when}.")
    for one in audit.conversations:
        print(f"  {one.source}/{one.conversation_id}  {one.at:%Y-%m-%d %H:%M}  {one.subject or ''}".rstrip())
    print(f"\n{result.sql}")
