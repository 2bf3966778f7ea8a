"""What goes with an outcome when all else is equal: one regularised logistic regression, and tests of words on it.

Every value of every dimension is a column of 0 and 1. The fit is scikit-learn's, on cells: rows that are alike in
every dimension are one row with a weight. A value is compared with the mean of the other values of its dimension.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analytics.intervals import Z95
from analytics.ratios import ratio_of_odds

if TYPE_CHECKING:
    from scipy import sparse

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
PENALTY = 1.0  # a value's log odds are drawn towards 0 as if a standard deviation of 1 were known beforehand
TELLS = 0.8  # a dimension that says this share of another is not held constant when the other is judged
MOST_VALUES = 60  # of a dimension, the most frequent ones; all others are one


@dataclass(frozen=True)
class Coded:
    """A dimension as numbers: `codes` has one a row, an index into `values`."""

    name: str
    codes: Ints
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What is left of a value's ratio when the other dimensions are held constant, with its 95 % interval.

    `z` is the log odds over their standard error.
    """

    ratio: float
    low: float
    high: float
    z: float


@dataclass(frozen=True)
class _Block:
    """A dimension in the fit: each row's column, and which of its codes have one of their own; the rest share the last."""

    columns: Ints
    kept: Ints


@dataclass(frozen=True)
class _Cells:
    """`matrix` has a row a cell, its last column the constant; `cell` is that of each row, `first` a row of each."""

    matrix: sparse.csr_matrix
    n: Floats
    hits: Floats
    cell: Ints
    first: Ints


@dataclass(frozen=True)
class Model:
    """Rows, their dimensions, and the fit of one on the other. `inflation` widens intervals of rows that belong together.

    The fit knows of a dimension what at least `minimum` rows share; the rest of its values are one.
    """

    hits: NDArray[np.bool_]
    dimensions: tuple[Coded, ...]
    minimum: int
    inflation: float = 1.0

    @cached_property
    def blocks(self) -> dict[str, _Block]:
        """Every dimension that has two values or more."""
        found = {}
        for one in self.dimensions:
            counts = np.bincount(one.codes, minlength=len(one.values))
            kept = np.argsort(-counts, kind="stable")[:MOST_VALUES]
            kept = kept[counts[kept] >= self.minimum]
            place = np.full(len(one.values), len(kept), dtype=np.int64)
            place[kept] = np.arange(len(kept))
            columns = place[one.codes]
            if len(columns) and columns.min() != columns.max():
                found[one.name] = _Block(columns, kept)
        return found

    @cached_property
    def cells(self) -> _Cells:
        """Rows that are alike in every dimension, once."""
        from scipy import sparse

        key = np.zeros(len(self.hits), dtype=np.int64)
        for block in self.blocks.values():  # numbered anew after each dimension, so that no key overflows
            key = np.unique(key * (int(block.columns.max()) + 1) + block.columns, return_inverse=True)[1]
        _, first, cell = np.unique(key, return_index=True, return_inverse=True)
        columns = [self.blocks[name].columns[first] + start for name, (start, _) in self.spans.items()]
        columns.append(np.full(len(first), self.width - 1))
        flat = np.stack(columns, axis=1).ravel()
        ends = np.arange(len(first) + 1) * len(columns)
        matrix = sparse.csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(first), self.width))
        n = np.bincount(cell, minlength=len(first)).astype(np.float64)
        hits = np.bincount(cell, weights=self.hits, minlength=len(first)).astype(np.float64)
        return _Cells(matrix, n, hits, cell, first)

    @cached_property
    def spans(self) -> dict[str, tuple[int, int]]:
        """Where each dimension's columns begin and end."""
        found, start = {}, 0
        for name, block in self.blocks.items():
            found[name] = (start, start := start + int(block.columns.max()) + 1)
        return found

    @property
    def width(self) -> int:
        """How many columns there are, the constant included."""
        return max((end for _, end in self.spans.values()), default=0) + 1

    @cached_property
    def fit(self) -> tuple[Floats, Floats]:
        """(coefficients, their precision): the constant last, and without a penalty."""
        from scipy import sparse
        from sklearn.linear_model import LogisticRegression

        matrix, n, hits = self.cells.matrix, self.cells.n, self.cells.hits
        both = sparse.vstack([matrix[:, :-1], matrix[:, :-1]], format="csr")
        told = np.repeat([1, 0], len(n))
        weights = np.concatenate([hits, n - hits])
        used = weights > 0
        fitted = LogisticRegression(C=1 / PENALTY, max_iter=400, tol=3e-4)
        fitted.fit(both[used], told[used], sample_weight=weights[used])
        coefficients = np.append(fitted.coef_[0], fitted.intercept_[0])
        chance = _chance(matrix @ coefficients)
        precision = (matrix.T @ matrix.multiply((n * chance * (1 - chance))[:, None])).toarray()
        precision[np.diag_indices(self.width - 1)] += PENALTY
        precision[-1, -1] += 1e-9
        # The tolerance is one of all rows together; a step of Newton's makes small values as exact as large ones.
        missing = matrix.T @ (hits - n * chance) - PENALTY * np.append(coefficients[:-1], 0.0)
        return coefficients + np.linalg.solve(precision, missing), precision

    @cached_property
    def told_by(self) -> dict[str, frozenset[str]]:
        """Of each dimension the others that (nearly) say its value: a topic says its team, an agent too."""
        names = list(self.blocks)
        return {
            name: frozenset(
                o
                for o in names
                if o != name and _told(self.blocks[name].columns, self.blocks[o].columns) >= TELLS
            )
            for name in names
        }

    def effects(self, name: str) -> dict[int, Effect]:
        """The effect of each value of a dimension, by its code; empty where it has one value only.

        Dimensions that say this one are not held constant: nothing would be left of it. They are taken out of the
        fit by the second order of its likelihood, which saves a fit of its own.
        """
        if name not in self.blocks:
            return {}
        stays, coefficients, covariance = self._without(self.told_by[name])
        matrix, n = self.cells.matrix, self.cells.n
        start, end = self.spans[name]
        block = self.blocks[name]
        counts = np.bincount(block.columns, minlength=end - start).astype(np.float64)
        height = matrix @ coefficients
        column = block.columns[self.cells.first]
        order = np.argsort(column, kind="stable")
        ends = np.searchsorted(column[order], np.arange(len(block.kept) + 1))
        height, n = height[order], n[order]
        found = {}
        for place, code in enumerate(block.kept):
            contrast = np.zeros(self.width)
            contrast[start:end] = -counts / (counts.sum() - counts[place])
            contrast[start + place] = 1.0
            apart = float(contrast @ coefficients)
            error = sqrt(float(contrast[stays] @ covariance @ contrast[stays]) * self.inflation)
            inside = slice(ends[place], ends[place + 1])
            found[int(code)] = _standardised(height[inside], n[inside], apart, error)
        return found

    def _without(self, left_out: frozenset[str]) -> tuple[Ints, Floats, Floats]:
        """(columns that stay, coefficients of all with 0 for the others, covariance of those that stay)."""
        coefficients, precision = self.fit
        out = np.zeros(self.width, dtype=np.bool_)
        for name in left_out:
            out[slice(*self.spans[name])] = True
        kept = np.flatnonzero(~out).astype(np.int64)
        covariance = np.asarray(np.linalg.inv(precision[np.ix_(kept, kept)]), dtype=np.float64)
        moved = np.zeros(self.width)
        moved[kept] = coefficients[kept]
        if out.any():
            moved[kept] += covariance @ (precision[np.ix_(kept, np.flatnonzero(out))] @ coefficients[out])
        return kept, moved, covariance

    def effects_of_words(self, words: sparse.csr_matrix) -> list[Effect]:
        """The effect of each column of a matrix of rows by words, 1 where a row has the word; all dimensions held constant.

        Each is tested beside the fit by the tail of its hits; its log odds are found by Newton's method with the fit
        as the offset. Both take account of what the dimensions have in common with the word.
        """
        coefficients, precision = self.fit
        matrix, cell = self.cells.matrix, self.cells.cell
        height = np.asarray(matrix @ coefficients)[cell]
        by_word = words.tocsc()
        rows, ends = by_word.indices, by_word.indptr
        word = np.repeat(np.arange(by_word.shape[1], dtype=np.int64), np.diff(ends))
        observed = np.bincount(word, weights=self.hits[rows], minlength=by_word.shape[1]).astype(np.float64)
        count = np.diff(ends).astype(np.float64)
        chance = _chance(height)
        expected = np.bincount(word, weights=chance[rows], minlength=len(count)).astype(np.float64)
        own = np.bincount(word, weights=(chance * (1 - chance))[rows], minlength=len(count))
        shared = np.asarray((by_word.T @ matrix[cell].multiply((chance * (1 - chance))[:, None])).todense())
        left = own - np.einsum("wp,pq,wq->w", shared, np.linalg.inv(precision), shared, optimize=True)
        left = np.maximum(left, 1e-3 * np.maximum(own, 1e-9))
        z = _mid_tail(observed, expected, count) * np.sqrt(
            expected * (1 - expected / np.maximum(count, 1.0)) / (left * self.inflation)
        )
        apart = self._log_odds(height[rows], word, observed) * own / left
        errors = np.sqrt(self.inflation / left)
        base = expected / np.maximum(count, 1.0)
        return [
            _of_odds(*each)
            for each in zip(apart.tolist(), errors.tolist(), base.tolist(), z.tolist(), strict=True)
        ]

    @staticmethod
    def _log_odds(height: Floats, word: Ints, observed: Floats) -> Floats:
        """What to add to the log odds of a word's rows so that as many hits are expected as there are, drawn to 0."""
        apart = np.zeros(len(observed))
        for _ in range(12):
            chance = _chance(height + apart[word])
            slope = np.bincount(word, weights=chance * (1 - chance), minlength=len(observed)) + PENALTY
            missing = observed - np.bincount(word, weights=chance, minlength=len(observed)) - PENALTY * apart
            apart = apart + np.clip(missing / slope, -1.5, 1.5)
        return apart


def _chance(height: Any) -> Floats:
    """The chance that log odds mean."""
    from scipy.special import expit

    return np.asarray(expit(height), dtype=np.float64)


def _mid_tail(observed: Floats, expected: Floats, count: Floats) -> Floats:
    """How far counts lie from what is expected, as a standard normal number: by the binomial's tail, half of the own count.

    The plain difference over its error takes a few hits too many for a wonder where few are expected (Lancaster, 1961).
    """
    from scipy.special import bdtr, bdtrc, ndtri

    share = np.clip(expected / np.maximum(count, 1.0), 1e-12, 1 - 1e-12)
    n = count.astype(np.int64)
    above, below = bdtrc(observed, n, share), bdtr(np.maximum(observed - 1, 0), n, share)
    own = np.maximum(1 - above - np.where(observed > 0, below, 0.0), 0.0)
    upper, lower = above + own / 2, np.where(observed > 0, below, 0.0) + own / 2
    is_more = observed > expected
    return np.asarray(
        np.where(is_more, -1.0, 1.0) * ndtri(np.clip(np.where(is_more, upper, lower), 1e-300, 0.5))
    )


def _standardised(height: Floats, n: Floats, apart: float, error: float) -> Effect:
    """The expected hits of a value's rows over those they would have with the others' mean in its place."""
    with_it = float(n @ _chance(height))

    def ratio(at: float) -> float:
        return with_it / float(n @ _chance(height - at))

    return Effect(ratio(apart), ratio(apart - Z95 * error), ratio(apart + Z95 * error), apart / error)


def _of_odds(apart: float, error: float, base: float, z: float) -> Effect:
    """Ratios of risks from log odds and their standard error, where `base` is the risk without them."""
    low, high = apart - Z95 * error, apart + Z95 * error
    return Effect(ratio_of_odds(apart, base), ratio_of_odds(low, base), ratio_of_odds(high, base), z)


def _told(block: Ints, by: Ints) -> float:
    """The share of a dimension's uncertainty that another one takes away: 1 says all (Theil's U)."""
    table = np.bincount(by * (int(block.max()) + 1) + block).astype(np.float64)
    width = int(block.max()) + 1
    table = np.pad(table, (0, -len(table) % width)).reshape(-1, width)
    whole = _entropy(table.sum(axis=0))
    sizes = table.sum(axis=1)
    inside = sum(float(size) * _entropy(row) for size, row in zip(sizes, table, strict=True) if size)
    return 1 - inside / sizes.sum() / whole if whole else 0.0


def _entropy(counts: Floats) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())
