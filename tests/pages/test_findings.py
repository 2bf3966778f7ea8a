"""Mood and topic of one conversation: a person's word with the machine's beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING, RIGHTS
from jobs.refresh import refresh
from store.reader import open_reader
from store.workspace import Workspace
from tests.pages.conftest import texts
from ui import resources

PAGE = "pages/ask/conversations.py"
MESSAGES = """conversation_id,author_role,body_text,created_at
1,customer,I am very happy with this thank you it is wonderful,2026-11-02T09:00:00Z
2,customer,This is awful and I am angry because nobody answers,2026-11-02T10:00:00Z
"""


def test_a_correction_shows_what_the_machine_found(app: Callable[..., AppTest], home: Home) -> None:
    (home.root / "messages.csv").write_text(MESSAGES, encoding="utf-8")
    home.settings_file.write_text(
        '[[sources]]\nname = "desk"\nkind = "files"\npath = "messages.csv"\n', encoding="utf-8"
    )

    def refreshed() -> str | None:
        """The published mood of the angry one."""
        assert refresh(home, load_settings(home)).status == "ok"
        resources.catch_up()
        sql = "SELECT sentiment FROM {conversation_facts} WHERE conversation_id = '2'"
        mood: str | None = open_reader(home).query(sql, viewer=EVERYTHING)["sentiment"][0].as_py()
        return mood

    def line(number: int) -> str:
        """What the page says of the first correction."""
        words = texts(app(home, PAGE, conversation=f"desk/{number}")).split("\n")
        return next((line for line in words if "corrected to" in line), "")

    assert refreshed() == "negative"
    Workspace(home).correct([("desk", "2")], "sentiment", "neutral", viewer="ana")
    assert line(2).startswith("Mood corrected to **neutral** by ana, ")
    assert line(2).endswith("; found by the machine: **negative** · in the numbers from the next refresh on")
    assert refreshed() == "neutral"
    assert line(2).endswith("; found by the machine: **negative** · in the numbers")
    # Corrected again before the numbers have it: the machine still found what it found.
    Workspace(home).correct([("desk", "2")], "sentiment", "positive", viewer="ana")
    assert line(2).startswith("Mood corrected to **positive**") and "machine: **negative**" in line(2)
    assert line(1) == ""
    Workspace(home).correct([("desk", "1")], "topic", "Praise", viewer="bob")
    assert line(1).startswith("Topic corrected to **Praise** by bob") and "machine: **nothing**" in line(1)


def test_a_reader_without_the_right_sees_labels_and_corrections_and_cannot_change_them(
    app: Callable[..., AppTest], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.root / "messages.csv").write_text(MESSAGES, encoding="utf-8")
    home.settings_file.write_text(
        '[[sources]]\nname = "desk"\nkind = "files"\npath = "messages.csv"\n', encoding="utf-8"
    )
    assert refresh(home, load_settings(home)).status == "ok"
    Workspace(home).correct([("desk", "2")], "sentiment", "neutral", viewer="ana")
    Workspace(home).label([("desk", "2")], "refund", viewer="ana")
    test = app(home, PAGE, conversation="desk/2")
    # The right is taken away while the page is open: the buttons are still there.
    monkeypatch.setattr(resources, "viewer", lambda: replace(EVERYTHING, rights=RIGHTS - {"correct"}))
    (undo,) = [one for one in test.button if one.key == "undo_1"]
    undo.click().run()
    assert not test.exception and "**Mood and topic**" in texts(test)
    assert next(toast.value for toast in test.toast).startswith("Your role, admin, may not do this.")
    blind = app(home, PAGE, conversation="desk/2")
    assert "corrected to **neutral**" in texts(blind) and "refund" in texts(blind)
    assert not {"unlabel_refund", "undo_1"} & {one.key for one in blind.button}
    assert [one.label for one in Workspace(home).labels_of("desk", "2")] == ["refund"]
