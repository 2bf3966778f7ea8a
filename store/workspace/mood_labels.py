"""Moods that a language model gave a chosen sample of conversations, to train a classifier with.

They are kept apart from what people correct, and correct nothing: no number is counted by them. Where a person corrected the
same conversation, the person's word is learned from (`enrich/mood.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from core import clock
from core.keys import Key
from core.moods import MOODS
from store.workspace import words
from store.workspace.part import Part, keys, owner_of
from store.workspace.tables import MOOD_LABELS


@dataclass(frozen=True, slots=True)
class MoodLabel:
    """What a model says of a conversation; `viewer` is who asked it to."""

    id: int
    source_id: str
    conversation_id: str
    value: str
    model: str
    viewer: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None

    @property
    def key(self) -> Key:
        """The conversation."""
        return self.source_id, self.conversation_id


class MoodLabels(Part):
    """A model's labels. The latest of a conversation that was not taken back holds."""

    def keep_mood_labels(self, labels: Mapping[Key, str], *, model: str, viewer: str) -> int:
        """Keep moods (negative, neutral, positive) of conversations; how many. Raises InputError."""
        row = {
            "model": words.line(model, what="name of the model", most=200),
            "viewer": owner_of(viewer),
            "at": clock.now(),
        }
        rows = [
            {"source_id": s, "conversation_id": c, "value": words.one_of(labels[s, c], MOODS, what="mood")} | row
            for s, c in keys(list(labels))
        ]  # fmt: skip
        if rows:
            self._writing(lambda con: con.execute(insert(MOOD_LABELS), rows))
        return len(rows)

    def mood_labels_in_force(self) -> list[MoodLabel]:
        """The latest label of each conversation that was not taken back, by conversation."""
        c = MOOD_LABELS.c
        latest = select(func.max(c.id)).where(c.undone_at.is_(None)).group_by(c.source_id, c.conversation_id)
        query = select(MOOD_LABELS).where(c.id.in_(latest)).order_by(c.source_id, c.conversation_id)
        with self._reading() as con:
            return [MoodLabel(**row) for row in con.execute(query).mappings()]

    def take_back_mood_labels(self, *, viewer: str) -> int:
        """Take back all labels of models. How many conversations had one."""
        n = len(self.mood_labels_in_force())
        change = (
            update(MOOD_LABELS)
            .where(MOOD_LABELS.c.undone_at.is_(None))
            .values(undone_at=clock.now(), undone_by=owner_of(viewer))
        )
        self._writing(lambda con: con.execute(change))
        return n
