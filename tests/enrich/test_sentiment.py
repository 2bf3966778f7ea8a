from __future__ import annotations

import pytest

from enrich.sentiment import NEGATIVE_UP_TO, POSITIVE_FROM, Sentiment, _analyser, lexicon_score, score
from tests.enrich.contract import MessageEnricherContract


class TestContract(MessageEnricherContract):
    enricher = Sentiment()


@pytest.mark.parametrize(
    "text",
    [
        "I have been waiting for two weeks and nobody answers.",
        "This is unacceptable, I want my money back!",
        "Third time I write. Still no reply. How hard can it be?",
        "The update made it worse, I am so frustrated.",
        "Great, another bad joke of an answer. Useless.",
    ],
)
def test_complaints_are_negative(text: str) -> None:
    value = score(text, "en")
    assert value is not None and value <= NEGATIVE_UP_TO


@pytest.mark.parametrize(
    "text", ["Wonderful service, I love it!", "That worked, thank you so much!", "Perfect, great help."]
)
def test_praise_is_positive(text: str) -> None:
    value = score(text, "en")
    assert value is not None and value >= POSITIVE_FROM


@pytest.mark.parametrize(
    "text",
    [
        "Dear support team, please help. Best regards",
        "The order number is PT-649921, shared on the secure page.",
        "Yes. The delivery was promised for Monday.",
    ],
)
def test_courtesy_and_matter_are_no_mood(text: str) -> None:
    assert score(text, "en") == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "Hi there, good morning!",
        "Hello",
        "How do I cancel my subscription?",
        "Where do I report a problem with an invoice?",
        "What happens if I stop the newsletter? Is there a risk?",
        "Is there no way to change my address?",
    ],
)
def test_a_question_and_a_greeting_are_not_negative(text: str) -> None:
    assert score(text, "en") == 0.0


@pytest.mark.parametrize(
    "text", ["Why is your service so terrible?", "Why was I charged twice?", "How hard can it be?"]
)
def test_a_complaint_as_a_question_is_one(text: str) -> None:
    value = score(text, "en")
    assert value is not None and value <= NEGATIVE_UP_TO


def test_emoticons_and_pictures_count_also_alone() -> None:
    for good, bad in ((":)", ":("), ("👍", "👎"), ("😍😍", "😡😡")):
        better, worse = score(f"It is here {good}", "en"), score(f"It is here {bad}", "en")
        assert (
            better is not None and worse is not None and better >= POSITIVE_FROM and worse <= NEGATIVE_UP_TO
        )
    assert score("😡", None) == score("😡", "en") != 0


def test_other_languages_are_not_scored() -> None:
    assert score("Das ist furchtbar und ich bin wütend", "de") is None
    assert score("ok super", None) is not None
    assert score("ja gut", None) is None


def test_handles_links_and_quotes_do_not_count() -> None:
    plain = score("It is late.", "en")
    assert score("@happylove it is late. https://example.com/wonderful/great", "en") == plain
    assert score("It is late.\n> I love this wonderful product", "en") == plain
    assert score("@happylove", "en") is None


@pytest.mark.parametrize(
    "text",
    ["", "The box is in the hall.", "The screen went (blank); kind of. Very!", "The box is in the hall \U0001f49a",
     "\U0001f63f", "GOOD!!!", "...good...", "it is :)", "a (:", "no", "N0 reply", "not (bad)", "What, angry?"],
)  # fmt: skip
def test_what_holds_no_listed_word_has_the_score_that_vader_gives_it(text: str) -> None:
    assert lexicon_score(f"{text} x", "en") == round(_analyser().polarity_scores(f"{text} x")["compound"], 4)
