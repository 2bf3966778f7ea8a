"""Draws conversations that stand for all of a filter: each mood, each strength of it and each topic in proportion.

The most typical conversation of a mood comes before the others, which are in random order: more typical ones would
show moods purer than they are. What is drawn first is as representative as a few can be: callers stop anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analytics.chosen import chosen
from core.filters import Filters
from core.keys import Key
from core.viewer import Viewer
from rag.context import RagContext

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

POOL = 600  # conversations looked at
COLUMNS = (
    "source_id",
    "conversation_id",
    "subject",
    "created_at",
    "channel",
    "product",
    "team",
    "sentiment",
    "sentiment_score",
    "topic",
)
BANDS = 10  # of the mood's score: a mood that was barely told is oftener wrong, and has its own share

Row = dict[str, Any]
Parts = tuple[object, ...]


def key_of(row: Row) -> Key:
    """The conversation of a row."""
    return row["source_id"], row["conversation_id"]


def representative(
    context: RagContext, filters: Filters, viewer: Viewer, wanted: int, *, lean: str | None = None,
    among: pa.Table | None = None,
) -> list[Row]:  # fmt: skip
    """Up to `wanted` counted conversations of a filter (COLUMNS); with `lean` only those of that mood.

    With `among` (source_id, conversation_id) only those in it.
    """
    rows = pool(context, filters, viewer, lean, among)
    rows = [rows[i] for i in _typical_first(context, rows)]
    return [rows[i] for i in in_proportion(parts_of(rows), wanted)]


def pool(
    context: RagContext,
    filters: Filters,
    viewer: Viewer,
    lean: str | None = None,
    among: pa.Table | None = None,
) -> list[Row]:
    """Up to POOL conversations, drawn by a hash so that the draw is the same every time."""
    drawn = chosen(
        context.reader, filters, viewer, ", ".join(COLUMNS), columns=COLUMNS, mood=lean, among=among,
        counted=context.settings.counting.include, then=f"ORDER BY hash(source_id || conversation_id) LIMIT {POOL}",
    )  # fmt: skip
    rows: list[Row] = drawn.to_pylist()
    return rows


def parts_of(rows: Sequence[Row]) -> list[Parts]:
    """Of each row its mood, the band of the mood's score, and its topic."""
    scored = sorted((i for i, row in enumerate(rows) if row["sentiment_score"] is not None),
                    key=lambda i: float(rows[i]["sentiment_score"]))  # fmt: skip
    band = {i: rank * BANDS // len(scored) for rank, i in enumerate(scored)}
    return [(row["sentiment"], band.get(i), row["topic"]) for i, row in enumerate(rows)]


def in_proportion(parts: Sequence[Parts], wanted: int) -> list[int]:
    """Positions, so that every part has its share of what is taken, at any length.

    Mixes of parts are too small to have shares of their own: the next position is that whose parts, added, are
    furthest behind; the earliest of equal ones.
    """
    size = Counter(part for one in parts for part in enumerate(one))
    given: Counter[tuple[int, object]] = Counter()
    left: dict[Parts, list[int]] = {}
    for i, one in enumerate(parts):
        left.setdefault(one, []).append(i)
    taken: list[int] = []

    def behind(one: Parts) -> tuple[float, int]:
        ahead = (len(taken) + 1) / len(parts)
        # Rounded: the order of a sum must not decide.
        return round(sum(size[part] * ahead - given[part] for part in enumerate(one)), 9), -left[one][0]

    while left and len(taken) < wanted:
        one = max(left, key=behind)
        taken.append(left[one].pop(0))
        given.update(enumerate(one))
        if not left[one]:
            del left[one]
    return taken


def _typical_first(context: RagContext, rows: Sequence[Row]) -> list[int]:
    """Positions: of every mood the row nearest to the middle of its vectors, then all others as they were."""
    groups: dict[str | None, list[int]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(row["sentiment"], []).append(i)
    matrix, _ = _first_vectors(context, [key_of(row) for row in rows])
    typical = []
    for group in groups.values():
        own = matrix[
            group
        ]  # what has no vector is all zeros: near to nothing, and adds nothing to the middle
        typical.append(group[int((own @ own.sum(axis=0)).argmax())])
    return [*typical, *sorted(set(range(len(rows))) - set(typical))]


def _first_vectors(context: RagContext, keys: Sequence[Key]) -> tuple[np.ndarray, np.ndarray]:
    from rag.corpus import corpus_of
    from rag.keywords import number

    return corpus_of(context).rows([number(f"{source}:{conversation}#0") for source, conversation in keys])
