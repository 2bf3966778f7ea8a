"""One count over another: own metrics that divide, computed from the two results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from analytics.base import Metric
from analytics.outcome import change
from analytics.result import Margin, MetricResult, Row, Value
from core.numbers import SMALL_N

Key = tuple[date | datetime | None, tuple[str, ...]]


def divided(metric: Metric, computed: Callable[[Metric], MetricResult]) -> MetricResult:
    """The quotient in every bucket and group; `computed` gives the result of one of the two counts.

    n is what is divided by. There is no number where that is 0.
    """
    if metric.over is None:
        raise ValueError(f"{metric.name} is no quotient")
    above, below = computed(replace(metric, over=None, unit="count")), computed(metric.over)
    total = _over(above.total, below.total)
    previous = _over(above.previous, below.previous) if above.previous and below.previous else None
    notes = [*above.notes, *(note for note in below.notes if note not in above.notes)]
    pairs = zip(above.margins, below.margins, strict=True)
    margins = tuple(Margin(a.by, _rows(a.groups, b.groups), _rows(a.rows, b.rows)) for a, b in pairs)
    return replace(
        above, unit=metric.unit, total=total, previous=previous, change=change(metric, total, previous),
        rows=_rows(above.rows, below.rows), groups=_rows(above.groups, below.groups),
        notes=(*notes, f"n is {below.title.lower()}, which it is divided by."),
        margins=margins, sql=f"{above.sql};\n\n{below.sql}",
    )  # fmt: skip


def _rows(above: Sequence[Row], below: Sequence[Row]) -> tuple[Row, ...]:
    """Rows of either, in the order of what is divided by: a count that is missing is 0."""
    top, bottom = ({(row.bucket, row.group): row for row in rows} for rows in (above, below))
    keys: dict[Key, None] = dict.fromkeys([*bottom, *top])
    made = []
    for key in keys:
        one, other = top.get(key), bottom.get(key)
        like = other or one
        assert like is not None  # noqa: S101 - the key came from one of the two
        value = _over(one, other)
        before = _over(one.previous if one else None, other.previous if other else None)
        had = like.previous is not None
        made.append(
            replace(
                like, value=value.value, n=value.n, low=None, high=None, small=value.small,
                partial=any(row is not None and row.partial for row in (one, other)),
                previous=before if had else None,
            )
        )  # fmt: skip
    return tuple(sorted(made, key=lambda row: str(row.bucket or "")))


def _over(above: Value | Row | None, below: Value | Row | None) -> Value:
    top = (above.value if above else None) or 0.0
    bottom = (below.value if below else None) or 0.0
    n = below.n if below else 0
    return Value(top / bottom if bottom else None, n, small=n < SMALL_N)
