"""How people want topics: renamed, worded by a language model, merged, moved to a group, pinned, split, found again.

A choice is never overwritten: all that were not undone are in force, the later one before the earlier. A refresh
lays them over whatever the machine found (`enrich/topic_choices.py`), after every fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import Connection, Update, insert, select, update

from core import clock
from core.errors import InputError
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import TOPIC_CHOICES

Kind = Literal["rename", "word", "merge", "move", "pin", "split", "refit"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
NAME: Final = 80
MOST_PARTS: Final = 10


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """What somebody wants of a topic. `target_id`: merged into it, or into how many it is split; `words`: a name.

    Of the kind "word" the name is a language model's, which `model` names; `viewer` is who asked for it.
    """

    id: int
    kind: Kind
    topic_id: int | None
    target_id: int | None
    words: str | None
    viewer: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    model: str | None = None


class TopicChoices(Part):
    """Choices about topics. Everything is kept with its name; what holds is what was not undone."""

    def rename_topic(self, topic_id: int, name: str, *, viewer: str) -> int:
        """Call a topic so; gives the choice's id. Raises InputError."""
        return self._choose(
            "rename", viewer, topic_id, name=words.line(name, what="name of a topic", most=NAME)
        )

    def word_topics(self, labels: Mapping[int, str], *, model: str, viewer: str) -> int:
        """Keep the names that a language model gave, in place of what it called these topics before; how many.

        A person's name for a topic comes before it, whenever it was given. Raises InputError.
        """
        named = {topic: words.line(name, what="name of a topic", most=NAME) for topic, name in labels.items()}
        wordy, asked = words.line(model, what="name of the model", most=200), owner_of(viewer)
        if not named:
            return 0
        rows = [
            {"kind": "word", "topic_id": topic, "words": name, "viewer": asked, "at": clock.now(), "model": wordy}
            for topic, name in named.items()
        ]  # fmt: skip

        def work(con: Connection) -> int:
            con.execute(_unworded(asked).where(TOPIC_CHOICES.c.topic_id.in_(named)))
            con.execute(insert(TOPIC_CHOICES), rows)
            return len(rows)

        return self._writing(work)

    def unword_topics(self, *, viewer: str) -> int:
        """Take back every name that a language model gave. How many there were."""
        change = _unworded(owner_of(viewer))
        return self._writing(lambda con: int(con.execute(change).rowcount))

    def move_topic(self, topic_id: int, group: str, *, viewer: str) -> int:
        """Put a topic into the group of that name, a new one where there is none; gives the choice's id."""
        return self._choose(
            "move", viewer, topic_id, name=words.line(group, what="name of a group", most=NAME)
        )

    def pin_topic(self, topic_id: int, *, viewer: str) -> int:
        """Keep a topic's conversations in it at every later fit; gives the choice's id."""
        return self._choose("pin", viewer, topic_id)

    def merge_topics(self, topic_id: int, into: int, *, viewer: str) -> int:
        """Count a topic's conversations under another; gives the choice's id. Raises InputError for a circle."""
        if topic_id in _chain(_merges(self.topic_choices_in_force()), into):
            raise InputError(
                f"topic {topic_id} cannot be merged into topic {into}: that one is counted under it.",
                hint="Undo the other merge first.",
            )
        return self._choose("merge", viewer, topic_id, target=into)

    def split_topic(self, topic_id: int, parts: int, *, viewer: str) -> int:
        """Divide a topic by its texts; gives the choice's id. Raises InputError."""
        if not 2 <= parts <= MOST_PARTS:
            raise InputError(f"a topic is split into 2 to {MOST_PARTS} parts, not {parts}.")
        return self._choose("split", viewer, topic_id, target=parts)

    def refit_topics(self, *, viewer: str) -> int:
        """Have topics found again at the next refresh; gives the choice's id."""
        return self._choose("refit", viewer, None)

    def undo_topic_choice(self, id: int, *, viewer: str) -> bool:
        """Take a choice back. Whether there was one."""
        change = (
            update(TOPIC_CHOICES)
            .where(TOPIC_CHOICES.c.id == id, TOPIC_CHOICES.c.undone_at.is_(None))
            .values(undone_at=clock.now(), undone_by=owner_of(viewer))
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def topic_choices_in_force(self) -> list[TopicChoice]:
        """What was not undone, in the order in which it was chosen."""
        query = select(TOPIC_CHOICES).where(TOPIC_CHOICES.c.undone_at.is_(None)).order_by(TOPIC_CHOICES.c.id)
        with self._reading() as con:
            return [TopicChoice(**row) for row in con.execute(query).mappings()]

    def _choose(
        self,
        kind: Kind,
        viewer: str,
        topic_id: int | None,
        *,
        target: int | None = None,
        name: str | None = None,
    ) -> int:
        row: dict[str, Any] = {
            "kind": kind, "topic_id": topic_id, "target_id": target, "words": name,
            "viewer": owner_of(viewer), "at": clock.now(),
        }  # fmt: skip
        made = insert(TOPIC_CHOICES).values(row).returning(TOPIC_CHOICES.c.id)
        return self._writing(lambda con: int(con.execute(made).scalar_one()))


def _unworded(viewer: str) -> Update:
    """Takes back what language models called topics."""
    return (
        update(TOPIC_CHOICES)
        .where(TOPIC_CHOICES.c.kind == "word", TOPIC_CHOICES.c.undone_at.is_(None))
        .values(undone_at=clock.now(), undone_by=viewer)
    )


def merged(choices: Sequence[TopicChoice]) -> dict[int, int]:
    """Merged topics and those that their conversations are counted under, at the end of every chain."""
    into = _merges(choices)
    return {topic: _chain(into, topic)[-1] for topic in into}


def _merges(choices: Sequence[TopicChoice]) -> dict[int, int]:
    return {
        c.topic_id: c.target_id
        for c in choices
        if c.kind == "merge" and c.topic_id is not None and c.target_id is not None
    }


def _chain(into: dict[int, int], topic: int) -> list[int]:
    """The topic and those it was merged into, one after the other; a circle ends before it closes."""
    found = [topic]
    while found[-1] in into and into[found[-1]] not in found:
        found.append(into[found[-1]])
    return found
