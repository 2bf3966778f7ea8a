"""A topic that people split is divided by its own texts; the largest part keeps its number and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import clock
from enrich.labels import name_topics
from enrich.redaction import known_names, mask
from enrich.topic_groups import centres, find
from enrich.topic_rows import assigned, insert, replace
from enrich.topic_space import shape, unit
from enrich.topic_texts import embedded, last_compared, topic_text

if TYPE_CHECKING:
    import numpy as np

    from store.writer import Writer

MOST_TEXTS = 8_000
_WAITING = """
    SELECT c.id, c.topic_id, c.target_id AS parts FROM topic_choices c
    JOIN topics t ON t.topic_id = c.topic_id AND t.topic_version = ?
    WHERE c.kind = 'split' AND NOT EXISTS (FROM topic_splits s WHERE s.choice_id = c.id) ORDER BY c.id"""


def divide(writer: Writer, version: int) -> None:
    """Divide the topics of this version whose split was chosen since the last refresh."""
    for choice in writer.query(_WAITING, [version]).to_pylist():
        _divide(writer, version, choice["id"], choice["topic_id"], choice["parts"])


def _divide(writer: Writer, version: int, choice: int, topic: int, parts: int) -> None:
    """One split, in one transaction. Texts that are all the same stay together."""
    import numpy as np
    import pyarrow as pa

    members = f"(SELECT source_id, conversation_id FROM conversation_topics WHERE found_id = {topic})"
    found = list(embedded(writer, members, last_compared(writer)))
    if not found:
        return
    vectors = np.concatenate([matrix for _, matrix in found])
    texts = [
        topic_text(s, b) for rows, _ in found for s, b in zip(rows["subject"], rows["body"], strict=True)
    ]
    groups = _groups([text for rows, _ in found for text in rows["text"]], vectors, parts)
    count = int(groups.max()) + 1
    first = int(writer.query("SELECT max(topic_id) + 1 AS n FROM topics")["n"][0].as_py())
    ids = np.array([topic, *range(first, first + count - 1)])
    middles = unit(centres(vectors, groups, count))
    keys = {
        name: [v for rows, _ in found for v in rows[name]]
        for name in ("source_id", "conversation_id", "content_hash")
    }
    fits = (vectors * middles[groups]).sum(axis=1)
    with writer.transaction():
        writer.execute(f"INSERT INTO dirty_conversations FROM {members}")
        _write(
            writer,
            version,
            choice,
            topic,
            ids,
            middles,
            np.bincount(groups),
            _labels(writer, texts, groups, count),
        )
        replace(writer, [assigned(pa.table(keys), version, ids[groups], fits)])


def _groups(texts: list[str], vectors: np.ndarray, parts: int) -> np.ndarray:
    """The part of each text, the largest 0. Beyond `MOST_TEXTS`, texts join the nearest part."""
    from enrich.topic_groups import by_size, nearest

    if len(texts) <= MOST_TEXTS:
        return find(shape(texts, vectors), count=parts).groups
    every = len(texts) // MOST_TEXTS + 1
    some = find(shape(texts[::every], vectors[::every]), count=parts).groups
    return by_size(nearest(vectors, centres(vectors[::every], some, int(some.max()) + 1)))


def _labels(writer: Writer, texts: list[str], groups: np.ndarray, count: int) -> list[tuple[str, list[str]]]:
    people = known_names(writer)
    return name_topics([mask(text, people) for text in texts], groups, count)


def _write(
    writer: Writer, version: int, choice: int, topic: int, ids: np.ndarray, middles: np.ndarray, sizes: np.ndarray,
    labels: list[tuple[str, list[str]]],
) -> None:  # fmt: skip
    """The first part stays the topic with a new middle; the others are new topics of the same group."""
    old: dict[str, Any] = writer.query(
        "FROM topics WHERE topic_version = ? AND topic_id = ?", [version, topic]
    ).to_pylist()[0]
    taken = set(
        writer.query("SELECT label FROM topics WHERE topic_version = ?", [version])["label"].to_pylist()
    )
    writer.execute(
        "UPDATE topics SET centroid = ?, size = ? WHERE topic_version = ? AND topic_id = ?",
        [middles[0].tolist(), int(sizes[0]), version, topic],
    )
    for at, new in enumerate(ids[1:].tolist(), start=1):
        label, keywords = labels[at]
        if not label or label in taken:
            label = f"{old['found_label']}, part {at + 1}"
        taken.add(label)
        insert(writer, "topics", [old | {
            "topic_id": new, "label": label, "found_label": label, "keywords": keywords, "size": int(sizes[at]),
            "centroid": middles[at].tolist(), "made_at": clock.now(), "merged_into": None,
        }])  # fmt: skip
        insert(writer, "topic_splits", [{"choice_id": choice, "topic_id": topic, "made_id": new}])
    if len(ids) == 1:  # nothing to divide by: the choice is done, and not tried again at every refresh
        insert(writer, "topic_splits", [{"choice_id": choice, "topic_id": topic, "made_id": topic}])
