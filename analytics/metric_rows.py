"""A metric's result as a table, and what has to be known to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics import catalogue, targets
from analytics.columns import METRIC
from analytics.result import MetricResult, Row, Value

if TYPE_CHECKING:
    import pyarrow as pa

    from core.settings import Settings


def table(result: MetricResult) -> pa.Table:
    """One row a bucket and group, else one a group, else the total; columns of `analytics.columns.METRIC`.

    The columns of a comparison are there when one was asked for.
    """
    import pyarrow as pa

    columns: dict[str, pa.Array] = {}
    rows: tuple[Row, ...] = result.rows or result.groups
    if not rows and not result.grain and not result.by:
        rows = (_total(result),)
    if result.grain:
        kind = pa.timestamp("us") if result.grain == "hour" else pa.date32()
        columns["bucket"] = pa.array([row.bucket for row in rows], kind)
    taken = {column.name for column in METRIC}
    for position, name in enumerate(result.by):
        label = f"dimension {name}" if name in taken else name
        columns[label] = pa.array([row.group[position] for row in rows], pa.string())
    for name in ("value", "low", "high"):
        columns[name] = pa.array([getattr(row, name) for row in rows], pa.float64())
    columns["n"] = pa.array([row.n for row in rows], pa.int64())
    for name in ("small", "partial", "immature"):
        columns[name] = pa.array([getattr(row, name) for row in rows], pa.bool_())
    if result.previous:
        before = [row.previous or Value(None, 0) for row in rows]
        columns["previous_value"] = pa.array([value.value for value in before], pa.float64())
        columns["previous_n"] = pa.array([value.n for value in before], pa.int64())
    if result.targets:
        held = {(line.group, point.bucket): point for line in result.targets for point in line.points}
        points = [held.get((row.group, row.bucket)) for row in rows]
        columns["target"] = pa.array([point and point.value for point in points], pa.float64())
        columns["reached"] = pa.array([point and point.reached for point in points], pa.bool_())
    return pa.table(columns)


def about(result: MetricResult, settings: Settings) -> dict[str, Any]:
    """Definition and whose it is, period, total with its n, what is left out, and how far the data goes."""
    total = result.total
    return {
        "metric": result.name,
        "title": result.title,
        "definition": result.description,
        "definition_from": catalogue.find(result.name, settings).source,
        "unit": result.unit,
        "better": result.better,
        "period": str(result.period),
        "compared_with": str(result.previous_period) if result.previous_period else None,
        "in_progress": result.in_progress,
        "grain": result.grain,
        "by": list(result.by),
        "total": {
            "value": total.value,
            "n": total.n,
            "low": total.low,
            "high": total.high,
            "small": total.small,
        },
        "left_out": [f"{one.kind}: {one.reason}, {one.n}" for one in result.excluded],
        "targets": [targets.told(line, result) for line in result.targets],
        "notes": list(result.notes),
        "data_until": f"{result.as_of.isoformat()} {result.zone}",
        "columns": {column.name: column.text for column in METRIC},
    }


def _total(result: MetricResult) -> Row:
    """The total as a row; of a period that is not over as partial."""
    t = result.total
    return Row(
        None, (), t.value, t.n, t.low, t.high, t.small, partial=result.in_progress, previous=result.previous
    )
