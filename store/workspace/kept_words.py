"""What language models worded, by a key that says everything it rests on (`rag/kept_words.py`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from core import clock
from store.workspace.part import Part
from store.workspace.tables import KEPT_WORDS

MOST = 2_000  # the newest are kept
LASTING = 2**31 - 1  # in place of a generation: what rests on a text alone
DAYS = 30  # that such words are kept


class KeptWords(Part):
    """Wordings by key, of the newest generations only."""

    def kept_words(self, key: str) -> dict[str, Any] | None:
        """What is kept under a key, or None."""
        with self._reading() as con:
            found = con.execute(select(KEPT_WORDS.c.words).where(KEPT_WORDS.c.key == key)).scalar()
        return found if isinstance(found, dict) else None

    def keep_words(self, key: str, words: dict[str, Any], *, generation: int | None) -> None:
        """Keep a wording, instead of an earlier one; those of older generations and beyond the newest go.

        Without a generation it outlives them, for `DAYS` days: its key holds all that it rests on.
        """
        table, now = KEPT_WORDS.c, clock.now()
        number = LASTING if generation is None else generation
        row = {"key": key, "generation": number, "words": words, "at": now}
        newest = select(table.key).order_by(table.at.desc(), table.key).limit(MOST)
        old = (table.generation == LASTING) & (table.at < now - timedelta(days=DAYS))
        if generation is not None:
            old = old | (table.generation < generation)

        def work(con: Connection) -> None:
            con.execute(delete(KEPT_WORDS).where((table.key == key) | old))
            con.execute(insert(KEPT_WORDS).values(row))
            con.execute(delete(KEPT_WORDS).where(table.key.not_in(newest)))

        self._writing(work)
