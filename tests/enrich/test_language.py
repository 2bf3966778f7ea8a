from __future__ import annotations

import pytest

from enrich.base import Text
from enrich.language import Language, detect
from tests.enrich.contract import MessageEnricherContract


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
