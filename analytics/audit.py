"""Opening a number: its definition and the conversations behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analytics import levels, rates, timeline
from analytics.base import TableOf
from analytics.compute import ask
from analytics.question import Question
from analytics.result import Audit, Behind, DimensionMoment, MetricResult, ThenAndNow
from analytics.rows import chosen
from analytics.shapes import sql_of
from analytics.spread import spread
from analytics.variants import values_of_variants
from core.filters import NONE, Filters
from core.keys import KEYS, Key
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
    keys = _keys(rows)
    happened, now = timeline.events(reader, keys, viewer), _today(reader, keys, viewer)
    found = []
    for row in rows:
        key = (row["source_id"], row["conversation_id"])
        today = now[key]
        pairs = ((name, row.get(name), today.get(name)) for name in _HELD)
        moved = tuple(
            ThenAndNow(name, then or NONE, holds or NONE)
            for name, then, holds in pairs
            if name in row and (then or NONE) != (holds or NONE)
        )
        found.append(replace(_behind(row, today), moved=moved, events=happened.get(key, ())))
    return tuple(found)


_HELD = ("agent", "team", "priority")


def _keys(rows: list[dict[str, Any]]) -> list[Key]:
    return list(dict.fromkeys((row["source_id"], row["conversation_id"]) for row in rows))


def _today(reader: Reader, keys: list[Key], viewer: Viewer) -> dict[Key, dict[str, str | None]]:
    """What conversations are called, and who holds them now."""
    ids = [conversation for _, conversation in keys]
    rows = reader.rows_of("conversation_facts", (*KEYS, "subject", *_HELD), ids, viewer=viewer).to_pylist()
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
    now = _today(reader, _keys(rows), viewer)
    return [_behind(row, now[row["source_id"], row["conversation_id"]]) for row in rows]


def _page(
    reader: Reader, question: Question, viewer: Viewer, *, limit: int, offset: int = 0,
    only_hits: bool = False, held: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    names = tuple(name for name in _HELD if name in question.metric.attribution.columns) if held else ()
    sql = sql_of(_listed, reader, _Listed(question, names, only_hits), viewer)
    # Subjects are looked up for the page alone: to join the facts to all rows first takes most of the time.
    page = (
        f'FROM ({sql}) ORDER BY "at" DESC, source_id, conversation_id, "value" LIMIT {limit} OFFSET {offset}'
    )
    found: list[dict[str, Any]] = reader.select(page).to_pylist()
    return found


@dataclass(frozen=True, slots=True)
class _Listed:
    """A question whose conversations are listed, with what is told of each."""

    question: Question
    held: tuple[str, ...]
    only_hits: bool


def _listed(tables: TableOf, asked: _Listed) -> ir.Table:
    return build(tables, asked.question, *asked.held, only_hits=asked.only_hits)


def _behind(row: dict[str, Any], today: dict[str, str | None]) -> Behind:
    return Behind(row["source_id"], row["conversation_id"], today["subject"], row["at"], row["value"])


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
