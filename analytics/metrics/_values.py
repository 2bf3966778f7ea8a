"""Small expressions that metrics share: what a yes, a rating or a mood is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def yes(condition: ir.BooleanValue) -> ir.Column:
    """1 where it holds, 0 where it does not, NULL where nobody knows."""
    value: ir.Column = condition.isnull().ifelse(None, condition.ifelse(1, 0))
    return value


def only(inside: ir.BooleanValue, value: ir.Column) -> ir.Column:
    """The value where the row belongs to the metric, NULL elsewhere; unknown is elsewhere."""
    kept: ir.Column = inside.fill_null(False).ifelse(value, None)
    return kept


def counted_if(inside: ir.BooleanValue) -> ir.Column:
    """1 where the row counts, NULL elsewhere; unknown is elsewhere."""
    import ibis

    return only(inside, ibis.literal(1, "int64"))


def balance(known: ir.Value, good: ir.BooleanValue, bad: ir.BooleanValue) -> ir.Column:
    """100 for good, -100 for bad, 0 between; NULL where `known` is. Its mean is % good - % bad."""
    points: ir.Column = known.isnull().ifelse(None, good.ifelse(100, bad.ifelse(-100, 0)))
    return points
