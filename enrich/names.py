"""Names of known people in a text: whole words, capitals as written, ordinary words left alone."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich.placeholders import Put
from enrich.words import word_list

SHORTEST = 3
_WORD = re.compile(r"\w+")
_PLACED = re.compile(r"(?: \d{1,6})?\]")
_NEIGHBOURS = re.compile(r"\[name\](?:[ -]\[name\])+")


def mask_names(text: str, names: frozenset[str], put: Put) -> str:
    """`text` with every known name replaced by what `put` makes; neighbouring parts are one name."""
    certain, doubtful = _parts(names)
    words = set(_WORD.findall(text))
    if words.isdisjoint(certain) and words.isdisjoint(doubtful) and words.isdisjoint(_as_shouted(certain)):
        return text
    found = [
        (word.start(), word.end(), word[0] in certain or _shouted(word[0]) in certain)
        for word in _WORD.finditer(text)
        if (word[0] in certain or word[0] in doubtful or _shouted(word[0]) in certain)
        and not _is_placed(text, word.start(), word.end())
    ]
    pieces: list[str] = []
    done = at = 0
    while at < len(found):
        last = at
        while last + 1 < len(found) and _touch(text, found[last][1], found[last + 1][0]):
            last += 1
        start, end = found[at][0], found[last][1]
        if last > at or found[at][2]:
            pieces += [text[done:start], put("name", text[start:end])]
            done = end
        at = last + 1
    masked = "".join([*pieces, text[done:]])
    return _NEIGHBOURS.sub("[name]", masked) if pieces or "[name]" in masked else masked


def _is_placed(text: str, start: int, end: int) -> bool:
    """Whether a word stands in a placeholder: [email], [email 1]."""
    return text[start - 1 : start] == "[" and _PLACED.match(text, end) is not None


def _shouted(word: str) -> str:
    """ANNA as Anna: capitals throughout are another way to write the same name."""
    return word.capitalize() if len(word) > SHORTEST and word.isupper() else word


@lru_cache(maxsize=4)
def _as_shouted(certain: frozenset[str]) -> frozenset[str]:
    return frozenset(word.upper() for word in certain if len(word) > SHORTEST)


def _touch(text: str, end: int, start: int) -> bool:
    return start - end == 1 and text[end] in " -"


@lru_cache(maxsize=4)
def _parts(names: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Words that are certainly names, and those that are ordinary words too (and so need a neighbour)."""
    ordinary = word_list("ordinary_names")
    certain: set[str] = set()
    doubtful: set[str] = set()
    for name in names:
        if "@" in name:
            continue
        for word in _WORD.findall(name):
            if len(word) < SHORTEST or word.isdigit():
                continue
            if word.lower() in ordinary:
                if word[0].isupper():
                    doubtful.add(word)
            elif word[0].isupper() or (word == name and len(word) > SHORTEST):
                certain.add(word)
    return frozenset(certain), frozenset(doubtful)
