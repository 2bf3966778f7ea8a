"""Keeps the search index in step with the published generation.

Three places hold the index: vectors by content hash (never embedded twice), Chroma (the searchable
copy) and the keyword file. Chroma and the keyword file can be deleted at any time; the next update
fills them from the warehouse and the stored vectors. Only the refresh writes.
"""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.memo import per_reader
from core import clock
from core.errors import StoreError
from core.home import Home
from core.memory import overwritten
from core.settings import Settings
from core.viewer import EVERYTHING
from rag import chroma
from rag.index_damage import (
    can_ask,
    is_whole,
    mark,
    must_be_made_anew,
    seal,
    vectors_lost,
)
from rag.index_work import Work
from rag.keywords import NUMBER_SQL, Keywords, number, open_keywords

if TYPE_CHECKING:
    import numpy as np

    from llm.embed import Embedder
    from store.reader import Reader

logger = logging.getLogger(__name__)

Report = Callable[[str, int, "int | None"], None]
_FINGERPRINT_SQL = f"""
SELECT count(*) || '-' || coalesce(bit_xor(hash({NUMBER_SQL}, content_hash)), 0) AS fingerprint FROM {{chunks}}
"""
_REPLAYED_LEAST, _REPLAYED_MOST = (
    1_000,
    20_000,
)  # changes that Chroma keeps in its log before it writes them out
_read: dict[Path, int] = {}  # of which state of an index (ns) Chroma holds something in memory
_reading = threading.Lock()


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one update did. `embedded` counts texts that had no stored vector."""

    generation: int
    added: int
    deleted: int
    embedded: int
    seconds: float


@dataclass(frozen=True, slots=True)
class IndexLag:
    """How far the index is behind a generation. Zero chunks behind means that it is complete."""

    chunks_behind: int
    indexed_generation: int | None
    generation: int
    indexed_at: str | None
    vectors_lost: int = 0


def update(home: Home, settings: Settings, reader: Reader, progress: Report | None = None) -> IndexReport:
    """Bring both halves to the reader's generation: only what differs is embedded, added or deleted.

    Killed in the middle, it leaves chunks that the next call adds again; a chunk counts as indexed only
    after both halves hold it. Raises StoreError where a Chroma server cannot be used.
    """
    from rag.context import RagContext

    begun, say = time.monotonic(), progress or (lambda *_: None)
    embedder = RagContext(home, settings, reader).embedder
    if must_be_made_anew(home):
        _discard(home)
    if vectors_lost(home):
        logger.warning("stored vectors are gone: the index is made anew")
        _discard(home, words=True)
    try:
        added, deleted, embedded = _brought(home, reader, embedder, say)
    except chroma.damages() as error:
        if chroma.on_server():  # somebody else keeps that one
            raise StoreError(
                f"the Chroma server that CHROMA_URL names cannot be used: {error}.",
                hint="Numbers and search by words stay. Start it; the next refresh brings its index up.",
            ) from error
        logger.warning("the index is damaged and made anew", extra={"error": type(error).__name__})
        _discard(home, words=isinstance(error, sqlite3.DatabaseError))
        added, deleted, embedded = _brought(home, reader, embedder, say)
    report = IndexReport(reader.number, added, deleted, embedded, time.monotonic() - begun)
    logger.info("index updated", extra={"added": report.added, "deleted": deleted, "embedded": embedded})
    return report


def _brought(home: Home, reader: Reader, embedder: Embedder, say: Report) -> tuple[int, int, int]:
    """Both halves brought to the generation: chunks added, deleted, and texts embedded."""
    name, fingerprint = collection_name(embedder), _fingerprint(reader)
    with closing(Keywords(home, write=True)) as words, overwritten():
        lost: set[int] = set()
        if not _is_complete(home, words, name, fingerprint):
            dense = _Dense(home, name, create=True)
            lost = _repair(words, dense, name)
        if words.meta("fingerprint") == fingerprint:
            words.remember(generation=str(reader.number))
            return 0, 0, 0
        words.remember(fingerprint="")
        work = Work(home, reader, embedder, words, dense)
        deleted = work.diff(lost)
        dense.pace(words.count(), len(work.missing) + len(work.lost))
        embedded = work.add(say)
        dense.forget_others()
        work.forget_vectors()
        words.remember(
            fingerprint=fingerprint, generation=str(reader.number), at=clock.now().isoformat(), collection=name,
            chroma=version("chromadb"), seal=seal(home), model=embedder.name, vectors=str(len(work.hashes)),
        )  # fmt: skip
    return len(work.missing) + len(work.lost), deleted, embedded


def _discard(home: Home, *, words: bool = False) -> None:
    """Delete Chroma's folder, and the keyword file where that is damaged: stored vectors and texts fill them again."""
    chroma.let_go()
    shutil.rmtree(home.index / "chroma", ignore_errors=True)
    for file in home.index.glob("keywords.sqlite*") if words else ():
        file.unlink()
    mark(home).unlink(missing_ok=True)


def _is_complete(home: Home, words: Keywords, name: str, fingerprint: str) -> bool:
    """Whether nothing can be missing, without the second that opening Chroma costs."""
    is_there = (home.index / "chroma" / "chroma.sqlite3").is_file() and not chroma.on_server()
    return is_there and words.meta("collection") == name and words.meta("fingerprint") == fingerprint


def forget(home: Home) -> None:
    """Delete the index in the home, so that the next update builds it anew with nothing of before in its files."""
    chroma.let_go()
    if home.index.exists():
        shutil.rmtree(home.index)


def lag(home: Home, reader: Reader) -> IndexLag:
    """How many chunks of the reader's generation the index lacks or holds with an older text."""
    words = open_keywords(home)
    if words is None:
        total = reader.query("SELECT count(*) AS n FROM {chunks}", viewer=EVERYTHING).column("n")[0].as_py()
        return IndexLag(int(total), None, reader.number, None)
    with closing(words):
        generation, at = words.meta("generation"), words.meta("at")
        behind = 0
        if words.meta("fingerprint") != _fingerprint(reader):
            wanted = reader.query(
                f"SELECT {NUMBER_SQL} AS n, content_hash FROM {{chunks}}", viewer=EVERYTHING
            )
            held = words.hashes()
            numbers, hashes = wanted.column("n").to_pylist(), wanted.column("content_hash").to_pylist()
            behind = sum(held.get(n) != h for n, h in zip(numbers, hashes, strict=True))
    held_in = int(generation) if generation else None
    return IndexLag(behind, held_in, reader.number, at, vectors_lost=vectors_lost(home))


def holds(home: Home, reader: Reader) -> bool:
    """Whether the keyword index has the words of the reader's generation, all of them and no others."""
    words = open_keywords(home)
    if words is None:
        return False
    with closing(words):
        return words.meta("fingerprint") == _fingerprint(reader)


def nearest(home: Home, embedder: Embedder, vector: np.ndarray, k: int) -> list[tuple[int, float]]:
    """(chunk number, cosine similarity) of the k nearest chunks of the whole index; empty without an index."""
    found = nearest_many(home, embedder, vector.reshape(1, -1), k)
    return found[0] if found else []


def nearest_many(
    home: Home, embedder: Embedder, vectors: np.ndarray, k: int
) -> list[list[tuple[int, float]]] | None:
    """For each vector (chunk number, cosine similarity) of the k nearest chunks; None where Chroma cannot say.

    That is without an index, with a damaged one (marked: the next refresh makes it anew), while it is written or made
    anew, and where nothing may be written, as Chroma writes even when it is only asked.
    """
    if not can_ask(home) or not is_whole(home):
        return None
    _let_go_of_older(home)
    try:
        found = _Dense(home, collection_name(embedder), create=False).nearest(vectors, k)
        problem = "" if found is not None else "the collection is gone"
    except chroma.damages() as error:
        found, problem = None, f"{type(error).__name__}: {error}"[:300]
    if problem:
        logger.warning("chroma cannot be asked", extra={"error": problem})
        with suppress(OSError):
            mark(home).touch()
    return found


def _let_go_of_older(home: Home) -> None:
    """Have Chroma read the index anew: what it holds in memory does not follow what another process writes."""
    if chroma.on_server():
        return
    words = home.index / "keywords.sqlite"
    written = words.stat().st_mtime_ns if words.is_file() else 0
    with _reading:
        if _read.get(home.index, written) != written:
            chroma.let_go()
        _read[home.index] = written


def probe(home: Home) -> None:
    """Ask every collection of the index for its nearest chunk. Raises what a damaged index raises."""
    if not can_ask(home):
        return
    for found in chroma.client_of(home).list_collections():
        some = found.get(limit=1, include=["embeddings"])["embeddings"]
        if len(some):
            found.query(query_embeddings=some, n_results=1, include=["distances"])


def collection_name(embedder: Embedder) -> str:
    """Model and dimensions are part of the name: distances of two models never mix."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"chunks-{embedder.name}-{embedder.dims}")[:200].strip("-")


@per_reader
def _fingerprint(reader: Reader) -> str:
    return str(reader.query(_FINGERPRINT_SQL, viewer=EVERYTHING).column("fingerprint")[0].as_py())


class _Dense:
    """One Chroma collection, in the home or on the server that CHROMA_URL names."""

    def __init__(self, home: Home, name: str, *, create: bool) -> None:
        self.name = name
        self.client = chroma.client_of(home)
        self.page = int(self.client.get_max_batch_size())
        self.collection: Any = self._open(create)

    def _open(self, create: bool) -> Any:
        if create:
            space = {
                "hnsw": {"space": "cosine", "sync_threshold": _REPLAYED_MOST, "batch_size": _REPLAYED_LEAST}
            }
            return self.client.get_or_create_collection(
                self.name, embedding_function=None, configuration=space
            )
        return chroma.held(self.client, self.name)

    def count(self) -> int:
        return int(self.collection.count())

    def pace(self, held: int, coming: int) -> None:
        """Write out less often where much is written, or to a large file; each later opening replays the rest."""
        replayed = min(max(held // 100, coming // 5, _REPLAYED_LEAST), _REPLAYED_MOST)
        if (self.collection.configuration_json.get("hnsw") or {}).get("sync_threshold", replayed) != replayed:
            with (
                warnings.catch_warnings()
            ):  # a collection without an embedding function counts as old to Chroma
                warnings.simplefilter("ignore", DeprecationWarning)
                self.collection.modify(configuration={"hnsw": {"sync_threshold": replayed}})

    def ids(self) -> set[str]:
        return set(self.collection.get(include=[])["ids"])

    def put(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        """Vectors alone: an id says whose chunk it is, and every fact beside it would cost rows in Chroma's tables."""
        for start in range(0, len(ids), self.page):
            part = slice(start, start + self.page)
            self.collection.upsert(ids=ids[part], embeddings=vectors[part])

    def drop(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), self.page):
            self.collection.delete(ids=list(ids[start : start + self.page]))

    def nearest(self, vectors: np.ndarray, k: int) -> list[list[tuple[int, float]]] | None:
        if self.collection is None:
            return None
        found = self.collection.query(query_embeddings=vectors, n_results=k, include=["distances"])
        return [
            [
                (number(chunk_id), 1.0 - float(distance))
                for chunk_id, distance in zip(ids, distances, strict=True)
            ]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def forget_others(self) -> None:
        for other in self.client.list_collections():
            if other.name.startswith("chunks-") and other.name != self.name:
                self.client.delete_collection(other.name)


def _repair(words: Keywords, dense: _Dense, name: str) -> set[int]:
    """Forget what only Chroma holds; gives the numbers of what it lost, or never had."""
    if words.meta("collection") not in (None, name):
        words.remember(fingerprint="")
    if dense.count() == words.count() and words.meta("collection") == name:
        return set()
    known, present = dict(words.ids()), dense.ids()
    lost = {n for n, chunk_id in known.items() if chunk_id not in present}
    stray = sorted(present - set(known.values()))
    if lost or stray:
        words.remember(fingerprint="")
    dense.drop(stray)
    return lost
