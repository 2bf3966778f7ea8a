"""Counts and sums per segment of several dimensions in both periods, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics import dimensions, levels, rates
from analytics.base import TableOf
from analytics.contributions import NOTHING, Side
from analytics.question import Question
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

Cut = tuple[str, ...]  # the dimensions of a segment: ("product",) or ("product", "channel")


@dataclass(frozen=True, slots=True)
class Cell:
    """One segment before and now; of the conversations before, how many fell on one weekday, when asked."""

    before: Side = NOTHING
    now: Side = NOTHING
    same_weekday: float = 0


@dataclass(frozen=True, slots=True)
class Request:
    """Which cuts to count. `slower_than` turns a duration into hits: conversations above it. Of those before, the ones
    of a `weekday` (0 is Monday) are counted as well."""

    question: Question
    cuts: tuple[Cut, ...]
    slower_than: float | None = None
    weekday: int | None = None


def read(reader: Reader, request: Request, viewer: Viewer) -> dict[Cut, dict[tuple[str, ...], Cell]]:
    """Cells per cut and segment."""
    found: dict[Cut, dict[tuple[str, ...], Cell]] = {cut: {} for cut in request.cuts}
    for row in reader.select(sql_of(build, reader, request, viewer)).to_pylist():
        cut = request.cuts[row["cut"]]
        key = tuple(row[f"g{i}"] for i in range(len(cut)))
        cell = found[cut].get(key, Cell())
        total = float(row["total"] or 0)
        # Of a sum the segments add up in what they measure, not in how many they are.
        side = Side(total if request.question.metric.kind == "sum" else int(row["n"]), total)
        if row["phase"] == 0:
            found[cut][key] = Cell(cell.before, side, cell.same_weekday)
        else:
            found[cut][key] = Cell(side, cell.now, int(row["n_same"]))
    return found


def build(tables: TableOf, request: Request) -> ir.Table:
    """Columns: cut (its position), phase, g0…, n, total, n_same."""
    import ibis

    rows = _rows(tables, request)
    width = max(len(cut) for cut in request.cuts)
    parts = [_counted(rows, request, position, width) for position in range(len(request.cuts))]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _rows(tables: TableOf, request: Request) -> ir.Table:
    """A row per conversation (or open span and moment): phase, at, measure, and what to split by."""
    import ibis

    question = request.question
    names = tuple(dict.fromkeys(name for cut in request.cuts for name in cut))
    if question.metric.of_moments:
        return levels.moments(tables, question, names)
    if question.metric.kind == "rate":
        return rates.moments(tables, question, names)
    rows = chosen(tables, question, names)
    if request.slower_than is not None:
        rows = rows.mutate(measure=(rows.measure > request.slower_than).ifelse(1, 0))
    elif question.metric.kind in ("count", "ratio"):
        rows = rows.mutate(measure=ibis.literal(1, "int64"))
    return rows


def _counted(rows: ir.Table, request: Request, position: int, width: int) -> ir.Table:
    import ibis

    cut = request.cuts[position]
    split = dimensions.split(rows, cut)
    weekday = -1 if request.weekday is None else request.weekday
    same = split["at"].day_of_week.index() == weekday
    groups = [f"g{i}" for i in range(len(cut))]
    counted = split.group_by(["phase", *groups]).aggregate(
        n=split.count(),
        total=split.measure.sum().cast("float64"),
        n_same=same.ifelse(1, 0).sum().cast("int64"),
    )
    missing = {f"g{i}": ibis.null("string") for i in range(len(cut), width)}
    keys = {f"g{i}": counted[f"g{i}"] for i in range(len(cut))}
    return counted.select(
        "phase", "n", "total", "n_same", cut=ibis.literal(position, "int16"), **keys, **missing
    )
