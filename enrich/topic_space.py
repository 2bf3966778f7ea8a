"""The space in which topics are found: meaning of the built-in model, beside the words this workspace uses.

A row is the text's vector without what all texts share, and half as strong its place in the latent space of the
workspace's own words and pairs of words (LSA, Deerwester 1990, on TF-IDF). Then each row is drawn towards its
neighbours, which closes the gaps that short texts leave. Only the fit needs it: later conversations join the
nearest centre of vectors alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SEED = 7
WORDS_WEIGHT = 0.5
WORD_DIMS = 256
MOST_WORDS = 50_000
NEIGHBOURS, ROUNDS, DRAWN = 10, 3, 0.5
_BLOCK = 2_048


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one; rows of nothing stay."""
    import numpy as np

    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1), dtype=np.float32)


def shape(texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """float32, one unit row a text: meaning and words side by side, before neighbours are looked at."""
    import numpy as np

    meaning = unit(vectors - vectors.mean(axis=0))
    words = _words(texts)
    return unit(meaning if words is None else np.hstack([meaning, np.float32(WORDS_WEIGHT) * words]))


def _words(texts: Sequence[str]) -> np.ndarray | None:
    """The latent space of words and pairs; None where texts share too few for one."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils.extmath import randomized_svd

    counter = TfidfVectorizer(
        sublinear_tf=True,
        ngram_range=(1, 2),
        min_df=2,
        max_features=MOST_WORDS,
    )
    try:
        table = counter.fit_transform(texts)
    except ValueError:  # no word is in two texts
        return None
    dims = min(WORD_DIMS, table.shape[1] - 1, len(texts) // 4)
    if dims < 2 or not table.nnz:
        return None
    left, strength, _ = randomized_svd(table, dims, random_state=SEED)
    return unit(left * strength)


def gathered(rows: np.ndarray, *, rounds: int = ROUNDS) -> np.ndarray:
    """Each row drawn half way to the weighted mean of its nearest rows, a few times."""
    near, weights = _neighbours(rows)
    for _ in range(rounds):
        mean = (
            unit((rows[near] * weights[:, :, None]).sum(axis=1))
            if len(rows) < _BLOCK
            else _mean(rows, near, weights)
        )
        rows = unit((1 - DRAWN) * rows + DRAWN * mean)
    return rows


def _mean(rows: np.ndarray, near: np.ndarray, weights: np.ndarray) -> np.ndarray:
    import numpy as np

    found = np.empty_like(rows)
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = (rows[near[part]] * weights[part, :, None]).sum(axis=1)
    return unit(found)


def _neighbours(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest rows of each row and how near they are; few rows have few neighbours."""
    import numpy as np

    count = min(NEIGHBOURS, max(2, len(rows) // 40), len(rows) - 1)
    near = np.empty((len(rows), count), dtype=np.int64)
    weights = np.empty((len(rows), count), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        closeness = rows[start : start + _BLOCK] @ rows.T
        own = np.arange(len(closeness))
        closeness[own, own + start] = -1
        near[start : start + _BLOCK] = np.argpartition(-closeness, count - 1, axis=1)[:, :count]
        chosen = np.take_along_axis(closeness, near[start : start + _BLOCK], axis=1)
        weights[start : start + _BLOCK] = np.maximum(chosen, 0)
    return near, weights
