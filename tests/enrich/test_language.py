from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from enrich.base import Text
from enrich.language import Language, detect
from tests.enrich.contract import MessageEnricherContract
from tests.enrich.world import World


class TestContract(MessageEnricherContract):
    enricher = Language()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("My parcel has not arrived and nobody answers the phone.", "en"),
        ("Mein Paket ist nicht angekommen und niemand geht ans Telefon.", "de"),
        ("Mi paquete no ha llegado y nadie contesta el teléfono.", "es"),
        ("Mon colis n'est pas arrivé et personne ne répond au téléphone.", "fr"),
    ],
)
def test_tells_languages_apart(text: str, code: str) -> None:
    found, confidence = detect(text)
    assert found == code
    assert confidence is not None and confidence > 0.9


@pytest.mark.parametrize(
    "text", ["ok", "12345 67890", "https://example.com/eine/lange/adresse", "", "```x = 1```"]
)
def test_short_texts_have_no_language(text: str) -> None:
    assert detect(text) == (None, None)


def test_quoted_mail_does_not_decide() -> None:
    text = "Das habe ich schon versucht, leider ohne Erfolg.\n> Please try to restart the app and tell us what you see."
    assert detect(text)[0] == "de"


def test_the_source_knows_better() -> None:
    assert Language().enrich([Text("hello my friend, how are you", given="pt-BR")]) == [("pt", 1.0)]
    assert Language().enrich([Text("hello my friend, how are you", given="English")])[0][0] == "en"


SAMPLES = [
    tuple(line.split(" | ", 1))
    for line in Path(__file__).with_name("languages.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
IRC = Path(__file__).parents[3] / "shared" / "data" / "ubuntu_irc" / "messages.csv"


def test_twenty_words_are_enough_in_fifteen_languages() -> None:
    codes = Counter(code for code, _ in SAMPLES)
    assert len(codes) >= 15 and min(codes.values()) >= 5
    assert all(15 <= len(text.split()) <= 26 for _, text in SAMPLES)
    wrong = [(code, detect(text)) for code, text in SAMPLES if detect(text)[0] != code]
    assert len(wrong) <= 0.05 * len(SAMPLES), wrong


@pytest.mark.skipif(not IRC.is_file(), reason="the shared data are not beside the repository")
def test_real_english_is_english() -> None:
    """Messages of 20 words and more from a help channel, with commands and names of packages in them."""
    with IRC.open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if len(row["text"].split()) >= 20][:2_000]
    assert len(texts) > 500
    found = [detect(text)[0] for text in texts]
    assert found.count("en") >= 0.95 * len(found)


@pytest.mark.parametrize(
    "text", ["ok", "thx!", "Danke", "Order 4711", "👍👍", "yes no yes", "https://x.example/a b", "C:\\>dir"]
)
def test_what_is_too_short_is_unknown_never_guessed(text: str) -> None:
    assert detect(text) == (None, None)


def test_a_conversation_has_the_language_of_its_customer(world: World) -> None:
    world.conversation(
        "de",
        (0, "customer", "Mein Paket ist seit Tagen verschwunden und niemand weiß, wo es geblieben ist."),
        (
            5,
            "agent",
            "Thank you for your message, we will look into it and come back to you as soon as we can.",
        ),
    )
    world.conversation(
        "unknown", (0, "customer", "ok"), (5, "agent", "Thank you for your message, we will look into it.")
    )
    assert world.facts("de")["language"] == "de"
    assert world.facts("unknown")["language"] is None
