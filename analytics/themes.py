"""What each theme does to a number: the number of all, minus that of all without the theme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analytics import dimensions
from analytics.base import Metric, TableOf
from analytics.compute import ask
from analytics.question import Question
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

MINIMUM = 20  # a theme of fewer says little about the whole


@dataclass(frozen=True, slots=True)
class Theme:
    """One value of a dimension. `impact` is the number of all minus the number without this theme.

    `value` is the theme's own number, `without` that of the rest; all in the metric's unit. `good` says whether
    the theme moves the number the right way; None where neither way is.
    """

    value_of: str
    n: int
    value: float
    without: float | None
    impact: float | None
    good: bool | None


@dataclass(frozen=True, slots=True)
class ThemeReport:
    """Themes by the size of their impact. `left_out` themes have fewer than `minimum` rows, `left_out_n` in all.

    Themes may overlap (tags), so their impacts need not add up.
    """

    metric: str
    title: str
    unit: str
    dimension: str
    filters: Filters
    period: Period
    value: float | None
    n: int
    counts: str
    minimum: int
    themes: tuple[Theme, ...]
    left_out: int
    left_out_n: int
    source: str
    generation: int


def theme_impact(
    reader: Reader,
    name: str,
    filters: Filters,
    dimension: str,
    *,
    settings: Settings,
    viewer: Viewer,
    minimum: int = MINIMUM,
) -> ThemeReport:
    """The impact of each value of a dimension on a share, mean or score of the period.

    impact = score(all) - score(all without the theme), as Thematic defines it (getthematic.com, impact on score).
    Raises QuestionError for a metric that is no mean of values: a count, a median, a level.
    """
    asked = ask(reader, name, filters, settings=settings, viewer=viewer, by=(dimension,))
    metric = asked.question.metric
    if metric.kind not in ("share", "mean") or metric.of_moments:
        _refuse(metric)
    # The same question for all periods of comparison: only the period itself is read.
    question = replace(
        asked.question, frame=replace(asked.question.frame, earlier_start=None, earlier_until=None)
    )
    rows = reader.select(sql_of(build, reader, question, viewer)).to_pylist()
    everything = next(row for row in rows if row["theme"] is None)
    n, total = everything["n"], float(everything["total"] or 0)
    found = [row for row in rows if row["theme"] is not None]
    small = [row for row in found if row["n"] < minimum]
    themes = [_theme(metric, row, n, total) for row in found if row["n"] >= minimum]
    themes.sort(key=lambda one: (-abs(one.impact or 0), one.value_of))
    return ThemeReport(
        metric=metric.name, title=metric.title, unit=metric.unit, dimension=dimension,
        filters=filters.over(asked.period), period=asked.period, value=total / n if n else None, n=n,
        counts=metric.rows, minimum=minimum, themes=tuple(themes), left_out=len(small),
        left_out_n=sum(row["n"] for row in small), source="Thematic: impact on score", generation=reader.number,
    )  # fmt: skip


def _refuse(metric: Metric) -> None:
    raise QuestionError(
        f"{metric.title.lower()} is no mean of values, so a theme cannot be taken out of it.",
        hint="Ask for a share or a mean, such as csat_share or first_reply_mean.",
    )


def _theme(metric: Metric, row: dict[str, Any], n: int, total: float) -> Theme:
    size, own = row["n"], float(row["total"] or 0)
    without = (total - own) / (n - size) if n > size else None
    impact = total / n - without if without is not None else None
    good = None if not impact or metric.better == "neutral" else (impact > 0) == (metric.better == "higher")
    return Theme(row["theme"], size, own / size, without, impact, good)


def build(tables: TableOf, question: Question) -> ir.Table:
    """Columns theme (NULL for all rows together), n, total."""
    import ibis

    rows = chosen(tables, question, question.by, both=False)
    whole = rows.aggregate(
        theme=ibis.null("string"), n=rows.count(), total=rows.measure.sum().cast("float64")
    )
    split = dimensions.split(rows, question.by)
    themes = split.group_by(theme=split.g0).aggregate(
        n=split.count(), total=split.measure.sum().cast("float64")
    )
    return ibis.union(whole, themes)
