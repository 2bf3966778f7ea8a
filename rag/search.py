"""Finds conversations by words and meaning, inside the filters and what the viewer may see.

Two halves are added: BM25 over stems, as a part of what three words that nobody else writes would score, and the
cosine of embeddings. Nothing is stretched to the best of the candidates, so a score means the same for every
query: a low best score says that nothing here is about it. Filtered searches score every chunk of the filter
exactly; Chroma answers the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.filters import Filters
from core.viewer import EVERYTHING, Viewer
from llm.embed import LOCAL_MODEL
from rag import found, scope
from rag.context import RagContext
from rag.corpus import Corpus, corpus_of
from rag.keywords import Keywords, names_something_exact, open_keywords

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

# Chosen on the validation part of CLINC150 (`python -m bench.retrieval`): the best first hits among the weights
# whose scores tell what is here from what is not at an AUROC of 0.945 or more.
KEYWORD_WEIGHT = 0.6
KEYWORD_WEIGHT_REMOTE = 0.3  # a larger model knows more of what a text means
KEYWORD_WEIGHT_EXACT = 0.7
FULL_WORDS = 3  # so many words that nobody else writes are a full match
FEWEST = 20  # chunks: in a smaller index no word is rare
AGREEING = 5  # conversations: what the best of them have in common is rarely there by chance
CANDIDATES = 200
BATCH = 256  # queries that are asked together


@dataclass(frozen=True, slots=True)
class Hit:
    """One conversation, by its best chunk.

    `own` (0..1) is how well it matches, fused of both halves; `score` (0..1) is half that and half what the best five
    match on average, so that it tells what is here from what merely resembles one text. `similarity` is the plain cosine.
    """

    source_id: str
    conversation_id: str
    score: float
    own: float
    similarity: float
    keyword: float
    chunk_no: int
    first_seq: int | None
    last_seq: int | None
    subject: str | None = None
    created_at: datetime | None = None
    channel: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks by their positions in the corpus, with their cosine and their BM25 score."""

    at: np.ndarray
    similarity: np.ndarray
    keyword: np.ndarray


@dataclass(frozen=True, slots=True)
class Ranked(Candidates):
    """Candidates from the best to the worst, with their own match that says so, and the score that is told."""

    own: np.ndarray
    score: np.ndarray


def search(
    context: RagContext,
    text: str,
    filters: Filters | None = None,
    k: int = 10,
    *,
    viewer: Viewer = EVERYTHING,
    counted: tuple[str, ...] | None = None,
    among: pa.Table | None = None,
) -> list[Hit]:
    """The k best conversations, best first. `counted` leaves out what no metric counts but these kinds.

    `among` (source_id, conversation_id) leaves out all that are not in it.
    """
    return search_many(context, [text], filters, k, viewer=viewer, counted=counted, among=among)[0]


def search_many(
    context: RagContext,
    texts: Sequence[str],
    filters: Filters | None = None,
    k: int = 10,
    *,
    viewer: Viewer = EVERYTHING,
    counted: tuple[str, ...] | None = None,
    among: pa.Table | None = None,
) -> list[list[Hit]]:
    """For each text the k best conversations. Many texts share one look at the filters and few at the warehouse."""
    chosen, corpus = filters or Filters(), corpus_of(context)
    if k < 1 or not len(corpus):
        return [[] for _ in texts]
    everything = scope.is_everything(chosen, viewer) and counted is None and among is None
    inside = None
    if not everything:
        inside = corpus.of_conversations(
            scope.conversation_numbers(context.reader, chosen, viewer, counted=counted, among=among)
        )
    hits: list[list[Hit]] = []
    with _keywords(context) as words:
        asked = Search(context, corpus, words, inside, max(CANDIDATES, 4 * k))
        for start in range(0, len(texts), BATCH):
            part = texts[start : start + BATCH]
            own = hits_of(context, corpus, asked.ranked(part), k, viewer)
            hits += [
                asked.named_first(text, one, k, viewer) if text.strip() else []
                for text, one in zip(part, own, strict=True)
            ]
    return hits


@contextmanager
def _keywords(context: RagContext) -> Iterator[Keywords | None]:
    words = open_keywords(context.home)
    if words is None:
        yield None
        return
    with closing(words):
        yield words


class Search:
    """Queries over one corpus, of which `inside` says what may be looked at (None: all of it)."""

    def __init__(
        self,
        context: RagContext,
        corpus: Corpus,
        words: Keywords | None,
        inside: np.ndarray | None,
        limit: int,
    ) -> None:
        import numpy as np

        self.context, self.corpus, self.words, self.limit = context, corpus, words, limit
        self.inside = inside
        self.within = None if inside is None else np.flatnonzero(inside)
        self.full = FULL_WORDS * math.log(max(len(corpus), FEWEST))
        self.usual = KEYWORD_WEIGHT if context.embedder.name == LOCAL_MODEL else KEYWORD_WEIGHT_REMOTE

    def ranked(self, texts: Sequence[str]) -> list[Ranked]:
        """The best chunks of each text."""
        found = zip(texts, self.candidates(texts), strict=True)
        return [self.rank(one, self.weight(text)) for text, one in found]

    def candidates(self, texts: Sequence[str]) -> list[Candidates]:
        """Of each text the chunks that one of the halves puts among its best, with what both say of them."""
        vectors = self.context.embedder.embed(texts)
        near = self._near(vectors)
        return [self._candidates(*one) for one in zip(texts, vectors, near, strict=True)]

    def rank(self, found: Candidates, weight: float) -> Ranked:
        """Candidates in order, with this weight of the keyword half."""
        import numpy as np

        # A text longer than a full match is measured by its own best, so that its hits still differ.
        part = found.keyword / max(self.full, float(found.keyword.max(initial=0.0)))
        own = weight * part + (1 - weight) * np.maximum(found.similarity, 0.0)
        order = np.lexsort((self.corpus.numbers[found.at], -own))
        order = order[own[order] > 0]
        at, own = found.at[order], own[order]
        best = own[first_of_each(self.corpus, at)][:AGREEING]
        score = (own + best.mean()) / 2 if len(best) else own
        return Ranked(at, found.similarity[order], found.keyword[order], own, score)

    def weight(self, text: str) -> float:
        """Of the keyword half; a half that is not there yet has no weight."""
        if self.words is None:
            return 0.0
        if not self.corpus.has_vector.any():
            return 1.0
        return KEYWORD_WEIGHT_EXACT if names_something_exact(text) else self.usual

    def _candidates(self, text: str, vector: np.ndarray, near: np.ndarray) -> Candidates:
        import numpy as np

        by_words, scores = self._by_words(text)
        at = np.union1d(near, by_words)
        keyword = np.zeros(len(at))
        keyword[np.searchsorted(at, by_words)] = scores
        return Candidates(at, self.corpus.similarity(at, vector), keyword)

    def _by_words(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Positions of the best chunks by words, in order of position, and their scores."""
        import numpy as np

        if self.words is None:
            return np.zeros(0, dtype="int64"), np.zeros(0)
        allowed = None if self.within is None else self.corpus.numbers[self.within]
        numbers, scores = self.words.scored(text, allowed)
        # What a newer index holds, or one of before a rollback, is not in this generation.
        at, here = self.corpus.positions(numbers)
        scores = scores[here]
        if len(at) > self.limit:
            best = np.argpartition(-scores, self.limit)[: self.limit]
            at, scores = at[best], scores[best]
        order = np.argsort(at)
        return at[order], scores[order]

    def _near(self, vectors: np.ndarray) -> list[np.ndarray]:
        """Positions of the chunks nearest to each vector."""
        import numpy as np

        from rag.index import nearest_many

        if self.within is not None:
            return [self._nearest_of(self.within, vector) for vector in vectors]
        near = nearest_many(self.context.home, self.context.embedder, vectors, self.limit)
        if near is None:
            everywhere = np.arange(len(self.corpus))
            return [self._nearest_of(everywhere, vector) for vector in vectors]
        return [
            np.sort(self.corpus.positions(np.array([n for n, _ in one], dtype="int64"))[0]) for one in near
        ]

    def _nearest_of(self, positions: np.ndarray, vector: np.ndarray) -> np.ndarray:
        import numpy as np

        if len(positions) <= self.limit:
            return positions
        scores = self.corpus.similarity(positions, vector)
        return np.sort(positions[np.argpartition(-scores, self.limit)[: self.limit]])

    def named_first(self, text: str, hits: list[Hit], k: int, viewer: Viewer) -> list[Hit]:
        """The hits, before them the conversations whose id the text names."""
        names = found.named_ids(text)
        if not names:
            return hits
        rows = found.by_ids(self.context.reader, names, viewer)
        own = [
            Hit(**row, score=1.0, own=1.0, similarity=0.0, keyword=0.0, **_NO_PLACE)
            for row in self._kept(rows)
        ]
        named = {(hit.source_id, hit.conversation_id) for hit in own}
        return [*own, *(hit for hit in hits if (hit.source_id, hit.conversation_id) not in named)][:k]

    def _kept(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows that the filters let pass."""
        import numpy as np

        if self.inside is not None and rows:
            passing = np.isin(
                np.array([row["k"] for row in rows], dtype="uint64"), self.corpus.keys[self.inside]
            )
            rows = [row for row, passes in zip(rows, passing.tolist(), strict=True) if passes]
        return [{name: value for name, value in row.items() if name != "k"} for row in rows]


_NO_PLACE: dict[str, Any] = {"chunk_no": 0, "first_seq": None, "last_seq": None}


def hits_of(
    context: RagContext, corpus: Corpus, ranked: Sequence[Ranked], k: int, viewer: Viewer
) -> list[list[Hit]]:
    """Of each ranking the best chunk of the k best conversations that exist in this generation for this viewer."""
    import numpy as np

    firsts = [first_of_each(corpus, one.at) for one in ranked]
    # Nearly always everything is visible that the filters left: few more than needed are looked up.
    some = [one[: 2 * k] for one in firsts]
    facts = found.facts_of(context.reader, corpus, np.concatenate([*_ats(ranked, some)]), viewer)
    hits = [_hits(corpus, one, first, facts, k) for one, first in zip(ranked, some, strict=True)]
    short = [i for i, own in enumerate(hits) if len(own) < k and len(firsts[i]) > len(some[i])]
    if short:
        rest = [ranked[i].at[firsts[i]] for i in short]
        facts = found.facts_of(context.reader, corpus, np.concatenate(rest), viewer)
        for i in short:
            hits[i] = _hits(corpus, ranked[i], firsts[i], facts, k)
    return hits


def _ats(ranked: Sequence[Ranked], chosen: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    return (one.at[own] for one, own in zip(ranked, chosen, strict=True))


def first_of_each(corpus: Corpus, at: np.ndarray) -> np.ndarray:
    """The places in a ranking where a conversation stands for the first time."""
    import numpy as np

    _, first = np.unique(corpus.keys[at], return_index=True)
    return np.sort(first)


def _hits(
    corpus: Corpus, ranked: Ranked, first: np.ndarray, facts: dict[tuple[str, str], dict[str, Any]], k: int
) -> list[Hit]:
    hits: list[Hit] = []
    for i, place in zip(first.tolist(), corpus.places.take(ranked.at[first]).to_pylist(), strict=True):
        key = (place["source_id"], place["conversation_id"])
        if key in facts:
            hits.append(
                Hit(
                    source_id=key[0],
                    conversation_id=key[1],
                    score=round(float(ranked.score[i]), 6),
                    own=round(float(ranked.own[i]), 6),
                    similarity=round(float(ranked.similarity[i]), 6),
                    keyword=round(float(ranked.keyword[i]), 6),
                    **{name: place[name] for name in ("chunk_no", "first_seq", "last_seq")},
                    **facts[key],
                )
            )
            if len(hits) == k:
                break
    return hits
