"""What the sources can and cannot tell: a number they do not carry is not available, never 0."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from analytics.base import Metric
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader


@lru_cache(maxsize=64)
def lacking(reader: Reader, metric: Metric, viewer: Viewer) -> dict[str, str]:
    """Sources that cannot tell what the metric needs, with the reason."""
    rows = reader.query(
        "SELECT source_id, capability, reason FROM {capabilities} WHERE NOT available ORDER BY ALL",
        viewer=viewer,
    ).to_pylist()
    return {
        row["source_id"]: row["reason"] or f"the source has no {row['capability'].replace('_', ' ')}"
        for row in rows
        if row["capability"] in metric.needs
    }
