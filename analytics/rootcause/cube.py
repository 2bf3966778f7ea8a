"""What a day brought beside what was expected of it, one cell a combination of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

MOST_VALUES = 50  # of a dimension; the rarest beyond are "other" together
OTHER = "(other)"
_INDEPENDENT = 10.0  # conversations of a cell that weigh as much as what its values lead one to expect of it
_DRAWN = 1.0  # so many days of the mean of all are added to those of a weekday
_TOLD = 2.0  # conversations a day from which a slice says something of how slices scatter
_EXPECTED = 0.5  # fewer expected a day scatter as so many do
_SEVERAL = 10  # slices from which they say how alike they are
_ALL_ALIKE = 20.0  # all slices say at most so many times what the days of one say


@dataclass(frozen=True, slots=True)
class Cube:
    """Cells of several dimensions. `codes` is cells by dimensions, each the place of a value in `values`.

    `actual` and `expected` are counts per cell; `past` and `usual` are those of the days before, days by cells.
    """

    dimensions: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Codes
    actual: Numbers
    expected: Numbers
    past: Numbers
    usual: Numbers


def from_days(
    days: Sequence[Mapping[tuple[str, ...], float]], dimensions: Sequence[str], weekdays: Sequence[int]
) -> Cube:
    """A cube of the last of the days, expected from those before; a day maps a combination to its count.

    `weekdays` are 0 to 6, one a day. Values beyond the 49 commonest of a dimension are put together.
    """
    keys = sorted({key for day in days for key in day})
    table = np.array([[day.get(key, 0.0) for key in keys] for day in days], dtype=float).reshape(
        len(days), len(keys)
    )
    values, columns = [], []
    for place in range(len(dimensions)):
        names, codes = _coded([key[place] for key in keys], table.sum(axis=0))
        values.append(names)
        columns.append(codes)
    codes = np.array(columns, dtype=np.int64).T.reshape(len(keys), len(dimensions))
    return of_counts(table, codes, dimensions, values, weekdays)


def of_counts(
    table: Numbers,
    codes: Codes,
    dimensions: Sequence[str],
    values: Sequence[Sequence[str]],
    weekdays: Sequence[int],
) -> Cube:
    """As `from_days`, of a table of days by cells: its last row is asked about."""
    past, actual = np.nan_to_num(table[:-1]).clip(0), np.nan_to_num(table[-1]).clip(0)
    shares = _shares(past, codes)
    totals = _expected_totals(past.sum(axis=1), weekdays)
    usual = np.outer(totals[:-1], shares)
    return Cube(
        tuple(dimensions), tuple(tuple(v) for v in values), codes, actual, totals[-1] * shares, past, usual
    )


def dispersion(past: Numbers, usual: Numbers) -> tuple[Numbers, float]:
    """By how much the columns (slices) scatter more than Poisson's counts over the days, at least 1, and how surely.

    Pearson's statistic over its degrees of freedom (McCullagh and Nelder 1989, 4.5), drawn to what slices of so many
    counts have as far as these are alike (Smyth 2004, doi:10.2202/1544-6115.1027; by a trend as in McCarthy, Chen and
    Smyth 2012, doi:10.1093/nar/gks042); the second number is the degrees of freedom of both.
    """
    days = len(past) - 1
    if days < 2:
        return np.ones(past.shape[1]), float(max(days, 1))
    own = ((past - usual) ** 2 / np.maximum(usual, 0.05)).sum(axis=0) / days
    mean = usual.mean(axis=0)
    some = (mean > _TOLD) & (own > 0)
    pooled, weight = np.ones(len(own)), float(days)
    if some.any():
        logs, sizes = np.log(own[some]), np.log(mean[some])
        slope = _slope(sizes, logs) if len(logs) >= _SEVERAL else 0.0
        apart = logs - slope * sizes
        middle = float(np.median(apart))
        pooled = np.exp(middle + slope * np.log(np.maximum(mean, _EXPECTED)))
        pooled = pooled / (1 - 2 / (9 * days)) ** 3  # the median of chi-square
        if len(logs) >= _SEVERAL:
            spread = (1.4826 * float(np.median(np.abs(apart - middle)))) ** 2
            beyond = spread - 2 / days  # than chance makes them differ
            weight = float(np.clip(2 / max(beyond, 1e-9), days / 2, _ALL_ALIKE * days))
    drawn = (days * own + weight * pooled) / (days + weight)
    return np.asarray(np.maximum(1.0, drawn)), days + weight


def _slope(sizes: Numbers, logs: Numbers) -> float:
    """By how much the larger third lies above the smaller: Tukey's resistant line (1977), never falling."""
    order = np.argsort(sizes)
    third = len(order) // 3
    low, high = order[:third], order[-third:]
    run = float(np.median(sizes[high]) - np.median(sizes[low]))
    return max(0.0, float(np.median(logs[high]) - np.median(logs[low])) / run) if run > 0 else 0.0


def _shares(past: Numbers, codes: Codes) -> Numbers:
    """The part of a day that each cell has: as it was, and as it would be if the dimensions were independent."""
    cells = past.sum(axis=0)
    whole = cells.sum()
    if whole <= 0:
        return np.zeros(len(cells))
    independent = np.full(len(cells), whole)
    for place in range(codes.shape[1]):
        independent *= np.bincount(codes[:, place], weights=cells)[codes[:, place]] / whole
    own = independent / (independent + _INDEPENDENT)
    mixed = own * cells + (1 - own) * independent
    return np.asarray(mixed / mixed.sum())


def _expected_totals(totals: Numbers, weekdays: Sequence[int]) -> Numbers:
    """The expected total of each past day and of the day asked about: its weekday's mean, drawn to that of all."""
    if not len(totals):
        return np.zeros(len(weekdays))
    of_day = np.asarray(weekdays[: len(totals)])
    mean = totals.mean()
    found = []
    for weekday in weekdays:
        same = totals[of_day == weekday]
        found.append((same.sum() + mean * _DRAWN) / (len(same) + _DRAWN))
    return np.array(found)


def _coded(names: Sequence[str], weights: Numbers) -> tuple[tuple[str, ...], Codes]:
    total: dict[str, float] = {}
    for name, weight in zip(names, weights, strict=True):
        total[name] = total.get(name, 0.0) + float(weight)
    kept = sorted(total, key=lambda name: (-total[name], name))
    if len(kept) > MOST_VALUES:
        kept = [*kept[: MOST_VALUES - 1], OTHER]
    places = {name: place for place, name in enumerate(kept)}
    return tuple(kept), np.array([places.get(name, len(kept) - 1) for name in names], dtype=np.int64)


def weekdays_of(days: Sequence[date]) -> list[int]:
    """0 for Monday to 6."""
    return [day.weekday() for day in days]
