"""Does it match the vendor? Its own metrics of each conversation beside ours, and why they differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics.base import FACTS
from analytics.vendor_query import statement
from analytics.vendor_rules import BY_NAME, METRICS, VendorMetric
from core.errors import QuestionError
from core.filters import Filters
from core.keys import KEYS
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import Metric, TableOf
    from analytics.question import Question
    from store.reader import Reader

LIMIT = 20
UNEXPLAINED = "unexplained"
_SUBJECTS = """
    SELECT source_id, conversation_id, subject FROM {conversation_facts}
    WHERE (source_id, conversation_id) IN (SELECT (unnest($1), unnest($2)))"""
_ORDER = {metric.name: place for place, metric in enumerate(METRICS)}


@dataclass(frozen=True, slots=True)
class Difference:
    """A conversation whose two values differ, in the vendor's unit (minutes, a count, or an instant)."""

    conversation_id: str
    subject: str | None
    theirs: int | datetime | None
    ours: int | datetime | None


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How many conversations differ for one reason, and the first of them by id.

    In `exact` of them our value, computed again under the vendor's rule, is the vendor's; in the others the facts leave
    room for the difference.
    """

    cause: str
    title: str
    words: str
    n: int
    exact: int
    conversations: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class VendorMatch:
    """One metric of one source: `n` conversations compared, `equal` of them, and the others by cause."""

    source: str
    metric: str
    title: str
    fact: str
    unit: str
    n: int
    equal: int
    causes: tuple[CauseCount, ...]

    @property
    def unexplained(self) -> int:
        """How many differ and no rule says why."""
        return sum(one.n for one in self.causes if one.cause == UNEXPLAINED)


def match(
    reader: Reader,
    *,
    settings: Settings,
    viewer: Viewer,
    source: str | None = None,
    metric: str | None = None,
    limit: int = LIMIT,
) -> tuple[VendorMatch, ...]:
    """All metrics that sources bring, or one of them; `limit` conversations are named for each cause.

    Deleted conversations are left out. Raises QuestionError for a metric that no vendor has.
    """
    chosen = tuple(one for one in METRICS if metric in (None, one.name, one.base))
    if not chosen:
        known = ", ".join(one.name for one in METRICS)
        raise QuestionError(f"no vendor has a metric called {metric!r}.", hint=f"There are {known}.")
    rows = reader.query(statement(chosen, limit, settings), [source], viewer=viewer).to_pylist()
    return _matches(reader, rows, viewer)


def _matches(reader: Reader, rows: list[dict[str, Any]], viewer: Viewer) -> tuple[VendorMatch, ...]:
    _name(reader, rows, viewer)
    counted = [row for row in rows if row["cause"] is None and row["n"]]
    found = (_match(row, [one for one in rows if one["cause"] and _key(one) == _key(row)]) for row in counted)
    return tuple(sorted(found, key=lambda one: (one.source, _ORDER[one.metric])))


def _name(reader: Reader, rows: list[dict[str, Any]], viewer: Viewer) -> None:
    """Add their subjects to the conversations that are named."""
    keys = {(row["source_id"], one["conversation_id"]) for row in rows for one in row["examples"] or ()}
    if not keys:
        return
    found = reader.query(_SUBJECTS, [list(column) for column in zip(*keys, strict=True)], viewer=viewer)
    subjects = {(row["source_id"], row["conversation_id"]): row["subject"] for row in found.to_pylist()}
    for row in rows:
        for one in row["examples"] or ():
            one["subject"] = subjects.get((row["source_id"], one["conversation_id"]))


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["source_id"], row["metric"]


def _match(row: dict[str, Any], causes: list[dict[str, Any]]) -> VendorMatch:
    metric = METRICS[_ORDER[row["metric"]]]
    told = tuple(
        CauseCount(one["cause"], BY_NAME[one["cause"]].title, BY_NAME[one["cause"]].words, one["n"], one["equal"],
                   tuple(_difference(example, metric) for example in one["examples"]))
        for one in sorted(causes, key=lambda one: (-one["n"], one["cause"]))
    )  # fmt: skip
    return VendorMatch(
        row["source_id"], metric.name, metric.title, metric.fact, metric.unit, row["n"], row["equal"], told
    )


def _difference(row: dict[str, Any], metric: VendorMetric) -> Difference:
    theirs, ours = (_written(row[side], metric) for side in ("theirs", "ours"))
    return Difference(row["conversation_id"], row["subject"], theirs, ours)


def _written(value: int | None, metric: VendorMetric) -> int | datetime | None:
    if value is None or metric.unit != "instant":
        return value
    return datetime.fromtimestamp(value, UTC)


def only(matches: tuple[VendorMatch, ...], cause: str) -> tuple[VendorMatch, ...]:
    """The matches that have a cause, with that cause alone. Raises QuestionError for one that does not exist."""
    if cause not in BY_NAME:
        raise QuestionError(f"there is no cause {cause!r}.", hint=f"There are {', '.join(BY_NAME)}.")
    kept = ((one, tuple(c for c in one.causes if c.cause == cause)) for one in matches)
    return tuple(replace(one, causes=causes) for one, causes in kept if causes)


@dataclass(frozen=True, slots=True)
class VendorValue:
    """The vendor's own number beside ours, both over the `n` conversations of the number that have both values.

    `value` and `ours` are in the metric's unit (seconds for a duration). `equal` conversations agree, the others are
    told by cause; conversations that only the vendor counts are in `match`, not here.
    """

    metric: str
    title: str
    sources: tuple[str, ...]
    n: int
    value: float | None
    ours: float | None
    equal: int
    causes: tuple[CauseCount, ...]


def vendor_values(
    reader: Reader, name: str, filters: Filters, *, settings: Settings, viewer: Viewer
) -> VendorValue | None:
    """What the vendor says about a metric; None where no vendor measures it or no conversation has its value."""
    from analytics.audit import build
    from analytics.compute import ask

    question = ask(reader, name, filters, settings=settings, viewer=viewer).question
    theirs = _measured(question.metric, filters)
    if theirs is None:
        return None
    tables = partial(reader.table, viewer=viewer)
    both = _beside(tables, build(tables, question), theirs)
    (totals,) = reader.run(_totals(both, question, theirs)).to_pylist()
    if not totals["n"]:
        return None
    rows = reader.run(_unequal(both, theirs)).to_pylist()
    causes = _causes(reader, theirs, rows, settings, viewer)
    sources = tuple(sorted(totals["sources"]))
    return VendorValue(
        theirs.name,
        theirs.title,
        sources,
        totals["n"],
        totals["theirs"],
        totals["ours"],
        totals["equal"],
        causes,
    )


def _measured(metric: Metric, filters: Filters) -> VendorMetric | None:
    """The vendor's metric that a median, percentile or mean of the catalogue aggregates."""
    if metric.table != FACTS or metric.kind not in ("quantile", "mean"):
        return None
    name = metric.family or metric.name
    return next((one for one in METRICS if name in one.families and one.hours in (None, filters.hours)), None)


def _beside(tables: TableOf, counted: ir.Table, metric: VendorMetric) -> ir.Table:
    """source_id, conversation_id, ours, theirs (in units of ours), of conversations that have both."""
    facts, told = tables(FACTS), tables("conversations")
    told = told.filter(told.vendor_metrics.notnull())
    found = told.vendor_metrics.cast("json")
    for key in metric.path.removeprefix("$.").split("."):
        found = found[key]
    told = told.select(*KEYS, theirs=found.unwrap_as("int64") * metric.unit_s)
    facts = facts.select(*KEYS, ours=facts[metric.fact])
    both = counted.select(*KEYS).inner_join(facts, KEYS).inner_join(told, KEYS)
    return both.filter(both.theirs.notnull() & both.ours.notnull())


def _agrees(both: ir.Table, metric: VendorMetric) -> ir.BooleanValue:
    units = (both.ours / metric.unit_s).floor().cast("int64")
    agrees: ir.BooleanValue = both.theirs == units * metric.unit_s
    return agrees


def _totals(both: ir.Table, question: Question, metric: VendorMetric) -> ir.Table:
    aggregate, n = question.metric.aggregate, both.count()
    return both.aggregate(
        n=n, theirs=aggregate(both.theirs, n), ours=aggregate(both.ours, n),
        equal=_agrees(both, metric).sum(), sources=both.source_id.collect(distinct=True),
    )  # fmt: skip


def _unequal(both: ir.Table, metric: VendorMetric) -> ir.Table:
    rows = both.filter(~_agrees(both, metric)).select(*KEYS)
    return rows.order_by(KEYS)


def _causes(
    reader: Reader, metric: VendorMetric, rows: list[dict[str, Any]], settings: Settings, viewer: Viewer
) -> tuple[CauseCount, ...]:
    """Why these conversations differ; of several sources together."""
    if not rows:
        return ()
    keys = [[row[name] for row in rows] for name in KEYS]
    text = statement((metric,), LIMIT, settings, only=True)
    found = _matches(reader, reader.query(text, [None, *keys], viewer=viewer).to_pylist(), viewer)
    told: dict[str, CauseCount] = {}
    for one in (cause for source in found for cause in source.causes):
        so_far = told.get(one.cause)
        told[one.cause] = one if so_far is None else _added(so_far, one)
    return tuple(sorted(told.values(), key=lambda one: (-one.n, one.cause)))


def _added(first: CauseCount, second: CauseCount) -> CauseCount:
    both = (*first.conversations, *second.conversations)[:LIMIT]
    return CauseCount(
        first.cause, first.title, first.words, first.n + second.n, first.exact + second.exact, both
    )
