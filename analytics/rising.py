"""Topics that people write about more than before: a test a topic, and few false claims among all of them.

Given how many conversations of a topic there were in both periods together, those of this one follow a binomial
distribution with the share of all other conversations that lie in it (Przyborowski & Wilenski 1940). Conversations
come in clusters, so counts are divided by how much more they vary from week to week than such chance would have it
(quasi-likelihood, McCullagh & Nelder 1989). Of the topics that pass, a hundredth may be false
(Benjamini & Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics import periods
from analytics.compute import compute
from core.filters import NONE, Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from analytics.result import MetricResult
    from store.reader import Reader

BEFORE_DAYS = 365
FEWEST = 5  # conversations in the period
FEWEST_WEEKS = 4  # before it
SPARED = 2  # periods just before it: a slow rise is not held against its own beginning
FEWEST_SPARED = 26  # weeks before it, so that some may be spared
FALSE = 0.01  # of the topics in the list
LEAST = 1.25  # times the share of before: less is no news
RARE = 0.5  # of an average topic's share before
STEADY = 20  # weeks: how strongly the clusters of one topic are drawn to those of all


@dataclass(frozen=True, slots=True)
class Rising:
    """A topic and its shares: `n` of `of` conversations in the period, `before_n` of `before_of` before.

    `ratio` of the shares with its 95 % interval (`low`, `high`; None where it has no end), `p` of the test, `q` the
    share of false claims among topics with a `p` as small. `spread` is how many times more its counts vary from week
    to week than chance would have it. `is_rare`: less than half of an average topic before.
    """

    topic: str
    n: int
    of: int
    share: float
    before_n: int
    before_of: int
    before_share: float
    ratio: float | None
    low: float
    high: float | None
    p: float
    q: float
    spread: float
    is_rare: bool


@dataclass(frozen=True, slots=True)
class RisingReport:
    """Rising topics, the surest first, of `tested`; `note` says why there is no answer."""

    period: Period
    before: Period | None
    tested: int
    topics: tuple[Rising, ...]
    note: str
    generation: int


def rising_topics(reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer) -> RisingReport:
    """Topics with a larger share of the period than of the year before it, within the filters.

    Where there is half a year and more, the two periods just before it are spared.
    """
    period = filters.period or periods.default_period(reader, settings)
    first = periods.first_day(reader, settings) or period.start
    start = max(first, period.start - timedelta(days=BEFORE_DAYS))
    if (period.start - start).days < 7 * FEWEST_WEEKS:
        return RisingReport(period, None, 0, (), "There are too few weeks before the period.", reader.number)
    length = (period.end - period.start).days + 1
    has_enough = (period.start - start).days - SPARED * length >= 7 * FEWEST_SPARED
    spared = SPARED * length if has_enough else 0
    before = Period(start, period.start - timedelta(days=1 + spared))
    now = _volume(reader, filters.over(period), settings, viewer)
    then = _volume(reader, filters.over(before), settings, viewer, weekly=True)
    tests = _tests(now, then)
    return RisingReport(period, before, len(tests), tuple(_claimed(tests)), "", reader.number)


def _volume(
    reader: Reader, filters: Filters, settings: Settings, viewer: Viewer, *, weekly: bool = False
) -> MetricResult:
    grain = "week" if weekly else None
    return compute(reader, "volume", filters, settings=settings, viewer=viewer, by=("topic",), grain=grain)  # type: ignore[arg-type]


def _tests(now: MetricResult, then: MetricResult) -> list[Rising]:
    """Every topic with enough conversations in the period, tested; `q` is still that of the test alone."""
    counts = {row.group[0]: row.n for row in now.groups if row.group[0] != NONE}
    earlier = {row.group[0]: row.n for row in then.groups if row.group[0] != NONE}
    of, before_of = sum(counts.values()), sum(earlier.values())
    if not of or not before_of:
        return []
    spreads = _spreads(then)
    usual = before_of / max(len(earlier), 1)
    return [
        judged(name, n, of, earlier.get(name, 0), before_of, spreads.get(name, spreads[""]), usual)
        for name, n in counts.items()
        if n >= FEWEST and n < of
    ]


def judged(name: str, n: int, of: int, before: int, before_of: int, spread: float, usual: float) -> Rising:
    """One topic: `usual` conversations before make an average topic."""
    from scipy.special import betainc, betaincinv

    rest, rest_before = of - n, before_of - before
    chance = rest / max(rest + rest_before, 1)
    few, few_before = n / spread, before / spread
    p = float(betainc(few, few_before + 1, chance))
    # The bounds of Clopper and Pearson for the part of the period, as a ratio of shares.
    scale = before_of / of
    low, high = (
        float(betaincinv(few, few_before + 1, 0.025)),
        float(betaincinv(few + 1, few_before, 0.975)) if before else 1.0,
    )
    return Rising(
        name, n, of, n / of, before, before_of, before / before_of,
        (n / of) / (before / before_of) if before else None, low / (1 - low) * scale,
        high / (1 - high) * scale if high < 1 else None, p, p, spread, before < RARE * usual,
    )  # fmt: skip


def _spreads(then: MetricResult) -> dict[str, float]:
    """By topic, and of all under "": the variance between neighbouring weeks over that of chance, at least 1.

    Of neighbouring weeks, so that a slow rise is no spread.
    """
    weeks = sorted({row.bucket for row in then.rows if row.bucket is not None and not row.partial}, key=str)
    counts: dict[str, dict[object, int]] = {}
    for row in then.rows:
        counts.setdefault(row.group[0], {})[row.bucket] = row.n
    totals = {week: sum(of.get(week, 0) for of in counts.values()) for week in weeks}
    found = {
        name: _between([of.get(w, 0) for w in weeks], [totals[w] for w in weeks])
        for name, of in counts.items()
    }
    pairs = [one for ones in found.values() for one in ones]
    every = max(1.0, sum(pairs) / len(pairs)) if pairs else 1.0
    own = {
        name: max(1.0, (sum(ones) + STEADY * every) / (len(ones) + STEADY)) for name, ones in found.items()
    }
    return {**own, "": every}


def _between(counts: Sequence[int], totals: Sequence[int]) -> list[float]:
    """For each two neighbouring weeks with a conversation: the squared deviation over its variance by chance."""
    found = []
    for one, two, of_one, of_two in zip(counts, counts[1:], totals, totals[1:], strict=False):
        both, part = one + two, of_one / max(of_one + of_two, 1)
        if both and 0 < part < 1:
            found.append((one - both * part) ** 2 / (both * part * (1 - part)))
    return found


def _claimed(tests: Sequence[Rising]) -> list[Rising]:
    """Those whose share of false claims is small enough, the surest first."""
    found, least = [], 1.0
    for rank, one in reversed(list(enumerate(sorted(tests, key=lambda one: (one.p, one.topic)), start=1))):
        least = min(least, one.p * len(tests) / rank)
        found.append(replace(one, q=least))
    return [one for one in reversed(found) if one.q <= FALSE and (one.ratio is None or one.ratio >= LEAST)]
