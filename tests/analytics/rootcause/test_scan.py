"""Causes of counts: worked out by hand, planted in cubes, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.rootcause import find, from_days
from analytics.rootcause.cube import dispersion
from analytics.rootcause.scan import ratio
from bench import cubes

DIMENSIONS = ("topic", "channel")
USUAL = {(topic, channel): 10.0 for topic in "abcd" for channel in ("chat", "mail", "web")}
WEEKDAYS = [day % 7 for day in range(29)]


def days(last: dict[tuple[str, str], float]) -> list[dict[tuple[str, str], float]]:
    return [*[USUAL] * 28, {**USUAL, **last}]


def told(last: dict[tuple[str, str], float]) -> list[tuple[tuple[str, str], ...]]:
    return [one.where for one in find(from_days(days(last), DIMENSIONS, WEEKDAYS))]


def test_the_ratio_is_worked_out_by_hand() -> None:
    """Poisson: 2 x (20 ln 2 - 10) = 7.73; nothing instead of ten: 2 x 10."""
    one = np.ones(1)
    assert ratio(20 * one, 10 * one, one)[0] == pytest.approx(7.7259, abs=1e-3)
    assert ratio(0 * one, 10 * one, one)[0] == pytest.approx(20.0, abs=1e-3)
    assert ratio(10 * one, 10 * one, 2 * one)[0] == pytest.approx(0.0, abs=1e-9)


def test_a_pair_is_found_with_its_numbers() -> None:
    (found,) = find(from_days(days({("a", "chat"): 60.0}), DIMENSIONS, WEEKDAYS))
    assert found.where == (("topic", "a"), ("channel", "chat"))
    assert found.actual == 60 and found.expected == pytest.approx(10) and found.share == pytest.approx(1.0)


def test_a_parent_is_kept_where_all_of_it_changed() -> None:
    assert told({("a", channel): 40.0 for channel in ("chat", "mail", "web")}) == [(("topic", "a"),)]


def test_a_drop_is_found() -> None:
    assert told({(topic, "web"): 0.0 for topic in "abcd"}) == [(("channel", "web"),)]


def test_what_changed_everywhere_is_spread_evenly() -> None:
    assert told(dict.fromkeys(USUAL, 25.0)) == [()]


def test_two_causes_are_peeled() -> None:
    last = {("a", channel): 40.0 for channel in ("chat", "mail", "web")} | {("c", "mail"): 60.0}
    assert set(told(last)) == {(("topic", "a"),), (("topic", "c"), ("channel", "mail"))}


def test_what_grew_scatters_by_more_and_has_no_cause_besides() -> None:
    """Of a size of ten, ten scatter by 4.5 and sixty by 20: 110 is chance then, as it is not at twice Poisson's."""
    cells = [(topic, channel) for topic in "abcdefgh" for channel in ("chat", "mail", "web")]
    drawn = np.random.default_rng(0).negative_binomial(10, 0.5, (28, len(cells))).astype(float)
    past = [dict(zip(cells, row, strict=True)) for row in drawn.tolist()]
    last = {**dict.fromkeys(cells, 10.0), ("a", "chat"): 110.0, ("a", "mail"): 40.0, ("a", "web"): 40.0}
    found = find(from_days([*past, last], DIMENSIONS, WEEKDAYS))
    assert [one.where for one in found] == [(("topic", "a"),)]


def test_slices_scatter_as_those_of_so_many_counts_do() -> None:
    """Of one size a count scatters the more beyond Poisson's the larger it is: 1 + mean / size."""
    draw, mean = np.random.default_rng(4), np.geomspace(3.0, 90.0, 40)
    usual = np.tile(mean, (28, 1))
    told, free = dispersion(draw.negative_binomial(20, 20 / (20 + usual)).astype(float), usual)
    assert told == pytest.approx(1 + mean / 20, rel=0.3) and free > 100


def test_a_slice_that_hardly_had_any_is_told_from_everything() -> None:
    """Of one conversation a day eleven came, ten of them of a pair that has one in twelve days."""
    past = [{("abcd"[day % 4], ("chat", "mail", "web")[day % 3]): 1.0} for day in range(36)]
    last = {("a", "chat"): 10.0, ("b", "mail"): 1.0}
    (found,) = find(from_days([*past, last], DIMENSIONS, [day % 7 for day in range(37)]))
    assert {("topic", "a"), ("channel", "chat")} >= {*found.where} != set()


@pytest.mark.parametrize("last", [{}, {("a", "chat"): 14.0}])
def test_chance_has_no_cause(last: dict[tuple[str, str], float]) -> None:
    assert told(last) == []


@pytest.mark.parametrize("table", [[{}, {}, {}], [{}], [{("a", "b"): 0.0}] * 3, [{}, {("a", "b"): 1.0}]])
def test_nothing_to_look_at_gives_nothing(table: list[dict[tuple[str, str], float]]) -> None:
    assert find(from_days(table, DIMENSIONS, list(range(len(table))))) == ()


def test_rare_values_are_put_together() -> None:
    table = [{(f"topic {n}", "chat"): float(100 - n) for n in range(80)}] * 3
    cube = from_days(table, DIMENSIONS, [0, 1, 2])
    assert len(cube.values[0]) == 50 and cube.values[0][-1] == "(other)"
    assert cube.actual.sum() == sum(table[0].values())


def test_generated_cubes_keep_to_the_bars() -> None:
    """A part of the benchmark: exact causes, false findings, and the time of a cube of 20 x 3 x 6 x 30 days."""
    world = cubes.World()
    one, pair = cubes.measure("one", world, trials=40), cubes.measure("pair", world, trials=60)
    none, two = cubes.measure("none", world, trials=60), cubes.measure("two", world, trials=30)
    assert one.exact >= 0.88 and pair.exact >= 0.55 and two.exact >= 0.85 and none.exact >= 0.95
    assert min(one.seconds, pair.seconds, none.seconds) < 0.1
