"""How a message sounds, from -1 (negative) to 1 (positive): VADER's English words, fitted to support talk.

Out of the box the list takes courtesy for praise ("please help, thanks, best regards") and complaints for
nothing ("still waiting, nobody answers"): words/support_mood.txt puts both right.
A word list knows one language. Messages in another language, or in none that can be told, get no score
and belong to no share: not known, never neutral. Where people have corrected enough, a classifier of the
workspace's own takes the list's place, language by language: see enrich/mood.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from string import punctuation
from typing import TYPE_CHECKING, Any, Final

from core.moods import MOODS
from enrich.base import MessageEnricher, Text
from enrich.cleaning import clean, plain_words
from enrich.words import valences

if TYPE_CHECKING:
    from enrich.mood_model import MoodModel

# The word list's author calls a text neutral between these two (VADER's README).
NEGATIVE_UP_TO = -0.05
POSITIVE_FROM = 0.05
CLASSES: Final = MOODS  # in the order of a classifier's weights
SCORED_LANGUAGES = frozenset({"en"})
MOST_CHARACTERS = 2_000
# In a question, weaker words of the general list name the matter: "how do I cancel", "where do I report a problem".
MATTER_UP_TO = -2.0

_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:'[^\W\d_]+)?(?!\w)")


class Sentiment(MessageEnricher):
    """The score of the author's own words: by the workspace's classifier for its languages, else by the list."""

    name = "sentiment"
    version = 2
    builds_on = ("cleaning", "language")
    columns = ("sentiment_score",)

    def __init__(self, model: MoodModel | None = None) -> None:
        self.model = model

    @property
    def key(self) -> str:
        """Another classifier means other scores."""
        return f"{self.version} {self.model.id}" if self.model else super().key

    def enrich(self, texts: Sequence[Text]) -> list[tuple[Any, ...]]:
        """The score, or None where nobody knows the language, or nothing is left to score."""
        worded = [(words_of(text.body), text.known.get("language")) for text in texts]
        found = [lexicon_score(words, language) for words, language in worded]
        if self.model:
            found = self.model.instead_of(found, worded)
        return [(value,) for value in found]


def score(body: str, language: str | None) -> float | None:
    """The word list's score of a message as it arrived."""
    return lexicon_score(words_of(clean(body).text), language)


def words_of(cleaned: str) -> str:
    """What of a cleaned text is scored."""
    return plain_words(cleaned[: MOST_CHARACTERS * 4])[:MOST_CHARACTERS]


def lexicon_score(words: str, language: str | None) -> float | None:
    """The word list's score. Very short texts have no language; their English words still count."""
    if not words or (language is not None and language not in SCORED_LANGUAGES):
        return None
    analyser = _analyser()
    words = _expressions().sub(_joined, words.replace("\u2019", "'"))
    words = _pictures().sub(_named, words)
    if language is None and not any(_bare(word) in analyser.lexicon for word in words.split()):
        return None
    if _says_nothing(words, analyser.lexicon):
        return 0.0
    if "?" in words:
        words = _SENTENCE.sub(_without_matter, words)
    return round(float(analyser.polarity_scores(words)["compound"]), 4)


def _says_nothing(words: str, lexicon: Mapping[str, float]) -> bool:
    """Whether no word is listed: most messages hold none, and VADER goes through their letters to say 0."""
    if not words.isascii():  # it gives pictures names, which may hold listed words
        return False
    found = words.lower().split()
    return lexicon.keys().isdisjoint(found) and lexicon.keys().isdisjoint(
        [word.strip(punctuation) for word in found]
    )


def class_of(value: float | None) -> str | None:
    """The class of a score, as the facts have it."""
    if value is None:
        return None
    return CLASSES[0] if value <= NEGATIVE_UP_TO else CLASSES[2] if value >= POSITIVE_FROM else CLASSES[1]


def of_conversation(scores: Sequence[float | None]) -> float | None:
    """The score of a conversation from those of its messages: the mean of those that show any mood (facts/mood.sql)."""
    told = [one for one in scores if one is not None]
    moved = [one for one in told if one] or told
    return sum(moved) / len(moved) if moved else None


def _bare(word: str) -> str:
    return word.strip(".,!?;:()\"'").lower()


def _joined(found: re.Match[str]) -> str:
    """An expression as one word, so that the list can hold it."""
    return found[0].replace(" ", "_")


def _named(found: re.Match[str]) -> str:
    return f" {_name(found[0])} "


def _name(picture: str) -> str:
    return f"picture_{ord(picture):x}"


def _without_matter(found: re.Match[str]) -> str:
    return _WORD.sub(_unless_matter, found[0]) if found[0].rstrip().endswith("?") else found[0]


def _unless_matter(found: re.Match[str]) -> str:
    return "" if found[0].lower() in _matter() else found[0]


@cache
def _matter() -> frozenset[str]:
    own, listed = valences("support_mood"), _analyser().lexicon.items()
    return frozenset(word for word, value in listed if MATTER_UP_TO < value < 0 and word not in own)


@cache
def _expressions() -> re.Pattern[str]:
    several = [words for words in valences("support_mood") if " " in words]
    longest_first = sorted(several, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


@cache
def _pictures() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, valences("emoji_mood"))))


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    for words, valence in valences("support_mood").items():
        analyser.lexicon.pop(words, None)
        if valence:
            analyser.lexicon[words.replace(" ", "_")] = valence
    for picture, valence in valences("emoji_mood").items():
        analyser.lexicon[_name(picture)] = valence
    return analyser
