"""Panels made of plain numbers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from analytics.anomalies.reading import Panel, Series, Where
from analytics.catalogue import find
from analytics.metrics.csat_score import CSAT_SCORE
from analytics.metrics.volume import VOLUME
from core.filters import Filters

FIRST = date(2026, 1, 5)  # a Monday


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def counts(*series: np.ndarray, where: tuple[Where, ...] = ()) -> Panel:
    """A panel of volume; the first series is everything."""
    names: tuple[Where, ...] = where or ((), *(((("product", f"p{at}")),) for at in range(len(series) - 1)))
    days = tuple(day(at) for at in range(len(series[0])))
    made = tuple(
        Series(VOLUME, name, (one[None, :].astype(float),) * 3)
        for name, one in zip(names, series, strict=True)
    )
    return Panel(VOLUME, "count", days, made, Filters())


def values(rows: list[list[float]], kind: str = "ratio") -> Panel:
    """A panel of one series of means: the values of each day (of a duration seconds)."""
    told = [[float(np.log1p(v)) for v in one] for one in rows] if kind == "duration" else rows
    n = np.array([[float(len(one)) for one in told]])
    total = np.array([[float(sum(one)) for one in told]])
    squares = np.array([[float(sum(v * v for v in one)) for one in told]])
    metric = find("first_reply_median") if kind == "duration" else CSAT_SCORE
    return Panel(
        metric,
        kind,
        tuple(day(at) for at in range(len(rows))),
        (Series(metric, (), (n, total, squares)),),
        Filters(),
    )
