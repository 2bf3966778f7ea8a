"""Opening a number: its definition and the conversations behind it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics import levels, rates, timeline
from analytics.base import TableOf
from analytics.compute import ask
from analytics.dimensions import NONE
from analytics.question import Question
from analytics.result import Audit, Behind, DimensionMoment, MetricResult, ThenAndNow
from analytics.rows import KEYS, chosen
from analytics.spread import spread
from analytics.timeline import Key
from analytics.variants import values_of_variants
from core.filters import Filters
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

SAMPLE = 10


def audited(reader: Reader, result: MetricResult, *, settings: Settings, viewer: Viewer) -> MetricResult:
    """The result with its definition, how its values lie, its variants, and some conversations with their events."""
    from analytics.vendor import vendor_values

    question = ask(
        reader, result.name, result.filters, settings=settings, viewer=viewer, per=result.per
    ).question
    metric = question.metric
    statistics, distribution = spread(reader, question, viewer)
    opened = Audit(
        metric.population_text,
        metric.counted_on,
        metric.null_when,
        _sample(reader, question, viewer),
        source=metric.source,
        needs=metric.needs,
        attribution=tuple(
            DimensionMoment(name, metric.attribution.moment) for name in sorted(metric.attribution.columns)
        ),
        variants=values_of_variants(reader, question, viewer),
        vendor=vendor_values(reader, result.name, result.filters, settings=settings, viewer=viewer),
    )
    return replace(result, audit=opened, statistics=statistics, distribution=distribution)


def _sample(reader: Reader, question: Question, viewer: Viewer) -> tuple[Behind, ...]:
    """The latest conversations of a number, with what happened in them and who held them then and now."""
    rows = _page(reader, question, viewer, limit=SAMPLE, held=True)
    keys = list(dict.fromkeys((row["source_id"], row["conversation_id"]) for row in rows))
    happened, now = timeline.events(reader, keys, viewer), _held_now(reader, keys, viewer)
    found = []
    for row in rows:
        key = (row["source_id"], row["conversation_id"])
        pairs = ((name, row.get(name), now.get(key, {}).get(name)) for name in _HELD)
        moved = tuple(
            ThenAndNow(name, then or NONE, today or NONE)
            for name, then, today in pairs
            if name in row and (then or NONE) != (today or NONE)
        )
        found.append(replace(_behind(row), moved=moved, events=happened.get(key, ())))
    return tuple(found)


_HELD = ("agent", "team", "priority")


def _held_now(reader: Reader, keys: list[Key], viewer: Viewer) -> dict[Key, dict[str, str | None]]:
    rows = reader.query(
        f"""SELECT source_id, conversation_id, {", ".join(_HELD)} FROM {{conversation_facts}}
            WHERE conversation_id IN (SELECT unnest(?::VARCHAR[]))""",
        [[conversation for _, conversation in keys]],
        viewer=viewer,
    ).to_pylist()
    return {(row["source_id"], row["conversation_id"]): row for row in rows}


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
    rows = _page(reader, question, viewer, limit=limit, offset=offset, only_hits=only_hits)
    return [_behind(row) for row in rows]


def _page(
    reader: Reader, question: Question, viewer: Viewer, *, limit: int, offset: int = 0,
    only_hits: bool = False, held: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    names = tuple(name for name in _HELD if name in question.metric.attribution.columns) if held else ()
    rows = build(partial(reader.table, viewer=viewer), question, "subject", *names, only_hits=only_hits)
    page = rows.order_by([rows["at"].desc(), rows.source_id, rows.conversation_id])
    found: list[dict[str, Any]] = reader.run(page.limit(limit, offset=offset)).to_pylist()
    return found


def _behind(row: dict[str, Any]) -> Behind:
    return Behind(row["source_id"], row["conversation_id"], row["subject"], row["at"], row["value"])


def build(tables: TableOf, question: Question, *held: str, only_hits: bool = False) -> ir.Table:
    """Columns: source_id, conversation_id, at, value, and those of `held` as of that moment.

    Of a rate always with the subject, and with nothing else.
    """
    metric = question.metric
    if metric.of_moments:
        return levels.open_now(tables, question, *held)
    if metric.kind == "rate":
        return rates.behind(tables, question)
    found = chosen(tables, question, (), *KEYS, *held, both=False)
    rows = found.select(*KEYS, *held, "at", value=found.measure.cast("float64"))
    return rows.filter(rows.value == 1) if only_hits and metric.kind == "share" else rows
