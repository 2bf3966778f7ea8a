"""The list of conversations: created in a period, or behind a metric; read page by page from a key, never by counting rows.

A page is found by the place where the one before ended, so the thousandth costs what the first does, and nothing is
shown twice or left out between two pages of one generation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics import audit, dimensions, periods
from analytics.compute import ask
from analytics.list_question import QUICK, ListQuestion, Place, Sort, Span
from analytics.memo import per_reader
from analytics.periods import midnight
from analytics.population import is_counted
from analytics.question import Question, between
from core.errors import QuestionError
from core.keys import KEYS
from core.service_levels import CLOCKS
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from store.reader import Reader

MATCHED = "matched_conversations"
# What a row shows of its conversation; a page of all facts would take ten times as long to read.
LISTED = (
    "subject", "requester", "organization", "channel", "product", "brand", "type", "language", "team", "agent",
    "status", "priority", "topic", "tags", "created_local", "last_activity_local", "waiting_since_local",
    "first_reply_s", "first_reply_business_s", "full_resolution_s", "full_resolution_business_s", "reopens",
    "handoffs", "agent_replies", "message_count", "csat_score", "sentiment", "sentiment_score", "missed_targets",
    "open_due_local", "is_solved", "excluded_because",
)  # fmt: skip

# What tells the rows of one conversation apart, and says more about each, in tables that have several.
_PARTS: dict[str, tuple[str, ...]] = {
    "replies": ("reply_no",),
    "solves": ("solve_no",),
    "sla_instances": ("sla_metric", "instance_no"),
    "open_spans": ("span_no",),
}
_MORE: dict[str, tuple[str, ...]] = {"sla_instances": ("sla_metric", "target_s")}
_HELD = ("agent", "team")
_MOST_PARTS = 1_000_000  # of one conversation and metric


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows of a page in order, each with its place, and whether there is more on either side.

    A row holds its facts, and of a metric `at` (wall-clock moment it counts on), `value`, `then_agent`, `then_team`
    and what the metric's own table adds.
    """

    rows: tuple[dict[str, Any], ...]
    places: tuple[Place, ...]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """How long the list is: rows, conversations in them, and how many rows each quick filter would leave."""

    rows: int
    conversations: int
    quick: dict[str, int]


def page(
    reader: Reader,
    asked: ListQuestion,
    *,
    settings: Settings,
    viewer: Viewer,
    size: int,
    after: Place | None = None,
    before: Place | None = None,
    matched: pa.Table | None = None,
    columns: tuple[str, ...] = LISTED,
) -> ListPage:
    """The page after, or before, a place; the first one without. `columns` are facts that its rows show.

    `matched` (source_id, conversation_id) limits it to the conversations that a search found. Raises QuestionError.
    """
    sql = _listing(reader, *_prepared(reader, asked, settings, viewer), viewer, matched is not None)
    where, params = _beyond(asked.order, after or before, backwards=before is not None)
    rows = reader.select(
        f"SELECT * FROM ({sql}) {where} ORDER BY {_ordered(asked.order, backwards=before is not None)} LIMIT {size + 1}",
        params,
        {MATCHED: matched} if matched is not None else {},
    ).to_pylist()
    found, is_more = rows[:size], len(rows) > size
    if before is not None:
        if not is_more:  # the top: a full first page reads better than what is left above
            return page(
                reader, asked, settings=settings, viewer=viewer, size=size, matched=matched, columns=columns
            )
        found.reverse()
    places = tuple(_place(row) for row in found)
    full = tuple(_with_facts(reader, found, columns, viewer))
    return ListPage(full, places, is_more if before else after is not None, True if before else is_more)


def totals(
    reader: Reader,
    asked: ListQuestion,
    *,
    settings: Settings,
    viewer: Viewer,
    matched: pa.Table | None = None,
) -> Totals:
    """How many rows and conversations the list has, and what each quick filter would leave of it."""
    sql = _counting(reader, *_prepared(reader, asked, settings, viewer), viewer, matched is not None)
    row = reader.select(sql, (), {MATCHED: matched} if matched is not None else {}).to_pylist()[0]
    return Totals(
        int(row["rows"]), int(row["conversations"]), {name: int(row[f"quick_{name}"] or 0) for name in QUICK}
    )


def neighbours(
    reader: Reader,
    asked: ListQuestion,
    key: tuple[str, str],
    here: Place | None = None,
    *,
    settings: Settings,
    viewer: Viewer,
    matched: pa.Table | None = None,
) -> tuple[Place | None, Place | None]:
    """The rows of other conversations before and after one: None at an end, and where it is not in the list.

    `here` is its row; its first one without, of several that a metric can have of one conversation.
    """
    sql = _listing(reader, *_prepared(reader, asked, settings, viewer), viewer, matched is not None)
    tables = {MATCHED: matched} if matched is not None else {}
    order = asked.order

    def first(where: str, params: list[Any], *, backwards: bool = False) -> Place | None:
        ordered = f"ORDER BY {_ordered(order, backwards=backwards)} LIMIT 1"
        rows = reader.select(f"SELECT * FROM ({sql}) {where} {ordered}", params, tables).to_pylist()
        return _place(rows[0]) if rows else None

    def beside(place: Place, *, backwards: bool) -> Place | None:
        where, params = _beyond(order, place, backwards=backwards)
        other = f"({where.removeprefix('WHERE ')}) AND NOT (source_id = ? AND conversation_id = ?)"
        return first(f"WHERE {other}", [*params, *key], backwards=backwards)

    here = here or first("WHERE source_id = ? AND conversation_id = ?", list(key))
    return (beside(here, backwards=True), beside(here, backwards=False)) if here else (None, None)


def _prepared(
    reader: Reader, asked: ListQuestion, settings: Settings, viewer: Viewer
) -> tuple[ListQuestion, Question | None, datetime]:
    """The question checked, the metric's own one, and how far the data is known."""
    if unknown := [name for name in asked.quick if name not in QUICK]:
        raise QuestionError(
            f"there is no quick filter called {unknown[0]!r}.", hint=f"Known: {', '.join(QUICK)}."
        )
    known = periods.known_until(reader, settings)
    if asked.of:
        question = ask(reader, asked.of, asked.filters, settings=settings, viewer=viewer).question
        return asked, question, known
    dimensions.check(asked.filters, ())
    include = tuple(sorted({*asked.filters.include, *settings.counting.include}))
    return replace(asked, filters=replace(asked.filters, include=include)), None, known


@per_reader
def _listing(
    reader: Reader, asked: ListQuestion, question: Question | None, known: datetime, viewer: Viewer, is_search: bool
) -> str:  # fmt: skip
    """SQL of the list: keys, part, sort, and of a metric at, value, …; in no order."""
    import ibis

    from store.reader import compiled

    tables = partial(reader.table, viewer=viewer)
    rows = _rows(tables, asked, question)
    if question is None:
        for name in asked.quick:
            rows = rows.filter(QUICK[name].chosen(rows, known))
        rows = rows.select(*KEYS, part=ibis.literal(0, "int64"), sort=rows[asked.order.column])
    else:
        facts = tables("conversation_facts")
        for name in asked.quick:
            rows = rows.semi_join(facts.filter(QUICK[name].chosen(facts, known)).select(*KEYS), KEYS)
        rows = rows.mutate(sort=rows[asked.order.column])
    return compiled(_searched(rows) if is_search else rows)


@per_reader
def _counting(
    reader: Reader, asked: ListQuestion, question: Question | None, known: datetime, viewer: Viewer, is_search: bool
) -> str:  # fmt: skip
    """SQL of one row: rows, conversations, quick_<name> for each quick filter on top of those chosen."""
    from store.reader import compiled

    tables = partial(reader.table, viewer=viewer)
    rows = _rows(tables, asked, question)
    rows = _searched(rows) if is_search else rows
    facts = rows if question is None else tables("conversation_facts")
    flags = {f"is_{name}": quick.chosen(facts, known).fill_null(False) for name, quick in QUICK.items()}
    if question is None:
        flagged = rows.mutate(times=1, **flags)
    else:
        # Conversation by conversation: a table of targets or replies has several rows of each.
        several = bool(_PARTS.get(question.metric.table))
        flagged = rows.group_by(KEYS).aggregate(times=rows.count()) if several else rows.mutate(times=1)
        flagged = flagged.inner_join(facts.select(*KEYS, **flags), KEYS)
    for name in asked.quick:
        flagged = flagged.filter(flagged[f"is_{name}"])
    times = flagged["times"]
    return compiled(
        flagged.aggregate(
            rows=times.sum().fill_null(0),
            conversations=flagged.count(),
            **{f"quick_{name}": times.sum(where=flagged[f"is_{name}"]).fill_null(0) for name in QUICK},
        )
    )


def _rows(tables: Any, asked: ListQuestion, question: Question | None) -> ir.Table:
    """The facts created in the period, or the rows of a metric with part, at, value and what they held then."""
    import ibis

    if question is None:
        return _created(tables, asked)
    table = question.metric.table
    parts = _PARTS.get(table, ())
    columns = question.metric.attribution.columns if question.metric.kind != "rate" else {}
    held = tuple(name for name in _HELD if name in columns)
    rows = audit.build(tables, question, *dict.fromkeys((*parts, *_MORE.get(table, ()), *held)))
    if question.metric.kind == "share" and asked.hits is not None:
        rows = rows.filter(rows.value == (1 if asked.hits else 0))
    rows = _inside(rows, asked.span) if asked.span else rows
    part = ibis.literal(0, "int64")
    if "sla_metric" in parts:
        part = part + _MOST_PARTS * rows.sla_metric.cases(
            *((name, at) for at, name in enumerate(CLOCKS)), else_=9
        )
    if parts:
        part = part + rows[parts[-1]].fill_null(0)
    more = [name for name in _MORE.get(table, ()) if name in rows.columns]
    then = {f"then_{name}": rows[name] for name in held}
    return rows.select(*KEYS, "at", "value", *more, part=part, **then)


def _inside(rows: ir.Table, span: Span) -> ir.Table:
    low, high = span
    rows = rows if low is None else rows.filter(rows.value >= low)
    return rows if high is None else rows.filter(rows.value < high)


def _created(tables: Any, asked: ListQuestion) -> ir.Table:
    filters = asked.filters
    table = dimensions.where(dimensions.facts(tables, dimensions.names_of(filters)), filters)
    if asked.counted:
        table = table.filter(is_counted(table, filters.include))
    if filters.period:
        start, until = midnight(filters.period.start), midnight(filters.period.until)
        table = table.filter(between(table.created_local, start, until))
    return table


def _searched(rows: ir.Table) -> ir.Table:
    import ibis

    return rows.semi_join(ibis.table(dict.fromkeys(KEYS, "string"), name=MATCHED), KEYS)


def _ordered(order: Sort, *, backwards: bool) -> str:
    """Values that are not there come last, equal ones by their key; backwards all of it turned round."""
    if backwards:
        up = "ASC" if order.descending else "DESC"
        return f"sort {up} NULLS FIRST, source_id DESC, conversation_id DESC, part DESC"
    down = "DESC" if order.descending else "ASC"
    return f"sort {down} NULLS LAST, source_id, conversation_id, part"


def _beyond(order: Sort, place: Place | None, *, backwards: bool) -> tuple[str, list[Any]]:
    """The condition of the rows on the far side of a place, and its values."""
    if place is None:
        return "", []
    key = [place.source_id, place.conversation_id, place.part]
    later = f"(source_id, conversation_id, part) {'<' if backwards else '>'} (?, ?, ?)"
    if place.value is None:
        return f"WHERE sort IS {'NOT NULL OR' if backwards else 'NULL AND'} {later}", key
    sign = "<" if order.descending is not backwards else ">"
    rest = "" if backwards else " OR sort IS NULL"
    return f"WHERE sort {sign} ? OR (sort = ? AND {later}){rest}", [place.value, place.value, *key]


def _place(row: dict[str, Any]) -> Place:
    return Place(row["sort"], row["source_id"], row["conversation_id"], row["part"])


def _with_facts(
    reader: Reader, rows: list[dict[str, Any]], columns: tuple[str, ...], viewer: Viewer
) -> list[dict[str, Any]]:
    """The rows with the facts of their conversations."""
    ids = sorted({row["conversation_id"] for row in rows})
    if not ids:
        return []
    known = reader.table("conversation_facts", viewer).columns
    names = [name for name in (*KEYS, *columns) if name in known]
    told = reader.rows_of("conversation_facts", names, ids, viewer=viewer).to_pylist()
    facts = {(one["source_id"], one["conversation_id"]): one for one in told}
    return [{**row, **facts[row["source_id"], row["conversation_id"]]} for row in rows]
