"""What the sources can and cannot tell: a number they do not carry is not available, never 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.base import Metric
from analytics.memo import per_reader
from core.filters import Filters
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader


@dataclass(frozen=True, slots=True)
class Coverage:
    """Sources that cannot tell what a metric needs, with the reason, and all sources there are."""

    lacking: Mapping[str, str]
    sources: frozenset[str]

    def covers(self, filters: Filters) -> bool:
        """Whether any source within the filters can tell."""
        chosen = frozenset(filters.values("source")) & self.sources or self.sources
        return not chosen or bool(chosen - self.lacking.keys())


@per_reader
def coverage(reader: Reader, metric: Metric, viewer: Viewer) -> Coverage:
    """Which sources a metric covers, by what the refresh found them able to tell."""
    rows = reader.query(
        "SELECT source_id, capability, available, reason FROM {capabilities} ORDER BY ALL", viewer=viewer
    ).to_pylist()
    lacking = {
        row["source_id"]: row["reason"] or f"the source has no {row['capability'].replace('_', ' ')}"
        for row in rows
        if row["capability"] in metric.needs and not row["available"]
    }
    if lacking and metric.takes_dates:
        # Dates on the rows themselves are enough, even where nothing tells how they came about.
        dated = reader.query(
            f"SELECT DISTINCT source_id FROM {{conversation_facts}} WHERE {metric.bucket} IS NOT NULL",
            viewer=viewer,
        )
        lacking = {k: v for k, v in lacking.items() if k not in dated["source_id"].to_pylist()}
    return Coverage(lacking, frozenset(row["source_id"] for row in rows))
