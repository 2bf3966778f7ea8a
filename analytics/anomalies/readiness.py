"""What could be judged at all, so that "nothing unusual" is said of that alone; and what is missing where nothing could."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.anomalies.judging import Judged
from analytics.anomalies.reading import Panel
from analytics.anomalies.tidy import FEWEST
from core.filters import Period


def judged_series(panel: Panel, judged: Judged, period: Period) -> int:
    """How many series of a panel have a day in the period that could be judged."""
    return int((judged.known[_inside(panel, period)] > 0).any(axis=0).sum())


def missing(panels: Sequence[Panel], period: Period) -> str:
    """What it takes to judge the period, as a clause, where no day of it could be."""
    if not any(_inside(panel, period).any() for panel in panels):
        return "the data does not reach these days"
    seen = max(int((panel.series[0].n[_until(panel, period)] > 0).sum()) for panel in panels)
    if not seen:
        return "nothing that the filters keep came in these days or before them"
    if seen <= FEWEST:
        are = "is" if seen == 1 else "are"
        return (
            f"it takes {FEWEST} days with data before the first that is judged, and there {are} {seen} so far"
        )
    return "too little came in these days, or before them, to judge any of them"


def _inside(panel: Panel, period: Period) -> np.ndarray:
    return np.array([period.start <= day <= period.end for day in panel.days], dtype=bool)


def _until(panel: Panel, period: Period) -> np.ndarray:
    return np.array([day <= period.end for day in panel.days], dtype=bool)
