"""The Wilson interval against published values."""

from __future__ import annotations

import pytest

from analytics.intervals import wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(9, 10, 59.6, 98.2), (90, 100, 82.6, 94.5), (900, 1000, 88.0, 91.7)]
)
def test_golden_values(hits: int, n: int, low: float, high: float) -> None:
    assert [round(100 * bound, 1) for bound in wilson(hits, n)] == [low, high]


def test_none_and_all_end_at_the_edge() -> None:
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0
    assert wilson(0, 20)[1] == pytest.approx(1 - wilson(20, 20)[0])


def test_a_share_of_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="share of nothing"):
        wilson(0, 0)
