"""What language models worded, by a key that says everything it rests on (`rag/kept_words.py`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select

from core import clock
from store.workspace.part import Part
from store.workspace.tables import KEPT_WORDS

MOST = 2_000  # the newest are kept


class KeptWords(Part):
    """Wordings by key, of the newest generations only."""

    def kept_words(self, key: str) -> dict[str, Any] | None:
        """What is kept under a key, or None."""
        with self._reading() as con:
            found = con.execute(select(KEPT_WORDS.c.words).where(KEPT_WORDS.c.key == key)).scalar()
        return found if isinstance(found, dict) else None

    def keep_words(self, key: str, words: dict[str, Any], *, generation: int) -> None:
        """Keep a wording, instead of an earlier one; those of older generations and beyond the newest go."""
        table = KEPT_WORDS.c
        row = {"key": key, "generation": generation, "words": words, "at": clock.now()}
        newest = select(table.key).order_by(table.at.desc(), table.key).limit(MOST)

        def work(con: Connection) -> None:
            con.execute(delete(KEPT_WORDS).where((table.key == key) | (table.generation < generation)))
            con.execute(insert(KEPT_WORDS).values(row))
            con.execute(delete(KEPT_WORDS).where(table.key.not_in(newest)))

        self._writing(work)
