"""The sample workspace as something to ask, and small warehouses of a few conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.effective import effective_settings
from core.home import Home
from core.settings import load_settings
from rag.context import RagContext
from store import generations
from store.reader import Reader, open_reader
from store.writer import Writer

Talk = dict[str, Any]


@pytest.fixture
def sample(sample_home: Home, now: datetime) -> RagContext:
    return RagContext(
        sample_home, effective_settings(sample_home, load_settings(sample_home)), open_reader(sample_home)
    )


@pytest.fixture
def publish(home: Home, now: datetime) -> Callable[..., Reader]:
    """Writes conversations (id -> texts, or a dict of columns with `texts`), cuts them, publishes."""
    return publisher(home, now)


def publisher(home: Home, now: datetime) -> Callable[..., Reader]:
    """The same for any home."""

    def write(conversations: dict[str, Sequence[str] | Talk], *, gone: Sequence[str] = ()) -> Reader:
        from rag.chunks import write_chunks

        writer = Writer(home, run_id="test")
        for conversation_id in [*gone, *conversations]:
            for table in ("messages", "conversations", "conversation_facts", "message_enrichment"):
                writer.execute(f"DELETE FROM {table} WHERE conversation_id = ?", [conversation_id])
        for at, (conversation_id, talk) in enumerate(conversations.items()):
            columns: Talk = dict(talk) if isinstance(talk, dict) else {"texts": talk}
            _write(writer, conversation_id, columns, now - timedelta(days=10, minutes=-at))
        write_chunks(writer)
        writer.close()
        generations.publish(home, writer.path, keep=3)
        return open_reader(home)

    return write


def _write(writer: Writer, conversation_id: str, talk: Talk, created: datetime) -> None:
    created = talk.get("created", created).astimezone(UTC)
    source = talk.get("source", "desk")
    writer.execute(
        "INSERT INTO conversations (source_id, conversation_id, subject, channel, created_at, is_deleted) "
        "VALUES (?, ?, ?, ?, ?, false)",
        [source, conversation_id, talk.get("subject"), talk.get("channel", "email"), created],
    )
    writer.execute(
        "INSERT INTO conversation_facts (source_id, conversation_id, subject, channel, product, team, created_at, "
        "created_local, last_activity_local, is_counted, excluded_because, sentiment, status, is_solved) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'solved', true)",
        [source, conversation_id, talk.get("subject"), talk.get("channel", "email"), talk.get("product"),
         talk.get("team"), created, created.replace(tzinfo=None), created.replace(tzinfo=None), "excluded" not in talk,
         talk.get("excluded"), talk.get("sentiment")],
    )  # fmt: skip
    for seq, text in enumerate(talk["texts"]):
        role, said = text if isinstance(text, tuple) else ("customer", text)
        writer.execute(
            "INSERT INTO messages (source_id, message_id, conversation_id, seq, author_role, is_public, kind, body_text, "
            "created_at, content_hash, is_deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, md5(?), false)",
            [source, f"{conversation_id}-{seq}", conversation_id, seq, role, role != "private",
             "note" if role == "private" else "message", said, created, f"{seq}{said}"],
        )  # fmt: skip
