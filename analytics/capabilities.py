"""What the sources can and cannot tell: a number they do not carry is not available, never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics.base import FACTS, Metric, Scope
from analytics.catalogue import METRICS
from analytics.memo import per_reader
from core.filters import Filters
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 - a wall-clock time before everything


@dataclass(frozen=True, slots=True)
class Coverage:
    """Sources that cannot tell what a metric needs, with the reason, and all sources there are."""

    lacking: Mapping[str, str]
    sources: frozenset[str]

    def covers(self, filters: Filters) -> bool:
        """Whether any source within the filters can tell."""
        chosen = self.within(filters)
        return not chosen or bool(chosen - self.lacking.keys())

    def within(self, filters: Filters) -> frozenset[str]:
        """The sources that the filters leave; all of them where they leave none."""
        return frozenset(s for s in self.sources if filters.admits("source", s)) or self.sources


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


@dataclass(frozen=True, slots=True)
class Capability:
    """What one source can tell about one metric.

    `state` is "exact", "derived" (from dates of rows, or an estimate) or "not available". `share` is how many of the
    source's `conversations` that count have a value, between 0 and 1; None where the metric is not available.
    """

    source: str
    metric: str
    title: str
    state: str
    why: str
    conversations: int
    share: float | None


def capability_table(reader: Reader, *, viewer: Viewer) -> tuple[Capability, ...]:
    """A row a source and metric, sources in order, then metrics; medians, percentiles and means of a time are one."""
    metrics = list({metric.family or metric.name: metric for metric in METRICS.all()}.items())
    told = _told(reader, viewer)
    sizes, having = _having(reader, [metric for _, metric in metrics], viewer)
    return tuple(
        _capability(source, name, metric, told[source], sizes[source], having.get((source, metric.name), 0))
        for source in sorted(sizes)
        for name, metric in metrics
    )


def _capability(
    source: str, name: str, metric: Metric, told: Mapping[str, tuple[bool, str]], size: int, having: int
) -> Capability:
    title = metric.title.rsplit(",", 1)[0] if metric.family else metric.title
    answers = [
        told.get(need, (False, f"the source has no {need.replace('_', ' ')}")) for need in metric.needs
    ]
    lacking = [reason for available, reason in answers if not available]
    reasons = [reason for _, reason in answers]
    if lacking and metric.takes_dates and having:
        state, why = "derived", "dates on the source's rows"
    elif lacking:
        return Capability(source, name, title, "not available", "; ".join(lacking), size, None)
    else:
        state = "derived" if any(reason.startswith("derived") for reason in reasons) else "exact"
        why = "; ".join(reasons) or "needs nothing beyond the source's rows"
    return Capability(source, name, title, state, why, size, having / size if size else None)


def _told(reader: Reader, viewer: Viewer) -> dict[str, dict[str, tuple[bool, str]]]:
    """By source: capability -> (available, why). Daily numbers of any source divide the conversations of all."""
    sql = "SELECT source_id, capability, available, reason FROM {capabilities} ORDER BY ALL"
    days = reader.query(
        "SELECT count(*) AS n FROM {denominators} WHERE NOT coalesce(is_deleted, false)", viewer=viewer
    )
    daily = int(days["n"][0].as_py())
    found: dict[str, dict[str, tuple[bool, str]]] = {}
    for row in reader.query(sql, viewer=viewer).to_pylist():
        own = found.setdefault(
            row["source_id"],
            {
                "denominators": (
                    daily > 0,
                    f"{daily} daily numbers" if daily else "no source brings daily numbers",
                )
            },
        )
        reason = row["reason"] or f"the source has no {row['capability'].replace('_', ' ')}"
        own[row["capability"]] = (bool(row["available"]), reason)
    return found


def _having(
    reader: Reader, metrics: Sequence[Metric], viewer: Viewer
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Conversations that count, by source; and those of them that have a value, by source and metric."""
    tables = partial(reader.table, viewer=viewer)
    # The zone's hours more or less decide only which targets have been missed since this morning.
    scope = Scope(tables, EARLIEST, reader.generation.published_at.replace(tzinfo=None))
    facts = tables(FACTS)
    sizes = reader.run(facts.group_by("source_id").aggregate(n=facts.is_counted.ifelse(1, 0).sum()))
    found: dict[tuple[str, str], int] = {}
    together: dict[tuple[str, Any], list[Metric]] = {}
    for metric in metrics:
        together.setdefault((metric.table, metric.extend), []).append(metric)
    for (name, extend), members in together.items():
        table = tables(name)
        table = extend(table, scope) if extend else table
        counts = {
            m.name: table.conversation_id.nunique(where=m.population(table) & table.is_counted)
            for m in members
        }
        for row in reader.run(table.group_by("source_id").aggregate(**counts)).to_pylist():
            found |= {(row["source_id"], m.name): int(row[m.name]) for m in members}
    return {row["source_id"]: int(row["n"]) for row in sizes.to_pylist()}, found
