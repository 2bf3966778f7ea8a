"""Which conversations a question may look at: what passes the filters and what the viewer may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.chosen import chosen
from core.filters import Filters
from core.keys import KEYS
from core.viewer import Viewer
from rag.corpus import KEY_SQL

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from store.reader import Reader


def conversation_numbers(
    reader: Reader,
    filters: Filters,
    viewer: Viewer,
    *,
    counted: tuple[str, ...] | None = None,
    among: pa.Table | None = None,
) -> np.ndarray:
    """One number for each of those conversations, as rag.corpus.KEY_SQL gives it, in no order; of `among` alone."""
    table = chosen(reader, filters, viewer, f"{KEY_SQL} AS k", columns=KEYS, counted=counted, among=among)
    found: np.ndarray = table.column("k").to_numpy()
    return found


def has_any(reader: Reader, filters: Filters, viewer: Viewer, *, counted: tuple[str, ...]) -> bool:
    """Whether one of those conversations is counted."""
    return bool(
        chosen(reader, filters, viewer, "source_id", columns=KEYS, counted=counted, then="LIMIT 1").num_rows
    )


def is_everything(filters: Filters, viewer: Viewer) -> bool:
    """Whether nothing is left out."""
    return not filters.period and not filters.dimensions() and not viewer.is_limited
