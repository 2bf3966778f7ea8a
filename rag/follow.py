"""The plan of a question that continues another one, without asking it."""

from __future__ import annotations

from core import clock
from core.viewer import Viewer
from rag.answer import QueryPlan
from rag.context import RagContext
from rag.dates import Calendar
from rag.mentions import with_known_ids
from rag.plan import parse
from rag.vocabulary import vocabulary


def calendar_of(context: RagContext) -> Calendar:
    """Today in the reporting zone, and the first and last day of the data."""
    from analytics.periods import first_day, last_day

    reader, settings = context.reader, context.settings
    return Calendar(
        clock.today(settings.workspace.reporting_zone),
        first_day(reader, settings),
        last_day(reader, settings),
    )


def followed(context: RagContext, question: str, previous: QueryPlan | None, viewer: Viewer) -> QueryPlan:
    """How a question is understood after a previous plan."""
    words = vocabulary(context.reader, context.settings, viewer)
    return with_known_ids(context, parse(question, words, calendar_of(context), previous), viewer)
