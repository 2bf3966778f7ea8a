"""`python -m jobs brief`: the last closed week in at most eight checked sentences."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.filters import Filters
from jobs import asking
from jobs.cli import Context

if TYPE_CHECKING:
    from analytics.brief import Brief
    from analytics.brief_words import Sentence

HELP = "the last closed week in short: what left its usual range and why, and which targets run out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which week, and of which conversations."""
    parser.add_argument(
        "--week", type=asking.day, metavar="DAY", help="the week that holds this day (default: the last closed one)"
    )  # fmt: skip
    asking.add_filters(parser)
    asking.add_hours(parser)


def run(args: argparse.Namespace, context: Context) -> Brief:
    """Compute and check it. Raises QuestionError for a week that is not closed."""
    from analytics.anomalies.context import concerning
    from analytics.brief import brief
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader
    from store.workspace import Workspace

    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    filters = Filters.of(None, asking.where(args.filter), hours=args.hours, groups=asking.groups(args))
    check_values(reader, filters, viewer=EVERYTHING)
    events = concerning(Workspace(context.home).notes(), "volume", filters)
    return brief(reader, settings=settings, viewer=EVERYTHING, filters=filters, week=args.week, events=events)


def show(result: Brief) -> None:
    """The week, a sentence a line, and below each the page that proves it."""
    print(f"{result.title} ({result.zone}, generation {result.generation})")
    _show(result.sentences)
    for section in result.sections:
        print(f"\n{section.title}")
        _show(section.sentences)
    if result.refused:
        print(
            f"{len(result.refused)} numbers did not hold, and their sentences are left out; the log says which."
        )


def _show(sentences: Iterable[Sentence]) -> None:
    for sentence in sentences:
        print(f"- {sentence.text}")
        print(f"  /{sentence.address}")
        for quote in sentence.quotes:
            print(f"  “{quote.text}” ({quote.source}/{quote.conversation_id})")
        for example in sentence.examples:
            print(f"  {example.source}/{example.conversation_id}: {example.subject or 'no subject'}")
