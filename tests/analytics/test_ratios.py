"""Ratios, differences and false discoveries against published and hand-made numbers."""

from __future__ import annotations

from math import exp, log, sqrt

import pytest

from analytics import ratios


def test_a_ratio_by_hand() -> None:
    ratio, low, high = ratios.risk_ratio(30, 100, 20, 200)
    spread = 1.96 * sqrt(1 / 30 - 1 / 100 + 1 / 20 - 1 / 200)
    assert ratio == pytest.approx(3.0)
    assert (low, high) == (pytest.approx(exp(log(3) - spread)), pytest.approx(exp(log(3) + spread)))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((0, 50, 20, 200), 0.0), ((10, 50, 0, 200), float("inf")), ((0, 50, 0, 200), 1.0)],
)
def test_a_side_without_hits_still_has_an_interval(
    counts: tuple[int, int, int, int], expected: float
) -> None:
    ratio, low, high = ratios.risk_ratio(*counts)
    assert ratio == expected and 0 < low < high < float("inf")


def test_no_rows_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="both sides"):
        ratios.risk_ratio(0, 0, 1, 2)


def test_newcombes_own_example() -> None:
    """Newcombe (1998), method 10: 56/70 and 48/80 differ by 0.20, from 0.0524 to 0.3339."""
    apart, low, high = ratios.difference(56, 70, 48, 80)
    assert (apart, low, high) == (
        pytest.approx(0.2),
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )


def test_false_discoveries_as_benjamini_and_hochberg_counted_them() -> None:
    """Their example of 1995: of these fifteen p the first four are discoveries at 5 %."""
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
               0.7590, 1.0]  # fmt: skip
    shuffled = chances[::-1]
    found = ratios.false_discovery(shuffled)[::-1]
    assert [q <= 0.05 for q in found] == [True] * 4 + [False] * 11
    assert found == sorted(found) and found[0] == pytest.approx(0.0015)
    assert ratios.false_discovery([]) == []


def test_chance_of_a_standard_normal() -> None:
    assert ratios.two_sided(1.959964) == pytest.approx(0.05, abs=1e-6)
    assert ratios.two_sided(-1.959964) == ratios.two_sided(1.959964)


def test_odds_are_ratios_of_risks() -> None:
    base, ratio = 0.1, 3.0
    odds = log(0.3 / 0.7) - log(0.1 / 0.9)
    assert ratios.ratio_of_odds(odds, base) == pytest.approx(ratio)
    assert ratios.ratio_of_odds(0.0, base) == 1.0


def test_two_shares_by_the_pooled_z_test() -> None:
    """Agresti, An Introduction to Categorical Data Analysis, aspirin: 189 of 11,034 against 104 of 11,037, z = 5.0."""
    assert ratios.two_shares(189, 11_034, 104, 11_037, fewest=10) == pytest.approx(5.7e-7, rel=0.05)
    assert ratios.two_shares(1, 5, 100, 200, fewest=10) is None
    assert ratios.two_shares(0, 50, 0, 50, fewest=10) == 1.0


def test_counts_scatter_with_the_square_root_of_their_sum() -> None:
    assert ratios.counts_differ(120, 76) and not ratios.counts_differ(100, 74)
    assert ratios.counts_differ(4, 0), "twice the square root of 4 is 4"
    assert (
        not ratios.counts_differ(0, 0) and not ratios.counts_differ(-5, -4) and ratios.counts_differ(-20, 20)
    )
