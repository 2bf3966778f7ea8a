"""How numbers are written."""

from __future__ import annotations

import pytest

from core import numbers


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (45.9, "45 s"), (60, "1 m 00 s"), (312, "5 m 12 s"), (7500, "2 h 05 m"), (3600, "1 h 00 m"),
        (3 * 86_400 + 4 * 3600 + 59, "3 d 4 h"), (-700, "-11 m 40 s"), (-0.5, "0 s"), (None, "\N{EN DASH}"),
    ],
)  # fmt: skip
def test_durations_have_two_units(seconds: float | None, text: str) -> None:
    assert numbers.duration(seconds) == text


@pytest.mark.parametrize(
    ("share", "n", "text"),
    [
        (0.876, 1000, "88 %"), (0.876, 1001, "87.6 %"), (0.5, 4, "n = 4"), (0.5, 5, "50 %"), (0.5, None, "50 %"),
        (None, 0, "\N{EN DASH}"), (None, None, "\N{EN DASH}"), (1.0, 20, "100 %"),
    ],
)  # fmt: skip
def test_shares_say_as_much_as_their_n_carries(share: float | None, n: int | None, text: str) -> None:
    assert numbers.percent(share, n) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0"), (9_999, "9,999"), (12_400, "12.4 k"), (999_960, "1.0 M"), (2.5, "2.5"), (-12_400, "-12.4 k"),
        (3_000_000_000, "3.0 G"), (None, "\N{EN DASH}"),
    ],
)  # fmt: skip
def test_counts_are_compact_from_ten_thousand(n: float | None, text: str) -> None:
    assert numbers.count(n) == text


def test_exact_counts_for_the_tooltip() -> None:
    assert numbers.count(1_234_567, exact=True) == "1,234,567"


def test_changes_in_their_unit() -> None:
    assert numbers.change(120, 100, "count") == "+20 (+20 %)"
    assert numbers.change(80, 100, "count") == "-20 (-20 %)"
    assert numbers.change(5, 5, "count") == "0 (+0 %)"
    assert numbers.change(5, 0, "count") == "+5"
    assert numbers.change(0.5, 0.47, "share", 200) == "+3 pp"
    assert numbers.change(0.4712, 0.5, "share", 2000) == "-2.9 pp"
    assert numbers.change(0.557, 0.56, "share", 70) == numbers.change(0.56, 0.56, "share", 70) == "0 pp"
    assert numbers.change(0.5, 0.1, "share", 4) == numbers.MISSING
    assert numbers.change(7200, 3600, "seconds") == "+1 h 00 m (+100 %)"
    assert numbers.change(0.25, 0.5, "score") == "-0.25"
    assert numbers.change(2.5, 2.0, "number") == "+0.50 (+25 %)"
    assert numbers.change(2.001, 2.0, "number") == "0.00 (+0 %)"
    assert numbers.change(5.45, -3.0, "points") == "+8.4 points"
    assert numbers.change(40.0, 40.0, "points") == "0.0 points"
    assert numbers.change(-10, -20, "count") == "+10 (+50 %)", "less of a negative number is more"
    assert numbers.change(None, 3, "count") == numbers.change(3, None, "share") == numbers.MISSING


def test_one_is_told_as_one() -> None:
    assert [numbers.so_many(n, "day") for n in (0, 1, 2, 1200.0)] == [
        "0 days",
        "1 day",
        "2 days",
        "1,200 days",
    ]
    assert numbers.so_many(1, "value is known", "values are known") == "1 value is known"
    assert numbers.so_many(3, "value is known", "values are known") == "3 values are known"


def test_a_value_in_its_unit() -> None:
    assert numbers.value(90, "seconds", 3) == "1 m 30 s"
    assert numbers.value(0.25, "share", 40) == "25 %"
    assert numbers.value(1234, "count", 1234) == "1,234"
    assert numbers.value(-0.5, "score", 9) == "-0.50"
    assert numbers.value(1.2345, "number", 9) == "1.23"
    assert numbers.value(1240.4, "number", 9) == "1,240"
    assert numbers.value(37.27 - 31.82, "points", 66) == "+5.5"
    assert numbers.value(-12, "points", 9) == "-12.0"
    assert numbers.value(0.01, "points", 9) == "0.0"
    assert numbers.value(None, "points") == numbers.value(None, "number") == numbers.MISSING


def test_intervals() -> None:
    assert numbers.interval(0.596, 0.982, 10) == "59.6-98.2 %"
    assert numbers.interval(0.1, 0.9, 4) == numbers.interval(None, None) == ""


def test_so_many_of_a_thing_and_a_number_with_its_sign() -> None:
    assert [numbers.so_many(n, "day") for n in (0, 1, 2, 1200)] == ["0 days", "1 day", "2 days", "1,200 days"]
    assert [numbers.signed(n, 1) for n in (0.04, -0.04, -0.06, 1234.5)] == ["0.0", "0.0", "-0.1", "+1,234.5"]
    assert [numbers.signed(n) for n in (0, -0.2, -12)] == ["0", "0", "-12"]
