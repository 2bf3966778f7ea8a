"""Days by slices from the rows of the warehouse, and the probabilities of their counts."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import nbinom, poisson

from analytics.anomalies.counted import Expected, tails
from analytics.anomalies.reading import MOST_SERIES, _series
from analytics.catalogue import find
from tests.analytics.anomalies.panels import day

CUTS = ("channel", "product", "team")
DAYS = tuple(day(number) for number in range(3))
COLUMNS = ("cut", "value", "day", "stratum", "n", "total", "squares")


def rows(*told: tuple[int, str | None, int, str, int, float, float]) -> pa.Table:
    """Rows as `reading.build` gives them; the third part is the number of the day."""
    made = [
        (cut, value, datetime.combine(day(at), datetime.min.time()), *rest) for cut, value, at, *rest in told
    ]
    columns = list(zip(*made, strict=True)) or [()] * len(COLUMNS)
    kinds = (pa.int16(), pa.string(), pa.timestamp("us"), pa.string(), pa.int64(), pa.float64(), pa.float64())
    arrays = [pa.array(list(one), kind) for one, kind in zip(columns, kinds, strict=True)]
    return pa.table(dict(zip(COLUMNS, arrays, strict=True)))


def test_series_hold_strata_by_days_of_everything_and_of_the_commonest_values_first() -> None:
    table = rows(
        (-1, None, 0, "chat", 3, 6.0, 12.0), (-1, None, 0, "mail", 1, 9.0, 81.0), (-1, None, 2, "mail", 2, 4.0, 8.0),
        (1, "Lamp", 0, "chat", 1, 2.0, 4.0), (1, "Door", 2, "mail", 2, 4.0, 8.0), (1, "Lamp", 7, "chat", 90, 1.0, 1.0),
        (0, "chat", 0, "chat", 3, 6.0, 12.0), (2, "a", 1, "mail", 1, 1.0, 1.0), (2, "b", 1, "chat", 1, 1.0, 1.0),
    )  # fmt: skip
    found = _series(find("volume"), CUTS, DAYS, table)
    # A dimension of one value says nothing that everything does not, and a day beyond the last one none.
    assert [one.where for one in found] == [
        (), (("product", "Door"),), (("product", "Lamp"),), (("team", "a"),), (("team", "b"),)
    ]  # fmt: skip
    whole = found[0].sums
    assert whole[0].tolist() == [[3, 0, 0], [1, 0, 2]] and whole[1].tolist() == [[6, 0, 0], [9, 0, 4]]
    assert whole[2].tolist() == [[12, 0, 0], [81, 0, 8]] and found[2].n.tolist() == [1, 0, 0]
    assert found[1].total.tolist() == [0, 0, 4]


def test_of_a_dimension_with_many_values_the_commonest_are_watched() -> None:
    table = rows(*((1, f"p{at:02}", 0, "", at, 0.0, 0.0) for at in range(1, MOST_SERIES + 6)))
    names = [one.where[0][1] for one in _series(find("volume"), CUTS, DAYS, table)[1:]]
    assert names == [f"p{at:02}" for at in range(MOST_SERIES + 5, 5, -1)]


def test_days_of_nothing_are_a_series_of_zeros() -> None:
    (whole,) = _series(find("volume"), CUTS, DAYS, rows())
    assert whole.where == () and whole.n.tolist() == [0, 0, 0]


DAYS_KNOWN = 40.0


def tails_of(counts: np.ndarray, mean: float, phi: float) -> np.ndarray:
    """The probability of each count, were it expected from forty days."""
    usual = Expected(*(np.full(counts.shape, one) for one in (mean, phi, DAYS_KNOWN)))
    return tails(counts, usual)


@pytest.mark.parametrize("mean", [0.06, 0.3, 0.7, 1.6, 5.0, 9.0, 19.0])
@pytest.mark.parametrize("phi", [1.0, 1.4, 2.5, 8.0])
def test_the_tail_of_a_count_is_the_smaller_one_of_a_negative_binomial_twice(mean: float, phi: float) -> None:
    """Hilbe 2011, Negative Binomial Regression, 5.3: of a size and a chance, here by mean and dispersion."""
    widened = phi * (1 + 1 / DAYS_KNOWN)  # the mean is estimated itself
    usual = nbinom(mean / (widened - 1), 1 / widened)
    each = usual.pmf(np.arange(2_000))  # added up, for scipy's own tails are what is tested
    below, above = each.cumsum(), each[::-1].cumsum()[::-1]
    told = tails_of(np.arange(61.0)[:, None], mean, phi)[:, 0]
    assert told == pytest.approx(np.minimum(2 * np.minimum(below, above), 1.0)[:61], rel=1e-8)


@pytest.mark.parametrize("mean", [0.3, 5.0, 19.0])
def test_a_count_that_scatters_less_than_poissons_is_taken_as_poissons(mean: float) -> None:
    counts = np.arange(31.0)
    two_sided = np.minimum(2 * np.minimum(poisson(mean).cdf(counts), poisson(mean).sf(counts - 1)), 1.0)
    likely = two_sided > 1e-3  # far out a dispersion of 1.001, the least there is, tells
    told = tails_of(counts[:, None], mean, 0.5)[:, 0]
    assert told[likely] == pytest.approx(two_sided[likely], rel=0.01)
