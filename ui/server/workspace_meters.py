"""What the workspace says of itself whenever somebody measures: generation, runs, sources, and the index."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.errors import AppError, NothingPublished
from core.home import Home
from store import generations

if TYPE_CHECKING:
    from store.runs import Run

GOOD = ("ok", "partial")
_RUNS = 50  # refreshes to look back over for the last good one
_ROWS = ("rows_read", "rows_inserted", "rows_updated", "rows_deleted", "rows_rejected")
logger = logging.getLogger(__name__)


class WorkspaceMeters(Collector):
    """Reads the workspace at each scrape. A part that cannot be read is counted and left out."""

    def __init__(self, home: Callable[[], Home]) -> None:
        self._home = home

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: to be registered it need not be read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Gauges; instants are seconds since 1970."""
        unread = 0
        for part in (_generation, _refreshes, _index):
            try:
                yield from part(self._home())
            except NothingPublished:
                continue
            except AppError as error:
                unread += 1
                logger.warning("not measured", extra={"part": part.__name__, "error": str(error)})
        yield _gauge("unread_parts", "Parts of the workspace that could not be measured.", unread)


def _gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"supportlens_{name}", help, value=value)


def _generation(home: Home) -> Iterator[Metric]:
    now = generations.current(home)
    yield _gauge("generation", "The generation that readers open.", now.number)
    published = now.published_at.timestamp()
    yield _gauge("generation_published_seconds", "When it was published.", published)
    yield _gauge("generation_bytes", "Its size on disk.", now.path.stat().st_size if now.path.exists() else 0)


def _refreshes(home: Home) -> Iterator[Metric]:
    from store.runs import RunLog

    runs = RunLog(home).recent(_RUNS)
    ended = [run for run in runs if run.finished_at is not None]
    yield _gauge("refresh_running", "1 while a refresh runs.", any(run.status == "running" for run in runs))
    if ended:
        yield _gauge("refresh_seconds", "How long the last refresh took.", ended[0].seconds)
        yield _gauge("refresh_ok", "1 where the last refresh read everything.", ended[0].status == "ok")
    succeeded = GaugeMetricFamily(
        "supportlens_refresh_succeeded_seconds", "When a refresh last ended well.",
        value=next((run.finished_at.timestamp() for run in ended if run.status in GOOD and run.finished_at), 0),
    )  # fmt: skip
    yield succeeded
    yield from _sources(ended)


def _sources(ended: Iterable[Run]) -> Iterator[Metric]:
    """Of each source: its last run, and when it was last read well."""
    read = GaugeMetricFamily(
        "supportlens_source_read_seconds", "When the source was last read well.", labels=["source"]
    )
    took = GaugeMetricFamily(
        "supportlens_source_seconds", "How long its last run took.", labels=["source", "status"]
    )
    rows = GaugeMetricFamily("supportlens_source_rows", "Rows of its last run.", labels=["source", "what"])
    last, good = set[str](), set[str]()
    for part in (part for run in ended for part in run.sources if part.finished_at is not None):
        if part.source_id not in last:
            last.add(part.source_id)
            took.add_metric([part.source_id, part.status], part.seconds)
            for name in _ROWS:
                rows.add_metric([part.source_id, name.removeprefix("rows_")], getattr(part, name))
        if part.status in GOOD and part.source_id not in good and part.finished_at:
            good.add(part.source_id)
            read.add_metric([part.source_id], part.finished_at.timestamp())
    yield from (read, took, rows)


def _index(home: Home) -> Iterator[Metric]:
    from rag.index import lag
    from ui import resources

    number = resources.generation()
    if number is not None:
        behind = lag(home, resources.reader_of(number)).chunks_behind
        yield _gauge("index_chunks_behind", "Pieces of text that the search index does not have yet.", behind)
