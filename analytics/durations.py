"""One measured duration as three metrics: its median, its 90th percentile and its mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from analytics.base import FACTS, NOW, Attribution, Better, Kind, Metric, Scope, Variant
from analytics.catalogue import add

if TYPE_CHECKING:
    import ibis.expr.types as ir

Measure = Callable[["ir.Table"], "ir.Column"]


def duration(
    *,
    stem: str,
    title: str,
    faster: str,
    description: str,
    population_text: str,
    bucket: str,
    counted_on: str,
    measure: Measure,
    null_when: str,
    source: str,
    words: tuple[str, ...],
    median_words: tuple[str, ...] = (),
    p90_words: tuple[str, ...] = (),
    mean_words: tuple[str, ...] = (),
    business: Measure | None = None,
    missing: str = "",
    table: str = FACTS,
    needs: tuple[str, ...] = (),
    takes_dates: bool = False,
    attribution: Attribution = NOW,
    admits: tuple[str, ...] = (),
    variants: tuple[Variant, ...] = (),
    better: Better = "lower",
    kind: Kind = "quantile",
    extend: Callable[[ir.Table, Scope], ir.Table] | None = None,
) -> tuple[Metric, Metric, Metric]:
    """Put <stem>_median, <stem>_p90 and <stem>_mean into the catalogue; the mean is in no picker.

    `faster` completes "Half of the … than this": "first replies came faster". `measure` and `business` give
    seconds. `words` find the median and the percentile, the other words only one of the three.
    """
    hours = "Calendar time, or working time where it is asked for." if business else "Calendar time."

    def one(
        name: str, called: str, text: str, own: tuple[str, ...], at: float | None, shown: bool = True
    ) -> Metric:
        return add(
            Metric(
                name=f"{stem}_{name}", title=f"{title}, {called}", unit="seconds", better=better,
                kind="mean" if at is None and kind == "quantile" else kind, quantile=at, words=own,
                description=f"{text} {description} {hours}", population_text=population_text, bucket=bucket,
                counted_on=counted_on, measure=measure, business=business, null_when=null_when, source=source,
                missing=missing, table=table, needs=needs, takes_dates=takes_dates, attribution=attribution,
                admits=admits, variants=variants, extend=extend, family=stem, in_picker=shown,
            )
        )  # fmt: skip

    low = title.lower()
    mean = "The mean: a few very long ones raise it, so read it with the median."
    return (
        one(
            "median",
            "median",
            f"Half of the {faster} than this.",
            (f"median {low}", *median_words, *words),
            0.5,
        ),
        one(
            "p90",
            "90th percentile",
            f"Nine of ten {faster} than this.",
            (f"p90 {low}", *p90_words, *words),
            0.9,
        ),
        one("mean", "mean", mean, (f"mean {low}", f"average {low}", *mean_words), None, shown=False),
    )
