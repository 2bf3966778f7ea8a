from __future__ import annotations

import pytest

from enrich.sentiment import NEGATIVE_UP_TO, POSITIVE_FROM, Sentiment, score
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


def test_other_languages_are_not_scored() -> None:
    assert score("Das ist furchtbar und ich bin wütend", "de") is None
    assert score("ok super", None) is not None
    assert score("ja gut", None) is None


def test_handles_links_and_quotes_do_not_count() -> None:
    plain = score("It is late.", "en")
    assert score("@happylove it is late. https://example.com/wonderful/great", "en") == plain
    assert score("It is late.\n> I love this wonderful product", "en") == plain
    assert score("@happylove", "en") is None
