"""What the sources hold, kept by whoever changes them, and how a warehouse is held against it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.home import Home
from core.viewer import EVERYTHING
from store.reader import Reader, open_reader

Key = tuple[str, str]  # of a source, and the id that it gave
Values = tuple[str, str]
_THERE = "SELECT source_id, conversation_id FROM {conversations} WHERE NOT coalesce(is_deleted, false)"
# Rows that people can see. A source that takes a conversation out need not say so of each of its messages.
TABLES = {
    "conversations": f"""SELECT source_id, conversation_id AS id, subject AS one, status AS two
        FROM {{conversations}} AS c SEMI JOIN ({_THERE}) USING (source_id, conversation_id)""",
    "messages": f"""SELECT source_id, message_id AS id, conversation_id AS one, body_text AS two
        FROM {{messages}} AS m SEMI JOIN ({_THERE}) USING (source_id, conversation_id)
        WHERE NOT coalesce(m.is_deleted, false)""",
}


@dataclass
class Truth:
    """Each table by key: conversations to subject and status, messages to their conversation and text.

    `gone` is what was there and was taken out. Whoever changes several rows at once holds the lock.
    """

    rows: dict[str, dict[Key, Values]] = field(default_factory=lambda: {table: {} for table in TABLES})
    gone: dict[str, set[Key]] = field(default_factory=lambda: {table: set() for table in TABLES})
    lock: threading.RLock = field(default_factory=threading.RLock)

    def conversation(self, source: str, id: str, subject: str, status: str) -> None:
        """A conversation as it is from now on."""
        self.rows["conversations"][source, id] = (subject, status)

    def message(self, source: str, id: str, conversation: str, text: str) -> None:
        """A message as it is from now on."""
        self.rows["messages"][source, id] = (conversation, text)

    def remove(self, source: str, conversation: str) -> None:
        """A conversation is taken out, with its messages."""
        said = [
            key
            for key, (owner, _) in self.rows["messages"].items()
            if key[0] == source and owner == conversation
        ]
        for table, keys in (("conversations", [(source, conversation)]), ("messages", said)):
            for key in keys:
                del self.rows[table][key]
                self.gone[table].add(key)


@dataclass(frozen=True, slots=True)
class Compared:
    """Keys that are missing, that are there twice, that say something older, and that should not be there."""

    lost: tuple[Key, ...] = ()
    doubled: tuple[Key, ...] = ()
    stale: tuple[Key, ...] = ()
    left: tuple[Key, ...] = ()

    def __add__(self, other: Compared) -> Compared:
        return Compared(self.lost + other.lost, self.doubled + other.doubled, self.stale + other.stale,
                        self.left + other.left)  # fmt: skip


def compare(truth: Mapping[Key, Values], found: Iterable[tuple[Key, Values]]) -> Compared:
    """Rows that were found, against those that should be."""
    rows = list(found)
    times, last = Counter(key for key, _ in rows), dict(rows)
    return Compared(
        lost=tuple(sorted(truth.keys() - last.keys())),
        doubled=tuple(sorted(key for key, n in times.items() if n > 1)),
        stale=tuple(sorted(key for key, values in truth.items() if last.get(key, values) != values)),
        left=tuple(sorted(last.keys() - truth.keys())),
    )


def rows_of(reader: Reader, table: str) -> list[tuple[Key, Values]]:
    """Rows of a published generation that are not taken out."""
    found = reader.query(TABLES[table], viewer=EVERYTHING)
    return [((r["source_id"], r["id"]), (r["one"], r["two"])) for r in found.to_pylist()]


def held_against(home: Home, truth: Truth) -> Compared:
    """The published generation against the truth, when nothing moves any more."""
    reader = open_reader(home)
    with truth.lock:
        each = [compare(truth.rows[table], rows_of(reader, table)) for table in TABLES]
    return each[0] + each[1]


class Watcher:
    """Looks into every generation as it is published: what was there once must be there until it is taken out."""

    def __init__(self, home: Home, truth: Truth) -> None:
        self._home, self._truth = home, truth
        self._seen: dict[str, set[Key]] = {table: set() for table in TABLES}
        self.looked: list[int] = []
        self.lost: list[tuple[int, str, Key]] = []
        self.doubled: list[tuple[int, str, Key]] = []

    def look(self) -> None:
        """Look into the newest generation, once."""
        reader = open_reader(self._home)
        if self.looked and self.looked[-1] == reader.number:
            return
        self.looked.append(reader.number)
        for table, seen in self._seen.items():
            times = Counter(key for key, _ in rows_of(reader, table))
            with self._truth.lock:
                missing = seen - times.keys() - self._truth.gone[table]
            self.lost += [(reader.number, table, key) for key in sorted(missing)]
            self.doubled += [(reader.number, table, key) for key, n in sorted(times.items()) if n > 1]
            seen -= missing
            seen.update(times)
