"""Days by slices from the rows of the warehouse, and the probabilities of their counts."""

from __future__ import annotations

from datetime import datetime
from math import exp, lgamma, log

import numpy as np
import pyarrow as pa
import pytest

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


@pytest.mark.parametrize("actual", [0, 2, 9, 60])
@pytest.mark.parametrize(("mean", "phi"), [(0.3, 1.4), (9.0, 2.5)])
def test_the_tail_of_a_count_is_that_of_a_negative_binomial_added_up(
    actual: int, mean: float, phi: float
) -> None:
    """Hilbe 2011, Negative Binomial Regression, 5.3: of a size and a chance, here by mean and dispersion."""
    widened = phi * (1 + 1 / 40)  # the mean is estimated from forty days
    size, chance = mean / (widened - 1), 1 / widened
    parts = [
        exp(lgamma(k + size) - lgamma(size) - lgamma(k + 1) + size * log(chance) + k * log(1 - chance))
        for k in range(400)
    ]
    two_sided = min(1.0, 2 * min(sum(parts[actual:]), sum(parts[: actual + 1])))
    usual = Expected(*(np.array([[one]]) for one in (mean, phi, 40.0)))
    assert tails(np.array([[float(actual)]]), usual)[0, 0] == pytest.approx(two_sided, rel=1e-9)
