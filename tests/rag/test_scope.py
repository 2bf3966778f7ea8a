"""What a question may look at, at its edges: midnight, and conversations that no chunk belongs to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from core.filters import Filters, Period
from core.home import Home
from core.settings import Counting, Settings
from core.viewer import EVERYTHING
from rag import scope
from rag.answer import QueryPlan, Span
from rag.context import RagContext
from rag.corpus import Corpus
from rag.evidence import gather
from rag.index import update
from rag.mentions import note_mentions
from rag.numbers import Numbers
from rag.representative import representative
from store.reader import Reader


def test_a_period_ends_just_before_midnight(publish: Callable[..., Reader]) -> None:
    moments = {"first": datetime(2026, 10, 31, tzinfo=UTC), "last": datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC),
               "next": datetime(2026, 11, 1, tzinfo=UTC)}  # fmt: skip
    reader = publish({name: {"texts": [name], "created": created} for name, created in moments.items()})
    day = Filters.of(Period(date(2026, 10, 31), date(2026, 10, 31)))
    assert len(scope.conversation_numbers(reader, day, EVERYTHING)) == 2
    assert scope.has_any(reader, day, EVERYTHING, counted=())
    before = Filters.of(Period(date(2026, 10, 30), date(2026, 10, 30)))
    assert not scope.has_any(reader, before, EVERYTHING, counted=())


@pytest.mark.parametrize(("include", "wanted"), [((), {"in"}), (("outbound",), {"in", "out"})])
def test_what_is_counted_besides_is_mentioned_and_shown(
    publish: Callable[..., Reader], home: Home, include: tuple[str, ...], wanted: set[str]
) -> None:
    began, day = datetime(2026, 10, 30, 9, tzinfo=UTC), Period(date(2026, 10, 30), date(2026, 10, 30))
    reader = publish({
        "in": {"texts": ["The parcel never arrived at our new address."], "created": began},
        "out": {"texts": ["We would like to tell you that a parcel of yours waits."], "created": began,
                "excluded": "outbound"},
        "junk": {"texts": ["Win a parcel of gold today."], "created": began, "excluded": "spam"},
    })  # fmt: skip
    update(home, Settings(), reader)
    context = RagContext(home, Settings(counting=Counting(include=include)), reader)
    plan = QueryPlan(intent="lookup", period=Span.of(day), search_text="parcel")
    book = Numbers(day)
    note_mentions(context, plan, book, EVERYTHING)
    assert [fact.n for fact in book.facts] == [len(wanted)]
    found = gather(context, plan, [], plan.scope(), EVERYTHING)
    assert {item.conversation_id for item in found.items} == wanted
    drawn = representative(context, plan.scope(), EVERYTHING, 9)
    assert {row["conversation_id"] for row in drawn} == wanted
    assert len(
        scope.conversation_numbers(reader, Filters.of(day, include=include), EVERYTHING, counted=())
    ) == len(wanted)


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
