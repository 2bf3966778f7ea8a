"""Holds what an index found against the warehouse: what exists in this generation for this viewer, and its facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.viewer import Viewer
from rag.corpus import KEY_SQL, Corpus

if TYPE_CHECKING:
    import numpy as np

    from store.reader import Reader

_FIELDS = "source_id, conversation_id, subject, created_at, channel, product"
_FACTS = f"""
SELECT {_FIELDS} FROM {{conversation_facts}}
WHERE (source_id, conversation_id) IN (SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))
"""
_NAMED = f"""
SELECT {_FIELDS}, {KEY_SQL} AS k FROM {{conversation_facts}}
WHERE lower(conversation_id) IN (SELECT unnest(?::VARCHAR[])) ORDER BY source_id, conversation_id LIMIT 8
"""
_MOST_NAMES = 8
_ID = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.:/-]{4,}|#\w{3,}")
_EDGES = "\"'()[]{}<>,;.!?"


def facts_of(
    reader: Reader, corpus: Corpus, positions: np.ndarray, viewer: Viewer
) -> dict[tuple[str, str], dict[str, Any]]:
    """Subject, creation, channel and product of the conversations of these chunks, of those that may be seen."""
    import numpy as np

    _, first = np.unique(corpus.keys[positions], return_index=True)
    places = corpus.places.take(positions[first])
    keys = [places.column("source_id").to_pylist(), places.column("conversation_id").to_pylist()]
    rows = reader.query(_FACTS, keys, viewer=viewer).to_pylist()
    return {(row.pop("source_id"), row.pop("conversation_id")): row for row in rows}


def named_ids(text: str) -> list[str]:
    """What may be ids of conversations in a text: with letters and digits, after #, or a number that stands alone."""
    tokens = [token.strip(_EDGES) for token in text.split()]
    alone = len(tokens) == 1 and tokens[0].isdigit()
    found = [token.lstrip("#").lower() for token in tokens if alone or _ID.fullmatch(token)]
    return list(dict.fromkeys(found))[:_MOST_NAMES]


def by_ids(reader: Reader, names: Sequence[str], viewer: Viewer) -> list[dict[str, Any]]:
    """Facts, and the number as `k`, of the visible conversations with these ids (in small letters)."""
    rows: list[dict[str, Any]] = reader.query(_NAMED, [list(names)], viewer=viewer).to_pylist()
    return rows
