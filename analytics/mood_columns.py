"""The mood of a conversation's first and last scored message as classes, worked out of the facts where asked for."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from enrich.sentiment import CLASSES, NEGATIVE_UP_TO, POSITIVE_FROM

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["CLASSES", "END", "START", "with_columns"]
START, END = "mood_start", "mood_end"
_SCORES: Final = {START: "sentiment_start", END: "sentiment_end"}


def with_columns(table: ir.Table, columns: Collection[str]) -> ir.Table:
    """The table with those of its columns that are classes of a score: negative, neutral, positive, or none."""
    made = {name: _class_of(table[score]) for name, score in _SCORES.items() if name in columns}
    return table.mutate(**made) if made else table


def _class_of(score: ir.Column) -> ir.Column:
    import ibis

    negative, neutral, positive = CLASSES
    low, high = score <= NEGATIVE_UP_TO, score >= POSITIVE_FROM
    return ibis.cases((low, negative), (high, positive), (score.notnull(), neutral))
