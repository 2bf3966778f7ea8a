"""What a conversation names, with the message that says it first."""

from __future__ import annotations

from typing import Any

from analytics.mentions import Mention, told


def said(role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"author_role": role, "body_text": text, "clean_text": None, "is_public": True, "kind": "message",
            **more}  # fmt: skip


def test_each_is_told_with_its_first_message() -> None:
    found = told(
        [
            said("customer", "Hi, where is order PT-123456?"),
            said("agent", "Order PT-123456 was sent on 2026-11-03.", is_public=False),
            said("customer", "It is broken. I want my money back for order PT-123456"),
        ]
    )
    assert found.mentions == (
        Mention("order", "Order number", "PT-123456", 1, "customer", 3), Mention("date", "Date", "2026-11-03", 2, "agent", 1),
    )  # fmt: skip
    assert found.wanted is not None
    assert (found.wanted.name, found.wanted.words, found.wanted.message) == ("refund", "money back", 3)


def test_quotes_and_what_agents_want_do_not_count() -> None:
    found = told(
        [
            said("agent", "Do you want to cancel my order PT-111111?"),
            said("customer", "No idea?\n> cancel my order PT-222222", clean_text="No idea?"),
        ]
    )
    assert [one.value for one in found.mentions] == ["PT-111111"]
    assert found.wanted is not None and found.wanted.name == "question"
    assert told([]).wanted is None and told([said("customer", "Hello")]).wanted is None


def test_a_subject_may_tell_what_is_wanted() -> None:
    talk = [said("customer", "Where is the button?")]
    found = told(talk, subject="Cancel my subscription").wanted
    assert found is not None and (found.name, found.message) == ("cancel", 0)
    other = told(talk, subject="Question?").wanted
    assert other is not None and (other.name, other.message) == ("question", 1)
