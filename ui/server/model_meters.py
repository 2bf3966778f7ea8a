"""What language models used, of every process that shares the workspace: tokens, calls, and cost where there are prices."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from core.errors import AppError
from core.home import Home

_MODEL = ("provider", "model")
logger = logging.getLogger(__name__)


class ModelMeters(Collector):
    """Reads the workspace's sums at each scrape. Where they cannot be read they are left out."""

    def __init__(self, home: Callable[[], Home]) -> None:
        self._home = home

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: to be registered the workspace need not be read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Counters by model, over all time."""
        from store.workspace import Workspace

        try:
            uses = Workspace(self._home()).model_uses()
        except AppError as error:
            logger.warning("not measured", extra={"part": "language models", "error": str(error)})
            return
        tokens = _counter("tokens", "Tokens sent to language models and received from them.", "direction")
        calls = _counter("calls", "Calls of language models.")
        cost = _counter("cost_dollars", "What they cost by the prices of the settings, in US dollars.")
        for use in uses:
            tokens.add_metric([use.provider, use.model, "in"], use.input_tokens)
            tokens.add_metric([use.provider, use.model, "out"], use.output_tokens)
            calls.add_metric([use.provider, use.model], use.calls)
            if use.dollars is not None:
                cost.add_metric([use.provider, use.model], use.dollars)
        yield from (tokens, calls, cost)


def _counter(name: str, help: str, *more: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"supportlens_model_{name}", help, labels=[*_MODEL, *more])
