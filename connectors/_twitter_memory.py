"""What is remembered of recent conversations between two readings: the cursor of the stream `followed`.

Every field only ever takes in more (a maximum, a minimum, a union), so posts may arrive in any order and more
than once and the conversation comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Talk:
    """One conversation. Times are milliseconds since 1970; `root` is {} when its first post is gone."""

    last_ms: int
    last_id: str
    last_role: str
    began_ms: int
    asked_ms: int | None = None
    asked_by: str | None = None  # the first customer
    answered_ms: int | None = None
    answered_by: str | None = None  # the agent who wrote last
    root: dict[str, Any] | None = None  # None: not looked up yet
    unread: bool = True  # its thread was not read yet
    stale: bool = False  # its thread was not looked at in some reading since
    ids: list[str] = field(default_factory=list)

    @property
    def known(self) -> int:
        """How much is known: more posts, then what became of the first one."""
        return 4 * len(self.ids) + (0 if self.root is None else 2 if self.root else 1)

    def fields(self) -> dict[str, Any]:
        """What is saved of it; later posts do not change what was given."""
        return vars(self) | {"ids": list(self.ids)}

    def take(self, native: str, author: str | None, role: str, at_ms: int) -> bool:
        """Take in one post; gives whether it was new."""
        if (at_ms, native) > (self.last_ms, self.last_id):
            self.last_ms, self.last_id, self.last_role = at_ms, native, role
        self.began_ms = min(self.began_ms, at_ms)
        if role == "customer" and (self.asked_ms is None or (at_ms, author) < (self.asked_ms, self.asked_by)):
            self.asked_ms, self.asked_by = at_ms, author
        newest = (self.answered_ms or -1, self.answered_by or "")
        if role == "agent" and (at_ms, author or "") > newest:
            self.answered_ms, self.answered_by = at_ms, author
        if native in self.ids:
            return False
        self.ids.append(native)
        self.ids.sort()
        return True


class Memory:
    """The recent conversations by their id."""

    def __init__(self, cursor: Mapping[str, Any] | None, *, most: int) -> None:
        told = (cursor or {}).get("talks", {})
        self.talks = {native: Talk(**fields) for native, fields in told.items()}
        self._most = most

    def cursor(self, *, before_ms: int) -> dict[str, Any]:
        """What is saved: as much as `forget` leaves."""
        return {"talks": {native: talk.fields() for native, talk in sorted(self._kept(before_ms))}}

    def take(self, conversation: str, native: str, author: str | None, role: str, at_ms: int) -> bool:
        """Take in one post; gives whether it was new."""
        talk = self.talks.get(conversation)
        if talk is None:
            talk = self.talks[conversation] = Talk(at_ms, native, role, at_ms)
        return talk.take(native, author, role, at_ms)

    def trim(self) -> None:
        """Keep the newest only when far too many are held, as in the first reading of a large account."""
        if len(self.talks) > 4 * self._most:
            newest = sorted(self.talks.items(), key=lambda pair: (pair[1].last_ms, pair[0]), reverse=True)
            self.talks = dict(newest[: 2 * self._most])

    def forget(self, *, before_ms: int) -> None:
        """Drop what nobody has written to since then, and the oldest where there are too many."""
        self.talks = dict(self._kept(before_ms))

    def _kept(self, before_ms: int) -> list[tuple[str, Talk]]:
        recent = [pair for pair in self.talks.items() if pair[1].last_ms >= before_ms]
        if len(recent) > self._most:
            recent.sort(key=lambda pair: (pair[1].last_ms, pair[0]), reverse=True)
        return recent[: self._most]

    def chosen(self, ids: Iterable[str]) -> dict[str, Talk]:
        """These conversations, as far as they are remembered."""
        return {native: self.talks[native] for native in sorted(set(ids)) if native in self.talks}

    def threads(self, *, most: int, since_ms: int) -> tuple[list[str], list[str], list[str]]:
        """Whose threads are to be read now: new ones, ones with a gap, and ones that were read each time.

        Of each the newest; besides new ones those that wait for the brand, or were written to since then.
        The others are noted as stale, so that they are read whole when they come to life again.
        """
        newest = sorted(self.talks.items(), key=lambda pair: (pair[1].last_ms, pair[0]), reverse=True)
        new = [native for native, talk in newest if talk.unread][:most]
        alive = [
            native for native, talk in newest
            if not talk.unread and (talk.last_role != "agent" or talk.last_ms >= since_ms)
        ][:most]  # fmt: skip
        gaps = [native for native in alive if self.talks[native].stale]
        kept = set(alive)
        for native, talk in newest:
            talk.stale = not talk.unread and (talk.stale or native not in kept)
        return new, gaps, sorted(kept - set(gaps))

    def was_read(self, ids: Iterable[str]) -> None:
        """The threads of these conversations were read whole."""
        for talk in self.chosen(ids).values():
            talk.unread = talk.stale = False

    def posts(self, *, since_ms: int) -> Iterator[tuple[str, str]]:
        """(post id, conversation id) of conversations that somebody wrote to since then, in a fixed order."""
        for native, talk in sorted(self.talks.items()):
            if talk.last_ms >= since_ms:
                yield from ((post, native) for post in talk.ids)
