"""What the workspace says of itself whenever somebody measures: generation, runs, sources, the index, and models."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.errors import AppError, NothingPublished
from core.home import Home
from store import generations

if TYPE_CHECKING:
    from store.runs import RunLog

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
        """Gauges, and counters over all time; instants are seconds since 1970."""
        unread = 0
        for part in (_generation, _refreshes, _index, _models):
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

    log = RunLog(home)
    runs = log.recent(2)  # the one that runs, and the one before it
    ended = [run for run in runs if run.finished_at is not None]
    yield _gauge("refresh_running", "1 while a refresh runs.", any(run.status == "running" for run in runs))
    if ended:
        yield _gauge("refresh_seconds", "How long the last refresh took.", ended[0].seconds)
    if told := log.telling():
        yield _gauge(
            "refresh_ok",
            "1 where the last refresh that read a source read everything.",
            told[0].status == "ok",
        )
    succeeded = log.last_success()
    yield _gauge(
        "refresh_succeeded_seconds",
        "When a refresh last ended well.",
        succeeded.timestamp() if succeeded else 0,
    )
    yield from _sources(log)


def _sources(log: RunLog) -> Iterator[Metric]:
    """Of each source: its last run, and when it was last read well."""
    read = GaugeMetricFamily(
        "supportlens_source_read_seconds", "When the source was last read well.", labels=["source"]
    )
    took = GaugeMetricFamily(
        "supportlens_source_seconds", "How long its last run took.", labels=["source", "status"]
    )
    rows = GaugeMetricFamily("supportlens_source_rows", "Rows of its last run.", labels=["source", "what"])
    for source, runs in log.of_sources(2).items():
        last = next((run for run in runs if run.finished_at is not None), None)
        if last is not None:
            took.add_metric([source, last.status], last.seconds)
            for name in _ROWS:
                rows.add_metric([source, name.removeprefix("rows_")], getattr(last, name))
    for source, at in log.last_ended().items():
        read.add_metric([source], at.timestamp())
    yield from (read, took, rows)


def _index(home: Home) -> Iterator[Metric]:
    from rag.index import lag
    from ui import resources

    number = resources.generation()
    if number is not None:
        behind = lag(home, resources.reader_of(number)).chunks_behind
        yield _gauge("index_chunks_behind", "Pieces of text that the search index does not have yet.", behind)


def _models(home: Home) -> Iterator[Metric]:
    """What language models used, of every process that shares the workspace; cost where there are prices."""
    from store.workspace import Workspace

    uses = Workspace(home).model_uses()
    tokens = _of_model("tokens", "Tokens sent to language models and received from them.", "direction")
    calls = _of_model("calls", "Calls of language models.")
    cost = _of_model("cost_dollars", "What they cost by the prices of the settings, in US dollars.")
    for use in uses:
        tokens.add_metric([use.provider, use.model, "in"], use.input_tokens)
        tokens.add_metric([use.provider, use.model, "out"], use.output_tokens)
        calls.add_metric([use.provider, use.model], use.calls)
        if use.dollars is not None:
            cost.add_metric([use.provider, use.model], use.dollars)
    yield from (tokens, calls, cost)


def _of_model(name: str, help: str, *more: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"supportlens_model_{name}", help, labels=["provider", "model", *more])
