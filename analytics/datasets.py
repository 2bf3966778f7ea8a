"""What can be taken out row by row: conversations with their facts, as their sources hold them, and messages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Literal

from analytics import columns, dimensions
from analytics.base import TableOf
from analytics.periods import midnight
from analytics.population import is_counted
from analytics.question import between
from core.errors import QuestionError
from core.filters import NOT_COUNTED, Filters, Period
from core.keys import KEYS
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

Dataset = Literal["facts", "conversations", "messages"]
ALL = "all"


def rows(reader: Reader, dataset: Dataset, filters: Filters, *, settings: Settings, viewer: Viewer) -> str:
    """The SELECT of a dataset's rows, in the order of the warehouse.

    `filters.where` is about conversations. The period is that of their creation, for messages of the message.
    `filters.include` and the settings name kinds that are not counted and wanted all the same, or "all".
    Raises QuestionError for a name that does not exist.
    """
    from store.reader import compiled

    return compiled(build(partial(reader.table, viewer=viewer), dataset, filters, settings))


def build(tables: TableOf, dataset: Dataset, filters: Filters, settings: Settings) -> ir.Table:
    """The dataset as an Ibis table with the columns of `analytics.columns`.

    Raises QuestionError for a dimension or a kind of what is not counted that does not exist.
    """
    include = (*filters.include, *settings.counting.include)
    if unknown := [name for name in include if name not in (*NOT_COUNTED, ALL)]:
        raise QuestionError(
            f"no conversations are left out as {unknown[0]!r}.",
            hint=f"Known: {', '.join((*NOT_COUNTED, ALL))}.",
        )
    chosen = _chosen(tables, filters, include)
    if dataset == "messages":
        return _messages(tables, chosen, filters.period, settings)
    if filters.period:
        local = chosen.created_local
        chosen = chosen.filter(between(local, midnight(filters.period.start), midnight(filters.period.until)))
    if dataset == "facts":
        attributes = sorted(name for name in chosen.columns if name.startswith(dimensions.ATTRIBUTE))
        return chosen.select(*(column.name for column in columns.FACTS), *attributes)
    found = tables("conversations").semi_join(chosen, KEYS)
    return found.select(*(column.name for column in columns.CONVERSATIONS))


def _chosen(tables: TableOf, filters: Filters, include: tuple[str, ...]) -> ir.Table:
    """The facts of the conversations within the filters, of every time."""
    table = dimensions.facts(tables, dimensions.names_of(filters))
    if ALL not in include:
        table = table.filter(is_counted(table, include))
    return dimensions.where(table, filters)


def _messages(tables: TableOf, chosen: ir.Table, period: Period | None, settings: Settings) -> ir.Table:
    found = tables("messages")
    found = found.filter(~found.is_deleted.fill_null(False)).semi_join(chosen, KEYS)
    if period:
        start, until = (_instant(day, settings) for day in (period.start, period.until))
        found = found.filter(found.created_at >= start, found.created_at < until)
    people = tables("people").select(of="source_id", person="person_id", person_name="name")
    found = found.left_join(people, [found.source_id == people.of, found.author_id == people.person])
    found = found.drop("of", "person")
    told = tables("message_enrichment").select(
        of="source_id",
        told_of="message_id",
        told_language="language",
        told_sentiment="sentiment_score",
        told_text="clean_text",
        word_count="word_count",
    )
    found = found.left_join(told, [found.source_id == told.of, found.message_id == told.told_of])
    return found.mutate(
        author=found.person_name.fill_null(found.author_name),
        language=found.told_language.fill_null(found.language),
        sentiment_score=found.told_sentiment,
        own_text=found.told_text.fill_null(found.body_text),
    ).select(*(column.name for column in columns.MESSAGES))


def _instant(day: date, settings: Settings) -> ir.TimestampScalar:
    """The start of a day in the reporting zone, as an instant."""
    import ibis

    at = datetime.combine(day, time(), settings.workspace.zone).astimezone(UTC)
    return ibis.literal(at, "timestamp('UTC')")
