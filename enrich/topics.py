"""What conversations are about: exactly one topic each, found by `topic_fit`, kept in versions.

A fit is a topic version. It is never rewritten: a new fit is a new version beside the old ones, in which a topic
that is still there keeps its id. New conversations join the nearest topic until the store has grown by a fifth or
this file's version is raised.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from core import clock
from enrich import topic_choices, topic_splits
from enrich.base import Enricher, Progress
from enrich.concepts import common_words
from enrich.redaction import known_names, mask
from enrich.topic_fit import UNNAMED, Before, Fit, Sample, fit
from enrich.topic_rows import assigned, insert, replace
from enrich.topic_texts import Compared, beginnings, embedded, keep_words, last_compared, main_language
from enrich.topic_versions import NONE
from llm.embed import local_embedder
from store.dirty import mark_all
from store.kept_values import recall, remember

if TYPE_CHECKING:
    import pyarrow as pa

    from store.writer import Writer

__all__ = ["UNNAMED", "Topics", "assign_topics"]
FEWEST_CONVERSATIONS = 30
_FIT = "topics_fit"  # under which what _last_fit tells is kept
GROWTH_BEFORE_REFIT = 1.2
FIT_SAMPLE = 8_000


class Topics(Enricher):
    """One topic a conversation, from the text it began with."""

    name = "topics"
    version = 4


def assign_topics(writer: Writer, progress: Progress) -> tuple[int | None, int]:
    """Give every dirty conversation a topic, fitting anew when it is time. Gives version and topic count.

    Below 30 conversations there are no topics: a handful of texts has no groups worth a name.
    """
    current = _current(writer)
    conversations = _count(writer, "conversations WHERE NOT coalesce(is_deleted, false)")
    made_by, size, heard = _last_fit(writer)
    raised = made_by != Topics.version
    grown = conversations >= GROWTH_BEFORE_REFIT * size
    wanted = topic_choices.refit_wanted(writer, heard)
    if conversations >= FEWEST_CONVERSATIONS and (current is None or raised or grown or wanted):
        current = _fit(writer, conversations, progress, afresh=raised, heard=wanted or heard)
    if current is None:
        return None, 0
    _assign(writer, current, progress)
    topic_splits.divide(writer, current)
    topic_choices.lay_over(writer, current)
    return current, _count(writer, f"topics WHERE topic_version = {current}")


def _current(writer: Writer) -> int | None:
    rows = writer.query("SELECT max(topic_version) AS v FROM topics WHERE is_current")
    value = rows["v"][0].as_py()
    return None if value is None else int(value)


def _count(writer: Writer, what: str) -> int:
    return int(writer.query(f"SELECT count(*) AS n FROM {what}")["n"][0].as_py())


def _last_fit(writer: Writer) -> tuple[int, int, int]:
    """By which version of this file the last fit was made, over how many conversations, after which wish for it."""
    told = (recall(writer, _FIT) or "").split()
    made_by, size, heard = (int(part) for part in [*told, "0", "0", "0"][:3])
    return made_by, size, heard


def _fit(writer: Writer, conversations: int, progress: Progress, *, afresh: bool, heard: int) -> int:
    """A new topic version over a sample of all conversations; everything becomes dirty with it."""
    progress("finding topics", 0, conversations)
    keys, sample, compared = _sampled(writer, max(1, math.ceil(conversations / FIT_SAMPLE)))
    found = fit(sample, _before(writer), afresh=afresh)
    version = _count(writer, "(SELECT DISTINCT topic_version FROM topics)") + 1
    with writer.transaction():
        _write(writer, version, found, keys, conversations, compared)
        _hold(writer, version)
        remember(writer, _FIT, f"{Topics.version} {conversations} {heard}")
        mark_all(writer)
    return version


def _sampled(writer: Writer, every: int) -> tuple[dict[str, list[Any]], Sample, Compared]:
    """Keys and content of the sample, in the order of keys, and what its texts are compared in."""
    import numpy as np

    keys: dict[str, list[Any]] = {"source_id": [], "conversation_id": [], "content_hash": []}
    begun: list[str] = []
    written: list[str | None] = []
    for rows in beginnings(writer, "conversations", sample_every=every):
        for name, values in keys.items():
            values += rows[name]
        begun += rows["text"]
        written += rows["written"]
    people = known_names(writer)  # people are no topics: their names may not reach a label
    worded = [mask(text, people) for text in begun]
    language = main_language(writer)
    own = (text for text, in_ in zip(worded, written, strict=True) if in_ == language)
    compared = Compared(language, common_words(own))
    texts = list(map(compared.read, begun, written))
    told = writer.query("SELECT source_id, conversation_id, found_id FROM conversation_topics").to_pydict()
    last = dict(
        zip(zip(told["source_id"], told["conversation_id"], strict=True), told["found_id"], strict=True)
    )
    pairs = zip(keys["source_id"], keys["conversation_id"], strict=True)
    old = np.array([last.get(pair, NONE) for pair in pairs], dtype=np.int64)
    return keys, Sample(texts, worded, local_embedder().embed(texts), old), compared


def _before(writer: Writer) -> Before:
    rows = writer.query("SELECT topic_id, found_label, found_group FROM topics WHERE is_current").to_pylist()
    first_new = writer.query("SELECT coalesce(max(topic_id) + 1, 0) AS n FROM topics")["n"][0].as_py()
    return Before(
        {row["topic_id"]: row["found_group"] for row in rows if row["found_group"] is not None},
        next((row["topic_id"] for row in rows if row["found_label"] == UNNAMED), None),
        int(first_new),
        topic_choices.held(writer),
    )


def _write(
    writer: Writer, version: int, found: Fit, keys: dict[str, list[Any]], conversations: int, compared: Compared
) -> None:  # fmt: skip
    """The version, and the topics of the sample's conversations."""
    import pyarrow as pa

    at, topics = clock.now(), found.topics
    insert(writer, "topic_fits", [
        {"topic_version": version, "made_at": at, "conversations": conversations, "sampled": len(found.ids),
         "topics": len(topics), "agreement": found.found.agreement, "kept": found.kept, "language": compared.language}
    ])  # fmt: skip
    keep_words(writer, compared)
    writer.execute("UPDATE topics SET is_current = false WHERE is_current")
    insert(writer, "topics", [
        {"topic_version": version, "topic_id": t.id, "label": t.label, "keywords": t.keywords, "size": t.size,
         "centroid": t.centre.tolist(), "made_at": at, "is_current": True, "group_id": t.group,
         "group_label": t.group_label, "fit": t.fit,
         "found_label": t.label, "found_group": t.group, "found_group_label": t.group_label}
        for t in topics
    ])  # fmt: skip
    insert(writer, "topic_links", [
        {"topic_version": version, "from_id": a, "to_id": b, "shared": n, "of_old": of} for a, b, n, of in found.links
    ])  # fmt: skip
    insert(writer, "topic_examples", [
        {"topic_version": version, "topic_id": t.id, "rank": rank, "source_id": keys["source_id"][row],
         "conversation_id": keys["conversation_id"][row]}
        for t in topics
        for rank, row in enumerate(t.examples)
    ])  # fmt: skip
    replace(writer, [assigned(pa.table(keys), version, found.ids, found.fits)])


def _hold(writer: Writer, version: int) -> None:
    """Conversations of held topics that were not in the sample stay in them, and such a topic stays a topic."""
    for topic in sorted(topic_choices.held(writer)):
        writer.execute(f"""
            INSERT INTO topics BY NAME
            SELECT * REPLACE ({version} AS topic_version, true AS is_current) FROM topics t
            WHERE topic_id = {topic} AND NOT EXISTS (
              FROM topics n WHERE n.topic_version = {version} AND n.topic_id = {topic})
            ORDER BY topic_version DESC LIMIT 1""")
        writer.execute(
            f"UPDATE conversation_topics SET topic_version = {version} WHERE found_id = {topic} "
            f"AND topic_version <> {version}"
        )


def _assign(writer: Writer, version: int, progress: Progress) -> None:
    """Nearest topic for dirty conversations whose text or topic version changed."""
    import numpy as np
    import pyarrow as pa

    stored = writer.query(
        "SELECT topic_id, centroid FROM topics WHERE topic_version = ? ORDER BY topic_id", [version]
    )
    ids, centres = stored["topic_id"].to_numpy(), np.array(stored["centroid"].to_pylist(), dtype=np.float32)
    found: list[pa.Table] = []
    done = 0
    for rows, matrix in embedded(
        writer, "dirty_conversations", last_compared(writer), unless_version=version
    ):
        closeness = matrix @ centres.T
        nearest = closeness.argmax(axis=1)
        keys = pa.table({key: rows[key] for key in ("source_id", "conversation_id", "content_hash")})
        found.append(assigned(keys, version, ids[nearest], closeness[np.arange(len(nearest)), nearest]))
        done += len(nearest)
        progress("assigning topics", done, None)
    with writer.transaction():
        replace(writer, found)
        writer.execute("""
            DELETE FROM conversation_topics t
            WHERE (t.source_id, t.conversation_id) IN (
              SELECT (d.source_id, d.conversation_id) FROM dirty_conversations d
              ANTI JOIN (FROM conversations WHERE NOT coalesce(is_deleted, false)) c
              USING (source_id, conversation_id))""")
