"""Conversations that say the like of another: by the vectors of what was said in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.viewer import Viewer
from rag.context import RagContext
from rag.index import nearest
from rag.search import Hit, ranked_hits

if TYPE_CHECKING:
    import numpy as np

CANDIDATES = 120
_CHUNKS = """
SELECT content_hash FROM {chunks} WHERE source_id = ? AND conversation_id = ? ORDER BY chunk_no LIMIT 8
"""


def similar(
    context: RagContext, source_id: str, conversation_id: str, *, viewer: Viewer, k: int = 5
) -> list[Hit]:
    """The k nearest other conversations that the viewer may see, the nearest first; none without an index.

    `similarity` is the cosine between what this one says as a whole and the other's nearest part.
    """
    middle = _middle(context, source_id, conversation_id, viewer)
    if middle is None:
        return []
    near = dict(nearest(context.home, context.embedder, middle, CANDIDATES))
    found = ranked_hits(context.reader, near, {}, near, k + 1, viewer)
    own = (source_id, conversation_id)
    return [hit for hit in found if (hit.source_id, hit.conversation_id) != own][:k]


def _middle(context: RagContext, source_id: str, conversation_id: str, viewer: Viewer) -> np.ndarray | None:
    """The mean direction of a conversation's parts, or None where none of them has a vector."""
    import numpy as np

    from store.vectors import VectorStore

    rows = context.reader.query(_CHUNKS, [source_id, conversation_id], viewer=viewer)
    wanted = rows["content_hash"].to_pylist()
    if not wanted:
        return None
    store = VectorStore(context.home, context.embedder.name, context.embedder.dims)
    matrix, is_there = store.get(wanted)
    if not np.any(is_there):
        return None
    mean: np.ndarray = matrix[is_there].mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / length if length else None
