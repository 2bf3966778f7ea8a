"""Conversations that say the like of another: by the vectors of what was said in it, near-duplicates folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.keys import Key
from core.viewer import Viewer
from rag.context import RagContext
from rag.corpus import corpus_of
from rag.index import nearest
from rag.search import Hit, Ranked, hits_of
from store.spoken import spoken

if TYPE_CHECKING:
    import numpy as np

CANDIDATES = 240  # parts of conversations
LOOKED_AT = 60  # conversations that are folded
SAME = 0.97  # cosine from which two conversations say the same
SHORTEST = 12  # letters of a first message; "hello" alone is the same for all
_CHUNKS = """
SELECT source_id, conversation_id, content_hash FROM {chunks}
WHERE source_id IN (SELECT unnest(?::VARCHAR[])) AND conversation_id IN (SELECT unnest(?::VARCHAR[])) AND chunk_no < 8
ORDER BY source_id, conversation_id, chunk_no
"""
_OPENINGS = f"""
SELECT m.source_id, m.conversation_id, arg_min(coalesce(e.clean_text, m.body_text), m.seq) AS text FROM {{messages}} m
LEFT JOIN {{message_enrichment}} e ON e.source_id = m.source_id AND e.message_id = m.message_id
WHERE m.source_id IN (SELECT unnest(?::VARCHAR[])) AND m.conversation_id IN (SELECT unnest(?::VARCHAR[]))
  AND m.author_role = 'customer' AND {spoken("m")} GROUP BY ALL
"""
_DIGITS, _GAPS = re.compile(r"\d+"), re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Alike:
    """A conversation like the one that is asked about, and those that say the same as it does."""

    hit: Hit
    same: tuple[Hit, ...] = ()


def similar(
    context: RagContext, source_id: str, conversation_id: str, *, viewer: Viewer, k: int = 5
) -> list[Hit]:
    """The k nearest other conversations that the viewer may see, the nearest first; none without an index.

    `similarity` is the cosine between what this one says as a whole and the other's nearest part.
    """
    import numpy as np

    own = (source_id, conversation_id)
    middle = _middles(context, [own], viewer).get(own)
    if middle is None:
        return []
    near = nearest(context.home, context.embedder, middle, max(CANDIDATES, 4 * k))
    corpus = corpus_of(context)
    at, here = corpus.positions(np.array([n for n, _ in near], dtype="int64"))
    alike = np.array([similarity for _, similarity in near])[here]
    order = np.lexsort((corpus.numbers[at], -alike))
    ranked = Ranked(at[order], alike[order], np.zeros(len(order)), alike[order], alike[order])
    found = hits_of(context, corpus, [ranked], k + 1, viewer)[0]
    return [hit for hit in found if (hit.source_id, hit.conversation_id) != own][:k]


def folded(
    context: RagContext, source_id: str, conversation_id: str, *, viewer: Viewer, k: int = 5
) -> list[Alike]:
    """The k nearest that differ, each with those that say the same: the same opening, numbers aside, or nearly the same vector."""
    hits = similar(context, source_id, conversation_id, viewer=viewer, k=LOOKED_AT)
    keys = [(hit.source_id, hit.conversation_id) for hit in hits]
    middles, openings = _middles(context, keys, viewer), _openings(context, keys, viewer)
    groups: list[tuple[Key, Hit, list[Hit]]] = []
    for key, hit in zip(keys, hits, strict=True):
        for first, _, same in groups:
            if _is_same(key, first, middles, openings):
                same.append(hit)
                break
        else:
            groups.append((key, hit, []))
    return [Alike(hit, tuple(same)) for _, hit, same in groups[:k]]


def _is_same(one: Key, other: Key, middles: dict[Key, np.ndarray], openings: dict[Key, str]) -> bool:
    text = openings.get(one, "")
    if len(text) >= SHORTEST and text == openings.get(other):
        return True
    return one in middles and other in middles and float(middles[one] @ middles[other]) >= SAME


def _openings(context: RagContext, keys: Sequence[Key], viewer: Viewer) -> dict[Key, str]:
    """What the customer said first, in small letters, without marks, every number the same."""
    rows = context.reader.query(_OPENINGS, _columns(keys), viewer=viewer).to_pylist()
    return {
        (row["source_id"], row["conversation_id"]): _GAPS.sub(
            " ", _DIGITS.sub("0", (row["text"] or "").lower())
        ).strip()
        for row in rows
    }


def _columns(keys: Sequence[Key]) -> list[list[str]]:
    return [[source for source, _ in keys], [native for _, native in keys]]


def _middles(context: RagContext, keys: Sequence[Key], viewer: Viewer) -> dict[Key, np.ndarray]:
    """The mean direction of each conversation's parts; none where no part has a vector."""
    import numpy as np

    from store.vectors import VectorStore

    rows = context.reader.query(_CHUNKS, _columns(keys), viewer=viewer).to_pylist()
    if not rows:
        return {}
    store = VectorStore(context.home, context.embedder.name, context.embedder.dims)
    matrix, is_there = store.get([row["content_hash"] for row in rows])
    parts: dict[Key, list[np.ndarray]] = {}
    for row, vector, known in zip(rows, matrix, is_there, strict=True):
        if known:
            parts.setdefault((row["source_id"], row["conversation_id"]), []).append(vector)
    means = {key: np.mean(vectors, axis=0) for key, vectors in parts.items()}
    return {key: mean / length for key, mean in means.items() if (length := float(np.linalg.norm(mean)))}
