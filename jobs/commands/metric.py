"""`python -m jobs metric`: a number with its n, what is not in it, and how it was made."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core import numbers
from core.filters import GRAINS, Filters
from jobs import asking, opened
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.capabilities import Capability
    from analytics.result import AsOf, MetricResult, Row, Value
    from analytics.themes import ThemeReport
    from core.settings import Settings
    from store.reader import Reader

    Answer = MetricResult | AsOf | ThemeReport | list["Listed"] | list[Capability]

HELP = (
    "a metric over a period: value, n, comparison, what is not counted; `metric list` names them, "
    "`metric coverage` says what each source can tell"
)


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
    parser.add_argument("name", metavar="NAME", help="a metric's name, `list` or `coverage`")
    asking.add_period(parser)
    parser.add_argument("--grain", choices=GRAINS, help="a row per hour, day, week, …")
    parser.add_argument(
        "--by", action="append", default=[], metavar="DIM", help="a row per value; repeatable"
    )
    asking.add_filters(parser)
    asking.add_compare(parser)
    parser.add_argument(
        "--per", metavar="NAME", help="what contact_rate is divided by: active_customers, orders, …"
    )
    asking.add_hours(parser)
    asking.add_include(parser)
    parser.add_argument(
        "--distribution", action="store_true", help="mean, median, percentile, and how many fall where"
    )
    parser.add_argument(
        "--impact", metavar="DIM", help="what each value does to the number: topic, tag, product, …"
    )
    parser.add_argument(
        "--as-of",
        type=asking.day,
        metavar="DAY",
        help="as it was told at the end of that day, and what changed",
    )
    parser.add_argument(
        "--audit", action="store_true", help="definition, variants, conversations behind it, and the SQL"
    )


def run(args: argparse.Namespace, context: Context) -> Answer:
    """Compute it."""
    from analytics import catalogue, targets
    from analytics.capabilities import capability_table
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    if args.name == "coverage":
        return list(capability_table(open_reader(context.home), viewer=EVERYTHING))
    settings = effective_settings(context.home, context.settings)
    catalogue.check(settings)
    targets.check(settings)
    if args.name == "list":
        return [
            Listed(m.name, m.title, m.unit, m.better, m.description, m.words)
            for m in catalogue.every(settings)
        ]
    catalogue.find(args.name, settings)
    reader = open_reader(context.home)
    filters = Filters.of(
        asking.period(args.start, args.end, reader, settings),
        asking.where(args.filter),
        hours=args.hours,
        include=args.include,
        groups=asking.groups(args),
    )
    check_values(reader, filters, viewer=EVERYTHING)
    return _computed(args, reader, filters, settings)


def _computed(
    args: argparse.Namespace, reader: Reader, filters: Filters, settings: Settings
) -> MetricResult | AsOf | ThemeReport:
    from analytics import audit, ledger
    from analytics.compute import compute
    from analytics.themes import theme_impact
    from core.viewer import EVERYTHING

    if args.impact:
        return theme_impact(reader, args.name, filters, args.impact, settings=settings, viewer=EVERYTHING)
    if args.as_of:
        return ledger.as_of(
            reader, args.name, filters, args.as_of, settings=settings, viewer=EVERYTHING,
            grain=args.grain, by=tuple(args.by),
        )  # fmt: skip
    result = compute(
        reader, args.name, filters, settings=settings, viewer=EVERYTHING, grain=args.grain,
        by=tuple(args.by), compare=args.compare, per=args.per, detail=args.distribution,
    )  # fmt: skip
    result = replace(result, restated=ledger.restated(reader, result, settings=settings, viewer=EVERYTHING))
    return audit.audited(reader, result, settings=settings, viewer=EVERYTHING) if args.audit else result


def show(result: Answer) -> None:
    """The number, its rows as a table, and what is not in it."""
    from analytics.result import MetricResult

    if not isinstance(result, MetricResult):
        for line in _lines(result):
            print(line)
        return
    print(_headline(result))
    rows = result.rows or result.groups
    if rows:
        print()
        for line in opened.table([_header(result), *(_cells(result, row) for row in rows)]):
            print(line)
    _footer(result)


def _lines(answer: AsOf | ThemeReport | list[Listed] | list[Capability]) -> Iterator[str]:
    from analytics.result import AsOf
    from analytics.themes import ThemeReport

    if isinstance(answer, AsOf):
        yield from opened.then(answer)
        return
    if isinstance(answer, ThemeReport):
        yield from opened.themes(answer)
        return
    for item in answer:
        if isinstance(item, Listed):
            yield f"{item.name:26} {item.title}: {item.description}"
        else:
            yield from opened.coverage([item])


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
    cells = (
        [f"{row.bucket}{' (too young)' if row.immature else ' (part)' if row.partial else ''}"]
        if result.grain
        else []
    )
    cells += [*row.group, numbers.value(row.value, result.unit, row.n), f"{row.n:,}"]
    if row.previous:
        n = min(row.n, row.previous.n)
        cells += [
            numbers.value(row.previous.value, result.unit, row.previous.n),
            numbers.change(row.value, row.previous.value, result.unit, n),
        ]
    return cells


def _footer(result: MetricResult) -> None:
    from analytics import ledger, targets

    print()
    for line in result.targets:
        print(targets.told(line, result))
    if result.restated:
        print(ledger.told(result.restated))
    for item in result.excluded:
        arisen = "created in" if result.counts == "conversations" else f"{result.counts} of"
        print(f"{item.kind}: {item.reason}, {item.n:,} {arisen} the period")
    for note in result.notes:
        print(note)
    print(f"data to {result.as_of:%Y-%m-%d %H:%M} {result.zone}, generation {result.generation}")
    if result.coverage:
        print(f"{result.name} {result.coverage.text}")
    if result.statistics and not result.audit:
        print(*opened.distribution(result), sep="\n")
    if result.audit:
        print(*opened.audit(result, result.audit), sep="\n")
