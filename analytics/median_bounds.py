"""How sure a median is: its interval by the order of the values, without a word about how they lie.

A median of n values lies between those of the places n/2 - 0.98 root n and n/2 + 0.98 root n with 95 % (the normal
approximation of the binomial, Conover 1999, section 3.2). The places are read off a grid of quantiles, between whose
points the values are taken to lie evenly.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.base import TableOf
from analytics.compute import ask
from analytics.intervals import Z95
from analytics.question import Question
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.filters import Compare, Filters
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

GRID = tuple(n / 20 for n in range(1, 20))
FEWEST = 12  # values: with fewer the interval is wider than the grid
Bounds = tuple[float, float]


def median_bounds(
    reader: Reader,
    name: str,
    filters: Filters,
    by: str,
    *,
    settings: Settings,
    viewer: Viewer,
    compare: Compare | None,
) -> dict[tuple[str, int], Bounds]:
    """The 95 % intervals of a metric's medians by group and period (0 this one, 1 that before), in its unit."""
    asked = ask(reader, name, filters, settings=settings, viewer=viewer, by=(by,), compare=compare)
    question = replace(asked.question, by=(by,))
    rows = reader.select(sql_of(_grid, reader, question, viewer)).to_pylist()
    found = {}
    for row in rows:
        values = [row[f"q{at}"] for at in range(len(GRID))]
        bounds = between(values, row["n"])
        if bounds is not None:
            found[row["g0"], int(row["phase"])] = bounds
    return found


def between(values: list[float], n: int) -> Bounds | None:
    """The interval from the quantiles of the grid; None for too few values."""
    import numpy as np

    if n < FEWEST:
        return None
    reach = Z95 / (2 * n**0.5)
    low, high = np.interp([0.5 - reach, 0.5 + reach], GRID, values)
    return float(low), float(high)


def _grid(tables: TableOf, question: Question) -> ir.Table:
    """Columns g0, phase, n and the quantiles of the grid."""
    rows = dimensions.split(chosen(tables, question, question.by), question.by)
    quantiles = {f"q{at}": rows.measure.cast("float64").quantile(part) for at, part in enumerate(GRID)}
    return rows.group_by(["g0", "phase"]).aggregate(n=rows.count(), **quantiles)
