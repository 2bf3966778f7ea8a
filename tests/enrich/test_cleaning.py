from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.base import Text
from enrich.cleaning import Cleaning, clean, plain_words
from enrich.macros import CONVERSATIONS
from tests.enrich.contract import MessageEnricherContract
from tests.enrich.mails.dressed import TONGUES, Mail, dressed
from tests.enrich.mails.read import mails
from tests.enrich.world import World

DRESSED, BY_HAND, HELD_OUT = tuple(dressed()), tuple(mails("by_hand")), tuple(mails("held_out"))
EVERY = DRESSED + BY_HAND + HELD_OUT


def lines(text: str) -> list[str]:
    """Without the spaces that markup and mail programs add."""
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def own_words(body: str) -> str:
    """As language, mood and topics read a message."""
    return plain_words(clean(body).text)


class TestContract(MessageEnricherContract):
    enricher = Cleaning()


def test_there_are_two_hundred_mails_in_five_languages() -> None:
    assert len(EVERY) >= 200
    assert len(TONGUES) >= 5
    assert len({mail.body for mail in EVERY}) == len(EVERY)


@pytest.mark.parametrize("mail", EVERY, ids=lambda mail: mail.name)
def test_what_the_author_said_is_left(mail: Mail) -> None:
    assert lines(clean(mail.body).text) == lines(mail.own)


@pytest.mark.parametrize("mail", EVERY, ids=lambda mail: mail.name)
def test_what_is_left_out_is_marked_in_the_original(mail: Mail) -> None:
    cleaned = clean(mail.body)
    at = 0
    for span in cleaned.spans:
        assert at <= span.first < span.last <= len(mail.body)
        at = span.last
    if "<" not in mail.body and "&" not in mail.body:
        kept, done = "", 0
        for span in cleaned.spans:
            kept += mail.body[done : span.first] + "\n"
            done = span.last
        assert lines((kept + mail.body[done:]).replace("\r", "\n")) == lines(cleaned.text)


@pytest.mark.parametrize("mail", EVERY, ids=lambda mail: mail.name)
def test_cleaning_twice_changes_nothing(mail: Mail) -> None:
    once = clean(mail.body).text
    assert lines(clean(once).text) == lines(once)


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("Yes.\n\nOn 3/3/25 10:12, Ann wrote:\n> Shall we?", ["header", "quote"]),
        ("Yes, do.\n\nBest regards\nAnn", ["signature"]),
        ("Yes, do.\n\nThis e-mail is confidential and only for you.", ["disclaimer"]),
        ("Yes, do.\n\nTo unsubscribe, click here.", ["notice"]),
    ],
)
def test_spans_say_what_they_are(body: str, kinds: list[str]) -> None:
    assert [span.kind for span in clean(body).spans] == kinds


def test_one_line_is_the_message() -> None:
    assert clean("Sent from my iPhone").text == "Sent from my iPhone"
    assert clean("> please look").text == "> please look"


def test_macros_go_where_something_is_left() -> None:
    body = "Your lamp was sent this morning.\nThank you for shopping with us again."
    assert clean(body, (1,)).text == "Your lamp was sent this morning."
    assert [span.kind for span in clean(body, (1,)).spans] == ["macro"]
    assert clean("Hi Ann,\nThank you for shopping with us again.", (1,)).text.endswith("with us again.")


def test_only_the_authors_words_stay() -> None:
    text = "Hi @ann, see `rm -rf` at https://x.example/y or me@x.example\n\nOn Mon 3 Mar 2025, Ann wrote:\n> earlier words\n"
    assert own_words(text) == "Hi , see at or"


def test_prose_keeps_its_text() -> None:
    assert own_words("On Monday Ann wrote:\nplease look") == "On Monday Ann wrote: please look"


def test_code_blocks_and_placeholders_go() -> None:
    assert own_words("before ```\ncode\n``` after [email] [phone 12]") == "before after"
    assert own_words("before ```\nnever closed") == "before"


def test_placeholders_of_own_patterns_go_and_words_in_brackets_stay() -> None:
    assert plain_words("my number [customer-no 2] and key [licence_key] [k9 1]") == "my number and key"
    for kept in ("[urgent] the [bug] is back", "error [e404] on checkout", "rows[i-1] breaks"):
        assert plain_words(kept) == kept
    assert plain_words("see [sign-in](https://x.example/a)").startswith("see [sign-in]")


UNITS = (
    "On ", "> ", ">\n", "> a\n", "From: a\n", "<div>", "<blockquote>", "</div>", "<!--", "<a ", '<a href="', "&amp;", "&#",
    "<![CDATA[", "<style>", "Thanks\n", "Best regards\nAnn\n", "--\n", "On Mon, Mar 3, 2025\n", "a@b.example ", "a@", "\n",
    "\r", "This e-mail is confidential ", "To: a@b.example;\n", "`", "- ", "On 3 Mar 2025, 10:12 x wrote:\nhello\n", "[",
    "Begin forwarded message:\n", "12:30 wrote:\n", "\x00", "\ud800", "أ", "sent from my ", "Subject: x\nSent: y\n",
)  # fmt: skip


def seconds(work: Callable[[str], Any], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_length_only(unit: str) -> None:
    small, large = unit * (60_000 // len(unit)), unit * (480_000 // len(unit))
    # Eight times the text: a quadratic pattern would take 64 times as long, each time it is tried.
    limit = 32 * max(min(seconds(own_words, small) for _ in range(2)), 0.02)
    assert any(seconds(own_words, large) < limit for _ in range(3))


def test_hostile_texts_are_only_texts() -> None:
    assert clean("<blockquote>" * 10_000 + "deep" + "</blockquote>" * 10_000).text == "deep"
    assert clean("<p>a\x00b</p>" * 3).text.count("a") == 3
    assert clean("<p>&#0; &#xD800; &#99999999; &bogus; &amp;</p>").text
    assert clean("x\n" * 2_500_000).text.startswith("x\nx")
    assert clean("<div" * 100_000).text
    assert clean("<script>alert(1)").text == ""


@given(st.lists(st.one_of(st.sampled_from(UNITS), st.text(max_size=20)), max_size=12).map("".join))
def test_words_are_never_cleaned_away(text: str) -> None:
    cleaned = clean(text)
    assert all(span.first < span.last <= len(text) for span in cleaned.spans)
    if any(char.isalpha() for char in text) and "<" not in text and "&" not in text:
        assert any(char.isalpha() for char in cleaned.text)


class TestInTheStore:
    def test_later_steps_read_the_cleaned_text(self, world: World) -> None:
        quoted = "> I am very angry, this is awful and terrible\n" * 3
        text = f"This is wonderful, I love the new lamp.\n\nOn 3/3/25 10:12, Ann wrote:\n{quoted}"
        world.conversation("c", (0, "customer", text), (1, "customer", "no mail at all here"))
        assert world.facts("c")["sentiment"] == "positive"
        first, second = world.of("message_enrichment", "c", "message_id")
        assert first["clean_text"] == "This is wonderful, I love the new lamp."
        assert [span["kind"] for span in first["left_out"]] == ["header", "quote"]
        assert (first["word_count"], second["word_count"]) == (8, 5)
        assert second["clean_text"] is None and second["left_out"] is None

    def test_html_alone_is_a_message(self, world: World) -> None:
        world.conversation("c", (0, "customer", None, {"body_html": "<p>The <b>lamp</b> flickers.</p>"}))
        world.enrich()
        (row,) = world.of("message_enrichment", "c", "message_id")
        assert row["clean_text"] == "The lamp flickers."

    def test_a_line_becomes_a_macro_in_its_twentieth_conversation(self, world: World) -> None:
        def answer(n: int) -> None:
            lamp = "".join(chr(97 + int(digit)) for digit in str(n))
            text = f"The lamp {lamp} is on its way to you.\nDid we help? Rate case {n} with one click."
            world.conversation(f"c{n}", (0, "customer", "Where is it?"), (5, "agent", text + "x" * (n % 2)))

        def cleaned() -> list[str]:
            return [row["clean_text"] for row in world.table("message_enrichment") if row["clean_text"]]

        for n in range(2 * CONVERSATIONS - 3):
            answer(n)
        world.enrich()
        assert cleaned() == []
        for n in range(2 * CONVERSATIONS - 3, 2 * CONVERSATIONS):
            answer(n)
        world.enrich()
        assert len(cleaned()) == 2 * CONVERSATIONS
        assert not any("Rate case" in text for text in cleaned())
        world.writer.execute("UPDATE messages SET is_deleted = true WHERE conversation_id = 'c2'")
        world.dirty("c2")
        world.enrich()
        assert sum(text.endswith("is on its way to you.") for text in cleaned()) == CONVERSATIONS

    def test_a_row_of_another_version_is_cleaned_when_the_rules_change(
        self, world: World, monkeypatch: Any
    ) -> None:
        world.conversation("c", (0, "customer", "Fine.\n\nSent from my iPhone"))
        world.enrich()
        world.writer.execute("UPDATE message_enrichment SET clean_text = 'older'")
        monkeypatch.setattr(Cleaning, "version", 99)
        assert {"cleaning", "language", "sentiment", "thanks"} <= set(world.enrich().raised)
        (row,) = world.table("message_enrichment")
        assert row["clean_text"] == "Fine."


def test_text_without_words_has_no_count() -> None:
    assert Cleaning().enrich([Text("")]) == [(None, None, None)]
