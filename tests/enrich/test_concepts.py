from __future__ import annotations

from collections import Counter

import pytest

from enrich.concepts import common_words, entries, in_language, words_of
from enrich.words import columns

LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl"]
SENTENCES = {
    "de": "Meine Lieferung ist nicht angekommen, und das Passwort-Zurücksetzen klappt auch nicht",
    "fr": "Ma livraison n'est pas arrivée et la réinitialisation du mot de passe ne marche pas non plus",
    "es": "Mi entrega no ha llegado y restablecer la contraseña tampoco funciona",
    "it": "La consegna non è arrivata e anche reimpostare la password non funziona",
    "pt": "A minha entrega não chegou e redefinir a palavra-passe também não funciona",
    "nl": "Mijn levering is niet aangekomen en het wachtwoord resetten werkt ook niet",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_one_complaint_has_the_same_words_in_every_language(language: str) -> None:
    said = in_language(SENTENCES[language], language, "en").split()
    assert {"delivery", "not", "arrive", "password", "reset", "works"} <= set(said)


def test_the_own_language_stays_to_the_letter() -> None:
    text = "The Delivery was LATE, Müller & Söhne."
    assert in_language(text, "en", "en") == text


@pytest.mark.parametrize(("written", "wanted"), [(None, "en"), ("pl", "en"), ("de", None), ("en", "pl")])
def test_what_is_not_listed_stays(written: str | None, wanted: str | None) -> None:
    assert in_language("Zwrot pieniędzy, refund", written, wanted) == "Zwrot pieniędzy, refund"


def test_a_text_without_a_listed_word_stays() -> None:
    assert in_language("Grüezi mitenand!", "de", "en") == "Grüezi mitenand!"
    assert in_language("Wo finde ich die Rechnung?", "de", "en") == "invoice"


def test_any_listed_language_can_be_the_workspaces_own() -> None:
    assert in_language("my password was declined", "en", "de") == "passwort abgelehnt"
    assert in_language("mot de passe oublié", "fr", "nl") == "wachtwoord vergeten"


def test_english_stands_in_for_a_language_that_is_not_listed() -> None:
    assert in_language("die Rechnung ist falsch", "de", "pl") == "invoice wrong"


def test_the_longest_expression_and_the_longest_stem_win() -> None:
    assert in_language("carte cadeau et carte", "fr", "en") == "gift credit card"
    assert in_language("Rechnungsadresse Rechnungsnummer", "de", "en") == "address invoice"


def test_accents_and_capitals_do_not_count() -> None:
    assert words_of("Größe, CONTRASEÑA; l'Été_2") == ["grosse", "contrasena", "l", "ete", "2"]
    assert in_language("contrasena NUMERO DE SEGUIMIENTO", "es", "en") == "password tracking"


def test_the_list_is_whole() -> None:
    languages, lines = columns("support_concepts")
    assert languages == LANGUAGES and len(lines) > 200
    for cells in lines:
        assert len(cells) == len(languages), cells
        for cell in cells:
            assert all(words_of(entry) for entry in cell), cell
            assert not cell[0].endswith("*"), f"{cell[0]} is no word to put in place of another"
            assert not [entry for entry in cell if "*" in entry and len(words_of(entry)) > 1], cell


def test_no_expression_stands_for_two_matters() -> None:
    languages, lines = columns("support_concepts")
    for at, language in enumerate(languages):
        told = Counter(
            entry
            for cells in lines
            for entry in {(" ".join(words_of(one)), one.endswith("*")) for one in cells[at]}
        )
        assert not [entry for entry, n in told.items() if n > 1], language


def test_stems_are_long_enough_to_tell() -> None:
    for language, own in entries().items():
        assert own.stems and not [stem for stem in own.stems if len(stem) < 4], language


def test_words_that_the_wanted_language_uses_are_kept() -> None:
    said = "Der Thermostat verliert den Sensor"
    assert in_language(said, "de", "en", frozenset({"thermostat", "sensor"})) == "thermostat sensor"
    assert in_language("le thermostat", "fr", "en", frozenset({"thermostat"})) == "thermostat"


def test_common_words_are_long_and_in_many_texts() -> None:
    texts = ["My thermostat is offline"] * 5 + ["the Thermostats die: error, please"] * 4 + ["12345 die"] * 9
    assert common_words(texts) == {"thermostat", "offline"}
    assert common_words([*texts, *["the boiler"] * 3_000]) == {"boiler"}
