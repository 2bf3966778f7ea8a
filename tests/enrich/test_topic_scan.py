"""New groups among rows whose dates are known: found where they are planted, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from enrich.topic_scan import CLAIM, FEWEST, new_branches
from enrich.topic_space import unit


def cloud(chance: np.random.Generator, count: int, topics: int = 12, wide: float = 0.6) -> np.ndarray:
    """Rows around as many middles, in 64 dimensions."""
    middles = unit(chance.normal(size=(topics, 64)))
    return unit(middles[chance.integers(topics, size=count)] + wide * chance.normal(size=(count, 64)) / 8)


def blob(chance: np.random.Generator, count: int) -> np.ndarray:
    middle = unit(chance.normal(size=(1, 64)))
    return unit(middle + 0.5 * chance.normal(size=(count, 64)) / 8)


def test_a_planted_group_is_found_whole_and_alone():
    chance = np.random.default_rng(1)
    rows = np.vstack([cloud(chance, 900), blob(chance, 14)])
    is_recent = np.concatenate([chance.random(900) < 0.1, np.ones(14, dtype=bool)])
    (found,) = new_branches(rows, is_recent)
    assert found.rows.tolist() == list(range(900, 914))
    assert found.p <= CLAIM


def test_what_was_there_before_is_not_new_however_much_it_grows():
    """Three times the share of before is a rise, and a burst within a known topic is a burst."""
    chance = np.random.default_rng(2)
    rows = np.vstack([cloud(chance, 900), blob(chance, 90)])
    is_recent = np.concatenate([chance.random(900) < 0.1, chance.random(90) < 0.3])
    assert new_branches(rows, is_recent) == []


def test_a_denser_part_of_a_known_topic_is_not_new():
    chance = np.random.default_rng(3)
    known = blob(chance, 200)
    near = unit(known[:1] + 0.2 * chance.normal(size=(12, 64)) / 8)
    rows = np.vstack([cloud(chance, 600), known, near])
    is_recent = np.concatenate([chance.random(800) < 0.1, np.ones(12, dtype=bool)])
    assert new_branches(rows, is_recent) == []


def test_nothing_new_claims_nothing():
    """A hundredth of them may claim something; 40 claim one with a chance of a third."""
    claims = 0
    for seed in range(40):
        chance = np.random.default_rng(100 + seed)
        claims += bool(new_branches(cloud(chance, 300), chance.random(300) < 0.15))
    assert claims <= 2


@pytest.mark.parametrize("recent", [0, FEWEST - 1, 300 - FEWEST + 1, 300])
def test_too_little_on_one_side_is_no_answer(recent):
    rows = cloud(np.random.default_rng(4), 300)
    assert new_branches(rows, np.arange(300) < recent) == []


def test_texts_that_are_all_the_same_are_no_group():
    rows = np.ones((200, 64), dtype=np.float32) / 8
    assert new_branches(rows, np.arange(200) >= 170) == []
