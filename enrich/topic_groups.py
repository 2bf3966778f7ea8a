"""A complete partition of texts into topics, and of topics into groups.

Ward's tree (1963) over the space of `topic_space`, cut at k, then k-means from the centres of that cut. k is the
number at which two halves of the texts, clustered apart, agree best on the same rows: agreement is the mutual
information adjusted for chance (Vinh 2010), the idea stability (Lange 2004). Groups are a cut of Ward's tree over
the topics' centres, where their silhouette (Rousseeuw 1987) is
best, from three to the root of twice the topics.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from enrich.topic_space import SEED, gathered, unit

if TYPE_CHECKING:
    import numpy as np

FEWEST_TOPICS, MOST_TOPICS = 4, 200
FEWEST_OF_A_TOPIC = 8  # texts, on average: finer cuts are not looked at
STEP = 1.15
HALVINGS = 2
FEWEST_GROUPS = 3
SINGLE_LEVEL_BELOW = 6
ROUNDS = 20
MOST_OF_A_HALF = 2_500
BLOCK = 1_024


@dataclass(frozen=True, slots=True)
class Found:
    """The topic of each row (0 is the largest), and what the choice of their number rests on.

    `agreement` is what the halves agreed on at this k, 1 is all; None where there was nothing to choose.
    `tried` are all numbers that were tried with their agreement.
    """

    groups: np.ndarray
    agreement: float | None
    tried: tuple[tuple[int, float], ...] = ()


def find(rows: np.ndarray, *, count: int | None = None) -> Found:
    """Topics of rows as `topic_space.shape` gives them: `count` of them, or as many as halves agree on."""
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # One thread adds in one order, so that the same texts give the same topics on every machine.
    with threadpool_limits(limits=1):
        kinds, place = np.unique(rows.round(4), axis=0, return_inverse=True)
        if len(kinds) <= max(FEWEST_TOPICS, count or 0):
            return Found(by_size(place.reshape(-1)), None)
        tried = () if count else tuple(_agreements(rows, len(kinds)))
        if not count:
            count = _best(tried)
        space = gathered(rows)
        groups = settle(space, cut(tree(space), count))
    return Found(by_size(groups), dict(tried).get(count), tried)


def tree(rows: np.ndarray) -> np.ndarray:
    """Ward's tree as scipy writes it; distances are made by blocks of matrix products."""
    import numpy as np
    from scipy.cluster.hierarchy import ward

    count, at = len(rows), 0
    distances = np.empty(count * (count - 1) // 2)
    squares = np.einsum("ij,ij->i", rows, rows)
    for start in range(0, count, BLOCK):
        part = rows[start : start + BLOCK]
        square = squares[start : start + BLOCK, None] + squares[None, start:] - 2 * (part @ rows[start:].T)
        for i in range(len(part)):
            further = np.maximum(square[i, i + 1 :], 0)
            distances[at : at + len(further)] = np.sqrt(further)
            at += len(further)
    return np.asarray(ward(distances))


def cut(branches: np.ndarray, count: int) -> np.ndarray:
    """The group of each row when the tree is cut into `count`, fewer where heights are equal."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster

    return np.asarray(fcluster(branches, count, criterion="maxclust")) - 1


def centres(rows: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """The mean row of each of `count` groups."""
    import numpy as np

    sizes = np.bincount(groups, minlength=count)
    order = np.argsort(groups, kind="stable")
    filled = np.flatnonzero(sizes)
    found = np.zeros((count, rows.shape[1]), dtype=np.float32)
    starts = (np.cumsum(sizes) - sizes)[filled]
    found[filled] = np.add.reduceat(rows[order], starts, axis=0) / sizes[filled, None]
    return found


def nearest(rows: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """The nearest centre of each row."""
    import numpy as np

    return np.asarray((rows @ middles.T - (middles**2).sum(axis=1) / 2).argmax(axis=1))


def settle(rows: np.ndarray, groups: np.ndarray, *, rounds: int = ROUNDS) -> np.ndarray:
    """k-means that begins with these groups. A group that would run empty stops it."""
    import numpy as np

    count = int(groups.max()) + 1
    for _ in range(rounds):
        moved = nearest(rows, centres(rows, groups, count))
        if np.array_equal(moved, groups) or len(np.unique(moved)) < count:
            break
        groups = moved
    return groups


def by_size(groups: np.ndarray) -> np.ndarray:
    """The same groups numbered by size, the largest 0."""
    import numpy as np

    order = np.argsort(-np.bincount(groups), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[groups])


def upper(middles: np.ndarray) -> np.ndarray:
    """The group of each topic, from the topics' centres. Few topics are a group each."""
    import numpy as np
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    count = len(middles)
    if count < SINGLE_LEVEL_BELOW:
        return np.arange(count)
    with threadpool_limits(limits=1):
        branches = tree(unit(middles))
        most = round((2 * count) ** 0.5)
        cuts = [cut(branches, k) for k in range(FEWEST_GROUPS, most + 1)]
        scores = [silhouette_score(middles, one, metric="cosine") for one in cuts]
    return cuts[int(np.argmax(scores))]


def _agreements(rows: np.ndarray, kinds: int) -> Iterator[tuple[int, float]]:
    """What halves agree on, by number of topics: the mean of `HALVINGS` ways to halve."""
    import numpy as np

    numbers = _numbers(min(len(rows) // FEWEST_OF_A_TOPIC, kinds, MOST_TOPICS))
    found = np.zeros(len(numbers))
    for seed in range(HALVINGS):
        order = np.random.default_rng(SEED + seed).permutation(len(rows))
        found += _halves_agree(rows[order[::2][:MOST_OF_A_HALF]], rows[order[1::2][:MOST_OF_A_HALF]], numbers)
    yield from zip(numbers, (found / HALVINGS).tolist(), strict=True)


def _halves_agree(one: np.ndarray, other: np.ndarray, numbers: list[int]) -> np.ndarray:
    import numpy as np
    from sklearn.metrics import adjusted_mutual_info_score

    trees = [tree(gathered(half)) for half in (one, other)]
    found = []
    for k in numbers:
        theirs, own = cut(trees[0], k), cut(trees[1], k)
        carried = nearest(other, unit(centres(one, theirs, int(theirs.max()) + 1)))
        found.append(float(adjusted_mutual_info_score(carried, own)))
    return np.array(found)


def _best(tried: tuple[tuple[int, float], ...]) -> int:
    """The number whose agreement, evened out with its two neighbours', is best."""
    import numpy as np

    agreements = np.pad([agreement for _, agreement in tried], 1, mode="edge")
    evened = agreements[:-2] + 2 * agreements[1:-1] + agreements[2:]
    return tried[int(evened.argmax())][0]


def _numbers(most: int) -> list[int]:
    """Numbers of topics to try: each a seventh more than the one before."""
    found, number = [FEWEST_TOPICS], float(FEWEST_TOPICS)
    while number * STEP <= most:
        number *= STEP
        if round(number) != found[-1]:
            found.append(round(number))
    return found
