"""What conversations are about: k-means over embeddings, with labels made of their own words.

A fit is a topic version. It is never rewritten: a new fit is a new version beside the old ones. New
conversations join the nearest topic until the store has grown by half or this file's version is raised.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core import clock
from enrich.base import Enricher, Progress
from enrich.cleaning import own_words
from enrich.labels import name_topics
from enrich.redaction import known_names, mask
from llm.embed import local_embedder

if TYPE_CHECKING:
    import numpy as np

    from store.writer import Writer

FEWEST_CONVERSATIONS = 30
GROWTH_BEFORE_REFIT = 1.5
FEWEST_TOPICS, MOST_TOPICS = 8, 40
FIT_SAMPLE = 12_000
SAME_TOPIC_FROM = 0.92
MOST_CHARACTERS = 600
SEED = 7
UNNAMED = "Other"
BATCH_ROWS = 20_000

# Subject and the first words of the customer (of anybody, where roles are not known), bots and system apart.
_TEXTS = """
    SELECT c.source_id, c.conversation_id, md5(concat_ws(chr(10), c.subject, t.body)) AS content_hash,
      coalesce(c.subject, '') AS subject, coalesce(t.body, '') AS body
    FROM conversations c
    {only} JOIN {chosen} d ON d.source_id = c.source_id AND d.conversation_id = c.conversation_id
    LEFT JOIN (
      SELECT m.source_id, m.conversation_id,
        left(arg_min(m.body_text, (coalesce(m.author_role, 'unknown') <> 'customer', m.seq, m.created_at,
          m.message_id)), 4000) AS body
      FROM messages m
      {only} JOIN {chosen} d ON d.source_id = m.source_id AND d.conversation_id = m.conversation_id
      WHERE coalesce(m.is_public, true) AND coalesce(m.kind, 'message') IN ('message', 'voice')
        AND coalesce(m.author_role, 'unknown') NOT IN ('bot', 'system') AND NOT coalesce(m.is_deleted, false)
        AND trim(m.body_text) <> ''
      GROUP BY ALL) t
    ON t.source_id = c.source_id AND t.conversation_id = c.conversation_id
    WHERE NOT coalesce(c.is_deleted, false)"""


class Topics(Enricher):
    """One topic a conversation, from the text it began with."""

    name = "topics"
    version = 1


def assign_topics(writer: Writer, progress: Progress) -> tuple[int | None, int]:
    """Give every dirty conversation a topic, fitting anew when it is time. Gives version and topic count.

    Below 30 conversations there are no topics: a handful of texts has no groups worth a name.
    """
    current = _current(writer)
    conversations = _count(writer, "conversations WHERE NOT coalesce(is_deleted, false)")
    if _is_due(writer, current, conversations):
        current = _fit(writer, conversations, progress)
    if current is None:
        return None, 0
    _assign(writer, current, progress)
    return current, _count(writer, f"topics WHERE topic_version = {current}")


def _current(writer: Writer) -> int | None:
    rows = writer.query("SELECT max(topic_version) AS v FROM topics WHERE is_current")
    value = rows["v"][0].as_py()
    return None if value is None else int(value)


def _count(writer: Writer, what: str) -> int:
    return int(writer.query(f"SELECT count(*) AS n FROM {what}")["n"][0].as_py())


def _is_due(writer: Writer, current: int | None, conversations: int) -> bool:
    if conversations < FEWEST_CONVERSATIONS:
        return False
    if current is None:
        return True
    rows = writer.query("SELECT value FROM settings_kv WHERE key = 'topics_fit'")
    made_by, size = rows["value"][0].as_py().split() if rows.num_rows else ("0", "0")
    return int(made_by) != Topics.version or conversations > GROWTH_BEFORE_REFIT * int(size)


def _fit(writer: Writer, conversations: int, progress: Progress) -> int:
    """A new topic version over a sample of all conversations; everything becomes dirty with it."""
    progress("finding topics", 0, conversations)
    import numpy as np

    every = max(1, math.ceil(conversations / FIT_SAMPLE))
    texts: list[tuple[str, str]] = []
    vectors: list[np.ndarray] = []
    for rows, matrix in _embedded(writer, "conversations", sample_every=every):
        texts += zip(rows["subject"], rows["body"], strict=True)
        vectors.append(matrix)
    matrix = np.concatenate(vectors)
    centroids, groups = cluster(matrix)
    # People are no topics: their names may not reach a label.
    people = known_names(writer)
    words = [mask(f"{subject}\n{own_words(body)[:MOST_CHARACTERS]}", people) for subject, body in texts]
    names = name_topics(words, groups, len(centroids))
    nameless = [group for group, (label, _) in enumerate(names) if not label]
    if nameless:
        centroids, groups, names = _gathered(matrix, groups, nameless, names)
    version = _count(writer, "(SELECT DISTINCT topic_version FROM topics)") + 1
    with writer.transaction():
        _write_topics(writer, version, centroids, groups, names)
        writer.execute("DELETE FROM settings_kv WHERE key = 'topics_fit'")
        writer.execute(
            "INSERT INTO settings_kv (key, value) VALUES ('topics_fit', ?)",
            [f"{Topics.version} {conversations}"],
        )
        writer.execute("INSERT INTO dirty_conversations SELECT source_id, conversation_id FROM conversations")
    return version


def _write_topics(
    writer: Writer,
    version: int,
    centroids: np.ndarray,
    groups: np.ndarray,
    names: list[tuple[str, list[str]]],
) -> None:
    import numpy as np
    import pyarrow as pa

    writer.execute("UPDATE topics SET is_current = false WHERE is_current")
    count = len(centroids)
    writer.insert(
        "topics",
        pa.table(
            {
                "topic_version": pa.array([version] * count, pa.int32()),
                "topic_id": pa.array(range(count), pa.int32()),
                "label": [label for label, _ in names],
                "keywords": pa.array([words for _, words in names], pa.list_(pa.string())),
                "size": pa.array(np.bincount(groups, minlength=count), pa.int64()),
                "centroid": pa.array(centroids.tolist(), pa.list_(pa.float32())),
                "made_at": pa.array([clock.now()] * count, pa.timestamp("us", "UTC")),
                "is_current": [True] * count,
            }
        ),
    )


def _embedded(
    writer: Writer, chosen: str, *, sample_every: int = 1, unless_version: int | None = None
) -> Iterator[tuple[dict[str, list[Any]], np.ndarray]]:
    """Texts with their vectors, batch by batch. A hash of the id chooses the sample, so it never wobbles.

    Conversations whose text has a topic of `unless_version` already are left out.
    """
    sql = _TEXTS.format(only="SEMI", chosen=chosen)
    if sample_every > 1:
        sql += f" AND hash(c.source_id || c.conversation_id) % {sample_every} = 0"
    if unless_version is not None:
        sql = f"""
            SELECT t.* FROM ({sql}) t
            ANTI JOIN (FROM conversation_topics WHERE topic_version = {unless_version}) done
            USING (source_id, conversation_id, content_hash)"""
    if chosen == "conversations":
        sql += " ORDER BY c.source_id, c.conversation_id"
    for batch in writer.batches(sql, rows=BATCH_ROWS):
        rows = batch.to_pydict()
        texts = [topic_text(s, b) for s, b in zip(rows["subject"], rows["body"], strict=True)]
        yield rows, local_embedder().embed(texts)


def topic_text(subject: str, body: str) -> str:
    """What of a conversation is compared: its subject and the first words of its author."""
    return f"{subject}\n{own_words(body)[:MOST_CHARACTERS]}".strip()


def cluster(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit centroids and the group of every row. Near-equal centroids are merged; the seed is fixed."""
    import numpy as np
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    wanted = min(MOST_TOPICS, max(FEWEST_TOPICS, round(math.sqrt(len(matrix)) / 2)))
    # Short posts are often the same words, give or take the last digits of their vectors: there are no more groups
    # than different texts.
    wanted = min(wanted, len(np.unique(matrix.round(4), axis=0)))
    # One thread adds in one order, so that the same texts give the same topics on every machine.
    with threadpool_limits(limits=1):
        model = KMeans(n_clusters=wanted, n_init=2, random_state=SEED).fit(matrix)
    centroids = _unit(model.cluster_centers_)
    groups = np.asarray(model.labels_)
    centroids, groups = _merged(matrix, centroids, groups)
    order = np.argsort(-np.bincount(groups, minlength=len(centroids)), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return centroids[order].astype(np.float32), rank[groups]


def _gathered(
    matrix: np.ndarray, groups: np.ndarray, nameless: list[int], names: list[tuple[str, list[str]]]
) -> tuple[np.ndarray, np.ndarray, list[tuple[str, list[str]]]]:
    """Groups that nothing sets apart (greetings, fragments) become one topic, the last."""
    import numpy as np

    kept = [group for group in range(len(names)) if group not in nameless]
    place = {group: at for at, group in enumerate(kept)}
    groups = np.array([place.get(group, len(kept)) for group in groups.tolist()])
    centroids = _unit(np.stack([matrix[groups == group].mean(axis=0) for group in range(len(kept) + 1)]))
    return centroids.astype(np.float32), groups, [*(names[group] for group in kept), (UNNAMED, [])]


def _unit(rows: np.ndarray) -> np.ndarray:
    import numpy as np

    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1))


def _merged(matrix: np.ndarray, centroids: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join the closest pair of topics until no two are closer than `SAME_TOPIC_FROM`."""
    import numpy as np

    while len(centroids) > 1:
        closeness = centroids @ centroids.T
        np.fill_diagonal(closeness, -1)
        one, other = sorted(divmod(int(closeness.argmax()), len(centroids)))
        if closeness[one, other] < SAME_TOPIC_FROM:
            break
        groups = np.where(groups == other, one, groups)
        groups = np.where(groups > other, groups - 1, groups)
        centroids = _unit(np.stack([matrix[groups == g].mean(axis=0) for g in range(len(centroids) - 1)]))
    return centroids, groups


def _assign(writer: Writer, version: int, progress: Progress) -> None:
    """Nearest topic for dirty conversations whose text or topic version changed."""
    import numpy as np
    import pyarrow as pa

    stored = writer.query("SELECT centroid FROM topics WHERE topic_version = ? ORDER BY topic_id", [version])
    centroids = np.array(stored["centroid"].to_pylist(), dtype=np.float32)
    found: list[pa.Table] = []
    done = 0
    for rows, matrix in _embedded(writer, "dirty_conversations", unless_version=version):
        closeness = matrix @ centroids.T
        nearest = closeness.argmax(axis=1)
        found.append(
            pa.table(
                {
                    **{key: rows[key] for key in ("source_id", "conversation_id", "content_hash")},
                    "topic_version": pa.array([version] * len(nearest), pa.int32()),
                    "topic_id": pa.array(nearest, pa.int32()),
                    "fit": pa.array(closeness[np.arange(len(nearest)), nearest], pa.float64()),
                }
            )
        )
        done += len(nearest)
        progress("assigning topics", done, None)
    with writer.transaction():
        # Out go those that found a new topic, and those that are gone.
        writer.execute("CREATE OR REPLACE TEMP TABLE topics_found AS FROM conversation_topics LIMIT 0")
        for table in found:
            writer.insert("topics_found", table)
        writer.execute("""
            DELETE FROM conversation_topics t
            WHERE (t.source_id, t.conversation_id) IN (
              SELECT (source_id, conversation_id) FROM topics_found UNION ALL
              SELECT (d.source_id, d.conversation_id) FROM dirty_conversations d
              ANTI JOIN (FROM conversations WHERE NOT coalesce(is_deleted, false)) c
              USING (source_id, conversation_id))""")
        writer.execute("INSERT INTO conversation_topics BY NAME FROM topics_found")
