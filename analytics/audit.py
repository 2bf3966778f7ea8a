"""Opening a number: its definition and the conversations behind it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from analytics import levels, rates
from analytics.base import TableOf
from analytics.compute import ask
from analytics.question import Question
from analytics.result import Audit, Behind, MetricResult
from analytics.rows import KEYS, chosen
from core.filters import Filters
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

SAMPLE = 5


def audited(reader: Reader, result: MetricResult, *, settings: Settings, viewer: Viewer) -> MetricResult:
    """The result with its definition and a sample of its conversations."""
    metric = ask(reader, result.name, result.filters, settings=settings, viewer=viewer).question.metric
    found = behind(
        reader, result.name, result.filters, settings=settings, viewer=viewer, limit=SAMPLE, per=result.per
    )
    return replace(
        result, audit=Audit(metric.population_text, metric.counted_on, metric.null_when, tuple(found))
    )


def behind(
    reader: Reader,
    name: str,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    limit: int = 50,
    offset: int = 0,
    only_hits: bool = False,
    per: str | None = None,
) -> list[Behind]:
    """The conversations that a metric counts, latest first; of a share only its hits, when asked."""
    question = ask(reader, name, filters, settings=settings, viewer=viewer, per=per).question
    rows = build(partial(reader.table, viewer=viewer), question, only_hits=only_hits)
    page = rows.order_by([rows["at"].desc(), rows.source_id, rows.conversation_id]).limit(
        limit, offset=offset
    )
    return [
        Behind(row["source_id"], row["conversation_id"], row["subject"], row["at"], row["value"])
        for row in reader.run(page).to_pylist()
    ]


def build(tables: TableOf, question: Question, *, only_hits: bool = False) -> ir.Table:
    """Columns: source_id, conversation_id, subject, at, value."""
    metric = question.metric
    if metric.of_moments:
        return levels.open_now(tables, question)
    if metric.kind == "rate":
        return rates.behind(tables, question)
    found = chosen(tables, question, (), *KEYS, "subject", both=False)
    rows = found.select(*KEYS, "subject", "at", value=found.measure.cast("float64"))
    return rows.filter(rows.value == 1) if only_hits and metric.kind == "share" else rows
