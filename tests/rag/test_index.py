import gc
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any
from weakref import ref

import numpy as np
import pytest

from core.filters import Filters
from core.home import PROJECT, Home
from core.settings import Settings
from rag import index, index_damage, index_work
from rag.context import RagContext
from rag.corpus import corpus_of
from rag.index import lag, update
from rag.keywords import Keywords
from rag.search import search
from store import generations
from store.reader import Reader
from store.vectors import VectorStore
from tests.shared import seldom

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
    monkeypatch.setattr(index_work, "SPARE_VECTORS", 0)
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
        patch.setattr(*((index._Dense, "put") if after == "vectors" else (Keywords, "put")), die)
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
    dense.put(ids, np.eye(5, 2, dtype="float32") + 0.1)
    assert dense.count() == 5
    assert dense.collection.get(include=["metadatas"])["metadatas"] == [None] * 5, "vectors alone"
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


IN_PAGES = """
import json, os, signal, sys
from core.home import find_home
from core.settings import Settings
from rag import index, index_damage, index_work
from rag.keywords import Keywords
from store.reader import open_reader

index_work.PAGE_CONVERSATIONS = 10
home, pages, after = find_home(None), 0, sys.argv[1]

def dies_after(owner, name, step):
    whole = getattr(owner, name)
    def killed(*args, **more):
        global pages
        done = whole(*args, **more)
        pages += step == after
        if pages == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(owner, name, killed)

from store.vectors import VectorStore
dies_after(VectorStore, "add", "vectors")
dies_after(index._Dense, "put", "chroma")
dies_after(Keywords, "put", "words")
print(json.dumps(index.update(home, Settings(), open_reader(home)).embedded))
"""


@pytest.mark.parametrize(
    ("after", "left"), seldom([("vectors", 20), ("chroma", 20), ("words", 20)], often=[("words", 20)])
)
def test_a_build_that_is_killed_is_taken_up_where_it_ended(
    publish: Publish, home: Home, after: str, left: int
) -> None:
    reader = publish({f"c{i:02}": [f"The parcel number {i} came {i + 100} days late."] for i in range(50)})
    ran = {**os.environ, "SUPPORTLENS_HOME": str(home.root)}
    line = [sys.executable, "-c", IN_PAGES]
    killed = subprocess.run([*line, after], env=ran, cwd=PROJECT, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-500:]
    assert lag(home, reader).chunks_behind == (20 if after == "words" else 30)
    assert found(home, reader, "parcel number 7")[0] == "c07", "served by what is stored"
    done = subprocess.run([*line, "never"], env=ran, cwd=PROJECT, capture_output=True, check=True)
    assert int(done.stdout) == left, "the three pages before are not embedded again"
    assert lag(home, reader).chunks_behind == 0
    assert found(home, reader, "parcel number 7 came 107 days late")[0] == "c07"


def spoil(home: Home, kind: str) -> None:
    """Damage the index as a bad disk, a half copy or a stray hand would, between two processes."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()
    file = home.index / ("keywords.sqlite" if kind == "words" else "chroma/chroma.sqlite3")
    if kind in ("garbage", "words"):
        file.write_bytes(b"no database at all" * 4_000)
        for beside in file.parent.glob(f"{file.name}-*"):
            beside.unlink()
    elif kind == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "vectors":
        for part in (home.index / "chroma").glob("*/data_level0.bin"):
            part.write_bytes(bytes(range(1, 256)) * 400)
    elif kind == "segment":
        for part in (home.index / "chroma").glob("*/*"):
            part.unlink()
    elif kind == "table":
        with closing(sqlite3.connect(file)) as database:
            database.executescript("DROP TABLE embeddings")


@pytest.mark.parametrize("kind", ["garbage", "cut", "empty", "vectors", "segment"])
def test_a_damaged_chroma_is_made_anew_from_stored_vectors_and_searched_exactly_meanwhile(
    publish: Publish, home: Home, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_REPLAYED_LEAST", 2)  # as a large index, it is written out
    monkeypatch.setattr(index, "_REPLAYED_MOST", 2)
    reader = publish(TALKS)
    update(home, Settings(), reader)
    before = [found(home, reader, words[0]) for words in TALKS.values()]
    spoil(home, kind)
    assert [found(home, reader, words[0]) for words in TALKS.values()] == before, "exact scoring"
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded) == (3, 0)
    embedder = RagContext(home, Settings(), reader).embedder
    near = index.nearest(home, embedder, embedder.embed([TALKS["a"][0]])[0], 5)
    assert len(near) == 3 and near[0][1] > 0.99, "Chroma answers again"
    assert update(home, Settings(), reader).added == 0


def test_damage_that_only_the_refresh_meets_is_mended_too(publish: Publish, home: Home) -> None:
    update(home, Settings(), publish(TALKS))
    spoil(home, "table")
    reader = publish({"d": ["A question about the heating."]})
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded) == (4, 1)
    assert (
        found(home, reader, "heating question")[0] == "d" and found(home, reader, "courier silent")[0] == "a"
    )


def test_a_damaged_keyword_file_is_made_anew(publish: Publish, home: Home) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    spoil(home, "words")
    assert found(home, reader, "wrong invoice")[0] == "b", "by meaning alone"
    assert lag(home, reader).chunks_behind == 3
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded) == (3, 0)
    assert found(home, reader, "wrong invoice")[0] == "b"


@pytest.mark.parametrize("cut", ["half of both files", "the vectors alone", "the folder"])
def test_stored_vectors_that_were_lost_are_embedded_again(publish: Publish, home: Home, cut: str) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    before = [found(home, reader, words[0]) for words in TALKS.values()]
    assert lag(home, reader).vectors_lost == 0
    (pack,) = home.vectors.glob("*/pack-*")
    for file in pack.iterdir():
        if cut != "the vectors alone" or file.name == "vectors.f32":
            os.truncate(file, file.stat().st_size // 3)
    if cut == "the folder":
        shutil.rmtree(home.vectors)
    lost = 3 if cut == "the folder" else 2
    assert lag(home, reader).vectors_lost == lost
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded) == (3, lost)
    assert [found(home, reader, words[0]) for words in TALKS.values()] == before
    assert lag(home, reader).vectors_lost == 0 and update(home, Settings(), reader).added == 0


def test_another_chroma_makes_its_own_folder_from_stored_vectors(
    publish: Publish, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    embedder = RagContext(home, Settings(), reader).embedder
    asked = embedder.embed([TALKS["a"][0]])
    old = {file: file.stat().st_ino for file in (home.index / "chroma").iterdir()}
    monkeypatch.setattr(index, "version", lambda _: "99.0")
    monkeypatch.setattr(index_damage, "version", lambda _: "99.0")
    assert index.nearest_many(home, embedder, asked, 3) is None, (
        "the new one never touches what the old one wrote"
    )
    assert found(home, reader, "parcel courier")[0] == "a"
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded) == (3, 0)
    assert len((index.nearest_many(home, embedder, asked, 3) or [[]])[0]) == 3
    assert all(not file.exists() or file.stat().st_ino != ino for file, ino in old.items())
    assert update(home, Settings(), reader).added == 0


def test_chroma_is_not_asked_while_it_is_written(publish: Publish, home: Home) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    embedder = RagContext(home, Settings(), reader).embedder
    with closing(Keywords(home, write=True)) as words:
        words.remember(fingerprint="")
    assert index.nearest_many(home, embedder, embedder.embed(["parcel"]), 3) is None
    assert found(home, reader, "parcel courier")[0] == "a"


def test_no_old_reader_is_kept_open(publish: Publish, home: Home) -> None:
    publish(TALKS)
    reader = Reader(home, generations.current(home))
    update(home, Settings(), reader)
    assert index.holds(home, reader) and RagContext(home, Settings(), reader).redaction
    weak = ref(reader)
    del reader
    gc.collect()
    assert weak() is None
