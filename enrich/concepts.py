"""What a text says in the words of another language, as far as a list of support words goes.

The built-in model knows English well and other languages by halves, so texts about one matter lie apart when they
are written in two languages. The words of `words/support_concepts.txt` bring them together: each stands for a matter,
and every matter has a word in every language of the list. Words beside them tell the language more than the matter, but
for those that texts in the wanted language use as well: "thermostat", "offline", the name of a product.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from enrich.words import columns, word_list

_WORD = re.compile(r"[^\W_]+")
_SHORTEST_STEM = 3
_WORDS_KEPT = 50_000
# Shorter words mean something else in the next language ("die", "war", "chat").
_SHORTEST_COMMON = 5
_COMMON_FROM = 0.002  # of the texts
_FEWEST_TEXTS = 5


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of one language: number of the matter by expression and by stem.

    `longest` is how many words the longest expression has that begins with a word, `own` each matter's own word.
    """

    whole: dict[str, int] = field(default_factory=dict)
    stems: dict[str, int] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)


def words_of(text: str) -> list[str]:
    """Words in lower case without accents: people leave them out."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def common_words(texts: Iterable[str]) -> frozenset[str]:
    """Words that many of these texts use, of five letters or more; those that every language has are none."""
    found: Counter[str] = Counter()
    count = 0
    for text in texts:
        count += 1
        found.update({word for word in words_of(text) if len(word) >= _SHORTEST_COMMON and word.isalpha()})
    fewest = max(_FEWEST_TEXTS, _COMMON_FROM * count)
    return frozenset(w for w, n in found.items() if n >= fewest and w not in word_list("stop_words"))


def in_language(
    text: str, written: str | None, wanted: str | None, common: frozenset[str] = frozenset()
) -> str:
    """What a text says in the language `wanted` when it is `written` in another (ISO 639-1).

    Its listed words alone, and those that are `common` in the wanted language. A text without any, or whose language
    is not told or not listed, stays as it is. English stands in for a language that is wanted but not listed.
    """
    listed = entries()
    if wanted is None or written not in listed or written == wanted:
        return text
    target = listed.get(wanted, listed["en"])
    if listed[written] is target:
        return text
    own, words = listed[written], words_of(text)
    said: list[str] = []
    at = 0
    while at < len(words):
        matter, taken = _matter(own, written, words, at)
        if matter is not None:
            said.append(target.own[matter])
        elif words[at] in common:
            said.append(words[at])
        at += taken
    return " ".join(said) or text


def _matter(own: Entries, written: str, words: Sequence[str], at: int) -> tuple[int | None, int]:
    """The matter of the longest expression that begins at a word, and how many words it takes."""
    for count in range(own.longest.get(words[at], 1), 1, -1):
        found = own.whole.get(" ".join(words[at : at + count]))
        if found is not None:
            return found, count
    return matter_of(words[at], written), 1


@lru_cache(maxsize=_WORDS_KEPT)
def matter_of(word: str, language: str) -> int | None:
    """The number of the matter that a word of a listed language stands for, by the longest stem it begins with."""
    own = entries()[language]
    if word in own.whole:
        return own.whole[word]
    stems = (word[:end] for end in range(len(word), _SHORTEST_STEM - 1, -1))
    return next((own.stems[stem] for stem in stems if stem in own.stems), None)


@cache
def entries() -> dict[str, Entries]:
    """The entries of every listed language."""
    languages, lines = columns("support_concepts")
    listed = {language: Entries() for language in languages}
    for matter, cells in enumerate(lines):
        for own, cell in zip(listed.values(), cells, strict=True):
            own.own.append(cell[0].casefold())
            for entry in cell:
                _enter(own, entry, matter)
    return listed


def _enter(own: Entries, entry: str, matter: int) -> None:
    words = words_of(entry)
    (own.stems if entry.endswith("*") else own.whole).setdefault(" ".join(words), matter)
    own.longest[words[0]] = max(own.longest.get(words[0], 1), len(words))
