"""How much more often something happens in one group than in the rest: ratio, difference, and what is chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, sqrt

from analytics.intervals import Z95, wilson


def risk_ratio(hits: int, n: int, rest_hits: int, rest: int) -> tuple[float, float, float]:
    """(ratio, low, high) of hits/n over rest_hits/rest, with the 95 % interval of Katz on the log scale.

    Where one side has no hits at all, half a hit and half a miss are added to both, so that there is an interval;
    the ratio itself stays what was counted. Infinite where only the rest has none. Raises ValueError for no rows.
    """
    if n <= 0 or rest <= 0:
        raise ValueError("a ratio needs rows on both sides")
    if hits and rest_hits:
        ratio = middle = (hits / n) / (rest_hits / rest)
        spread = sqrt(max(0.0, 1 / hits - 1 / n + 1 / rest_hits - 1 / rest))
    else:
        ratio = 0.0 if not hits else float("inf")
        one, other = (hits + 0.5) / (n + 1), (rest_hits + 0.5) / (rest + 1)
        middle, ratio = one / other, 1.0 if hits == rest_hits else ratio
        spread = sqrt((1 - one) / (hits + 0.5) + (1 - other) / (rest_hits + 0.5))
    return ratio, middle * exp(-Z95 * spread), middle * exp(Z95 * spread)


def difference(hits: int, n: int, rest_hits: int, rest: int) -> tuple[float, float, float]:
    """(difference, low, high) of two shares, with Newcombe's 95 % interval from both Wilson intervals (1998)."""
    one, other = hits / n, rest_hits / rest
    (low, high), (rest_low, rest_high) = wilson(hits, n), wilson(rest_hits, rest)
    apart = one - other
    return (
        apart,
        apart - sqrt((one - low) ** 2 + (rest_high - other) ** 2),
        apart + sqrt((high - one) ** 2 + (other - rest_low) ** 2),
    )


def two_sided(z: float) -> float:
    """How often chance alone gives a standard normal number at least so far from 0."""
    return erfc(abs(z) / sqrt(2))


CHANCE = two_sided(Z95)  # at or below it a difference is more than chance, at the 5 % level


def two_shares(hits: float, n: int, hits_before: float, n_before: int, *, fewest: int) -> float | None:
    """The chance of two shares as far apart where there is one: the pooled z test; None under `fewest` on a side."""
    if min(n, n_before) < fewest:
        return None
    pooled = (hits + hits_before) / (n + n_before)
    spread = sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_before))
    return two_sided((hits / n - hits_before / n_before) / spread) if spread else 1.0


def counts_differ(now: float, before: float) -> bool:
    """Whether two counts are further apart than twice what chance scatters them: by the square root of their sum."""
    return now != before and abs(now - before) >= 2 * sqrt(abs(now) + abs(before))


def false_discovery(chances: Sequence[float]) -> list[float]:
    """The q of each p: the share of false ones among all with one as small (Benjamini and Hochberg, 1995)."""
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    found, least = [1.0] * len(chances), 1.0
    for rank in range(len(order), 0, -1):
        at = order[rank - 1]
        least = min(least, chances[at] * len(order) / rank)
        found[at] = least
    return found


def ratio_of_odds(odds_log: float, base: float) -> float:
    """The ratio of risks that a log odds ratio means where the risk without it is `base` (Zhang and Yu, 1998)."""
    odds = exp(max(-30.0, min(30.0, odds_log)))
    return odds / (1 - base + base * odds)
