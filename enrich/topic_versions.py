"""A new fit beside the one before: which of its topics is which, so that a topic's number keeps its meaning.

While most texts of a fit were in the last one, it grows from that: every text begins in the topic it had, topics
of new texts only are added, and a few rounds of k-means let texts at the edges move. Otherwise topics are found
afresh, and the pairing that shares most texts (Kuhn 1955) says which is which.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from enrich.topic_groups import centres, nearest, settle
from enrich.topic_space import gathered

if TYPE_CHECKING:
    import numpy as np

NONE = -1
GROWS_FROM = 0.5  # of the texts were in the last fit
NEW_FROM = 2 / 3  # of a group's texts are new: it is a new topic
FEWEST_OF_NEW = 8
SAME_FROM = 0.3  # of the smaller topic's texts are shared: it is the same topic
ROUNDS = 4


def renewed(
    rows: np.ndarray, old: np.ndarray, fresh: np.ndarray, *, held: Collection[int] = (), first_new: int = 0,
    afresh: bool = False,
) -> np.ndarray:  # fmt: skip
    """The topic id of each row. `old` is its id in the last fit or NONE, `fresh` its group when found afresh.

    Rows of `held` topics stay where they are. New topics are numbered from `first_new`, the largest first.
    """
    import numpy as np

    known = old != NONE
    if known.mean() >= GROWS_FROM and not afresh:
        ids = _grown(rows, old, fresh, first_new)
    else:
        ids = _paired(old, fresh, first_new)
    for topic in held:
        ids = np.where(old == topic, topic, ids)
    return np.asarray(ids)


def _grown(rows: np.ndarray, old: np.ndarray, fresh: np.ndarray, first_new: int) -> np.ndarray:
    import numpy as np

    known = old != NONE
    names, begun = np.unique(old[known], return_inverse=True)
    groups = np.empty(len(rows), dtype=np.int64)
    groups[known] = begun
    groups[~known] = nearest(rows[~known], centres(rows[known], begun, len(names)))
    added = 0
    for group in range(int(fresh.max()) + 1):
        members = fresh == group
        if members.sum() >= FEWEST_OF_NEW and (~known)[members].mean() >= NEW_FROM:
            groups[members & ~known] = len(names) + added
            added += 1
    # A topic that lost its last text to a new one is no topic any more.
    left, groups = np.unique(groups, return_inverse=True)
    groups = settle(gathered(rows), groups, rounds=ROUNDS)
    numbers = np.concatenate([names, first_new + np.arange(added)])
    return np.asarray(numbers[left[groups]])


def _paired(old: np.ndarray, fresh: np.ndarray, first_new: int) -> np.ndarray:
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    count = int(fresh.max()) + 1
    names, place = np.unique(old[old != NONE], return_inverse=True)
    shared = np.zeros((len(names), count))
    np.add.at(shared, (place, fresh[old != NONE]), 1)
    smaller = np.minimum(shared.sum(axis=1)[:, None], shared.sum(axis=0)[None, :])
    numbers = np.full(count, NONE)
    for row, group in zip(*linear_sum_assignment(-shared), strict=True):
        if shared[row, group] and shared[row, group] >= SAME_FROM * smaller[row, group]:
            numbers[group] = names[row]
    new = numbers == NONE
    numbers[new] = first_new + np.arange(new.sum())
    return np.asarray(numbers[fresh])


def shared(old: np.ndarray, ids: np.ndarray) -> list[tuple[int, int, int, int]]:
    """How topics of the last fit and of this one overlap: old id, new id, texts of both, texts of the old one."""
    import numpy as np

    known = old != NONE
    pairs, counts = np.unique(np.stack([old[known], ids[known]], axis=1), axis=0, return_counts=True)
    sizes = dict(zip(*(part.tolist() for part in np.unique(old[known], return_counts=True)), strict=True))
    return [(a, b, n, sizes[a]) for (a, b), n in zip(pairs.tolist(), counts.tolist(), strict=True)]
