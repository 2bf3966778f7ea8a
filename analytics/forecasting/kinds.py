"""Counts as they are, durations by their logarithm, ratios inside their range; all of them ≥ 0 for the members."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecasting import rows
from analytics.forecasting.rows import Floats
from core.errors import InputError

KINDS = ("count", "duration", "ratio")
RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 5.0), (0.0, 10.0), (0.0, 100.0), (-100.0, 100.0))


@dataclass(frozen=True)
class Scale:
    """How values of a panel are carried to where members work, and back. `shift`, `low`, `high` are of each series."""

    kind: str
    shift: Floats
    low: Floats
    high: Floats

    def there(self, values: Floats) -> Floats:
        """What members see."""
        if self.kind != "duration":
            return values + self.shift[:, None]
        known = values > 0
        logs = np.log(np.where(known, values, 1.0))
        return np.asarray(np.where(known, np.maximum(logs + self.shift[:, None], 0.0), np.nan), dtype=float)

    def back(self, values: Floats) -> Floats:
        """Values of the series' own unit, inside their bounds; NaN stays."""
        shift = self.shift[:, None]
        found = np.exp(np.minimum(values - shift, 200.0)) if self.kind == "duration" else values - shift
        return np.clip(found, self.low[:, None], self.high[:, None])


def scale(values: Floats, kind: str) -> Scale:
    """The scale of a panel. Raises InputError for a kind there is not."""
    if kind not in KINDS:
        raise InputError(f"No kind {kind!r} of values.", hint=f"One of {', '.join(KINDS)}.")
    count = len(values)
    zero, endless = np.zeros(count), np.full(count, np.inf)
    if kind == "count" or not values.size:
        return Scale("count", zero, zero, endless)
    if kind == "duration":
        first = np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), np.nan)
        # Far enough from 0 that multiplying a level by a season is adding logarithms, nearly.
        shift = 30.0 - rows.or_else(rows.median(first[:, :14]), 0.0)
        return Scale(kind, shift, zero, endless)
    least, most = rows.quantile(values, 0.0), rows.quantile(values, 1.0)
    room = most - least  # of values that fit no usual range
    low = rows.or_else(np.where(least < 0, least - room, 0.0), 0.0)
    high = rows.or_else(most + room, 1.0)
    for start, end in reversed(RANGES):
        fits = (least >= start) & (most <= end)
        low, high = np.where(fits, start, low), np.where(fits, end, high)
    return Scale(kind, np.where(low < 0, high - 2 * low, 0.0), low, high)
