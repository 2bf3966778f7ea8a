"""Other published definitions of a metric, computed beside it in one statement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analytics import levels
from analytics.base import TableOf
from analytics.question import Question
from analytics.result import VariantValue
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader


def values_of_variants(reader: Reader, question: Question, viewer: Viewer) -> tuple[VariantValue, ...]:
    """The number of the period by each variant of the metric; `value` is None where it rests on nothing."""
    variants = question.metric.variants
    if not variants:
        return ()
    rows = {row["place"]: row for row in reader.select(sql_of(build, reader, question, viewer)).to_pylist()}
    return tuple(
        VariantValue(one.name, one.description, one.source, rows[at]["value"], int(rows[at]["n"]))
        for at, one in enumerate(variants)
    )


def build(tables: TableOf, question: Question) -> ir.Table:
    """Columns place (of the variant), value, n."""
    import ibis

    parts = []
    for place, variant in enumerate(question.metric.variants):
        metric = replace(question.metric, measure=variant.measure, business=None)
        asked = replace(question, metric=metric)
        if metric.of_moments:
            both = levels.moments(tables, asked, ())
            rows = both.filter(both.phase == 0)
        else:
            rows = chosen(tables, asked, (), both=False)
        divisors = rows.divisor.nunique() if metric.kind == "ratio" else None
        value = metric.aggregate(rows.measure, rows.count(), divisors)
        parts.append(rows.aggregate(place=ibis.literal(place, "int64"), value=value, n=rows.count()))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]
