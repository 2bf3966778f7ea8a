"""`python -m jobs anomalies`: what was unusual, what it goes with, and the conversations that show it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core import numbers
from core.filters import Filters
from jobs import asking
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.anomalies.grouping import Card
    from analytics.anomalies.report import AnomalyReport

HELP = "what was unusual in the last 90 days, what it goes with, and the conversations that show it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which metrics, days and conversations."""
    parser.add_argument(
        "metric", nargs="*", metavar="METRIC", help="only these (default: four that matter most)"
    )
    asking.add_period(parser)
    asking.add_filters(parser)


def run(args: argparse.Namespace, context: Context) -> AnomalyReport:
    """Judge and explain. Raises QuestionError."""
    from analytics.anomalies.context import events_of
    from analytics.anomalies.report import METRICS, anomalies
    from analytics.anomalies.verdicts import told_by
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader
    from store.workspace import Workspace

    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    filters = Filters.of(
        asking.period(args.start, args.end, reader, settings),
        asking.where(args.filter),
        groups=asking.groups(args),
    )
    check_values(reader, filters, viewer=EVERYTHING)
    workspace = Workspace(context.home)
    return anomalies(
        reader, filters, settings=settings, viewer=EVERYTHING, metrics=args.metric or METRICS,
        events=events_of(workspace.notes()), verdicts=told_by(workspace.anomaly_verdicts(), settings.workspace.zone),
    )  # fmt: skip


def show(result: AnomalyReport) -> None:
    """A card a paragraph."""
    from analytics.anomalies.words import sentences, when

    print(
        f"{result.period} ({result.zone}, generation {result.generation}): {numbers.count(result.judged)} series"
    )
    if result.missing:
        print(f"Not judged yet: {result.missing}.")
    elif not result.cards:
        print("Nothing left what its past leads one to expect.")
    for card in (*result.cards, *([result.again] if result.again else [])):
        print()
        if card is result.again:
            print(f"{card.headline.reason}:")
        for line in sentences(card):
            print(line)
        _show_similar(card)
        _show_evidence(card)
    for one in result.suppressed:
        print(f"\nNot told: {one.title.lower()}, {when(one)}: {one.reason}.")
    if result.verdicts:
        print(f"\n{result.useful} of {result.verdicts} that people judged were useful.")
    for note in result.notes:
        print(note)


def _show_similar(card: Card) -> None:
    one = card.headline
    for then in card.similar:
        actual, usual = numbers.value(then.actual, one.unit, then.n), numbers.value(then.expected, one.unit)
        noted = f": {'; '.join(then.noted)}" if then.noted else ""
        print(f"  Like the week up to {then.day:%-d %b %Y}, {actual} where {usual} was usual{noted}.")


def _show_evidence(card: Card) -> None:
    for cause in card.causes:
        for example in cause.evidence.examples:
            print(f"  {example.source}/{example.conversation_id}  {example.subject or ''}".rstrip())
