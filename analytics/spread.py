"""How the values behind a number lie: mean, median, percentile, ends, and how many fall into each bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics import levels
from analytics.base import TableOf
from analytics.question import Question
from analytics.result import Bin, Statistics
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
# Fixed, so that the distributions of two periods can be laid over each other. Seconds.
SECONDS = (
    0, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR,
    8 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 3 * _DAY, 5 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 90 * _DAY,
)  # fmt: skip
NUMBERS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30, 50, 100)
_EDGES: dict[str, tuple[int, ...]] = {"seconds": SECONDS, "number": NUMBERS}


def has_spread(question: Question) -> bool:
    """Whether a number is made of values that lie somewhere: durations, scores, counts of a conversation."""
    return question.metric.kind in ("quantile", "level_quantile", "mean")


def spread(reader: Reader, question: Question, viewer: Viewer) -> tuple[Statistics | None, tuple[Bin, ...]]:
    """Statistics and distribution of the period; nothing where the metric has no values, or there are none."""
    if not has_spread(question):
        return None, ()
    rows = reader.select(sql_of(build, reader, question, viewer)).to_pylist()
    whole = next((row for row in rows if row["bin"] is None), None)
    if whole is None or not whole["n"]:
        return None, ()
    statistics = Statistics(
        whole["n"], *(float(whole[name]) for name in ("mean", "median", "p90", "low", "high"))
    )
    edges = _EDGES.get(question.metric.unit)
    if edges is None:
        return statistics, ()
    found, ends = {row["bin"]: row["n"] for row in rows}, (*edges[1:], None)
    pairs = enumerate(zip(edges, ends, strict=True))
    return statistics, tuple(Bin(low, high, found.get(at, 0)) for at, (low, high) in pairs)


def build(tables: TableOf, question: Question) -> ir.Table:
    """Columns bin (NULL for all values together), n, mean, median, p90, low, high."""
    import ibis

    if question.metric.of_moments:
        both = levels.moments(tables, question, ())
        rows = both.filter(both.phase == 0)
    else:
        rows = chosen(tables, question, (), both=False)
    value = rows.measure.cast("float64")
    whole = rows.aggregate(
        bin=ibis.null("int64"), n=rows.count(), mean=value.mean(), median=value.quantile(0.5),
        p90=value.quantile(0.9), low=value.min(), high=value.max(),
    )  # fmt: skip
    edges = _EDGES.get(question.metric.unit)
    if edges is None:
        return whole
    bins = rows.mutate(bin=_bin(value, edges)).group_by("bin").aggregate(n=ibis._.count())
    nothing = {name: ibis.null("float64") for name in ("mean", "median", "p90", "low", "high")}
    return ibis.union(whole, bins.select("bin", "n", **nothing))


def _bin(value: ir.Column, edges: tuple[int, ...]) -> ir.Column:
    """The position of the last edge that is not above a value; what lies below all is in the first."""
    import ibis

    tests = [(value < edge, ibis.literal(at, "int64")) for at, edge in enumerate(edges[1:])]
    found: ir.Column = ibis.cases(*tests, else_=ibis.literal(len(edges) - 1, "int64"))
    return found
