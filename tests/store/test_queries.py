from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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


def test_the_viewer_decides(reader: Reader) -> None:
    one = Viewer("ann", teams=("One",))
    assert queries.conversation(reader, "s", "c9", viewer=one) is None
    found = queries.conversation(reader, "s", "c3", viewer=one)
    assert found is not None and found.facts["team"] == "One"


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


def test_rows_that_were_set_aside(home: Home, writer: Writer) -> None:
    with writer.transaction():
        for source, at, line in (("s", 1, 7), ("s", 2, 9), ("t", 3, 1)):
            writer.execute(
                """INSERT INTO sync_rejects BY NAME SELECT ? AS source_id, 'messages' AS stream,
                   'no id' AS reason, ? AS line, make_timestamptz(2026, 1, ?, 10, 0, 0) AS occurred_at""",
                [source, line, at],
            )
    writer.close()
    generations.publish(home, writer.path, keep=1)
    reader = open_reader(home)

    def lines(viewer: Viewer = EVERYTHING, **more: Any) -> list[int]:
        return list(queries.rejects(reader, viewer=viewer, **more)["line"].to_pylist())

    assert lines() == [1, 9, 7] and lines(limit=1) == [1]
    assert lines(source_id="s") == [9, 7] and lines(source_id="nobody") == []
    assert lines(Viewer("eve", sources=("t",))) == [1]
