"""Which conversations a number is about: which count, and which are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def is_counted(facts: ir.Table, include: tuple[str, ...]) -> ir.BooleanValue:
    """Whether a row counts: nothing excludes it, or a kind that is named in `include` (core.filters.NOT_COUNTED)."""
    counted: ir.BooleanValue = facts.is_counted
    return counted | facts.excluded_because.isin(include) if include else counted


def counted_sql(facts: str) -> str:
    """The same of a table's alias in SQL; its one parameter is the list of kinds that count besides."""
    return f"({facts}.is_counted OR coalesce(list_contains(?::VARCHAR[], {facts}.excluded_because), false))"


def is_open(facts: ir.Table) -> ir.BooleanValue:
    """Whether it is known to be neither solved nor closed.

    Where no status is told (`is_solved` is NULL) it is not open: a backlog needs a status, or it has no value.
    """
    return (~facts.is_solved).fill_null(False)
