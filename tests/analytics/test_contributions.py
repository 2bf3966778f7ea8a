"""Parts of a change add up to the whole, whatever the segments are."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.contributions import Side, concentration, split_count, split_rate, surprise

sides = st.integers(0, 400).flatmap(lambda n: st.builds(Side, st.just(n), st.integers(0, n)))
segments = st.dictionaries(st.text(max_size=3), st.tuples(sides, sides), min_size=1, max_size=12)


@given(segments)
def test_rate_parts_add_up_exactly(found: dict[str, tuple[Side, Side]]) -> None:
    # Fractions take rounding out of the question: the formula itself must be exact.
    exact = {k: tuple(Side(Fraction(s.n), Fraction(s.total)) for s in pair) for k, pair in found.items()}  # type: ignore[arg-type]
    n0, n1 = (sum(pair[i].n for pair in exact.values()) for i in (0, 1))
    if not n0 or not n1:
        return
    r0, r1 = (sum(pair[i].total for pair in exact.values()) / n for i, n in ((0, n0), (1, n1)))
    parts = split_rate(exact)  # type: ignore[arg-type]
    assert sum(part.contribution for part in parts.values()) == r1 - r0


@given(segments)
def test_count_parts_add_up_exactly(found: dict[str, tuple[Side, Side]]) -> None:
    parts = split_count(found)
    change = sum(now.n for _, now in found.values()) - sum(before.n for before, _ in found.values())
    assert sum(part.contribution for part in parts.values()) == change


def test_a_worked_example() -> None:
    # a: 10 of 100 -> 10 of 50; b: 50 of 100 -> 75 of 150. Overall 0.30 -> 0.425.
    parts = split_rate({"a": (Side(100, 10), Side(50, 10)), "b": (Side(100, 50), Side(150, 75))})
    assert parts["a"].mix == pytest.approx(-0.25 * (0.1 - 0.3))
    assert parts["a"].rate == pytest.approx(0.25 * 0.1)
    assert parts["b"].mix == pytest.approx(0.25 * 0.2) and parts["b"].rate == 0
    assert sum(part.contribution for part in parts.values()) == pytest.approx(0.125)


def test_a_new_segment_differs_from_the_overall_rate() -> None:
    parts = split_rate({"old": (Side(10, 5), Side(10, 5)), "new": (Side(), Side(10, 10))})
    assert parts["new"].mix == 0 and parts["new"].rate == pytest.approx(0.5 * 0.5)
    assert parts["old"].contribution == 0


def test_an_empty_period_cannot_be_split() -> None:
    with pytest.raises(ZeroDivisionError):
        split_rate({"a": (Side(), Side(3, 1))})


def test_what_moves_like_everything_is_no_surprise() -> None:
    assert surprise(5, 0.5, 10) == 0
    assert surprise(9, 0.5, 10) == 4
    assert concentration([1, -3, 2]) == 3 and concentration([]) == 0
