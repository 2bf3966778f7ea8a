"""How fast a published workspace answers: metric cards, a page, searches, questions."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

from bench.clocks import milliseconds, percentile, repeated
from core.effective import effective_settings
from core.filters import Filters
from core.home import Home
from core.settings import Settings, load_settings
from core.viewer import EVERYTHING

if TYPE_CHECKING:
    from rag.context import RagContext
    from store.reader import Reader

QUESTIONS = (
    "Why was sentiment negative on Oct 31?",
    "How many conversations did we get last week?",
    "What is the median first reply time of team Billing in November?",
    "Which channel has the most conversations?",
    "Did the backlog grow in the last 30 days?",
    "What do customers say about the Smart Thermostat?",
    "Show me conversations about error E-4042",
    "Which team has the highest reopen rate?",
    "How did resolution time change compared with last month?",
    "What are the top topics this month?",
    "Why did volume rise on 26 August?",
    "Are customers happy with the Mobile App?",
    "How satisfied were customers in October?",
    "What happened on December 25?",
    "What problems do people have with two-factor login codes?",
    "Is there a new problem with gift cards?",
    "Which product has the most negative sentiment?",
    "How many urgent conversations are open?",
    "Compare chat and email by first reply time",
    "What is the weather in Paris?",
)
SEARCHES = (
    "login code never arrives", "parcel not delivered", "refund has not arrived", "E-4042", "charged twice",
    "thermostat offline after router change", "app crashes after update", "gift card rejected at checkout",
    "how do I cancel", "wrong company name on the invoice", "restore a deleted folder", "storage almost full",
    "return label missing", "box arrived crushed", "account locked", "dark mode", "service unavailable",
    "wiring of the back plate", "tracking has not moved", "card declined",
)  # fmt: skip


@dataclass
class Answers:
    """What was measured on one generation."""

    metrics_ms: dict[str, tuple[float, float]] = field(default_factory=dict)
    page_ms: tuple[float, float] = (0.0, 0.0)
    first_ask_ms: list[float] = field(default_factory=list)  # on a home that nobody asked these of before
    ask_ms: list[float] = field(default_factory=list)
    chips_ms: list[float] = field(default_factory=list)  # until the plan is there
    search_ms: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def slowest(self) -> tuple[str, float]:
        """The metric with the longest median."""
        name = max(self.metrics_ms, key=lambda metric: self.metrics_ms[metric][0])
        return name, self.metrics_ms[name][0]


def measure(home: Home) -> Answers:
    """Ask everything of the home's published generation."""
    from analytics.catalogue import METRICS
    from store.reader import open_reader

    settings = effective_settings(home, load_settings(home))
    reader, found = open_reader(home), Answers()
    for name in METRICS.names():
        found.metrics_ms[name] = repeated(partial(_card, reader, name, settings))
    found.page_ms = repeated(partial(_overview, reader, settings))
    _search_and_ask(home, settings, found)
    return found


def _card(reader: Reader, name: str, settings: Settings) -> None:
    from analytics.compute import compute

    compute(reader, name, Filters(), settings=settings, viewer=EVERYTHING, grain="day", compare="previous")


def _overview(reader: Reader, settings: Settings) -> None:
    """Cards, the split by channel, the table by team and what changed: everything the page draws, in turn."""
    from analytics.catalogue import METRICS
    from analytics.changes import what_changed
    from analytics.compute import compute, dimension_values

    for name in METRICS.names():
        _card(reader, name, settings)
    for by in ("channel", "team"):
        compute(
            reader, "volume", Filters(), settings=settings, viewer=EVERYTHING, by=(by,), compare="previous"
        )
    what_changed(reader, "volume", Filters(), settings=settings, viewer=EVERYTHING)
    for dimension in ("channel", "product", "team"):
        dimension_values(reader, dimension, viewer=EVERYTHING, limit=200)


def _search_and_ask(home: Home, settings: Settings, found: Answers) -> None:
    from rag.ask import ask
    from rag.context import RagContext
    from rag.search import search
    from store.reader import open_reader

    context = RagContext(home, settings, open_reader(home))
    search(context, "warm up", k=10)
    ask("How many conversations are there?", context, provider="none", keep=False)
    found.search_ms = [milliseconds(partial(search, context, text, k=10)) for text in SEARCHES]
    found.first_ask_ms, _ = _asked(context)
    # Statements outlive the process that wrote them, and what else it remembers does not.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another:
        found.ask_ms, found.chips_ms = another.submit(_asked_of, home, settings).result()


def _asked_of(home: Home, settings: Settings) -> tuple[list[float], list[float]]:
    from rag.ask import ask
    from rag.context import RagContext
    from store.reader import open_reader

    context = RagContext(home, settings, open_reader(home))
    ask("How many conversations are there?", context, provider="none", keep=False)
    return _asked(context)


def _asked(context: RagContext) -> tuple[list[float], list[float]]:
    """How long each question took to its answer, and to its plan (ms)."""
    from rag.ask import ask

    answered, planned = list[float](), list[float]()
    for text in QUESTIONS:
        begun, made = time.perf_counter(), list[float]()

        def note(step: str, _: object, made: list[float] = made) -> None:
            if step == "plan":
                made.append(time.perf_counter())

        ask(text, context, provider="none", keep=False, on_event=note)
        answered.append((time.perf_counter() - begun) * 1000)
        planned.append((made[0] - begun) * 1000)
    return answered, planned


def summary(found: Answers) -> dict[str, float]:
    """The figures that go into the results."""
    return {
        "metric_ms": found.slowest[1],
        "metric_median_ms": statistics.median(median for median, _ in found.metrics_ms.values()),
        "metric_max_ms": max(longest for _, longest in found.metrics_ms.values()),
        "page_ms": found.page_ms[0],
        "page_max_ms": found.page_ms[1],
        "first_ask_p95_ms": percentile(found.first_ask_ms, 0.95),
        "ask_p50_ms": percentile(found.ask_ms, 0.5),
        "ask_p95_ms": percentile(found.ask_ms, 0.95),
        "chips_p95_ms": percentile(found.chips_ms, 0.95),
        "search_p50_ms": percentile(found.search_ms, 0.5),
        "search_p95_ms": percentile(found.search_ms, 0.95),
    }
