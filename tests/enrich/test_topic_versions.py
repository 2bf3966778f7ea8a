"""A later fit: topics keep their numbers, held rows stay, new texts make new topics."""

from __future__ import annotations

import numpy as np

from enrich.topic_groups import find
from enrich.topic_versions import NONE, renewed, shared
from tests.enrich.test_topic_groups import around


def test_a_fifth_more_rows_leave_nearly_all_where_they_were() -> None:
    rows = around(12, 50, spread=0.9)
    early = np.random.default_rng(2).random(600) < 1 / 1.2
    old = np.full(600, NONE)
    old[early] = find(rows[early]).groups + 100
    ids = renewed(rows, old, find(rows).groups, first_new=500)
    assert (ids == old)[early].mean() >= 0.95
    assert (ids != NONE).all()


def test_texts_of_a_new_kind_are_a_new_topic() -> None:
    rows = around(6, 30)
    old = np.repeat([4, 7, 9, 11, 12, NONE], 30)
    ids = renewed(rows, old, find(rows).groups, first_new=20)
    assert np.array_equal(ids[:150], old[:150])
    assert set(ids[150:].tolist()) == {20}


def test_when_most_texts_are_new_topics_are_paired_with_those_before() -> None:
    rows = around(6, 60)
    old = np.full((6, 60), NONE)
    old[:4, :20] = np.array([[31], [32], [33], [34]])
    ids = renewed(rows, old.reshape(-1), np.repeat(np.arange(6), 60), first_new=50).reshape(6, 60)
    assert [set(row.tolist()) for row in ids[:4]] == [{31}, {32}, {33}, {34}]
    assert {n for row in ids[4:] for n in row.tolist()} == {50, 51}


def test_rows_of_a_held_topic_stay() -> None:
    rows = around(5, 40)
    old = np.repeat([0, 1, 2, 3, 4], 40)
    old[::40] = 4  # what people put there is not what the words say
    free = renewed(rows, old, find(rows).groups, first_new=9)
    held = renewed(rows, old, find(rows).groups, first_new=9, held=[4])
    assert (free[:160:40] != 4).all() and (held[:160:40] == 4).all()
    for afresh in (False, True):
        kept = renewed(rows, old, find(rows).groups, first_new=9, held=[4], afresh=afresh)
        assert (kept[old == 4] == 4).all()


def test_links_count_what_both_versions_have_seen() -> None:
    old = np.array([1, 1, 1, 2, NONE])
    assert shared(old, np.array([1, 1, 5, 2, 5])) == [(1, 1, 2, 3), (1, 5, 1, 3), (2, 2, 1, 1)]
