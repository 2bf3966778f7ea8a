import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from core.filters import Filters
from core.home import PROJECT, Home
from core.settings import Settings
from rag import index
from rag.context import RagContext
from rag.corpus import corpus_of
from rag.index import lag, update
from rag.search import search
from store.reader import Reader
from store.vectors import VectorStore

Publish = Callable[..., Reader]
TALKS: dict[str, list[str]] = {
    "a": ["My parcel never arrived and the courier is silent."],
    "b": ["The invoice shows the wrong amount for March."],
    "c": ["The thermostat in the hall is stuck at twelve degrees."],
}


def found(home: Home, reader: Reader, words: str) -> list[str]:
    return [hit.conversation_id for hit in search(RagContext(home, Settings(), reader), words, k=3)]


def test_what_is_published_is_found_and_an_update_twice_does_nothing(publish: Publish, home: Home) -> None:
    reader = publish(TALKS)
    assert lag(home, reader).chunks_behind == 3
    first = update(home, Settings(), reader)
    assert (first.added, first.embedded, first.deleted) == (3, 3, 0)
    second = update(home, Settings(), reader)
    assert (second.added, second.embedded, second.deleted) == (0, 0, 0)
    assert lag(home, reader) == index.IndexLag(0, 1, 1, "2026-11-16T09:00:00+00:00")
    assert found(home, reader, "where is my parcel")[0] == "a"


def test_changes_and_deletions_follow_the_generation(publish: Publish, home: Home) -> None:
    update(home, Settings(), publish(TALKS))
    reader = publish({"b": ["The gift card is refused at the till."]}, gone=["c"])
    assert lag(home, reader).chunks_behind == 1
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded, report.deleted) == (1, 1, 1)
    assert found(home, reader, "gift card refused")[0] == "b"
    assert "c" not in found(home, reader, "thermostat stuck at twelve degrees")
    assert (
        index._Dense(
            home, index.collection_name(RagContext(home, Settings(), reader).embedder), create=False
        ).count()
        == 2
    )


@pytest.mark.parametrize("lost", ["", "chroma", "keywords.sqlite"])
def test_a_deleted_index_is_rebuilt_without_embedding(publish: Publish, home: Home, lost: str) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    before = [found(home, reader, words[0]) for words in TALKS.values()]
    _forget(home, lost)
    report = update(home, Settings(), reader)
    assert report.added == 3 and report.embedded == 0
    assert [found(home, reader, words[0]) for words in TALKS.values()] == before


def test_vectors_of_forgotten_texts_are_dropped_once_they_are_the_larger_part(
    publish: Publish, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(home, Settings(), publish(TALKS))
    reader = publish({}, gone=["a", "b"])
    embedder = RagContext(home, Settings(), reader).embedder
    update(home, Settings(), reader)
    assert len(VectorStore(home, embedder.name, embedder.dims)) == 3
    monkeypatch.setattr(index, "SPARE_VECTORS", 0)
    update(home, Settings(), publish({"d": ["A new question about the heating."]}))
    assert len(VectorStore(home, embedder.name, embedder.dims)) == 4  # 2 wanted: not yet
    reader = publish({"e": ["Another one about the radiator."]}, gone=["d"])
    update(home, Settings(), reader)
    assert len(VectorStore(home, embedder.name, embedder.dims)) == 2
    assert found(home, reader, "thermostat stuck") and found(home, reader, "radiator")


def _forget(home: Home, part: str) -> None:
    """Delete a part of the index as a person would, between two processes."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()
    if part == "keywords.sqlite":
        for file in home.index.glob("keywords.sqlite*"):
            file.unlink()
    else:
        shutil.rmtree(home.index / part if part else home.index)


@pytest.mark.parametrize("after", ["vectors", "dense"])
def test_a_run_that_dies_between_the_halves_is_finished_by_the_next(
    publish: Publish, home: Home, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    reader = publish(TALKS)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*((index._Dense, "put") if after == "vectors" else (index.Keywords, "put")), die)
        with pytest.raises(KeyboardInterrupt):
            update(home, Settings(), reader)
    assert lag(home, reader).chunks_behind == 3
    report = update(home, Settings(), reader)
    assert report.added == 3 and report.embedded == 0
    assert lag(home, reader).chunks_behind == 0
    assert found(home, reader, "wrong invoice")[0] == "b"


def test_batches_stay_within_what_chroma_takes(home: Home) -> None:
    dense = index._Dense(home, "chunks-test-2", create=True)
    dense.page = 2
    ids: Sequence[str] = [f"s:{i}#0" for i in range(5)]
    dense.put(ids, np.eye(5, 2, dtype="float32") + 0.1, [{"n": i} for i in range(5)])
    assert dense.count() == 5
    dense.drop(ids[:3])
    assert dense.ids() == {"s:3#0", "s:4#0"}


def test_another_model_is_another_collection(
    publish: Publish, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Two:
        name, dims = "two", 2

        def embed(self, texts: Sequence[str]) -> np.ndarray:
            return np.tile(np.array([[0.6, 0.8]], dtype="float32"), (len(texts), 1))

    reader = publish(TALKS)
    update(home, Settings(), reader)
    monkeypatch.setattr("llm.embed.make_embedder", lambda *_, **__: Two())
    report = update(home, Settings(), reader)
    assert report.embedded == 3
    assert index._Dense(home, "chunks-two-2", create=False).count() == 3


IN_ANOTHER_PROCESS = """
from core.home import find_home
from core.settings import Settings
from rag.index import update
from store.reader import open_reader
home = find_home(None)
update(home, Settings(), open_reader(home))
"""


def test_what_another_process_indexes_is_found_by_meaning_here(
    publish: Publish, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    embedder = RagContext(home, Settings(), reader).embedder
    asked = embedder.embed(["The gift card is refused at the till."])[0]
    assert len(index.nearest(home, embedder, asked, 5)) == 3
    publish({"d": ["The gift card is refused at the till."]}, gone=["a"])
    ran = {**os.environ, "SUPPORTLENS_HOME": str(home.root)}
    subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS], check=True, env=ran, cwd=PROJECT)
    near = index.nearest(home, embedder, asked, 5)
    assert len(near) == 3 and near[0][1] > 0.99


def test_a_search_before_the_index_is_ready_does_not_hide_what_comes_after(
    publish: Publish, home: Home
) -> None:
    reader = publish(TALKS)
    context = RagContext(home, Settings(), reader)
    asked = Filters.of(None, {"channel": ["email"]})
    assert search(context, "parcel courier", asked, k=3) == []
    update(home, Settings(), reader)
    assert max(hit.similarity for hit in search(context, "parcel courier", asked, k=3)) > 0.1
    whole = corpus_of(context)
    assert whole.is_whole and corpus_of(context) is whole


@pytest.mark.parametrize(("held", "coming", "replayed"), [
    (0, 3, 1_000), (0, 100_000, 20_000), (100_000, 50, 1_000), (500_000, 50, 5_000), (9_000_000, 50, 20_000),
])  # fmt: skip
def test_a_later_process_replays_little_of_what_was_written_last(
    publish: Publish, home: Home, held: int, coming: int, replayed: int
) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    name = index.collection_name(RagContext(home, Settings(), reader).embedder)
    index._Dense(home, name, create=False).pace(held, coming)
    settled = index._Dense(home, name, create=True).collection.configuration_json["hnsw"]["sync_threshold"]
    assert settled == replayed
    update(home, Settings(), publish({"d": ["One more."]}))
    assert (
        index._Dense(home, name, create=False).collection.configuration_json["hnsw"]["sync_threshold"]
        == 1_000
    )
