from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from store import generations, queries, state
from store.reader import Reader, open_reader
from store.writer import Writer


@pytest.fixture
def reader(home: Home, writer: Writer, batch: Callable[..., Any]) -> Reader:
    """Ten conversations: c0 to c9, one a day from Jan 1st, c8 and c9 at the same instant; c5 not counted."""
    for n in range(10):
        writer.execute(
            """INSERT INTO conversation_facts BY NAME SELECT 's' AS source_id, ? AS conversation_id,
               ? AS subject, ? AS channel, ? AS team, ['t' || ?] AS tags, ?::TIMESTAMPTZ AS created_at,
               ?::TIMESTAMP AS created_local, ?::TIMESTAMPTZ AS last_activity_at, ? AS is_counted""",
            [
                f"c{n}", f"Parcel {n}", "chat" if n % 2 else "email", "One" if n < 4 else "Two", n,
                *[f"2026-01-{min(n, 8) + 1:02} 10:00:00"] * 3, n != 5,
            ],
        )  # fmt: skip
    writer.apply(
        "s",
        [
            batch("conversations", [{"conversation_id": "c1", "url": "https://example.com/1"}]),
            batch("messages", [
                {"message_id": "m2", "conversation_id": "c1", "created_at": 2, "author_name": "Bo", "body_text": "2"},
                {"message_id": "m1", "conversation_id": "c1", "created_at": 1, "author_id": "p", "body_text": "1"},
            ]),
            batch("people", [{"person_id": "p", "name": "Ann"}]),
            batch("csat", [{"csat_id": "r", "conversation_id": "c1", "score": 1.0}]),
            batch("conversation_tags", [{"conversation_id": "c1", "tag": t} for t in ("b", "a")]),
            batch("conversation_events", [{"event_id": "e", "conversation_id": "c1", "field": "status"}]),
        ],
    )  # fmt: skip
    with writer.transaction():
        state.save_source(writer.con, "s", "files", {"path": "x"}, enabled=True)
    writer.close()
    generations.publish(home, writer.path, keep=1)
    return open_reader(home)


def ids(page: queries.ConversationPage) -> list[str]:
    return list(page.rows["conversation_id"].to_pylist())


def test_pages_follow_each_other_without_gap_or_repeat(reader: Reader) -> None:
    seen, place = [], None
    while True:
        page = queries.conversation_list(reader, Filters(), viewer=EVERYTHING, after=place, limit=2)
        seen += ids(page)
        place = page.next
        if place is None:
            break
    assert seen == ["c9", "c8", "c7", "c6", "c4", "c3", "c2", "c1", "c0"]
    assert queries.conversation_count(reader, Filters(), viewer=EVERYTHING) == 9


def test_filters_period_and_text(reader: Reader) -> None:
    def found(filters: Filters, **more: Any) -> list[str]:
        return ids(queries.conversation_list(reader, filters, viewer=EVERYTHING, **more))

    assert found(Filters.of(where={"channel": ["chat"], "team": ["One"]})) == ["c3", "c1"]
    assert found(Filters.of(where={"tag": ["t2", "t3"]})) == ["c3", "c2"]
    assert found(Filters.of(where={"source": ["other"]})) == []
    assert found(Filters(Period(date(2026, 1, 2), date(2026, 1, 3)))) == ["c2", "c1"]
    assert found(Filters(), text="parcel 7") == ["c7"]
    with pytest.raises(QuestionError, match="colour"):
        found(Filters.of(where={"colour": ["red"]}))


def test_the_viewer_decides(reader: Reader) -> None:
    one = Viewer("ann", teams=("One",))
    assert ids(queries.conversation_list(reader, Filters(), viewer=one)) == ["c3", "c2", "c1", "c0"]
    assert queries.conversation(reader, "s", "c9", viewer=one) is None
    assert queries.facet_values(reader, "team", viewer=one) == [("One", 4)]
    assert queries.source_summaries(reader, viewer=Viewer("eve", sources=())) == []


def test_one_conversation_with_all_that_belongs_to_it(reader: Reader) -> None:
    found = queries.conversation(reader, "s", "c1", viewer=EVERYTHING)
    assert found is not None
    assert (found.facts["subject"], found.url, found.tags) == (
        "Parcel 1",
        "https://example.com/1",
        ("a", "b"),
    )
    assert found.messages.select(["seq", "author", "body_text"]).to_pylist() == [
        {"seq": 1, "author": "Ann", "body_text": "1"},
        {"seq": 2, "author": "Bo", "body_text": "2"},
    ]
    assert (found.events.num_rows, found.csat["score"].to_pylist()) == (1, [1.0])
    assert queries.conversation(reader, "s", "c77", viewer=EVERYTHING) is None


def test_values_and_sources(reader: Reader) -> None:
    assert queries.facet_values(reader, "channel", viewer=EVERYTHING) == [("email", 5), ("chat", 4)]
    with pytest.raises(QuestionError):
        queries.facet_values(reader, "subject", viewer=EVERYTHING)
    (source,) = queries.source_summaries(reader, viewer=EVERYTHING)
    assert (source.kind, source.conversations, source.messages, source.rejects) == ("files", 10, 2, 0)
    assert queries.rejects(reader, viewer=EVERYTHING).num_rows == 0
