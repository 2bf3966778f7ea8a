"""The share of conversations in the topic of their matter, by language."""

from __future__ import annotations

from bench.topic_languages import shares


def test_a_matter_lies_where_most_english_conversations_with_its_tag_lie() -> None:
    rows = [("refund", 1, "en")] * 3 + [("refund", 2, "en"), ("refund", 1, "de"), ("refund", 2, "de")]
    rows += [("login", 3, "en"), ("login", 3, "fr"), ("vip", 9, "de")]
    found = shares(rows)
    assert found["languages"] == {
        "de": {"n": 2, "share": 0.5}, "en": {"n": 5, "share": 0.8}, "fr": {"n": 1, "share": 1.0},
    }  # fmt: skip
    assert found["others"] == {"n": 3, "share": 0.667}
    assert found["astray"] == [{"tag": "refund", "topic": 2, "n": 1}]


def test_a_tag_that_no_english_conversation_has_is_nowhere_at_home() -> None:
    assert shares([("refund", 1, "de")])["others"] == {"n": 1, "share": 0.0}
