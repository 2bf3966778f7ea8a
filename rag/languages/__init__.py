"""Questions in German, French and Spanish, glossed phrase by phrase into the English that `rag.plan` reads.

A gloss is no translation: it keeps the order of words, and what it does not know stays as it is, so that it is sought
in the texts or refused like any other word. Names and values of the workspace are never glossed away: they stand in no
list. A list is complete for dates, metrics, dimensions and kinds of questions; one a language, in this folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_WORD = re.compile(r"[^\W\d_]+")
# English words that none of the lists has, or that outvote it: one question is of one language.
_ENGLISH = frozenset(
    """the what which who why how when where is are was were of for about many much did do does show find give tell me us our
    we in on by per from to with and or most top last week month day this that these those there any has have had""".split()
)
_LEAST = 2  # words or phrases of a language that make a question one of it


@dataclass(frozen=True, slots=True)
class _List:
    rule: re.Pattern[str]
    english: dict[str, str]
    words: frozenset[str]


@cache
def _lists() -> dict[str, _List]:
    return {path.stem: _read(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.txt"))}


def _read(text: str) -> _List:
    """The phrases of a file. Raises ValueError for a line that has no translation."""
    english = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            phrase, mark, told = line.partition(" = ")
            if not mark or not phrase.strip() or not told.strip():
                raise ValueError(f"no phrase and its English: {line!r}")
            english[phrase.strip().lower()] = told.strip()
    phrases = sorted(english, key=len, reverse=True)
    parts = (re.escape(phrase).replace(r"\{n\}", r"\d{1,4}") for phrase in phrases)
    # What ends in an apostrophe is joined with its noun: "l'équipe".
    rule = re.compile(
        "|".join(rf"(?<!\w){part}" + ("" if part.endswith("'") else r"(?!\w)") for part in parts),
        re.IGNORECASE,
    )
    return _List(rule, english, frozenset(word for phrase in phrases for word in _WORD.findall(phrase)))


def language_of(question: str) -> str | None:
    """de, fr or es where a question has more words of it than of English and of the others; else None."""
    words = [word.lower() for word in _WORD.findall(question)]
    counts = {name: sum(word in found.words for word in words) for name, found in _lists().items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] < _LEAST or counts[best] <= sum(word in _ENGLISH for word in words):
        return None
    return best


def _glossed(question: str, language: str) -> str:
    found = _lists()[language]

    def told(match: re.Match[str]) -> str:
        phrase = match[0].lower()
        number = re.search(r"\d+", phrase)
        english = found.english.get(phrase) or found.english[re.sub(r"\d+", "{n}", phrase)]
        return english.replace("{n}", number[0] if number else "") + (" " if phrase.endswith("'") else "")

    return found.rule.sub(told, question)


def in_english(question: str) -> str:
    """A question in the words that the parser reads; an English one, and one of another language, as it is."""
    plain = question.replace("’", "'").lstrip("¿¡ ")
    language = language_of(plain)
    return _glossed(plain, language) if language else question
