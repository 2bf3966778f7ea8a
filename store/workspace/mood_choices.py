"""Whose scores of mood people want: the word list's, or those of the classifier that corrections have taught.

Nothing is overwritten: the last choice between the two holds, and every wish for a training has a number, so that
a refresh knows which of them it has followed (`enrich/mood.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import insert, select

from core import clock
from core.errors import InputError
from store.workspace.part import Part, owner_of
from store.workspace.tables import MOOD_CHOICES

Kind = Literal["model", "lexicon", "train"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class MoodChoice:
    """What somebody chose, and when."""

    id: int
    kind: Kind
    viewer: str
    at: datetime


class MoodChoices(Part):
    """Choices of who scores moods."""

    def choose_moods(self, kind: Kind, *, viewer: str) -> int:
        """Have moods scored by the classifier or the word list, or the classifier trained again; gives the choice's id.

        It holds from the next refresh on. Raises InputError.
        """
        if kind not in KINDS:
            raise InputError(f"moods cannot be {kind[:40]!r}.", hint=f"Known: {', '.join(KINDS)}.")
        row = {"kind": kind, "viewer": owner_of(viewer), "at": clock.now()}
        made = insert(MOOD_CHOICES).values(row).returning(MOOD_CHOICES.c.id)
        return self._writing(lambda con: int(con.execute(made).scalar_one()))

    def mood_choices(self, n: int = 10) -> list[MoodChoice]:
        """The latest choices, the newest first."""
        query = select(MOOD_CHOICES).order_by(MOOD_CHOICES.c.id.desc()).limit(n)
        with self._reading() as con:
            return [MoodChoice(**row) for row in con.execute(query).mappings()]

    def moods_wanted(self) -> tuple[Literal["model", "lexicon"], int]:
        """Whose scores are wanted (the classifier's, until somebody says otherwise), and the last wish to train."""
        query = select(MOOD_CHOICES.c.id, MOOD_CHOICES.c.kind).order_by(MOOD_CHOICES.c.id)
        wanted: Literal["model", "lexicon"] = "model"
        train = 0
        with self._reading() as con:
            for id, kind in con.execute(query):
                if kind == "train":
                    train = int(id)
                else:
                    wanted = "lexicon" if kind == "lexicon" else "model"
        return wanted, train
