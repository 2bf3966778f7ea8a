"""What the classifier of mood looks at: words, pairs of them, pieces of words, the built-in vector, the list's score.

Four blocks, so that each has a length of its own: words and pairs, pieces (three to five letters inside a word, for
endings and typing errors), the vector, and three numbers from the list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from llm.embed import local_embedder

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

MOST_TOKENS = 400
MOST_WORDS = 20_000  # words and pairs
MOST_PIECES = 20_000
IN_TEXTS = 2  # a feature of one text alone says nothing about another
FROM_LIST = 3
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[^\w\s]{1,3}")
_PIECE = "\u2026"  # begins the name of a piece: no word has it


@dataclass(frozen=True)
class Vocabulary:
    """The known features: words and pairs first, then pieces; `idf` of each."""

    terms: Mapping[str, int]
    words: int
    idf: np.ndarray


@dataclass(frozen=True)
class Features:
    """One row a text: `words` and `pieces` sparse, of length one; `dense` the vector and the list's numbers."""

    words: csr_matrix
    pieces: csr_matrix
    dense: np.ndarray

    def knows(self) -> np.ndarray:
        """Whether a text has any known word."""
        import numpy as np

        return np.asarray(np.diff(self.words.indptr) > 0)


def tokens(text: str) -> list[str]:
    """Words in lower case, numbers as one, and signs."""
    return [
        "0" if found.isdigit() else found for found in _TOKEN.findall(text.lower().replace("\u2019", "'"))
    ][:MOST_TOKENS]


@lru_cache(maxsize=100_000)
def _pieces(word: str) -> tuple[str, ...]:
    if not word[0].isalpha():
        return ()
    held = f"<{word[:24]}>"
    return tuple(
        _PIECE + held[at : at + size] for size in (3, 4, 5) for at in range(max(0, len(held) - size + 1))
    )


def _named(text: str) -> tuple[list[str], list[str]]:
    found = tokens(text)
    return found + [f"{a} {b}" for a, b in pairwise(found)], [p for word in found for p in _pieces(word)]


def learn(texts: Sequence[str]) -> Vocabulary:
    """The features of these texts, the most frequent first, and how rare each is."""
    import numpy as np

    in_words: Counter[str] = Counter()
    in_pieces: Counter[str] = Counter()
    for text in texts:
        words, pieces = _named(text)
        in_words.update(set(words))
        in_pieces.update(set(pieces))
    chosen = [_frequent(in_words, MOST_WORDS), _frequent(in_pieces, MOST_PIECES)]
    kept = [*chosen[0], *chosen[1]]
    found = np.array([n for _, n in kept], dtype=np.float64)
    idf = (np.log((1 + len(texts)) / (1 + found)) + 1).astype(np.float32)
    return Vocabulary({term: at for at, (term, _) in enumerate(kept)}, len(chosen[0]), idf)


def _frequent(counted: Counter[str], most: int) -> list[tuple[str, int]]:
    several = [(term, n) for term, n in counted.items() if n >= IN_TEXTS]
    return sorted(several, key=lambda one: (-one[1], one[0]))[:most]


def features(texts: Sequence[str], listed: Sequence[float | None], known: Vocabulary) -> Features:
    """The features of texts; `listed` are the scores of the word list. A row depends on its text alone."""
    return look(texts, dense(texts, listed), known)


def dense(texts: Sequence[str], listed: Sequence[float | None]) -> np.ndarray:
    """What needs no vocabulary: the vector, and of the list's score its two sides and whether there is one."""
    import numpy as np

    scores = np.array([one or 0.0 for one in listed], dtype=np.float32)
    has = np.array([one is not None for one in listed], dtype=np.float32)
    sides = np.stack([np.maximum(scores, 0), np.maximum(-scores, 0), has], axis=1)
    return np.concatenate([local_embedder().embed(texts), sides.reshape(len(texts), FROM_LIST)], axis=1)


def look(texts: Sequence[str], known_dense: np.ndarray, known: Vocabulary) -> Features:
    """Features of texts whose dense half is there already."""
    words: list[list[int]] = []
    pieces: list[list[int]] = []
    terms = known.terms
    ids = lru_cache(maxsize=100_000)(lambda word: [terms[p] for p in _pieces(word) if p in terms])
    for text in texts:
        found = tokens(text)
        names = (*found, *(f"{a} {b}" for a, b in pairwise(found)))
        words.append([terms[name] for name in names if name in terms])
        pieces.append([at - known.words for word in found for at in ids(word)])
    return Features(
        _rows(words, known.idf[: known.words]), _rows(pieces, known.idf[known.words :]), known_dense
    )


def _rows(found: list[list[int]], idf: np.ndarray) -> csr_matrix:
    """Counts as 1 + log, times idf, each row of length one."""
    import numpy as np
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *map(len, found)])
    ids = np.fromiter((at for row in found for at in row), dtype=np.int32, count=int(ends[-1]))
    rows = csr_matrix((np.ones(len(ids), dtype=np.float32), ids, ends), shape=(len(found), len(idf)))
    rows.sum_duplicates()
    rows.data = (1 + np.log(rows.data)) * idf[rows.indices]
    squares = np.add.reduceat(np.append(rows.data**2, 0), np.minimum(rows.indptr[:-1], rows.nnz))
    lengths = np.where(np.diff(rows.indptr) > 0, np.sqrt(squares), 1)
    rows.data /= np.repeat(lengths, np.diff(rows.indptr)).astype(np.float32)
    return rows
