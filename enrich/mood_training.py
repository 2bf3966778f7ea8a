"""Learns a classifier of mood from corrections, and judges it beside the word list on the same conversations.

Judged is what numbers are made of: the class of a conversation, from the scores of its messages. Five parts of the
corrected conversations take turns at being unseen; conversations that say the same lie in one part, so that nothing
is recognised instead of understood.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from enrich.mood_features import FROM_LIST, Features, Vocabulary, dense, learn, look
from enrich.mood_judged import Judged, f1_of, judge
from enrich.mood_model import MoodModel, Weights, as_scores
from enrich.sentiment import CLASSES, SCORED_LANGUAGES, class_of, lexicon_score, of_conversation

if TYPE_CHECKING:
    import numpy as np

FOLDS: Final = 5
STRENGTH: Final = 1.0  # of the fit: scikit-learn's C
ROUNDS: Final = 300
FEWEST_PER_CLASS: Final = 100
# Of a language that has no word list, enough to be judged for itself.
FEWEST_OF_LANGUAGE: Final = 30
VECTOR: Final = 2.0  # how much the vector weighs beside the words
LISTED: Final = 3.0  # and what the word list says
# How much likelier a mood must be than none, for a message to show it: of many messages one is soon taken for moody.
CAUTIONS: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Labelled:
    """A conversation whose mood is known: its class, and (words, language) of each customer's message.

    People have said it, or `by_model` a language model.
    """

    key: tuple[str, str]
    mood: str
    messages: tuple[tuple[str, str | None], ...]
    by_model: bool = False

    @cached_property
    def text(self) -> str:
        """All of its words."""
        return "\n".join(words for words, _ in self.messages)

    @cached_property
    def language(self) -> str | None:
        """The language of most of its words."""
        sizes: Counter[str] = Counter()
        for words, language in self.messages:
            if language is not None:
                sizes[language] += len(words)
        return min(sizes, key=lambda one: (-sizes[one], one)) if sizes else None

    @cached_property
    def listed(self) -> tuple[float | None, ...]:
        """What the word list says of each message."""
        return tuple(lexicon_score(words, language) for words, language in self.messages)

    @cached_property
    def by_list(self) -> str | None:
        """What the word list says of the conversation."""
        return class_of(of_conversation(self.listed))

    @cached_property
    def same_as(self) -> str:
        """Equal for conversations that say the same, numbers aside."""
        said = " ".join(_DIGITS.sub("0", self.text.casefold()).split())
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class Trained:
    """What came of a training: the judgement by language, of all, and the classifier where one is better."""

    whole: Judged
    languages: Mapping[str, Judged]
    model: MoodModel | None


def by_list(labelled: Sequence[Labelled]) -> tuple[Judged, dict[str, Judged]]:
    """The word list alone beside what people say, of all and by language."""
    nobody: list[str | None] = [None] * len(labelled)
    return _judged(labelled, nobody)


def train(labelled: Sequence[Labelled]) -> Trained:
    """Learn and judge. The same corrections give the same classifier."""
    told = [one for one in labelled if one.text.strip()]
    parts = folds(told)
    seen = _Seen(told)
    answers = _unseen(told, parts, seen)
    guesses: list[str | None] = [None] * len(told)
    for part in range(FOLDS):
        # Chosen on the other parts, so that the part that is judged has no say in it.
        caution = _best_caution(told, answers, [i for i, p in enumerate(parts) if p != part])
        for i in (i for i, p in enumerate(parts) if p == part):
            guesses[i] = answers[caution][i]
    whole, languages = _judged(told, guesses)
    used = frozenset(name for name, one in languages.items() if one.is_better)
    if not used:
        return Trained(whole, languages, None)
    every = range(len(told))
    known, weights = _fit(seen, every)
    return Trained(
        whole, languages, MoodModel(known, weights.cautious(_best_caution(told, answers, every)), used)
    )


def _unseen(told: Sequence[Labelled], parts: Sequence[int], seen: _Seen) -> dict[float, list[str | None]]:
    """For every caution the class of each conversation, by a classifier that has not seen it."""
    answers: dict[float, list[str | None]] = {caution: [None] * len(told) for caution in CAUTIONS}
    for part in range(FOLDS):
        away = [i for i, p in enumerate(parts) if p == part]
        here = [i for i, p in enumerate(parts) if p != part]
        if not away or len({told[i].mood for i in here}) < len(CLASSES):
            continue
        known, weights = _fit(seen, here)
        found = seen.messages_of(away, known)
        for caution, classes in answers.items():
            scored = seen.scored(away, found, weights.cautious(caution))
            for i, scores in zip(away, scored, strict=True):
                classes[i] = class_of(of_conversation(scores))
    return answers


def _best_caution(
    told: Sequence[Labelled], answers: Mapping[float, Sequence[str | None]], rows: Sequence[int]
) -> float:
    """The caution with the highest macro-F1 on these conversations; the smaller one of two."""
    said = [told[i].mood for i in rows]
    return max(CAUTIONS, key=lambda one: (f1_of(said, [answers[one][i] for i in rows]), -one))


def folds(labelled: Sequence[Labelled]) -> list[int]:
    """In which part each conversation lies: classes are spread evenly, what says the same lies together."""
    groups: dict[str, list[int]] = {}
    for i, one in enumerate(labelled):
        groups.setdefault(one.same_as, []).append(i)
    found = [0] * len(labelled)
    sizes = {mood: [0] * FOLDS for mood in CLASSES}
    for _, rows in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        moods = Counter(labelled[i].mood for i in rows)
        mood = max(CLASSES, key=lambda name: moods[name])
        part = min(range(FOLDS), key=lambda p: (sizes[mood][p], sum(sizes[name][p] for name in CLASSES), p))
        for i in rows:
            found[i] = part
            sizes[labelled[i].mood][part] += 1
    return found


def _judged(labelled: Sequence[Labelled], guesses: Sequence[str | None]) -> tuple[Judged, dict[str, Judged]]:
    """Of all that the list can score, and language by language; no language counts to that of the list.

    Measured against what people say, where they have said enough of each class; else against models' labels too.
    """
    kinds: dict[str, list[int]] = {}
    listed = next(iter(sorted(SCORED_LANGUAGES)))
    for i, one in enumerate(labelled):
        kinds.setdefault(one.language or listed, []).append(i)

    def of(rows: Sequence[int], *, has_list: bool, fewest: int) -> Judged:
        rows = _measured(labelled, rows, fewest)
        return judge(
            [labelled[i].mood for i in rows], [guesses[i] for i in rows],
            [labelled[i].by_list for i in rows] if has_list else None,
            [labelled[i].same_as for i in rows], fewest=fewest, of_model=sum(labelled[i].by_model for i in rows),
        )  # fmt: skip

    languages = {}
    for name, rows in sorted(kinds.items()):
        has_list = name in SCORED_LANGUAGES
        languages[name] = of(rows, has_list=has_list, fewest=FEWEST_OF_LANGUAGE)
    scored = [i for i, one in enumerate(labelled) if (one.language or listed) in SCORED_LANGUAGES]
    return of(scored, has_list=True, fewest=FEWEST_OF_LANGUAGE), languages


def _measured(labelled: Sequence[Labelled], rows: Sequence[int], fewest: int) -> Sequence[int]:
    """Those of people where there are enough of each class, else all."""
    people = [i for i in rows if not labelled[i].by_model]
    counts = Counter(labelled[i].mood for i in people)
    return people if min(counts[mood] for mood in CLASSES) >= fewest else rows


class _Seen:
    """The texts with what needs no vocabulary, looked at once for all parts."""

    def __init__(self, labelled: Sequence[Labelled]) -> None:
        self.labelled = labelled
        self.texts = [one.text for one in labelled]
        self.dense = dense(self.texts, [of_conversation(one.listed) for one in labelled])
        self.messages = [words for one in labelled for words, _ in one.messages]
        self.languages = [language for one in labelled for _, language in one.messages]
        self.dense_messages = dense(self.messages, [value for one in labelled for value in one.listed])
        self.ends = [0]
        for one in labelled:
            self.ends.append(self.ends[-1] + len(one.messages))

    def whole(self, rows: Sequence[int], known: Vocabulary) -> Features:
        """Conversations as one text each."""
        return look([self.texts[i] for i in rows], self.dense[list(rows)], known)

    def messages_of(self, rows: Sequence[int], known: Vocabulary) -> Features:
        """Every message of conversations for itself."""
        places = self._places(rows)
        return look([self.messages[at] for at in places], self.dense_messages[places], known)

    def scored(self, rows: Sequence[int], found: Features, weights: Weights) -> list[list[float | None]]:
        """The score of each message of conversations, whose features are `found`."""
        places = self._places(rows)
        values: dict[int, float | None] = {}
        told = zip(places, as_scores(weights.chances(found)), found.knows(), strict=True)
        for at, value, is_known in told:
            values[at] = value if self.messages[at] and (is_known or self.languages[at]) else None
        return [[values[at] for at in range(self.ends[i], self.ends[i + 1])] for i in rows]

    def _places(self, rows: Sequence[int]) -> list[int]:
        return [at for i in rows for at in range(self.ends[i], self.ends[i + 1])]


def _fit(seen: _Seen, rows: Sequence[int]) -> tuple[Vocabulary, Weights]:
    """Logistic regression over the four blocks; classes weigh the same, however many corrections each has."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    known = learn([seen.texts[i] for i in rows])
    found = seen.whole(rows, known)
    scales = np.ones(found.dense.shape[1])
    scales[:-FROM_LIST], scales[-FROM_LIST:] = VECTOR, LISTED
    table = hstack([found.words, found.pieces, csr_matrix(found.dense * scales)], format="csr")
    truth = np.array([CLASSES.index(seen.labelled[i].mood) for i in rows])
    fitted = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=ROUNDS, tol=1e-3)
    # One thread: sums in one order give the same weights again, and on busy cores several only wait for each other.
    with threadpool_limits(1):
        fitted.fit(table.astype(np.float64), truth)
    weights, first, second = fitted.coef_, known.words, known.words + found.pieces.shape[1]
    return known, Weights(
        _small(weights[:, :first]), _small(weights[:, first:second]), _small(weights[:, second:] * scales),
        _small(fitted.intercept_),
    )  # fmt: skip


def _small(values: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.ascontiguousarray(values, dtype=np.float32)
