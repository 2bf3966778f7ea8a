"""The metrics there are: one file each in analytics/metrics."""

from __future__ import annotations

from analytics.base import Metric
from core.errors import QuestionError
from core.registry import Registry

METRICS: Registry[Metric] = Registry("metric", "analytics.metrics")


def add(metric: Metric) -> Metric:
    """Put a metric into the catalogue; called by its own file."""
    METRICS.add(metric.name, metric)
    return metric


def find(name: str) -> Metric:
    """The metric called `name`. Raises QuestionError with the known names."""
    known = METRICS.names()
    if name not in known:
        raise QuestionError(f"there is no metric called {name!r}.", hint=f"Known: {', '.join(known)}.")
    return METRICS.get(name)
