"""What people say about a conversation: corrections of the machine's findings, and labels of their own.

A correction is never overwritten: the latest that was not undone is in force. A refresh lays it over what the
machine found (`enrich/corrections.py`); until then a page shows both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import Connection, delete, func, insert, select, update

from core import clock
from core.errors import InputError
from core.keys import Key
from core.moods import MOODS
from store.workspace import words
from store.workspace.part import Part, keys, owner_of
from store.workspace.tables import CORRECTIONS, LABELS

Field = Literal["topic", "sentiment"]
FIELDS: Final[tuple[Field, ...]] = get_args(Field)
LABEL: Final = 60


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody says a conversation's topic or sentiment is."""

    id: int
    source_id: str
    conversation_id: str
    field: Field
    value: str
    viewer: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A word that somebody put on a conversation."""

    source_id: str
    conversation_id: str
    label: str
    viewer: str
    at: datetime


class Corrections(Part):
    """Corrections of topic and sentiment. Anybody may correct, and undo: everything is kept with its name."""

    def correct(self, conversations: Sequence[Key], field: Field, value: str, *, viewer: str) -> int:
        """Correct a field of conversations; gives how many were corrected. Raises InputError."""
        row = {
            "field": field, "value": _value(field, value), "viewer": owner_of(viewer), "at": clock.now(),
        }  # fmt: skip
        rows = [{"source_id": s, "conversation_id": c} | row for s, c in keys(conversations)]
        if rows:
            self._writing(lambda con: con.execute(insert(CORRECTIONS), rows))
        return len(rows)

    def undo_correction(self, id: int, *, viewer: str) -> bool:
        """Take a correction back: the one before it counts again, or the machine. Whether there was one."""
        change = (
            update(CORRECTIONS)
            .where(CORRECTIONS.c.id == id, CORRECTIONS.c.undone_at.is_(None))
            .values(undone_at=clock.now(), undone_by=owner_of(viewer))
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def corrections_of(self, source_id: str, conversation_id: str) -> list[Correction]:
        """The history of one conversation, newest first, with what was undone."""
        query = (
            select(CORRECTIONS)
            .where(CORRECTIONS.c.source_id == source_id, CORRECTIONS.c.conversation_id == conversation_id)
            .order_by(CORRECTIONS.c.id.desc())
        )
        with self._reading() as con:
            return [Correction(**row) for row in con.execute(query).mappings()]

    def corrections_in_force(self) -> list[Correction]:
        """The latest of each conversation and field that was not undone, by conversation and field."""
        c = CORRECTIONS.c
        latest = (
            select(func.max(c.id))
            .where(c.undone_at.is_(None))
            .group_by(c.source_id, c.conversation_id, c.field)
        )
        query = select(CORRECTIONS).where(c.id.in_(latest)).order_by(c.source_id, c.conversation_id, c.field)
        with self._reading() as con:
            return [Correction(**row) for row in con.execute(query).mappings()]


class Labels(Part):
    """Labels: words of people's own, beside the tags of the source. Anybody may put and take them."""

    def label(self, conversations: Sequence[Key], label: str, *, viewer: str) -> int:
        """Put a label on conversations; gives how many had not got it. Raises InputError."""
        word, by = words.line(label, what="label", most=LABEL), owner_of(viewer)
        wanted = keys(conversations)
        have = select(LABELS.c.source_id, LABELS.c.conversation_id).where(LABELS.c.label == word)

        def work(con: Connection) -> int:
            known = {(source, native) for source, native in con.execute(have)}
            rows = [
                {"source_id": s, "conversation_id": c, "label": word, "viewer": by, "at": clock.now()}
                for s, c in wanted
                if (s, c) not in known
            ]
            if rows:
                con.execute(insert(LABELS), rows)
            return len(rows)

        return self._writing(work)

    def unlabel(self, conversations: Sequence[Key], label: str) -> int:
        """Take a label off conversations; gives how many had it."""

        def work(con: Connection) -> int:
            c = LABELS.c
            return sum(
                con.execute(
                    delete(LABELS).where(c.source_id == source, c.conversation_id == native, c.label == label)
                ).rowcount
                for source, native in keys(conversations)
            )

        return self._writing(work)

    def labels_of(self, source_id: str, conversation_id: str) -> list[Label]:
        """The labels of one conversation, by word."""
        query = (
            select(LABELS)
            .where(LABELS.c.source_id == source_id, LABELS.c.conversation_id == conversation_id)
            .order_by(LABELS.c.label)
        )
        with self._reading() as con:
            return [Label(**row) for row in con.execute(query).mappings()]

    def labels(self) -> list[tuple[str, int]]:
        """Every label with the number of its conversations, the most used first."""
        count = func.count()
        query = select(LABELS.c.label, count).group_by(LABELS.c.label).order_by(count.desc(), LABELS.c.label)
        with self._reading() as con:
            return [(label, int(n)) for label, n in con.execute(query)]

    def labelled(self, label: str) -> list[Key]:
        """The conversations with a label, by key."""
        query = (
            select(LABELS.c.source_id, LABELS.c.conversation_id)
            .where(LABELS.c.label == label)
            .order_by(LABELS.c.source_id, LABELS.c.conversation_id)
        )
        with self._reading() as con:
            return [(source, native) for source, native in con.execute(query)]


def _value(field: str, value: str) -> str:
    if field not in FIELDS:
        raise InputError(
            f"a conversation's {field[:40]!r} cannot be corrected.", hint=f"Known: {', '.join(FIELDS)}."
        )
    if field == "sentiment" and value not in MOODS:
        raise InputError(f"there is no sentiment {value[:40]!r}.", hint=f"Known: {', '.join(MOODS)}.")
    return words.line(value, what=field)
