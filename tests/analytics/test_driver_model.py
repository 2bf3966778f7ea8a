"""The fit behind drivers: what is planted is found, what is borrowed is not, and chance is not called clear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics import ratios
from analytics.driver_model import Coded, Effect, Model

Ints = NDArray[np.int64]


def dimension(name: str, codes: Ints) -> Coded:
    values, places = np.unique([f"{name}{code}" for code in codes], return_inverse=True)
    return Coded(name, places.astype(np.int64), tuple(values.tolist()))


def confounded(seed: int, n: int = 4000) -> tuple[Model, Ints, Ints]:
    """Topic 2 triples the risk; product 2 does nothing, but most of its conversations are of topic 2."""
    dice = np.random.default_rng(seed)
    topic = dice.integers(0, 5, n)
    product = np.where(dice.random(n) < 0.8, (topic == 2) * 2 + (topic == 1), dice.integers(0, 3, n))
    hits = dice.random(n) < np.where(topic == 2, 0.3, 0.1)
    return Model(hits, (dimension("topic", topic), dimension("product", product)), 20), topic, product


def effect(model: Model, name: str, value: int) -> Effect:
    place = next(one for one in model.dimensions if one.name == name).values.index(f"{name}{value}")
    return model.effects(name)[place]


def plain(model: Model, inside: NDArray[np.bool_]) -> float:
    return float(model.hits[inside].mean() / model.hits[~inside].mean())


def test_a_confounder_takes_its_share_away() -> None:
    model, topic, product = confounded(1)
    assert plain(model, product == 2) > 1.9
    borrowed, own = effect(model, "product", 2), effect(model, "topic", 2)
    assert borrowed.low < 1 < borrowed.high and abs(borrowed.ratio - 1) < 0.2
    assert own.low > 2 and own.low < 3.0 < own.high
    assert plain(model, topic == 2) == pytest.approx(own.ratio, rel=0.2)


def test_the_second_order_is_as_good_as_a_fit_of_its_own() -> None:
    """A topic says its team: teams are judged as if topics were not there, without fitting again."""
    dice = np.random.default_rng(3)
    topic, channel = dice.integers(0, 12, 6000), dice.integers(0, 3, 6000)
    team = topic // 4
    hits = dice.random(6000) < np.where(team == 1, 0.25, 0.1) * np.where(channel == 0, 1.5, 1.0)
    whole = Model(
        hits, (dimension("topic", topic), dimension("team", team), dimension("channel", channel)), 20
    )
    alone = Model(hits, (dimension("team", team), dimension("channel", channel)), 20)
    assert whole.told_by["team"] == {"topic"} and whole.told_by["topic"] == frozenset()
    for place in (0, 1, 2):
        one, other = effect(whole, "team", place), effect(alone, "team", place)
        assert one.ratio == pytest.approx(other.ratio, rel=0.03) and one.z == pytest.approx(other.z, rel=0.08)


def nothing(seed: int) -> tuple[Model, Any]:
    from scipy import sparse

    dice = np.random.default_rng(seed)
    n = 1500
    dimensions = tuple(
        dimension(name, dice.integers(0, size, n)) for name, size in (("a", 5), ("b", 20), ("c", 8))
    )
    words = sparse.random(n, 150, density=0.02, format="csr", random_state=seed)
    words.data[:] = 1
    return Model(dice.random(n) < 0.15, dimensions, 20), words


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 108), marks=pytest.mark.slow)])
def test_chance_is_not_called_clear(seeds: range) -> None:
    """Of samples in which nothing goes with anything, few have a clear driver: about 5 %."""
    claims, zs = 0, []
    for seed in seeds:
        model, words = nothing(seed)
        found = [one.z for name in "abc" for one in model.effects(name).values()]
        found += [one.z for one in model.effects_of_words(words)]
        zs += found
        claims += min(ratios.false_discovery([ratios.two_sided(z) for z in found])) <= 0.05
    assert len(zs) > 150 * len(seeds) and claims <= max(2, 0.08 * len(seeds))
    assert 0.85 < float(np.std(zs)) < 1.1


def test_a_word_is_judged_with_its_topic_held_constant() -> None:
    from scipy import sparse

    dice = np.random.default_rng(5)
    n = 6000
    topic = dice.integers(0, 6, n)
    borrowed = dice.random(n) < np.where(topic == 1, 0.6, 0.02)  # a word of the topic
    own = dice.random(n) < 0.1  # a word of its own
    hits = dice.random(n) < np.where(topic == 1, 0.3, 0.1) * np.where(own, 2.5, 1.0)
    model = Model(hits, (dimension("topic", topic),), 20)
    of_topic, of_word = model.effects_of_words(
        sparse.csr_matrix(np.stack([borrowed, own], axis=1).astype(float))
    )
    assert plain(model, borrowed) > 1.8 and of_topic.low < 1 < of_topic.high
    assert of_word.low > 1.7 and of_word.low < 2.5 < of_word.high


def test_what_belongs_together_has_wider_intervals() -> None:
    model, *_ = confounded(2)
    wide = Model(model.hits, model.dimensions, 20, inflation=2.0)
    one, other = effect(model, "topic", 2), effect(wide, "topic", 2)
    assert other.ratio == one.ratio and other.high - other.low > 1.3 * (one.high - one.low)


def test_a_dimension_of_one_value_has_no_effect() -> None:
    dice = np.random.default_rng(1)
    codes = dice.integers(0, 2, 200)
    model = Model(dice.random(200) < 0.3, (dimension("a", codes), dimension("b", codes * 0)), 20)
    assert model.effects("b") == {} and len(model.effects("a")) == 2
