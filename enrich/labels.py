"""Names for groups of texts: the words that set a group apart (class-based TF-IDF), two or three of them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from enrich.words import word_list

if TYPE_CHECKING:
    import numpy as np

KEYWORDS = 8
_WORD = re.compile(r"[^\W\d_]{3,24}(?:['\u2019-][^\W\d_]{2,20})?")
_MASKED = re.compile(r"\[(?:email|phone|card|iban|secret|name)\]")
_FORM_BOUND = re.compile(r"['\u2019]s$")


def words_of(text: str) -> list[str]:
    """The words of a text that could name a topic: no digits, ids, placeholders or stop words."""
    found = []
    stop_words = word_list("stop_words")
    for word in _WORD.findall(_MASKED.sub(" ", text).lower()):
        plain = _FORM_BOUND.sub("", word)
        if plain not in stop_words and len(plain) > 2:
            found.append(plain)
    return found


def name_topics(texts: Sequence[str], groups: np.ndarray, count: int) -> list[tuple[str, list[str]]]:
    """A unique label and keywords for each of `count` groups.

    Weight of a word or pair of words: its share of the group's texts, times log(1 + groups/groups with it)
    (Grootendorst 2022, class-based TF-IDF, on document frequencies).
    """
    seen: list[Counter[str]] = [Counter() for _ in range(count)]
    sizes = [0] * count
    for text, group in zip(texts, groups.tolist(), strict=True):
        words = words_of(text)
        pairs = [f"{a} {b}" for a, b in pairwise(words) if a != b]
        seen[group].update(set(words) | set(pairs))
        sizes[group] += 1
    overall: Counter[str] = Counter()
    for counter in seen:
        overall.update(counter)
    labels: list[tuple[str, list[str]]] = []
    taken: set[str] = set()
    for group in range(count):
        ranked = _ranked(seen[group], overall, sizes[group], sum(sizes))
        label = _unique(_label(ranked), ranked, taken, group)
        taken.add(label)
        labels.append((label, _keywords(ranked)))
    return labels


def _ranked(counter: Counter[str], overall: Counter[str], size: int, total: int) -> list[tuple[str, float]]:
    scores: dict[str, float] = {}
    fewest = max(2, math.ceil(0.02 * size))
    for word, n in counter.items():
        if n < min(fewest, size):
            continue
        share, elsewhere = n / size, (overall[word] - n + 1) / max(1, total - size + 1)
        # How common in the group, times how much more common than outside it.
        scores[word] = share * math.log(1 + share / elsewhere) * (1.25 if " " in word else 1.0)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _label(ranked: list[tuple[str, float]]) -> list[str]:
    """Up to three words: the best word or pair, then what adds another word."""
    chosen: list[str] = []
    for phrase, _ in ranked[:12]:
        words = phrase.split()
        fresh = [w for w in words if not any(_same(w, c) for c in chosen)]
        if len(fresh) == len(words) and len(chosen) + len(words) <= 3:
            chosen += words
        if len(chosen) == 3:
            break
    return chosen


def _same(word: str, other: str) -> bool:
    """Two forms of one word: the shorter begins the longer, but for its last letters."""
    short, long = sorted((word, other), key=len)
    return long.startswith(short[: max(4, len(short) - 2)]) and len(long) - len(short) <= 4


def _unique(words: list[str], ranked: list[tuple[str, float]], taken: set[str], group: int) -> str:
    label = " ".join(words) or "other"
    label = label[0].upper() + label[1:]
    for phrase, _ in ranked:
        if label not in taken:
            return label
        if phrase not in label.lower():
            label = f"{label.split(' / ')[0]} / {phrase}"
    return label if label not in taken else f"{label} {group + 1}"


def _keywords(ranked: list[tuple[str, float]]) -> list[str]:
    return [phrase for phrase, _ in ranked[:KEYWORDS]]
