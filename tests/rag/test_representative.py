"""What a few conversations say of many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.filters import Filters
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from rag.context import RagContext
from rag.index import update
from rag.representative import in_proportion, key_of, parts_of, representative
from store.reader import Reader

Publish = Callable[..., Reader]


def test_every_part_has_its_share_at_any_length() -> None:
    rng = np.random.default_rng(3)
    parts: list[tuple[object, ...]] = [
        (str(mood), str(topic)) for mood, topic in zip(rng.choice(3, 300), rng.choice(8, 300), strict=True)
    ]
    order = in_proportion(parts, 300)
    assert sorted(order) == list(range(300))
    for length in (20, 50, 120):
        taken = [parts[i] for i in order[:length]]
        for place in (0, 1):
            for value in {one[place] for one in parts}:
                expected = sum(one[place] == value for one in parts) * length / 300
                assert abs(sum(one[place] == value for one in taken) - expected) < 1.6


def test_the_first_of_equals_comes_first_and_no_rows_give_none() -> None:
    assert in_proportion([("a",), ("a",), ("b",)], 2) == [0, 2] and in_proportion([("a",)], 5) == [0]
    assert in_proportion([], 5) == [] and parts_of([]) == []


def test_moods_are_cut_into_bands_of_their_score() -> None:
    rows = [{"sentiment": "neutral", "sentiment_score": i / 30, "topic": None} for i in range(30, 0, -1)]
    bands = [band for _, band, _ in parts_of([*rows, {**rows[0], "sentiment_score": None}])]
    assert bands == [9 - i // 3 for i in range(30)] + [None]


@pytest.mark.parametrize("wanted", [20, 50])
def test_the_drawn_have_the_moods_and_topics_of_all(sample: RagContext, wanted: int) -> None:
    filters = Filters.of(None, {"channel": ["chat"]})
    sql = "SELECT sentiment, topic FROM {conversation_facts} WHERE is_counted AND channel = 'chat'"
    whole = sample.reader.query(sql, viewer=EVERYTHING).to_pylist()
    drawn = representative(sample, filters, EVERYTHING, wanted)
    assert len(drawn) == len({key_of(row) for row in drawn}) == wanted < len(whole)
    assert drawn == representative(sample, filters, EVERYTHING, 60)[:wanted]
    for name, value in [("sentiment", "negative"), ("topic", whole[0]["topic"])]:
        shares = [sum(row[name] == value for row in rows) / len(rows) for rows in (drawn, whole)]
        assert abs(shares[0] - shares[1]) < 1.6 / wanted
    moods = {row["sentiment"] for row in representative(sample, filters, EVERYTHING, 9, lean="negative")}
    assert moods == {"negative"}


def test_the_typical_one_comes_first_and_the_hidden_never(publish: Publish, home: Home) -> None:
    said = ["The parcel never arrived."] * 5 + ["Bananas are yellow in Lisbon."]
    talks = {f"T-{i}": {"texts": [text], "team": "Post" if i else "Money"} for i, text in enumerate(said)}
    reader = publish(talks)
    update(home, Settings(), reader)
    context = RagContext(home, Settings(), reader)
    for viewer in (EVERYTHING, Viewer("sam", teams=("Post",))):
        drawn = [row["conversation_id"] for row in representative(context, Filters(), viewer, 6)]
        assert drawn[0] != "T-5" and len(drawn) == (6 if viewer is EVERYTHING else 5)
    assert "T-0" not in drawn
