"""What tests of the page share."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest

from core.home import Home

PAGE = "pages/ask/conversations.py"


def written(home: Home, *, url: str | None = None, subject: str | None = None, body: str | None = None,
           requester: str = "Ada", topic: str | None = None) -> None:  # fmt: skip
    """A published workspace with one conversation, or with none."""
    from store import generations
    from store.writer import Writer

    writer = Writer(home, run_id="test")
    if body is not None:
        writer.execute(
            "INSERT INTO conversations (source_id, conversation_id, subject, url, created_at, is_deleted) "
            "VALUES ('desk', 'c1', ?, ?, '2026-11-10 09:00:00+00', false)", [subject, url],
        )  # fmt: skip
        writer.execute(
            "INSERT INTO conversation_facts (source_id, conversation_id, subject, requester, created_at, created_local, "
            "last_activity_local, is_counted, is_solved, status, topic) VALUES ('desk', 'c1', ?, ?, '2026-11-10 09:00:00+00', "
            "'2026-11-10 09:00:00', '2026-11-10 09:00:00', true, false, 'open', ?)", [subject, requester, topic],
        )  # fmt: skip
        writer.execute(
            "INSERT INTO messages (source_id, message_id, conversation_id, seq, author_role, author_name, is_public, kind, "
            "body_text, created_at, is_deleted) VALUES ('desk', 'm1', 'c1', 1, 'customer', ?, true, 'message', ?, "
            "'2026-11-10 09:00:00+00', false)", [requester, body],
        )  # fmt: skip
    writer.close()
    generations.publish(home, writer.path, keep=1)


def tick(test: AppTest, *rows: int) -> AppTest:
    """Tick rows of the list."""
    key = re.search(r"conversation_rows_\d+", test.dataframe[0].proto.id)
    assert key
    test.session_state[key[0]] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return test.run()
