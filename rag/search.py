"""Finds conversations by words and meaning, inside the filters and what the viewer may see.

Two halves, each scaled to 0..1 over the candidates and added with weights: BM25 over stems and cosine
of embeddings. Equal weights make short paraphrases worse, so meaning weighs more, unless the query names
an id or a code. Filtered searches score every chunk of the filter exactly; Chroma answers the others.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.filters import Filters
from core.viewer import EVERYTHING, Viewer
from rag import scope
from rag.context import RagContext
from rag.keywords import NUMBER_SQL, Keywords, match_query, names_something_exact

if TYPE_CHECKING:
    import numpy as np

    from store.reader import Reader
    from store.vectors import VectorStore

KEYWORD_WEIGHT = 0.3
KEYWORD_WEIGHT_EXACT = 0.7
CANDIDATES = 200
NARROW = 20_000  # up to so many chunks the keyword half is asked only within them

Scores = dict[int, float]


@dataclass(frozen=True, slots=True)
class Hit:
    """One conversation, by its best chunk. `score` is fused (0..1); `similarity` is the plain cosine."""

    source_id: str
    conversation_id: str
    score: float
    similarity: float
    keyword: float
    chunk_no: int
    first_seq: int | None
    last_seq: int | None
    subject: str | None = None
    created_at: datetime | None = None
    channel: str | None = None
    product: str | None = None


def search(
    context: RagContext,
    text: str,
    filters: Filters | None = None,
    k: int = 10,
    *,
    viewer: Viewer = EVERYTHING,
    counted: bool = False,
) -> list[Hit]:
    """The k best conversations, best first. `counted` leaves out what no metric counts."""
    chosen = filters or Filters()
    if not text.strip() or k < 1:
        return []
    everything = scope.is_everything(chosen, viewer) and not counted
    within = None if everything else scope.chunk_numbers(context.reader, chosen, viewer, counted=counted)
    if within is not None and not len(within):
        return []
    wanted = max(CANDIDATES, 4 * k)
    words = _by_words(context, text, wanted, within)
    meaning = _by_meaning(context, text, wanted, within, list(words))
    weight = KEYWORD_WEIGHT_EXACT if names_something_exact(text) else KEYWORD_WEIGHT
    fused = fuse(words, meaning, weight)
    return ranked_hits(context.reader, fused, words, meaning, k, viewer)


def fuse(words: Scores, meaning: Scores, keyword_weight: float) -> Scores:
    """Weighted sum of both halves, each scaled to 0..1 over the candidates. A half that is empty has no weight."""
    if not words or not meaning:
        return _scaled(words or meaning)
    by_words, by_meaning = _scaled(words, floor=0.0), _scaled(meaning)
    return {
        n: keyword_weight * by_words.get(n, 0.0) + (1 - keyword_weight) * by_meaning.get(n, 0.0)
        for n in by_words.keys() | by_meaning.keys()
    }


def _scaled(scores: Scores, floor: float | None = None) -> Scores:
    if not scores:
        return {}
    low = min(scores.values()) if floor is None else floor
    span = max(scores.values()) - low
    return {n: (score - low) / span if span > 0 else 1.0 for n, score in scores.items()}


def _by_words(context: RagContext, text: str, limit: int, within: np.ndarray | None) -> Scores:
    if not (context.home.index / "keywords.sqlite").is_file():
        return {}
    query = match_query(text)
    with closing(Keywords(context.home)) as words:
        if within is None:
            return dict(words.search(query, limit))
        if len(within) <= NARROW:
            return dict(words.search(query, limit, within.tolist()))
        allowed = set(within.tolist())
        found = words.search(query, 20 * limit)
    return dict([pair for pair in found if pair[0] in allowed][:limit])


def _by_meaning(
    context: RagContext, text: str, limit: int, within: np.ndarray | None, also: list[int]
) -> Scores:
    """Cosine of the best chunks, and of those that the words found."""
    import numpy as np

    from rag.index import nearest

    query = context.embedder.embed([text])[0]
    corpus = corpus_of(context)
    if within is None:
        near = nearest(context.home, context.embedder, query, limit)
        numbers = np.array([n for n, _ in near] or corpus.numbers, dtype="int64")
    else:
        numbers = within
    numbers = np.union1d(numbers, np.array(also, dtype="int64"))
    found, scores = corpus.similarity(numbers, query)
    best = np.argsort(-scores)[:limit] if len(scores) > limit else np.arange(len(scores))
    keep = np.union1d(best, np.flatnonzero(np.isin(found, np.array(also, dtype="int64"))))
    return dict(zip(found[keep].tolist(), scores[keep].tolist(), strict=True))


class Corpus:
    """Vectors of one generation's chunks, found by chunk number; of some there may be none yet."""

    def __init__(self, numbers: np.ndarray, matrix: np.ndarray, *, stored: int, is_whole: bool) -> None:
        self.numbers, self.matrix = numbers, matrix
        self.stored, self.is_whole = stored, is_whole  # vectors that were stored when it was read

    def rows(self, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of these chunks (zeros where there is none), and which were found."""
        import numpy as np

        wanted = np.array(numbers, dtype="int64")
        matrix = np.zeros((len(wanted), self.matrix.shape[1]), dtype="float32")
        if not len(self.numbers):
            return matrix, np.zeros(len(wanted), dtype=bool)
        at = np.minimum(np.searchsorted(self.numbers, wanted), len(self.numbers) - 1)
        here = self.numbers[at] == wanted
        matrix[here] = self.matrix[at[here]]
        return matrix, here

    def similarity(self, numbers: np.ndarray, query: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The chunk numbers that this generation has, and their cosine with the query."""
        import numpy as np

        at = np.searchsorted(self.numbers, numbers)
        at[at == len(self.numbers)] = 0
        here = self.numbers[at] == numbers if len(self.numbers) else np.zeros(len(numbers), dtype=bool)
        rows = at[here]
        whole = len(rows) > len(self.numbers) // 4
        scores = (self.matrix @ query)[rows] if whole else self.matrix[rows] @ query
        return numbers[here], scores


_corpora: dict[tuple[str, int, str], Corpus] = {}
_loading = threading.Lock()


def corpus_of(context: RagContext) -> Corpus:
    """The corpus of the context's generation, read again only while vectors of it are still being added.

    The last two are kept for all of the process.
    """
    from store.vectors import VectorStore

    key = (str(context.home.root), context.reader.number, context.embedder.name)
    vectors = VectorStore(context.home, context.embedder.name, context.embedder.dims)
    with _loading:
        known = _corpora.get(key)
        if known is None or not (known.is_whole or known.stored == len(vectors)):
            while len(_corpora) >= 2 and key not in _corpora:
                _corpora.pop(next(iter(_corpora)))
            _corpora[key] = _load(context, vectors)
        return _corpora[key]


def _load(context: RagContext, vectors: VectorStore) -> Corpus:
    stored = len(vectors)
    sql = f"SELECT {NUMBER_SQL} AS n, content_hash FROM {{chunks}} ORDER BY n"
    rows = context.reader.query(sql, viewer=EVERYTHING)
    matrix, found = vectors.get(rows.column("content_hash").to_pylist())
    # Chunks without a vector yet (the index is behind) take no part in the meaning half.
    return Corpus(
        rows.column("n").to_numpy()[found], matrix[found], stored=stored, is_whole=bool(found.all())
    )


_PLACES = f"""
SELECT n, source_id, conversation_id, chunk_no, first_seq, last_seq,
       f.subject, f.created_at, f.channel, f.product
FROM (SELECT *, {NUMBER_SQL} AS n FROM {{chunks}}) JOIN {{conversation_facts}} f USING (source_id, conversation_id)
WHERE n IN (SELECT unnest(?::BIGINT[]))
"""


def ranked_hits(
    reader: Reader, fused: Scores, words: Scores, meaning: Scores, k: int, viewer: Viewer
) -> list[Hit]:
    """The best chunk of each conversation that exists in this generation for this viewer."""
    ranked = sorted(fused, key=lambda n: (-fused[n], n))
    hits: dict[tuple[str, str], Hit] = {}
    for start in range(0, len(ranked), 4 * k):
        page = ranked[start : start + 4 * k]
        places = {row["n"]: row for row in reader.query(_PLACES, [page], viewer=viewer).to_pylist()}
        for n in page:
            place = places.get(n)
            if place is None or (place["source_id"], place["conversation_id"]) in hits:
                continue
            key = (place["source_id"], place["conversation_id"])
            scores = (round(fused[n], 6), round(meaning.get(n, 0.0), 6), round(words.get(n, 0.0), 6))
            hits[key] = Hit(*key, *scores, **{f: place[f] for f in _FIELDS})
        if len(hits) >= k:
            break
    return list(hits.values())[:k]


_FIELDS = ("chunk_no", "first_seq", "last_seq", "subject", "created_at", "channel", "product")
