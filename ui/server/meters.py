"""What this process measures of itself while it serves: seconds of pages, and parts that could not be shown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

# The second is the bar of a page switch: what lies below and above it is told apart finely.
SECONDS = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)

registry = CollectorRegistry()
_pages = Histogram(
    "supportlens_page_seconds",
    "Seconds to run a page's script.",
    ["page"],
    buckets=SECONDS,
    registry=registry,
)
_failed = Counter(
    "supportlens_parts_failed", "Parts of pages that could not be shown.", ["code"], registry=registry
)


@contextmanager
def page(title: str) -> Iterator[None]:
    """Measure one run of a page, however it ends."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        _pages.labels(title).observe(time.perf_counter() - begun)


def failed(code: str) -> None:
    """Count a part that could not be shown, by the code of its error."""
    _failed.labels(code).inc()
