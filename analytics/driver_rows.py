"""The rows that drivers are looked for in: an outcome, its dimensions as codes, and the words of first messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analytics import dimensions
from analytics.beforehand import FIRST_WORDS
from analytics.driver_model import Coded
from analytics.question import Question
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.viewer import EVERYTHING, Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from scipy import sparse

    from analytics.base import TableOf
    from store.reader import Reader

WORD = "word"
MOST_WORDS = 1500  # the most frequent ones; beyond that a word is too rare to say anything
COMMON = 0.5  # a word of more than half of all first messages tells nothing about some of them
SHORTEST, LONGEST = 3, 24


@dataclass(frozen=True)
class Cases:
    """One row a thing that could happen to: its value, its dimensions, its words (rows by `vocabulary`).

    Words that stand in the same rows are one of the vocabulary.

    `conversations` is how many there are among the rows: targets can be several of one.
    """

    measures: NDArray[np.float64]
    dimensions: tuple[Coded, ...]
    words: sparse.csr_matrix | None
    vocabulary: tuple[tuple[str, ...], ...]
    conversations: int

    def __len__(self) -> int:
        return len(self.measures)


def read(reader: Reader, question: Question, *, viewer: Viewer, minimum: int) -> Cases:
    """The rows of a metric's period by the dimensions of `question.by`, as the viewer may see them.

    With the dimension "word" among them the words that at least `minimum` rows have are read too.
    """
    found = reader.select(sql_of(build, reader, question, viewer))
    names = [name for name in question.by if name != WORD]
    columns = [f"g{place}" for place in range(len(names))]
    # Rows come in any order; the fit is the same for all of them, and sums of floats are not.
    found = found.sort_by([(name, "ascending") for name in ("key", *columns, "measure")])
    coded = tuple(_coded(name, found[column]) for name, column in zip(names, columns, strict=True))
    has_words = WORD in question.by and len(found) > 0
    matrix, vocabulary = _words(reader, found, minimum) if has_words else (None, ())
    measures = found["measure"].to_numpy().astype(np.float64)
    return Cases(measures, coded, matrix, vocabulary, len(found["key"].unique()))


def build(tables: TableOf, question: Question) -> ir.Table:
    """Columns key (a number for the conversation), measure, g0, g1, … of all dimensions but words, and first_words."""
    names = tuple(name for name in question.by if name != WORD)
    rows = chosen(tables, question, question.by, "source_id", "conversation_id", both=False)
    told = dimensions.split(rows, names)
    columns = {f"g{place}": told[f"g{place}"] for place in range(len(names))}
    more = {FIRST_WORDS: told[FIRST_WORDS]} if WORD in question.by else {}
    key = (told.source_id + "\x1f" + told.conversation_id).hash()
    return told.select(key=key, measure=told.measure.cast("float64"), **columns, **more)


def _coded(name: str, column: pa.ChunkedArray) -> Coded:
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    order = np.argsort(np.asarray(values, dtype=object)) if values else np.zeros(0, dtype=np.int64)
    place = np.empty(len(values), dtype=np.int64)
    place[order] = np.arange(len(values))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return Coded(
        name, place[codes] if len(codes) else codes.astype(np.int64), tuple(values[at] for at in order)
    )


def _words(
    reader: Reader, found: pa.Table, minimum: int
) -> tuple[sparse.csr_matrix | None, tuple[tuple[str, ...], ...]]:
    """Which rows have which words, of those that are common enough to be judged and name nobody."""
    import pyarrow as pa
    from scipy import sparse

    lists = found[FIRST_WORDS].combine_chunks()
    encoded = lists.flatten().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(words))
    order = np.argsort(-counts, kind="stable")
    fitting = [at for at in order if minimum <= counts[at] <= COMMON * len(found) and _can_tell(words[at])]
    names = _names(reader) if fitting else frozenset()
    kept = sorted(
        [at for at in fitting if words[at] not in names][:MOST_WORDS], key=lambda at: str(words[at])
    )
    if not kept:
        return None, ()
    place = np.full(len(words), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    lengths = lists.value_lengths().fill_null(0) if isinstance(lists, pa.ListArray) else lists.value_lengths()
    row = np.repeat(np.arange(len(found)), lengths.to_numpy(zero_copy_only=False).astype(np.int64))
    inside = place[codes] >= 0
    matrix = sparse.csr_matrix(
        (np.ones(int(inside.sum())), (row[inside], place[codes[inside]])), shape=(len(found), len(kept))
    )
    return _folded(matrix.tocsc(), [str(words[at]) for at in kept])


def _folded(
    matrix: sparse.csc_matrix, words: list[str]
) -> tuple[sparse.csr_matrix, tuple[tuple[str, ...], ...]]:
    """The matrix with a column for all words of the same rows: phrases that come as a whole are one thing to test."""
    matrix.sort_indices()
    same: dict[bytes, list[int]] = {}
    for at in range(len(words)):
        same.setdefault(matrix.indices[matrix.indptr[at] : matrix.indptr[at + 1]].tobytes(), []).append(at)
    groups = list(same.values())
    return matrix[:, [group[0] for group in groups]].tocsr(), tuple(
        tuple(words[at] for at in group) for group in groups
    )


def _can_tell(word: str | None) -> bool:
    from enrich.words import word_list

    return bool(word) and SHORTEST <= len(str(word)) <= LONGEST and word not in word_list("stop_words")


def _names(reader: Reader) -> frozenset[str]:
    """Parts of the names of all people, lower case: no word that is a name is ever told, whoever looks."""
    from enrich.words import word_list

    sql = (
        "SELECT DISTINCT unnest(string_split(lower(name), ' ')) AS part FROM {people} WHERE name IS NOT NULL"
    )
    return frozenset(reader.query(sql, viewer=EVERYTHING)["part"].to_pylist()) - word_list("ordinary_names")
