"""How each topic fares: how many, what share, mood, reply time, reopens and ratings, beside the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import log, sqrt
from typing import TYPE_CHECKING

from analytics.compute import compute
from analytics.intervals import Z95, wilson
from analytics.median_bounds import Bounds, median_bounds
from analytics.ratios import two_shares, two_sided
from analytics.result import Row
from core.filters import Compare, Filters, Period
from core.numbers import SMALL_N
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from analytics.result import MetricResult
    from store.reader import Reader

REPLY = "first_reply_median"
METRICS = {
    "negative": "sentiment_negative_share", "first_reply_s": REPLY, "reopened": "reopen_rate", "csat": "csat_share",
}  # fmt: skip
FALSE = 0.05  # of the changes that are marked
FEWEST = 10  # behind both numbers of a change that is tested


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its 95 % interval, what it rests on, and the same of the period before.

    `p` is the chance of such a change where nothing changed, `is_marked` whether it stands among those of which one
    in twenty may be false. None where there is nothing to compare, or too little.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    before: float | None = None
    before_n: int = 0
    p: float | None = None
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class TopicTrend:
    """One topic: conversations created, their share, the share that began or went on in a bad mood, the median first
    reply in seconds, the share of solves reopened within 7 days, the share of good ratings."""

    topic: str
    volume: Measured
    share: Measured
    negative: Measured
    first_reply_s: Measured
    reopened: Measured
    csat: Measured


@dataclass(frozen=True, slots=True)
class TrendReport:
    """Topics (or other values of `dimension`), the most conversations first; `tested` changes were compared."""

    dimension: str
    period: Period
    previous_period: Period | None
    topics: tuple[TopicTrend, ...]
    tested: int
    generation: int


MEASURES = tuple(field.name for field in fields(TopicTrend) if field.name != "topic")


def topic_trends(
    reader: Reader,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    compare: Compare | None = "previous",
    by: str = "topic",
) -> TrendReport:
    """Every topic of the period with its numbers, their intervals, and what changed beyond chance."""
    how = {"settings": settings, "viewer": viewer, "compare": compare}
    volume = compute(reader, "volume", filters, by=(by,), **how)  # type: ignore[arg-type]
    results = {name: compute(reader, metric, filters, by=(by,), **how) for name, metric in METRICS.items()}  # type: ignore[arg-type]
    bounds = median_bounds(reader, REPLY, filters, by, **how)  # type: ignore[arg-type]
    found = [_trend(row, volume, results, bounds) for row in volume.groups if row.n]
    marked = _marked(found)
    tested = sum(getattr(one, name).p is not None for one in found for name in MEASURES)
    return TrendReport(by, volume.period, volume.previous_period, marked, tested, reader.number)


def _trend(
    row: Row, volume: MetricResult, results: dict[str, MetricResult], bounds: dict[tuple[str, int], Bounds]
) -> TopicTrend:
    name = row.group[0]
    found = {}
    for measure, result in results.items():
        own = next((one for one in result.groups if one.group == row.group), None)
        if measure == "first_reply_s":
            found[measure] = _median(own, bounds.get((name, 0)), bounds.get((name, 1)))
        else:
            found[measure] = _share(own)
    return TopicTrend(name, _count(row), _part(row, volume), **found)


def _count(row: Row) -> Measured:
    """A count: the interval of a Poisson mean (Garwood 1936), two counts by the binomial of one given both."""
    from scipy.special import bdtr, gammaincinv

    low = float(gammaincinv(row.n, 0.025)) if row.n else 0.0
    high = float(gammaincinv(row.n + 1, 0.975))
    before, p = row.previous.n if row.previous else None, None
    if before is not None and row.n + before >= FEWEST:
        p = min(1.0, 2 * float(bdtr(min(row.n, before), row.n + before, 0.5)))
    return Measured(float(row.n), low, high, row.n, None if before is None else float(before), before or 0, p)


def _part(row: Row, volume: MetricResult) -> Measured:
    """The share of all conversations of the period."""
    of, of_before = volume.total.n, volume.previous.n if volume.previous else 0
    before = row.previous.n if row.previous else 0
    low, high = wilson(row.n, of)
    p = two_shares(row.n, of, before, of_before, fewest=FEWEST) if of_before else None
    return Measured(row.n / of, low, high, of, before / of_before if of_before else None, of_before, p)


def _share(row: Row | None) -> Measured:
    if row is None or row.value is None or row.n < SMALL_N:
        return Measured(None, None, None, row.n if row else 0)
    before = row.previous if row.previous and not row.previous.small else None
    if before is None or before.value is None:
        return Measured(row.value, row.low, row.high, row.n)
    p = two_shares(round(row.value * row.n), row.n, round(before.value * before.n), before.n, fewest=FEWEST)
    return Measured(row.value, row.low, row.high, row.n, before.value, before.n, p)


def _median(row: Row | None, now: Bounds | None, then: Bounds | None) -> Measured:
    """A median of durations, compared by its logarithm: the intervals give its spread."""
    if row is None or row.value is None or row.n < SMALL_N:
        return Measured(None, None, None, row.n if row else 0)
    low, high = now or (None, None)
    before = row.previous if row.previous and not row.previous.small else None
    p = None
    if before is not None and before.value and row.value and now and then and min(*now, *then) > 0:
        spread = sqrt(sum((log(end[1] / end[0]) / (2 * Z95)) ** 2 for end in (now, then)))
        p = two_sided(log(row.value / before.value) / spread) if spread else None
    return Measured(
        row.value, low, high, row.n, before.value if before else None, before.n if before else 0, p
    )


def _marked(found: Sequence[TopicTrend]) -> tuple[TopicTrend, ...]:
    """The same, with the changes marked that chance does not explain (Benjamini & Hochberg 1995, over all of them)."""
    chances = sorted(p for one in found for name in MEASURES if (p := getattr(one, name).p) is not None)
    passed = [p for rank, p in enumerate(chances, start=1) if p <= FALSE * rank / len(chances)]
    limit = max(passed, default=-1.0)
    return tuple(
        TopicTrend(one.topic, **{name: _mark(getattr(one, name), limit) for name in MEASURES})
        for one in found
    )


def _mark(one: Measured, limit: float) -> Measured:
    return replace(one, is_marked=True) if one.p is not None and one.p <= limit else one
