"""Checks a name that a language model gave a topic: two to four words, letters alone, its own, and of the topic's matter."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence

from enrich.placeholders import PLACEHOLDER
from enrich.words import word_list
from rag.text import disguised, fold, gives_orders, has_markup
from rag.vocabulary import stem

FEWEST, MOST, LONGEST = 2, 4, 60  # words, words, signs
_SAME_STEM = 5  # letters that two forms of a word share: Rechnung, Rechnungen
_INNER = frozenset("-'\u2019")  # may stand within a word
# Words of any topic: they say nothing of its matter.
_GENERAL = frozenset(
    map(
        stem,
        "customer client user support issue problem question request inquiry enquiry matter concern general other misc "
        "miscellaneous various topic label group category unknown untitled conversation message ticket case contact kunde "
        "anfrage problem frage sonstiges client demande autre cliente pregunta otros name email number phone".split(),
    )
)


def same_name(label: str) -> tuple[str, ...]:
    """Equal for names that a reader takes for one: small letters, stems, whatever their order."""
    return tuple(sorted(stem(word) for word in _words(label)))


def label_problem(
    label: str, told: Sequence[str], taken: Collection[tuple[str, ...]], mask: Callable[[str], str]
) -> str | None:
    """What is wrong with a label, in words that are counted; None: it holds.

    `told` are the topic's terms and the texts that the model was given, `taken` the names (`same_name`) of all others.
    """
    words = label.split()
    if has_markup(label) or disguised(label) or gives_orders(label):
        return "a link, markup, hidden signs or an order"
    if not all(map(_is_word, words)):
        return "digits or signs"
    if not FEWEST <= len(words) <= MOST or len(label) > LONGEST:
        return "not two to four words"
    if mask(label) != label:
        return "somebody's name"
    if same_name(label) in taken:
        return "the name of another topic"
    known = {stem(word) for text in told for word in _words(PLACEHOLDER.sub(" ", text))}
    if not any(_stands(stem(word), known) for word in _words(label) if _says_something(word)):
        return "no word of the topic's texts"
    return None


def _is_word(word: str) -> bool:
    """Letters with their marks; a hyphen or an apostrophe between two."""
    letters = [char.isalpha() or unicodedata.category(char)[0] == "M" for char in word]
    inner = (letters[at] or (0 < at < len(word) - 1 and word[at] in _INNER) for at in range(len(word)))
    return bool(letters) and letters[0] and all(inner)


def _words(text: str) -> list[str]:
    """Small words; signs and digits part them."""
    plain = (char if char.isalpha() or unicodedata.category(char)[0] == "M" else " " for char in fold(text))
    return "".join(plain).casefold().split()


def _says_something(word: str) -> bool:
    return len(word) > 2 and word not in word_list("stop_words") and stem(word) not in _GENERAL


def _stands(word: str, known: Collection[str]) -> bool:
    """Whether the stem is among those known, or one of the two begins with the other."""
    if word in known:
        return True
    return len(word) >= _SAME_STEM and any(
        len(other) >= _SAME_STEM and (other.startswith(word) or word.startswith(other)) for other in known
    )
