"""The chunks of one generation in memory: where each stands, whose it is, and its vector where there is one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.keys import KEYS
from core.viewer import EVERYTHING
from rag.context import RagContext
from rag.keywords import NUMBER_SQL

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from store.vectors import VectorStore

# A conversation in one number: hundreds of thousands are matched in a fraction of the time that their ids take.
KEY_SQL = "hash(source_id, conversation_id)"
_CHUNKS = f"""
SELECT {NUMBER_SQL} AS n, {KEY_SQL} AS k, content_hash, source_id, conversation_id, chunk_no, first_seq, last_seq
FROM {{chunks}} ORDER BY n
"""
PLACE = ("source_id", "conversation_id", "chunk_no", "first_seq", "last_seq")


class Corpus:
    """All chunks of a generation in the order of their numbers. A chunk's place in that order is its position."""

    def __init__(self, chunks: pa.Table, matrix: np.ndarray, has_vector: np.ndarray, *, stored: int) -> None:
        self.numbers: np.ndarray = chunks.column("n").to_numpy()
        self.keys: np.ndarray = chunks.column("k").to_numpy()  # of conversations
        self._distinct, self._owner = _numbered(self.keys)
        self.places = chunks.select(list(PLACE))
        self.matrix, self.has_vector = matrix, has_vector  # zeros where there is no vector yet
        self.stored = stored  # vectors that were stored when it was read
        self.is_whole = bool(has_vector.all())

    def __len__(self) -> int:
        return len(self.numbers)

    def positions(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions of those of the numbers that this generation has, and which of them those are."""
        import numpy as np

        if not len(self):
            return np.zeros(0, dtype="int64"), np.zeros(len(numbers), dtype=bool)
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self) - 1)
        here = self.numbers[at] == numbers
        return at[here], here

    def rows(self, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of these chunks (zeros where there is none), and which were found."""
        import numpy as np

        wanted = np.array(numbers, dtype="int64")
        matrix = np.zeros((len(wanted), self.matrix.shape[1]), dtype="float32")
        at, here = self.positions(wanted)
        matrix[here] = self.matrix[at]
        here[here] = self.has_vector[at]
        return matrix, here

    def of_conversations(self, keys: np.ndarray) -> np.ndarray:
        """Which positions belong to these conversations (numbers as KEY_SQL gives them)."""
        import numpy as np

        chosen = np.zeros(len(self._distinct), dtype=bool)
        if len(chosen):
            at = np.minimum(np.searchsorted(self._distinct, keys), len(chosen) - 1)
            chosen[at[self._distinct[at] == keys]] = True
        inside: np.ndarray = chosen[self._owner]
        return inside

    def conversations(self, positions: np.ndarray) -> list[tuple[str, str]]:
        """The conversations of these chunks, (source, id) once each."""
        import numpy as np

        _, first = np.unique(self._owner[positions], return_index=True)
        places = self.places.take(positions[first])
        ids = (places.column(name).to_pylist() for name in KEYS)
        return list(zip(*ids, strict=True))

    def similarity(self, positions: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """The cosine of the vector with each of these chunks; 0 where a chunk has no vector yet."""
        scores: np.ndarray
        if len(positions) > len(self) // 4:  # one pass over all is faster than gathering rows
            scores = (self.matrix @ vector)[positions]
        else:
            scores = self.matrix[positions] @ vector
        return scores


def _numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys in order, and of each key which of them it is."""
    import numpy as np

    distinct, owner = np.unique(keys, return_inverse=True)
    return distinct, owner


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
    chunks = context.reader.query(_CHUNKS, viewer=EVERYTHING)
    matrix, found = vectors.get(chunks.column("content_hash").to_pylist())
    return Corpus(chunks, matrix, found, stored=stored)
