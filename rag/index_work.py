"""The work of one update of the search index: what is missing in which half, and how it is added."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.home import Home
from core.viewer import EVERYTHING
from rag.chunks import bodies
from rag.keywords import NUMBER_SQL, Keywords, number

if TYPE_CHECKING:
    import numpy as np

    from llm.embed import Embedder
    from store.reader import Reader

logger = logging.getLogger(__name__)

PAGE_CONVERSATIONS = 10_000
PAGE_CHUNKS = 10_000
SPARE_VECTORS = 10_000  # vectors of older texts are kept up to here: a rollback or a re-read needs them again
_CHUNKS_SQL = f"""
SELECT source_id, conversation_id, chunk_no, content_hash, {NUMBER_SQL} AS n FROM {{chunks}}
ORDER BY source_id, conversation_id, chunk_no
"""


class Vectors(Protocol):
    """The half that is searched by meaning."""

    def put(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        """Hold vectors under these ids, replacing older ones."""

    def drop(self, ids: Sequence[str]) -> None:
        """Forget these ids."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk stands, and which text it has."""

    source_id: str
    conversation_id: str
    chunk_no: int
    content_hash: str

    @property
    def id(self) -> str:
        """Its id in both halves."""
        return f"{self.source_id}:{self.conversation_id}#{self.chunk_no}"


class Work:
    """One update: `missing` lacks its words, `lost` its vector alone, which is stored."""

    def __init__(
        self, home: Home, reader: Reader, embedder: Embedder, words: Keywords, dense: Vectors
    ) -> None:
        from store.vectors import VectorStore

        self.reader, self.embedder, self.words, self.dense = reader, embedder, words, dense
        self.vectors = VectorStore(home, embedder.name, embedder.dims)
        self.missing: dict[int, Chunk] = {}
        self.lost: list[Chunk] = []
        self.hashes: dict[str, None] = {}

    def diff(self, lost: set[int]) -> int:
        """Find what is missing and delete what is unwanted; gives the number deleted. `lost` has no vector in Chroma."""
        import numpy as np

        chunks = self.reader.query(_CHUNKS_SQL, viewer=EVERYTHING)
        numbers, hashes = chunks.column("n").to_pylist(), chunks.column("content_hash").to_pylist()
        self.hashes = dict.fromkeys(hashes)
        self.words.want(zip(numbers, hashes, strict=True))
        lacking = set(self.words.missing())
        chosen = [at for at, n in enumerate(numbers) if n in lacking or n in lost]
        rows = chunks.take(np.array(chosen, dtype=np.int64))
        columns = (rows.column(name).to_pylist() for name in Chunk.__slots__)
        for at, *chunk in zip(chosen, *columns, strict=True):
            if numbers[at] in lacking:
                self.missing[numbers[at]] = Chunk(*chunk)
            else:
                self.lost.append(Chunk(*chunk))
        self._without_vector()
        unwanted = self.words.unwanted()
        self.dense.drop([chunk_id for _, chunk_id in unwanted])
        self.words.drop([n for n, _ in unwanted])
        return len(unwanted)

    def _without_vector(self) -> None:
        """What was lost and has no stored vector is missing like what is new."""
        known = self.vectors.known([chunk.content_hash for chunk in self.lost]).tolist()
        self.missing |= {
            number(chunk.id): chunk for chunk, has in zip(self.lost, known, strict=True) if not has
        }
        self.lost = [chunk for chunk, has in zip(self.lost, known, strict=True) if has]

    def add(self, say: Callable[[str, int, int | None], None]) -> int:
        """Fill Chroma from the store, then embed and write what is missing; gives the number of texts embedded."""
        embedded, done, of = 0, 0, len(self.lost) + len(self.missing)
        for start in range(0, len(self.lost), PAGE_CHUNKS):
            page = self.lost[start : start + PAGE_CHUNKS]
            self._put(page)
            done += len(page)
            say("index", done, of)
        wanted = list(dict.fromkeys((c.source_id, c.conversation_id) for c in self.missing.values()))
        for start in range(0, len(wanted), PAGE_CONVERSATIONS):
            rows = bodies(self.reader, wanted[start : start + PAGE_CONVERSATIONS], EVERYTHING).to_pylist()
            texts = {
                number(f"{r['source_id']}:{r['conversation_id']}#{r['chunk_no']}"): r["body"] for r in rows
            }
            texts = {n: body for n, body in texts.items() if n in self.missing}
            embedded += self._write(texts)
            done += len(texts)
            say("index", done, of)
        return embedded

    def forget_vectors(self) -> None:
        """Drop the vectors of texts that no generation's search needs, once they are the larger part."""
        if len(self.vectors) > max(SPARE_VECTORS, 2 * len(self.hashes)):
            dropped = self.vectors.compact(list(self.hashes))
            logger.info("vectors compacted", extra={"dropped": dropped})

    def _write(self, bodies_of: dict[int, str]) -> int:
        page = [self.missing[n] for n in bodies_of]
        texts = dict(zip((chunk.content_hash for chunk in page), bodies_of.values(), strict=True))
        unknown = [h for h, known in zip(texts, self.vectors.known(list(texts)), strict=True) if not known]
        if unknown:
            self.vectors.add(unknown, self.embedder.embed([texts[h] for h in unknown]))
        self._put(page)
        rows = zip(bodies_of, page, bodies_of.values(), strict=True)
        self.words.put([(n, chunk.id, chunk.content_hash, body) for n, chunk, body in rows])
        return len(unknown)

    def _put(self, page: Sequence[Chunk]) -> None:
        """Hand stored vectors to Chroma."""
        matrix, _ = self.vectors.get([chunk.content_hash for chunk in page])
        self.dense.put([chunk.id for chunk in page], matrix)
