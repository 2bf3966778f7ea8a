"""Questions in German, French and Spanish become the English that the parser reads; English ones stay as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag import languages
from rag.golden_set import NONE, golden
from rag.languages import in_english, language_of

FILES = sorted(Path(languages.__file__).parent.glob("*.txt"))


@pytest.mark.parametrize(
    ("question", "language", "glossed"),
    [
        ("Wie viele Tickets gab es letzte Woche?", "de", "how many tickets were there last week?"),
        ("Tickets nach Kanal in den letzten 30 Tagen", "de", "tickets by channel in the last 30 days"),
        ("Combien de tickets avons-nous reçu la semaine dernière ?", "fr", "how many tickets did we receive last week ?"),
        ("Volume sur les 90 derniers jours", "fr", "volume about the last 90 days"),
        ("Quel est le délai de réponse de l’équipe Billing ?", "fr", "what is the reply time of the team Billing ?"),
        ("¿Cuántos tickets recibimos la semana pasada?", "es", "how many tickets did we receive last week?"),
        ("¿Qué equipo tuvo más tickets en los últimos 6 meses?", "es", "which team had most tickets in the last 6 months?"),
    ],
)  # fmt: skip
def test_a_question_is_glossed_phrase_by_phrase(question: str, language: str, glossed: str) -> None:
    assert language_of(question.replace("’", "'")) == language
    assert in_english(question) == glossed


def test_what_a_list_does_not_know_stays_as_it_is() -> None:
    assert in_english("Wie viele Tickets gab es über Gartenroboter von Globex?").endswith(
        "Gartenroboter of Globex?"
    )


def test_no_english_question_is_taken_for_another_language() -> None:
    own = re.compile(r"\b(how|what|which|the|of|why|show|did|are|who|and|many|in)\b", re.IGNORECASE)
    asked = [one.question for name in ("questions", "heldout") for one in golden(name)]
    english = [question for question in asked if len(own.findall(question)) >= 2]
    assert len(english) > 150
    assert [question for question in english if in_english(question) != question] == []


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_line_of_a_list_is_a_phrase_and_its_english_once(path: Path) -> None:
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    phrases = [line.partition(" = ")[0] for line in lines]
    assert len(phrases) > 150 and all(" = " in line for line in lines)
    assert len(phrases) == len(set(phrases)), sorted(one for one in phrases if phrases.count(one) > 1)
    assert phrases == [phrase.lower() for phrase in phrases]


def test_a_line_without_english_is_no_line() -> None:
    with pytest.raises(ValueError, match="no phrase"):
        languages._read("heute =\n")


def test_the_golden_set_asks_in_three_languages() -> None:
    told = [(language_of(one.question), one.intent) for one in golden()]
    for language in ("de", "fr", "es"):
        intents = {intent for found, intent in told if found == language}
        assert {"count", "top_n", "compare", "why_change", "trend"} <= intents, language
    assert sum(found is not None and intent != NONE for found, intent in told) >= 24
