"""Uncertainty of shares."""

from __future__ import annotations

from math import sqrt

Z95 = 1.96  # deviations to either end of a 95 % interval


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of hits/n, as shares. Raises ValueError when n is 0."""
    if n <= 0:
        raise ValueError("a share of nothing has no interval")
    share, z = hits / n, Z95
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At 0 and n hits the bound is exact; floating point would leave it a hair inside.
    return (0.0 if hits == 0 else max(0.0, centre - half), 1.0 if hits == n else min(1.0, centre + half))
