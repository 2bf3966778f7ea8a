"""What a question may look at, at its edges: midnight, and conversations that no chunk belongs to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

from core.filters import Filters, Period
from core.viewer import EVERYTHING
from rag import scope
from rag.corpus import Corpus
from store.reader import Reader


def test_a_period_ends_just_before_midnight(publish: Callable[..., Reader]) -> None:
    moments = {"first": datetime(2026, 10, 31, tzinfo=UTC), "last": datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC),
               "next": datetime(2026, 11, 1, tzinfo=UTC)}  # fmt: skip
    reader = publish({name: {"texts": [name], "created": created} for name, created in moments.items()})
    day = Filters.of(Period(date(2026, 10, 31), date(2026, 10, 31)))
    assert len(scope.conversation_numbers(reader, day, EVERYTHING)) == 2
    assert scope.has_any(reader, day, EVERYTHING)
    assert not scope.has_any(reader, Filters.of(Period(date(2026, 10, 30), date(2026, 10, 30))), EVERYTHING)


def test_a_conversation_without_chunks_stands_for_no_other() -> None:
    owners = [(5, "a"), (9, "b"), (5, "a"), (12, "c")]
    chunks = pa.table({
        "n": pa.array(range(4), pa.int64()), "k": pa.array([key for key, _ in owners], pa.uint64()),
        "source_id": ["desk"] * 4, "conversation_id": [name for _, name in owners], "chunk_no": [0, 0, 1, 0],
        "first_seq": [0] * 4, "last_seq": [0] * 4,
    })  # fmt: skip
    corpus = Corpus(chunks, np.zeros((4, 2), dtype="float32"), np.ones(4, dtype=bool), stored=4)
    for asked, inside in (
        [[5], [1, 0, 1, 0]],
        [[1, 7, 11, 99], [0, 0, 0, 0]],
        [[12, 8], [0, 0, 0, 1]],
        [[], [0, 0, 0, 0]],
    ):
        assert corpus.of_conversations(np.array(asked, dtype="uint64")).tolist() == [
            bool(one) for one in inside
        ]
    assert corpus.conversations(np.array([3, 2, 0])) == [("desk", "a"), ("desk", "c")]
