"""Areas in proportion to their sizes, side by side and within their frame."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from ui.charts.treemap import HIGH, WIDE, Area, Tile, laid_out, squarified


def overlap(one: Area, other: Area) -> float:
    wide = min(one.x + one.wide, other.x + other.wide) - max(one.x, other.x)
    high = min(one.y + one.high, other.y + other.high) - max(one.y, other.y)
    return max(wide, 0.0) * max(high, 0.0)


@pytest.mark.parametrize("seed", range(20))
def test_areas_are_as_large_as_their_sizes_and_fill_the_frame(seed: int) -> None:
    chance = random.Random(seed)
    sizes = sorted((chance.randrange(1, 500) for _ in range(chance.randrange(1, 40))), reverse=True)
    frame = Area(3, 5, 90, 40)
    areas = squarified(sizes, frame)
    for size, area in zip(sizes, areas, strict=True):
        assert area.wide * area.high == pytest.approx(90 * 40 * size / sum(sizes))
        assert area.x >= 3 - 1e-6 and area.y >= 5 - 1e-6
        assert area.x + area.wide <= 93 + 1e-6 and area.y + area.high <= 45 + 1e-6
    assert all(overlap(one, other) < 1e-6 for one, other in combinations(areas, 2))


def test_the_example_of_the_paper() -> None:
    """Bruls, Huizing and van Wijk 2000, figure 4: 6, 6, 4, 3, 2, 2, 1 in 6 by 4."""
    areas = squarified([6, 6, 4, 3, 2, 2, 1], Area(0, 0, 6, 4))
    assert [(round(a.wide, 2), round(a.high, 2)) for a in areas[:4]] == [
        (3, 2),
        (3, 2),
        (1.71, 2.33),
        (1.29, 2.33),
    ]


def test_topics_of_a_group_lie_together() -> None:
    tiles = [Tile(f"t{n}", "abc"[n % 3], 10 + n, None, "", None) for n in range(12)]
    areas = laid_out(tiles)
    assert all(a.x >= 0 and a.x + a.wide <= WIDE and a.y >= 0 and a.y + a.high <= HIGH for a in areas)
    assert all(overlap(one, other) < 1e-6 for one, other in combinations(areas, 2))
    frames = []
    for group in "abc":
        own = [area for tile, area in zip(tiles, areas, strict=True) if tile.group == group]
        left, low = min(a.x for a in own), min(a.y for a in own)
        right, top = max(a.x + a.wide for a in own), max(a.y + a.high for a in own)
        frames.append(Area(left, low, right - left, top - low))
    assert all(overlap(one, other) < 1e-6 for one, other in combinations(frames, 2))


def test_nothing_is_laid_out_nowhere() -> None:
    assert laid_out([]) == [] and squarified([], Area(0, 0, 1, 1)) == []
