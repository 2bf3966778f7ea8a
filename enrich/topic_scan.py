"""Which dense groups of texts are new: a scan over the whole tree of texts, blind to time until it is built.

Every branch of Ward's tree is a candidate. Its statistic is the likelihood ratio of holding so many recent texts
against the share of recent texts among all; the largest of what random dates give on the same tree is the measure of
all branches at once (the tree-based scan statistic, Kulldorff 2003). So looking at thousands of branches claims no
more than looking at one.

A branch that is only the latest part of something older is not new: its texts are as near to earlier ones as to each
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enrich.topic_groups import tree
from enrich.topic_space import SEED

if TYPE_CHECKING:
    import numpy as np

SHUFFLES = 999
CLAIM = 0.01  # of workspaces in which nothing is new, so many claim a group
FEWEST = 5  # recent texts
MOST_SHARE = 0.35  # of all recent texts: what is more is no small group
AGAIN = 10.0  # times the rate of before
APART = 0.75  # of the nearness among its texts: so near at most are the nearest earlier ones
NEAREST = 5


@dataclass(frozen=True, slots=True)
class Branch:
    """A group of rows with few before: `rows` of the scan, the chance `p` of one as new anywhere without news."""

    rows: np.ndarray
    p: float


def new_branches(rows: np.ndarray, is_recent: np.ndarray) -> list[Branch]:
    """Groups of `rows` (unit length) that are recent beyond chance, the surest first; none overlaps another."""
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    count, recent = len(rows), int(is_recent.sum())
    if recent < FEWEST or count - recent < FEWEST:
        return []
    with threadpool_limits(limits=1):
        branches = tree(rows)
    sizes = branches[:, 3].astype(np.int64)
    found = _counts(branches, is_recent[:, None].astype(np.int32))[:, 0]
    scores = _scores(found, sizes, recent / count)
    rate_before = (sizes - found + 0.5) / (count - recent)
    scores[(found > MOST_SHARE * recent) | (found / recent < AGAIN * rate_before)] = 0
    if not scores.any():
        return []
    limits = _by_chance(branches, sizes, is_recent)
    return [one for one in _surest(branches, scores, limits, count) if is_apart(rows, one.rows, is_recent)]


def is_apart(rows: np.ndarray, members: np.ndarray, is_recent: np.ndarray) -> bool:
    """Whether the recent texts of a group are nearer to each other than to what was written before."""
    import numpy as np

    recent = members[is_recent[members]]
    earlier = np.setdiff1d(np.flatnonzero(~is_recent), members)
    among = rows[recent] @ rows[recent].T
    among = (among.sum(axis=1) - among.diagonal()) / (len(recent) - 1)
    if len(earlier) < NEAREST:
        return True
    outside = np.partition(rows[recent] @ rows[earlier].T, -NEAREST, axis=1)[:, -NEAREST:].mean(axis=1)
    return bool(np.median(outside) <= APART * np.median(among))


def _counts(branches: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """For each branch the sum of the marks of its rows; a column a way to mark."""
    import numpy as np

    rows = len(marks)
    sums = np.empty((len(branches), marks.shape[1]), dtype=np.int32)
    for at, (one, other) in enumerate(branches[:, :2].astype(np.int64)):
        left = marks[one] if one < rows else sums[one - rows]
        right = marks[other] if other < rows else sums[other - rows]
        np.add(left, right, out=sums[at])
    return sums


def _scores(found: np.ndarray, sizes: np.ndarray, share: float) -> np.ndarray:
    """Log-likelihood ratio of a binomial against `share`; 0 where a branch holds no more than that."""
    import numpy as np
    from scipy.special import xlogy

    part = found / sizes
    ratio = xlogy(found, part / share) + xlogy(sizes - found, (1 - part) / (1 - share))
    return np.asarray(np.where((part > share) & (found >= FEWEST), ratio, 0.0))


def _by_chance(branches: np.ndarray, sizes: np.ndarray, is_recent: np.ndarray) -> np.ndarray:
    """The largest statistic of each shuffle of dates, in ascending order."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    marks = np.repeat(is_recent[:, None].astype(np.int32), SHUFFLES, axis=1)
    chance.permuted(marks, axis=0, out=marks)
    found = _counts(branches, marks)
    share = float(is_recent.mean())
    return np.sort([_scores(found[:, at], sizes, share).max() for at in range(SHUFFLES)])


def _surest(branches: np.ndarray, scores: np.ndarray, limits: np.ndarray, count: int) -> list[Branch]:
    """Branches above chance, none within or around another."""
    import numpy as np

    taken, kept = np.zeros(count, dtype=bool), list[Branch]()
    for at in np.argsort(-scores, kind="stable"):
        as_high = len(limits) - int(np.searchsorted(limits, scores[at], side="left"))
        p = (1 + as_high) / (len(limits) + 1)
        if p > CLAIM:
            break
        members = _leaves(branches, int(at), count)
        if not taken[members].any():
            taken[members] = True
            kept.append(Branch(members, p))
    return kept


def _leaves(branches: np.ndarray, at: int, count: int) -> np.ndarray:
    """The rows below a branch."""
    import numpy as np

    open_, rows = [at + count], list[int]()
    while open_:
        node = open_.pop()
        if node < count:
            rows.append(node)
        else:
            open_ += [int(branches[node - count, 0]), int(branches[node - count, 1])]
    return np.array(sorted(rows))
