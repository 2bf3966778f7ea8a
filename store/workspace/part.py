"""What every part of the workspace shares: the database, one way to read and one way to write."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from core.errors import StoreError
from core.keys import Key
from store.workspace import words

# Of writers that meet at one row one gets through each time: this many may meet.
ATTEMPTS = 10
PAUSE_S = 0.01  # the longest pause before the second attempt; they come one after the other, not together

Made = TypeVar("Made")


class Part:
    """One topic of the workspace."""

    _engine: Engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _said(), self._engine.connect() as con:
            yield con

    def _writing(self, work: Callable[[Connection], Made]) -> Made:
        """Do `work` in one transaction, again while somebody else writes the same row at that moment."""
        with _said():
            for attempt in range(1, ATTEMPTS):
                try:
                    with self._engine.begin() as con:
                        return work(con)
                except IntegrityError:
                    time.sleep(random.uniform(0, PAUSE_S * attempt))  # noqa: S311 - a pause, no secret
            with self._engine.begin() as con:
                return work(con)


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StoreError(
            f"the workspace database cannot be used now: {error.orig}.",
            hint="Try again; check that it may be written and that the disk has room.",
        ) from None


def keys(conversations: Sequence[Key]) -> list[Key]:
    """Conversations named once each, in order. Raises InputError for an id that cannot be kept."""
    return [
        (words.exact(source, what="source", most=200), words.exact(native, what="conversation", most=300))
        for source, native in dict.fromkeys(conversations)
    ]


def owner_of(viewer: str) -> str:
    """A viewer's name as it stands beside what they created. Raises InputError."""
    return words.exact(viewer, what="name of the viewer", most=200)
