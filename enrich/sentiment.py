"""How a message sounds, from -1 (negative) to 1 (positive): VADER's English words, fitted to support talk.

Out of the box the list takes courtesy for praise ("please help, thanks, best regards") and complaints for
nothing ("still waiting, nobody answers"): words/support_mood.txt puts both right.
A word list knows one language. Messages in another language, or in none that can be told, get no score
and belong to no share: not known, never neutral.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from enrich.base import MessageEnricher, Text
from enrich.cleaning import own_words
from enrich.words import valences

# The word list's author calls a text neutral between these two (VADER's README).
NEGATIVE_UP_TO = -0.05
POSITIVE_FROM = 0.05
SCORED_LANGUAGES = frozenset({"en"})
MOST_CHARACTERS = 2_000


class Sentiment(MessageEnricher):
    """VADER's compound score of the author's own words."""

    name = "sentiment"
    version = 1
    builds_on = ("language",)
    columns = ("sentiment_score",)

    def enrich(self, texts: Sequence[Text]) -> list[tuple[Any, ...]]:
        """The score, or None where the language is not English or unknown, or nothing is left to score."""
        return [(score(text.body, text.known.get("language")),) for text in texts]


def score(body: str, language: str | None) -> float | None:
    """The score of one text. Very short texts have no language; their English words still count."""
    if language is not None and language not in SCORED_LANGUAGES:
        return None
    words = own_words(body[: MOST_CHARACTERS * 4])[:MOST_CHARACTERS]
    if not words:
        return None
    analyser = _analyser()
    words = _expressions().sub(_joined, words.replace("\u2019", "'"))
    if language is None and not any(_bare(word) in analyser.lexicon for word in words.split()):
        return None
    return round(float(analyser.polarity_scores(words)["compound"]), 4)


def _bare(word: str) -> str:
    return word.strip(".,!?;:()\"'").lower()


def _joined(found: re.Match[str]) -> str:
    """An expression as one word, so that the list can hold it."""
    return found[0].replace(" ", "_")


@cache
def _expressions() -> re.Pattern[str]:
    several = [words for words in valences("support_mood") if " " in words]
    longest_first = sorted(several, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    for words, valence in valences("support_mood").items():
        analyser.lexicon.pop(words, None)
        if valence:
            analyser.lexicon[words.replace(" ", "_")] = valence
    return analyser
