"""What a language model is shown of topics to name them: terms, texts that are typical, and the topics that are near."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.population import counted_sql
from analytics.topic_list import topic_list
from core.viewer import EVERYTHING
from enrich.topics import UNNAMED
from rag.model_calls import material
from rag.text import fold, gives_orders
from store.spoken import spoken

if TYPE_CHECKING:
    from store.reader import Reader

TEXTS, LETTERS, TERMS, NEAR = 3, 200, 8, 3  # texts of a topic, signs of each, terms, topics that are near
_CENTRES = "SELECT topic_id, centroid FROM {topics} WHERE is_current ORDER BY topic_id"
# The customers' first words in the conversations that are nearest to the middle; never a private note.
_TEXTS = f"""
    SELECT f.topic_id, f.subject,
      (SELECT arg_min(coalesce(n.clean_text, m.body_text), m.seq) FROM {{messages}} m
       LEFT JOIN {{message_enrichment}} n ON n.source_id = m.source_id AND n.message_id = m.message_id
       WHERE m.source_id = e.source_id AND m.conversation_id = e.conversation_id AND m.author_role = 'customer'
         AND {spoken("m")}) AS body
    FROM {{topic_examples}} e
    JOIN {{topics}} t ON t.topic_version = e.topic_version AND t.topic_id = e.topic_id AND t.is_current
    JOIN {{conversation_facts}} f ON f.source_id = e.source_id AND f.conversation_id = e.conversation_id
    WHERE {counted_sql("f")} AND coalesce(t.merged_into, t.topic_id) = f.topic_id
    ORDER BY e.topic_id <> f.topic_id, e.rank, e.source_id, e.conversation_id"""


@dataclass(frozen=True, slots=True)
class Matter:
    """A topic: its name now and as it was found, its terms, a few texts of it, and the numbers of the nearest topics."""

    topic_id: int
    label: str
    found_label: str
    terms: tuple[str, ...]
    texts: tuple[str, ...]
    near: tuple[int, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """All words that the model may have been given of it."""
        return (*self.terms, *self.texts)


def matters(reader: Reader, mask: Callable[[str], str], *, include: tuple[str, ...]) -> list[Matter]:
    """Every counted topic with a matter, the largest first; not that of texts which nothing sets apart.

    Of all conversations, whoever asks: a topic has one name for everybody. Texts are masked; none reads like an order.
    """
    listed = [
        (one.topic_id, one)
        for one in topic_list(reader, EVERYTHING, include=include).topics
        if one.topic_id is not None and (one.found_label or one.label) != UNNAMED
    ]
    texts: dict[int, list[str]] = {}
    for row in reader.query(_TEXTS, [list(include)], viewer=EVERYTHING).to_pylist():
        found = texts.setdefault(row["topic_id"], [])
        said = fold(f"{row['subject'] or ''}. {row['body'] or ''}").strip(" .")
        if said and len(found) < TEXTS and not gives_orders(said):
            found.append(mask(said)[:LETTERS])  # masked first: half an address would be none
    near = _near(reader, {topic for topic, _ in listed})
    return [
        Matter(
            topic, one.label, one.found_label or one.label,
            tuple(term for term in one.terms[:TERMS] if not gives_orders(term)),
            tuple(texts.get(topic, ())), near.get(topic, ()),
        )
        for topic, one in listed
    ]  # fmt: skip


def _near(reader: Reader, counted: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The topics whose middles are nearest by the cosine, the nearest first."""
    import numpy as np

    rows = [
        row for row in reader.query(_CENTRES, viewer=EVERYTHING).to_pylist() if row["topic_id"] in counted
    ]
    if not rows:
        return {}
    ids = [row["topic_id"] for row in rows]
    centres = np.array([row["centroid"] for row in rows], dtype=np.float64)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    like = centres @ centres.T
    np.fill_diagonal(like, -np.inf)
    order = np.argsort(-like, axis=1, kind="stable")[:, : min(NEAR, len(ids) - 1)]
    return {ids[at]: tuple(ids[other] for other in row) for at, row in enumerate(order)}


def message(named: Sequence[Matter], every: Sequence[Matter], *, mark: str) -> str:
    """The topics to name and those near them, between marks of one request; `every` has all topics."""
    wanted, known = {one.topic_id for one in named}, {one.topic_id: one for one in every}
    beside = dict.fromkeys(near for one in named for near in one.near if near not in wanted and near in known)
    taken = "; ".join(sorted({one.label for one in every if one.topic_id not in wanted}))
    blocks = [material(mark, "taken", taken)]
    blocks += [_block(mark, one, one.texts) for one in named]
    blocks += [_block(mark, known[number], ()) for number in beside]
    return json.dumps({"name": sorted(wanted)}) + "\n\n" + "\n".join(blocks)


def _block(mark: str, one: Matter, texts: Sequence[str]) -> str:
    lines = [f"terms: {', '.join(one.terms)}", *(f"text: {text}" for text in texts)]
    return material(mark, {"topic": one.topic_id, "near": list(one.near)}, "\n".join(lines))
