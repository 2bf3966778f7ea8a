"""One fit of topics: from the sampled texts to named topics at two levels, with examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from enrich.labels import name_topics
from enrich.topic_groups import Found, centres, find, upper
from enrich.topic_space import shape, unit
from enrich.topic_versions import NONE, renewed, shared

if TYPE_CHECKING:
    import numpy as np

UNNAMED = "Other"
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """What a fit looks at. `texts` are compared, `worded` (masked) are named after; `old` is each row's last topic."""

    texts: Sequence[str]
    worded: Sequence[str]
    vectors: np.ndarray
    old: np.ndarray


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of earlier versions: groups by topic id, the topic without a name, the first free id."""

    groups: dict[int, int] = field(default_factory=dict)
    unnamed: int | None = None
    first_new: int = 0
    held: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of a fit. `examples` are rows of the sample, the nearest to its middle first."""

    id: int
    label: str
    keywords: list[str]
    size: int
    centre: np.ndarray
    fit: float
    group: int
    group_label: str
    examples: list[int]


@dataclass(frozen=True, slots=True)
class Fit:
    """Topics, the id and fit of every row of the sample, and what the number of topics rests on."""

    topics: list[Topic]
    ids: np.ndarray
    fits: np.ndarray
    found: Found
    links: list[tuple[int, int, int, int]]
    kept: float | None


def fit(sample: Sample, before: Before, *, afresh: bool = False) -> Fit:
    """Find topics and name them. `afresh` does not grow from the last fit, but still says which topic is which."""
    import numpy as np

    rows = shape(sample.texts, sample.vectors)
    found = find(rows)
    ids = found.groups + before.first_new
    if (sample.old != NONE).any():
        ids = renewed(
            rows, sample.old, found.groups, held=before.held, first_new=before.first_new, afresh=afresh
        )
    names, places = np.unique(ids, return_inverse=True)
    labels = name_topics(sample.worded, places, len(names), near=centres(rows, places, len(names)))
    ids, named = _gathered(ids, names, labels, before)
    kept = float((ids == sample.old)[sample.old != NONE].mean()) if (sample.old != NONE).any() else None
    topics, fits = _described(sample, rows, ids, named, before)
    return Fit(topics, ids, fits, found, shared(sample.old, ids), kept)


def _gathered(
    ids: np.ndarray, names: np.ndarray, labels: list[tuple[str, list[str]]], before: Before
) -> tuple[np.ndarray, dict[int, tuple[str, list[str]]]]:
    """Topics that nothing sets apart (greetings, fragments) become one, which keeps its id."""
    import numpy as np

    named = {int(name): label for name, label in zip(names, labels, strict=True)}
    nameless = [name for name, (label, _) in named.items() if not label]
    if nameless:
        other = nameless[0] if before.unnamed is None else before.unnamed
        ids = np.where(np.isin(ids, nameless), other, ids)
        named = {name: label for name, label in named.items() if name not in nameless}
        named[other] = (UNNAMED, [])
    return ids, named


def _described(
    sample: Sample, rows: np.ndarray, ids: np.ndarray, named: dict[int, tuple[str, list[str]]], before: Before
) -> tuple[list[Topic], np.ndarray]:
    import numpy as np

    names, places, sizes = np.unique(ids, return_inverse=True, return_counts=True)
    middles = unit(centres(sample.vectors, places, len(names)))
    fits = (sample.vectors * middles[places]).sum(axis=1)
    groups, group_labels = _groups(sample, rows, names, places, named, before)
    topics = []
    for at, name in enumerate(names.tolist()):
        members = np.flatnonzero(places == at)
        label, keywords = named[name]
        topics.append(
            Topic(
                name,
                label,
                keywords,
                int(sizes[at]),
                middles[at],
                float(fits[members].mean()),
                groups[name],
                group_labels[groups[name]],
                _examples(sample.texts, members, fits),
            )
        )
    return topics, fits


def _examples(texts: Sequence[str], members: np.ndarray, fits: np.ndarray) -> list[int]:
    """The rows nearest to the middle, no text twice."""
    import numpy as np

    first: dict[str, int] = {}
    for row in members[np.argsort(-fits[members], kind="stable")].tolist():
        first.setdefault(texts[row], row)
        if len(first) == EXAMPLES:
            break
    return list(first.values())


def _groups(
    sample: Sample, rows: np.ndarray, names: np.ndarray, places: np.ndarray, named: dict[int, tuple[str, list[str]]],
    before: Before,
) -> tuple[dict[int, int], dict[int, str]]:  # fmt: skip
    """The group of each topic and the label of each group. Topics that were there keep theirs."""
    import numpy as np

    middles = unit(centres(rows, places, len(names)))
    sizes = np.bincount(places)
    known = [at for at, name in enumerate(names.tolist()) if name in before.groups]
    if len(known) * 2 >= len(names):
        closest = (middles @ middles[known].T).argmax(axis=1)
        group_of = {
            name: before.groups[int(names[known[closest[at]]])] for at, name in enumerate(names.tolist())
        }
        group_of |= {int(names[at]): before.groups[int(names[at])] for at in known}
    else:
        cut = upper(middles)
        largest = {
            g: int(names[max(np.flatnonzero(cut == g), key=lambda at: sizes[at])]) for g in set(cut.tolist())
        }
        group_of = {name: largest[cut[at]] for at, name in enumerate(names.tolist())}
    return group_of, _group_labels(sample, names, places, named, group_of)


def _group_labels(
    sample: Sample, names: np.ndarray, places: np.ndarray, named: dict[int, tuple[str, list[str]]],
    group_of: dict[int, int],
) -> dict[int, str]:  # fmt: skip
    import numpy as np

    members = Counter(group_of.values())
    groups = sorted(members)
    at_group = np.array([groups.index(group_of[name]) for name in names.tolist()])
    labels = name_topics(sample.worded, at_group[places], len(groups), broad=True)
    alone = {group_of[name]: named[name][0] for name in names.tolist() if members[group_of[name]] == 1}
    return {g: alone.get(g) or label or UNNAMED for g, (label, _) in zip(groups, labels, strict=True)}
