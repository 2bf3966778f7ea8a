from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bench import planted
from core.filters import Filters
from core.home import Home
from core.settings import Settings
from core.viewer import Viewer
from rag import index, scope
from rag.context import RagContext
from rag.corpus import corpus_of
from rag.found import named_ids
from rag.index import update
from rag.search import search, search_many
from store.reader import Reader

Publish = Callable[..., Reader]
TALKS = {
    "T-1001": {
        "texts": ["My parcel never arrived and the courier is silent."],
        "channel": "chat",
        "team": "Post",
    },
    "T-1002": {
        "texts": ["The invoice shows the wrong amount for March."],
        "channel": "email",
        "team": "Money",
    },
    "T-1003": {"texts": ["The thermostat says E-4042 and stays cold."], "channel": "chat", "team": "Homes"},
    "T-1004": {"texts": ["The thermostat says E-4017 and stays cold."], "channel": "email", "team": "Homes"},
}
QUERIES = ["where is my parcel", "E-4042", "wrong invoice", "thermostat cold", "T-1002", "?"]


@pytest.fixture
def context(publish: Publish, home: Home) -> RagContext:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    return RagContext(home, Settings(), reader)


def ids(context: RagContext, text: str, **more: object) -> list[str]:
    return [hit.conversation_id for hit in search(context, text, k=4, **more)]  # type: ignore[arg-type]


def test_many_queries_at_once_give_what_each_gives_alone(context: RagContext) -> None:
    for filters in (None, Filters.of(None, {"channel": ["chat"]})):
        alone = [search(context, text, filters, k=3) for text in QUERIES]
        assert search_many(context, QUERIES, filters, k=3) == alone
        assert sum(map(len, alone)) > 8


def test_codes_and_ids_are_found_first(context: RagContext) -> None:
    assert ids(context, "E-4042")[0] == "T-1003" and ids(context, "error E-4017 again")[0] == "T-1004"
    named = search(context, "what about t-1002?", k=2)
    assert (named[0].conversation_id, named[0].score) == ("T-1002", 1.0)
    assert named_ids("invoice 20417, #A1b and T-1002.") == ["a1b", "t-1002"] and named_ids("20417") == [
        "20417"
    ]


def test_planted_orders_codes_and_products_are_found_first(publish: Publish, home: Home) -> None:
    some = planted.names(10, seed=5)
    reader = publish(
        {name.conversation_id: {"texts": [planted.said(name, i)]} for i, name in enumerate(some)}
    )
    update(home, Settings(), reader)
    for form in planted.ASKED:
        texts = [form.format(name.text) for name in some]
        hits = search_many(RagContext(home, Settings(), reader), texts, k=1)
        assert [hit[0].conversation_id for hit in hits] == [name.conversation_id for name in some]


def test_a_named_conversation_outside_the_filter_or_the_viewers_sight_is_not_found(
    context: RagContext,
) -> None:
    assert "T-1002" not in ids(context, "T-1002", filters=Filters.of(None, {"channel": ["chat"]}))
    homes = Viewer("sam", teams=("Homes",))
    assert set(ids(context, "T-1002 parcel invoice thermostat", viewer=homes)) <= {"T-1003", "T-1004"}
    assert ids(context, "thermostat", viewer=homes)
    assert not scope.is_everything(Filters(), Viewer("kim", tags=("vip",)))


def test_a_score_means_the_same_for_every_query(context: RagContext) -> None:
    about, elsewhere = search(context, "parcel never arrived")[0], search(context, "weather in Paris")
    assert about.own > 0.3
    assert not elsewhere or elsewhere[0].score < about.score / 2


def test_what_several_conversations_say_scores_above_what_one_resembles(publish: Publish, home: Home) -> None:
    many = {f"P-{i}": [f"My parcel number {i} never arrived, it is {i + 3} days late."] for i in range(7)}
    twice = {"O-1": ["The oven door squeaks badly.", "And the oven door squeaks still. " * 60]}
    reader = publish({**many, **twice})
    update(home, Settings(), reader)
    context = RagContext(home, Settings(), reader)
    for text in ("my parcel never arrived", "the oven door squeaks"):
        hits = search(context, text, k=8)
        best = sum(sorted((hit.own for hit in hits), reverse=True)[:5]) / 5
        assert [hit.score for hit in hits] == pytest.approx([(hit.own + best) / 2 for hit in hits], abs=2e-6)
        assert [hit.own for hit in hits] == sorted((hit.own for hit in hits), reverse=True)
    parcel, oven = (search(context, text, k=1)[0] for text in ("parcel never arrived", "oven door squeaks"))
    assert oven.own - oven.score > 0.1 > parcel.own - parcel.score


def test_after_a_rollback_what_only_the_newer_index_holds_drops_out(publish: Publish, home: Home) -> None:
    older = publish(TALKS)
    newer = publish(
        {"T-2000": {"texts": ["The parcel of the courier never arrived, again."]}}, gone=["T-1001"]
    )
    update(home, Settings(), newer)
    asked = "parcel courier never arrived"
    assert ids(RagContext(home, Settings(), newer), asked)[0] == "T-2000"
    for filters in (None, Filters.of(None, {"channel": ["chat", "email"]})):
        found = ids(RagContext(home, Settings(), older), asked, filters=filters)
        assert found and "T-2000" not in found and set(found) <= set(TALKS)


def test_words_are_found_before_there_are_vectors(context: RagContext, home: Home) -> None:
    before = ids(context, "thermostat cold")
    corpus = corpus_of(context)
    corpus.has_vector[:], corpus.matrix[:] = False, 0.0
    try:
        hits = search(context, "thermostat cold", k=4)
    finally:
        corpus.is_whole, corpus.stored = False, -1  # read again
    assert {hit.conversation_id for hit in hits} == {"T-1003", "T-1004"} and hits[0].keyword > 0
    assert ids(context, "thermostat cold") == before


def test_a_damaged_chroma_is_not_asked(context: RagContext, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ids(context, "where is my parcel")

    def torn(*_: object) -> None:
        raise RuntimeError("the file is torn")

    monkeypatch.setattr("rag.chroma.client_of", torn)
    assert index.nearest_many(context.home, context.embedder, np.zeros((1, 256), dtype="float32"), 3) is None
    assert ids(context, "where is my parcel") == whole


def test_no_query_and_no_room_find_nothing(context: RagContext, tmp_path: Path) -> None:
    assert search(context, "  ") == [] and search(context, "parcel", k=0) == []
