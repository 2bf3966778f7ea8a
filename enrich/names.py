"""Names of known people in a text: whole words, capitals as written, ordinary words left alone."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich.words import word_list

SHORTEST = 3
_WORD = re.compile(r"\w+")
_NEIGHBOURS = re.compile(r"\[name\](?:[ -]\[name\])+")


def mask_names(text: str, names: frozenset[str]) -> str:
    """`text` with every known name replaced by [name]; neighbouring parts become one."""
    certain, doubtful = _parts(names)
    found = [
        (word.start(), word.end(), word[0] in certain or _shouted(word[0]) in certain)
        for word in _WORD.finditer(text)
        if (word[0] in certain or word[0] in doubtful or _shouted(word[0]) in certain)
        and text[word.start() - 1 : word.start()] + text[word.end() : word.end() + 1] != "[]"
    ]
    pieces: list[str] = []
    done = 0
    for at, (start, end, sure) in enumerate(found):
        beside = (at and _touch(text, found[at - 1][1], start)) or (
            at + 1 < len(found) and _touch(text, end, found[at + 1][0])
        )
        if sure or beside:
            pieces += [text[done:start], "[name]"]
            done = end
    masked = "".join([*pieces, text[done:]])
    return _NEIGHBOURS.sub("[name]", masked) if pieces or "[name]" in masked else masked


def _shouted(word: str) -> str:
    """ANNA as Anna: capitals throughout are another way to write the same name."""
    return word.capitalize() if len(word) > SHORTEST and word.isupper() else word


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
