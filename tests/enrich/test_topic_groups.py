"""A complete partition, the number that halves agree on, and the same result for the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from enrich.topic_groups import by_size, centres, cut, find, settle, tree, upper
from enrich.topic_space import gathered, shape, unit


def around(themes: int, each: int, *, spread: float = 0.1, dims: int = 32) -> np.ndarray:
    """Rows around so many middles, theme by theme."""
    dice = np.random.default_rng(3)
    middles = dice.normal(size=(themes, dims))
    return unit(np.repeat(middles, each, axis=0) + dice.normal(scale=spread, size=(themes * each, dims)))


@pytest.mark.parametrize("themes", [6, 15, 40])
def test_as_many_topics_as_there_are(themes: int) -> None:
    found = find(around(themes, 30, spread=0.4))
    assert abs(len(set(found.groups.tolist())) - themes) <= themes * 0.15
    assert found.agreement is not None and found.agreement > 0.9
    assert max(agreement for _, agreement in found.tried) <= 1.0


def test_a_number_that_is_asked_for_is_kept() -> None:
    found = find(around(12, 20), count=12)
    assert sorted(np.bincount(found.groups)) == [20] * 12
    assert found.tried == ()


def test_the_same_rows_give_the_same_topics() -> None:
    rows = around(9, 40, spread=0.6)
    assert np.array_equal(find(rows).groups, find(rows.copy()).groups)


@pytest.mark.parametrize("kinds", [1, 3, 7])
def test_fewer_kinds_of_text_than_topics_are_found_without_a_warning(kinds: int) -> None:
    points = np.eye(8, dtype=np.float32)[:kinds]
    rows = np.arange(200) % kinds
    noise = np.random.default_rng(1).normal(scale=1e-8, size=(200, 8)).astype(np.float32)
    for matrix in (points[rows], points[rows] + noise):
        groups = find(matrix).groups
        assert len(set(zip(rows.tolist(), groups.tolist(), strict=True))) == kinds


def test_topics_are_numbered_by_size() -> None:
    assert by_size(np.array([2, 2, 0, 2, 1, 1])).tolist() == [0, 0, 2, 0, 1, 1]


def test_the_tree_is_wards() -> None:
    from scipy.cluster.hierarchy import ward
    from scipy.spatial.distance import pdist

    rows = around(5, 8, spread=0.5)
    ours, theirs = tree(rows), ward(pdist(rows.astype(np.float64)))
    assert np.allclose(ours[:, 2], theirs[:, 2], atol=1e-3)
    assert len(set(cut(ours, 5).tolist())) == 5


def test_centres_are_means_and_an_empty_group_has_none() -> None:
    rows = np.array([[1, 0], [0, 1], [3, 0]], dtype=np.float32)
    assert centres(rows, np.array([0, 2, 0]), 3).tolist() == [[2, 0], [0, 0], [0, 1]]


def test_k_means_never_loses_a_group() -> None:
    rows = around(3, 30)
    begun = np.arange(90) % 5
    assert set(settle(rows, begun).tolist()) == set(range(5))


def test_topics_that_are_alike_lie_in_one_group() -> None:
    dice = np.random.default_rng(5)
    groups = unit(dice.normal(size=(4, 32)))
    topics = unit(np.repeat(groups, 5, axis=0) + dice.normal(scale=0.05, size=(20, 32)))
    found = upper(topics)
    assert len(set(zip(np.repeat(np.arange(4), 5).tolist(), found.tolist(), strict=True))) == 4
    assert upper(topics[:5]).tolist() == [0, 1, 2, 3, 4]


def test_rows_come_nearer_to_their_neighbours() -> None:
    rows = around(4, 60, spread=0.8)
    drawn = gathered(rows)
    own = np.repeat(np.arange(4), 60)
    inside = own[:, None] == own[None, :]
    assert (drawn @ drawn.T)[inside].mean() > (rows @ rows.T)[inside].mean() + 0.1
    assert (drawn @ drawn.T)[~inside].mean() < 0.3


def test_words_of_the_workspace_tell_apart_what_vectors_do_not() -> None:
    texts = [f"the {word} does it" for word in ("zorblax", "quimfel") for _ in range(20)]
    rows = shape(texts, np.ones((40, 8), dtype=np.float32))
    assert (rows[:20] @ rows[:20].T).min() > 0.9
    assert (rows[:20] @ rows[20:].T).max() < (rows[:20] @ rows[:20].T).min() - 0.5


@pytest.mark.parametrize("texts", [["a", "b", "?"], [""] * 5, ["one", "two", "three", "four"]])
def test_texts_without_common_words_have_their_vectors_alone(texts: list[str]) -> None:
    rows = shape(texts, np.eye(len(texts), 8, dtype=np.float32))
    assert rows.shape == (len(texts), 8) and np.isfinite(rows).all()
