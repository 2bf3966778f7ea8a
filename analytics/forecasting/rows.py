"""Small statistics along an axis that leave missing values out and never warn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mean(values: Floats, axis: int = -1) -> Floats:
    """The mean of what is there; NaN where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis)
    count = known.sum(axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=float)


def quantile(values: Floats, level: float | Floats, axis: int = -1) -> Floats:
    """A linear quantile of what is there; NaN where nothing is. `level` may differ by row."""
    return quantiles(values, (level,), axis)[0]


def quantiles(values: Floats, levels: Sequence[float | Floats], axis: int = -1) -> list[Floats]:
    """The same at several levels, sorted once."""
    ordered = np.sort(np.moveaxis(values, axis, -1), axis=-1)  # NaN goes last
    count = np.isfinite(ordered).sum(-1)
    return [_at(ordered, count, level) for level in levels]


def _at(ordered: Floats, count: NDArray[np.int_], level: float | Floats) -> Floats:
    if not ordered.shape[-1]:
        return np.full(ordered.shape[:-1], np.nan)
    place = np.clip(level, 0.0, 1.0) * np.maximum(count - 1, 0)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    below = np.take_along_axis(ordered, low[..., None], -1)[..., 0]
    above = np.take_along_axis(ordered, high[..., None], -1)[..., 0]
    return np.asarray(np.where(count > 0, below + (above - below) * (place - low), np.nan), dtype=float)


def median(values: Floats, axis: int = -1) -> Floats:
    """The median of what is there; NaN where nothing is."""
    return quantile(values, 0.5, axis)


def or_else(values: Floats, otherwise: Floats | float) -> Floats:
    """`otherwise` where a value is missing."""
    return np.asarray(np.where(np.isfinite(values), values, otherwise), dtype=float)


def cycles(values: Floats, season: int, most: int) -> Floats:
    """The last `most` cycles (series by cycles by season), the newest last; missing before the beginning."""
    count = max(1, min(most, -(-values.shape[1] // season)))
    short = count * season - values.shape[1]
    if short > 0:
        values = np.concatenate([np.full((len(values), short), np.nan), values], axis=1)
    return values[:, values.shape[1] - count * season :].reshape(len(values), count, season)


def repeated(pattern: Floats, horizon: int) -> Floats:
    """A cycle that begins right after the last point, as often as the horizon needs."""
    return np.tile(pattern, (1, -(-horizon // pattern.shape[1])))[:, :horizon]
