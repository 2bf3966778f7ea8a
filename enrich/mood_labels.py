"""Moods that language models gave a sample of conversations, beside what people say: to learn from, never to count by.

A person's correction comes before a model's label of the same conversation; how often both say the same is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enrich.mood_card import MoodCard
from enrich.sentiment import CLASSES

if TYPE_CHECKING:
    from store.workspace import MoodLabel
    from store.writer import Writer

_PEOPLE = "FROM conversation_corrections WHERE field = 'sentiment'"
# What is learned from: source_id, conversation_id, value, said_at, by_model.
SAID: Final = f"""
    SELECT source_id, conversation_id, value, corrected_at AS said_at, false AS by_model {_PEOPLE}
    UNION ALL
    SELECT source_id, conversation_id, value, said_at, true FROM mood_labels_now n
    ANTI JOIN ({_PEOPLE}) k USING (source_id, conversation_id)"""
_COUNTS = f"SELECT by_model, value, count(*) AS n FROM ({SAID}) GROUP BY ALL"
_AGREED = f"""
    SELECT count(*) AS n, count(*) FILTER (k.value = n.value) AS same FROM mood_labels_now n
    JOIN ({_PEOPLE}) k USING (source_id, conversation_id)"""


def take(writer: Writer, labels: Sequence[MoodLabel]) -> None:
    """Put the labels of conversations that are there into a table of this run."""
    import pyarrow as pa

    writer.execute(
        "CREATE OR REPLACE TEMP TABLE mood_labels_now (source_id VARCHAR, conversation_id VARCHAR, value VARCHAR, "
        "model VARCHAR, said_at TIMESTAMPTZ)"
    )
    if not labels:
        return
    columns = {
        "source_id": pa.array([one.source_id for one in labels], pa.string()),
        "conversation_id": pa.array([one.conversation_id for one in labels], pa.string()),
        "value": pa.array([one.value for one in labels], pa.string()),
        "model": pa.array([one.model for one in labels], pa.string()),
        "said_at": pa.array([one.at for one in labels], pa.timestamp("us", "UTC")),
    }
    writer.insert("mood_labels_now", pa.table(columns))
    writer.execute("""
        DELETE FROM mood_labels_now n WHERE NOT EXISTS (
          FROM conversations c WHERE c.source_id = n.source_id AND c.conversation_id = n.conversation_id)""")


def counted(writer: Writer, card: MoodCard) -> MoodCard:
    """The card with what people and models say now, and how often both say the same."""
    rows = {(row["by_model"], row["value"]): int(row["n"]) for row in writer.query(_COUNTS).to_pylist()}
    people, models = (tuple(rows.get((by, mood), 0) for mood in CLASSES) for by in (False, True))
    both = writer.query(_AGREED).to_pylist()[0]
    names = writer.query("SELECT DISTINCT model FROM mood_labels_now ORDER BY model")["model"].to_pylist()
    return replace(
        card, corrections=people, labels=models, labelled_by=", ".join(names), both=int(both["n"]), agreed=int(both["same"])
    )  # fmt: skip


def forgotten(card: MoodCard) -> MoodCard:
    """The card without the classifier that learned from labels which were taken back; it is due again when there is enough."""
    return replace(
        card, model="", model_languages=(), in_use=False, until=None, trained_at=None, trained_on=0, labels_learned=0,
        whole=None, languages=(), reason="",
    )  # fmt: skip
