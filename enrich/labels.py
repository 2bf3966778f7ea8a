"""Names for groups of texts: the expression that sets a group apart (class-based TF-IDF)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from enrich.placeholders import MASKED
from enrich.words import word_list

if TYPE_CHECKING:
    import numpy as np

KEYWORDS = 8
MOST_CHARACTERS = 400
# An expression of a label is used by at least this share of its group.
COMMON_FROM = 0.03
# Of a group with a name, at least this share uses one of its keywords: greetings share none.
TOLD_BY = 0.08
NEIGHBOURS = 3
# Of the best word's weight: an expression of several words with so much says more than the word.
EXPRESSION_FROM = 1 / 3
# Words that are hardly more common here than elsewhere set nothing apart.
DISTINCT_FROM = 1.5
_TOKEN = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*|[.!?;:,()\[\]\n]")
_ELISION = re.compile(r"^(?:[dlcjmnst]|qu)['\u2019]")
# Inside an expression these keep its sense: "card not accepted", "out of stock".
_INNER = frozenset({"not", "no", "of", "to", "in", "de", "du", "la", "le", "el", "nicht", "kein", "pas"})


def _tokens(text: str) -> list[str]:
    """Lower-case words in order; an empty one stands for punctuation and for what may not be named."""
    found = []
    for token in _TOKEN.findall(MASKED.sub(".", text[:MOST_CHARACTERS]).lower()):
        word = _ELISION.sub("", token).removesuffix("'s").removesuffix("\u2019s")
        found.append(word if word.replace("-", "").isalpha() else "")
    return found


def _names(word: str) -> bool:
    return 2 < len(word) <= 24 and word not in word_list("stop_words")


def expressions(text: str) -> set[str]:
    """Words and expressions of two or three words; one small word may stand inside an expression."""
    tokens = _tokens(text)
    found: set[str] = set()
    for start, first in enumerate(tokens):
        if not first or not _names(first):
            continue
        found.add(first)
        for end in range(start + 1, min(start + 4, len(tokens))):
            inner, last = tokens[start + 1 : end], tokens[end]
            if not last or not all(word and (_names(word) or word in _INNER) for word in inner):
                break
            if _names(last) and last != first and sum(map(_names, inner)) <= 1:
                found.add(" ".join(tokens[start : end + 1]))
    return found


def name_topics(
    texts: Sequence[str],
    groups: np.ndarray,
    count: int,
    *,
    near: np.ndarray | None = None,
    broad: bool = False,
) -> list[tuple[str, list[str]]]:
    """A unique label and keywords for each of `count` groups; no label where nothing sets a group apart.

    Weight: the share of the group's texts that hold the expression, times log(1 + that share over the share
    elsewhere), after class-based TF-IDF (Grootendorst 2022) on document frequencies. With `near`, the groups'
    middles, what a neighbour says as often tells nothing apart, however rare it is elsewhere. `broad` names a group of topics:
    by words that all of it shares, where a topic is named by an expression.
    """
    seen: list[Counter[str]] = [Counter() for _ in range(count)]
    sizes = [0] * count
    for text, group in zip(texts, groups.tolist(), strict=True):
        seen[group].update(expressions(text))
        sizes[group] += 1
    overall: Counter[str] = Counter()
    for counter in seen:
        overall.update(counter)
    closest = _closest(near, count)
    labels: list[tuple[str, list[str]]] = []
    taken: set[str] = set()
    for group in range(count):
        beside = [(seen[other], sizes[other]) for other in closest[group]]
        ranked = _ranked(seen[group], overall, sizes[group], sum(sizes), beside)
        label = _label(
            ranked, taken, seen[group], sizes[group], expression_from=1.0 if broad else EXPRESSION_FROM
        )
        taken.add(label)
        labels.append((label[:1].upper() + label[1:], [phrase for phrase, _ in ranked[:KEYWORDS]]))
    return labels


def _closest(middles: np.ndarray | None, count: int) -> list[list[int]]:
    """The nearest groups of each group; none without middles."""
    import numpy as np

    if middles is None or count < 2:
        return [[] for _ in range(count)]
    closeness = middles @ middles.T
    np.fill_diagonal(closeness, -2)
    order = np.argsort(-closeness, axis=1, kind="stable")[:, : min(NEIGHBOURS, count - 1)]
    return [list(map(int, row)) for row in order]


def _ranked(
    counter: Counter[str], overall: Counter[str], size: int, total: int, beside: Sequence[tuple[Counter[str], int]]
) -> list[tuple[str, float]]:  # fmt: skip
    scores: dict[str, float] = {}
    fewest = max(2, math.ceil(COMMON_FROM * size))
    for phrase, n in counter.items():
        if n >= min(fewest, size):
            elsewhere = (overall[phrase] - n + 1) / max(1, total - size + 1)
            ratio = n / size / elsewhere
            if ratio >= DISTINCT_FROM or size == total:
                most = max((other[phrase] / max(1, of) for other, of in beside), default=0.0)
                scores[phrase] = n / size * math.log(1 + ratio) * min(1.0, n / size / max(most, 1e-9) / 2)
    # The longest of equally good expressions says most.
    return sorted(scores.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))


def _label(
    ranked: list[tuple[str, float]],
    taken: set[str],
    counter: Counter[str],
    size: int,
    *,
    expression_from: float,
) -> str:
    """The best expression of several words that nobody has; else the best word and the next that differs.

    An expression is rarer than the best of its words, and may be so down to `expression_from` before it loses.
    """
    if not ranked or max(counter[phrase] for phrase, _ in ranked[:KEYWORDS]) < TOLD_BY * size:
        return ""
    best = ranked[0][1]
    for phrase, score in ranked:
        if " " in phrase and score >= best * expression_from and phrase not in taken:
            longer = (
                p for p, s in ranked if phrase in p and p != phrase and s >= score / 2 and p not in taken
            )
            return next(longer, phrase)
    head = next((phrase for phrase, _ in ranked if " " not in phrase), ranked[0][0])
    # Where nothing else sets the group apart, its most frequent other word says more than one word alone.
    frequent = sorted((-n, p) for p, n in counter.items() if n > 1 and " " not in p)
    for phrase in [*(phrase for phrase, _ in ranked), *(phrase for _, phrase in frequent)]:
        label = f"{head}, {phrase}"
        if not any(_same(a, b) for a in phrase.split() for b in head.split()) and label not in taken:
            return label
    return head if head not in taken else ""


def _same(word: str, other: str) -> bool:
    """Two forms of one word: they begin alike but for their last letters."""
    short, long = sorted((word, other), key=len)
    return long.startswith(short[: max(4, len(short) - 2)]) and len(long) - len(short) <= 4
