"""Whether a classifier of mood is better than the word list, by more than chance.

Two conditions, because either alone can be met by luck. Its macro-F1 is above the list's in 97.5 % of 1,000 draws of
the conversations (paired bootstrap; what says the same is drawn together). And it is above what the same answers
reach when they are dealt to the conversations at random, in every one of 1,000 deals: a list that says "neutral" to
nearly everything has so low a macro-F1 that throwing dice would beat it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enrich.sentiment import CLASSES

if TYPE_CHECKING:
    import numpy as np

DRAWS: Final = 1_000
SEED: Final = 7
_NOTHING = len(CLASSES)  # "not scored" is an answer like another, and never right


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers beside what people say.

    `counts` and `table` (said by people x answered: negative, neutral, positive, not scored) are conversations;
    `f1` is macro-F1. `gain_low` and `gain_high` are the 95 % interval of the gain over the list, `chance` the best
    of the random deals. What was not judged is None. `of_model` of the n are measured against a language model's label,
    where people have said too little; 0: against people alone.
    """

    n: int
    counts: tuple[int, ...]
    confirmed: int  # the list had found the same
    is_better: bool
    reason: str
    f1: float | None = None
    list_f1: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    chance: float | None = None
    table: tuple[tuple[int, ...], ...] = ()
    list_table: tuple[tuple[int, ...], ...] = ()
    of_model: int = 0


def judge(
    said: Sequence[str],
    guessed: Sequence[str | None],
    listed: Sequence[str | None] | None,
    groups: Sequence[str],
    *,
    fewest: int,
    of_model: int = 0,
) -> Judged:
    """Judge guesses beside the list's, or for themselves where there is no list for the language."""
    import numpy as np

    truth = np.array([CLASSES.index(mood) for mood in said], dtype=np.int64)
    mine, theirs = _coded(guessed), None if listed is None else _coded(listed)
    counts = tuple(int((truth == at).sum()) for at in range(len(CLASSES)))
    table = _table(truth, mine) if len(truth) else np.zeros((3, 4))
    made: dict[str, object] = {"n": len(truth), "counts": counts, "confirmed": 0, "of_model": of_model}
    if theirs is not None and len(truth):
        beside = _table(truth, theirs)
        made |= {
            "confirmed": int((truth == theirs).sum()),
            "list_table": _rows(beside),
            "list_f1": _told(macro_f1(beside)),
        }
    if not len(truth) or (mine == _NOTHING).all():
        return _verdict(made, False, "not trained")
    f1 = float(macro_f1(table))
    made |= {"f1": _told(f1), "table": _rows(table)}
    if min(counts) < fewest:
        what = "labels" if of_model else "corrections"
        return _verdict(made, False, f"fewer than {fewest} {what} of a class")
    chance = _dealt(truth, mine)
    made["chance"] = _told(chance)
    if theirs is not None:
        low, high = _gain(truth, mine, theirs, groups)
        made |= {"gain_low": _told(low), "gain_high": _told(high)}
        if low <= 0:
            return _verdict(made, False, "not better than the word list by more than chance")
    if f1 <= chance:
        return _verdict(made, False, "not better than answers dealt at random")
    return _verdict(made, True, "better than the word list" if theirs is not None else "better than chance")


def _verdict(made: dict[str, object], is_better: bool, reason: str) -> Judged:
    return Judged(**made, is_better=is_better, reason=reason)  # type: ignore[arg-type]


def macro_f1(tables: np.ndarray) -> np.ndarray:
    """Macro-F1 of tables (..., said, answered); a class that nobody said and nobody answered counts 0."""
    import numpy as np

    right = np.stack([tables[..., at, at] for at in range(len(CLASSES))], axis=-1)
    both = tables[..., : len(CLASSES)].sum(axis=-2) + tables.sum(axis=-1)
    return np.asarray(np.divide(2 * right, both, out=np.zeros(right.shape), where=both > 0).mean(axis=-1))


def f1_of(said: Sequence[str], answered: Sequence[str | None]) -> float:
    """Macro-F1 of answers; 0 where nothing was asked."""
    return float(macro_f1(_table(_coded(said), _coded(answered)))) if said else 0.0


def _coded(answers: Sequence[str | None]) -> np.ndarray:
    import numpy as np

    return np.array([_NOTHING if one is None else CLASSES.index(one) for one in answers], dtype=np.int64)


def _table(truth: np.ndarray, answers: np.ndarray) -> np.ndarray:
    import numpy as np

    width = _NOTHING + 1
    found = np.bincount(truth * width + answers, minlength=len(CLASSES) * width)
    return found.reshape(len(CLASSES), width).astype(np.float64)


def _rows(table: np.ndarray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(n) for n in row) for row in table)


def _told(value: float | np.ndarray) -> float:
    return round(float(value), 4)


def _dealt(truth: np.ndarray, answers: np.ndarray) -> float:
    """The best macro-F1 of the same answers in random order."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    return max(float(macro_f1(_table(truth, chance.permutation(answers)))) for _ in range(DRAWS))


def _gain(
    truth: np.ndarray, mine: np.ndarray, theirs: np.ndarray, groups: Sequence[str]
) -> tuple[float, float]:
    """The 95 % interval of what macro-F1 gains, over draws of groups."""
    import numpy as np

    known = {name: at for at, name in enumerate(dict.fromkeys(groups))}
    group, width = np.array([known[name] for name in groups]), _NOTHING + 1
    cells = len(CLASSES) * width
    tables = []
    for answers in (mine, theirs):
        own = np.zeros((len(known), cells))
        np.add.at(own, (group, truth * width + answers), 1)
        tables.append(own)
    chance, gains = np.random.default_rng(SEED), []
    for _ in range(DRAWS):
        times = np.bincount(chance.integers(0, len(known), len(known)), minlength=len(known)).astype(
            np.float64
        )
        one, other = (macro_f1((times @ own).reshape(len(CLASSES), width)) for own in tables)
        gains.append(float(one) - float(other))
    low, high = np.quantile(gains, (0.025, 0.975))
    return float(low), float(high)
