"""How far a list that comes newest first has been read: windows between two known ends.

A window is read from its newest post down to the newest of the reading before. `since_id` of the position moves
only when every window is closed, so a crash in the middle loses nothing: the next reading first fetches what
is newer than everything known, then goes on where the older windows stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

_EPOCH_BITS = 22  # an id is milliseconds, shifted by these bits, plus a number
_EPOCH_MS = 1_288_834_974_657  # since this instant of 2010


@dataclass
class Window:
    """One stretch that is being read; `newest_id` is where it began, `oldest_id` how far it has come."""

    since_id: str | None = None
    newest_id: str | None = None
    oldest_id: str | None = None
    next_token: str | None = None
    until_id: str | None = None

    def request(self, overlap_s: float) -> dict[str, Any]:
        """The parameters of its next page."""
        return {
            "since_id": earlier(self.since_id, overlap_s), "until_id": self.until_id,
            "next_token": self.next_token,
        }  # fmt: skip

    def saw(self, newest_id: str | None, oldest_id: str | None) -> None:
        """Note the ends of a page."""
        self.newest_id = self.newest_id or newest_id
        self.oldest_id = oldest_id or self.oldest_id

    def repair(self, refused: frozenset[str]) -> str | None:
        """Ask differently after X refused parameters; says what that means, None when nothing can be done."""
        if "since_id" in refused and self.since_id is not None:
            self.since_id = None
            return "the last reading is longer ago than X searches back; what lies between is out of reach"
        if refused & {"next_token", "pagination_token"} and self.next_token is not None:
            self.next_token, self.until_id = None, self.oldest_id
            return "X no longer knows the page; it goes on by the last post that was read"
        return None


@dataclass
class Position:
    """The newest post that everything older than is read of, and the windows still open, newest first."""

    since_id: str | None = None
    windows: list[Window] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None) -> Position:
        """The position as it was saved."""
        told = cursor or {}
        return cls(told.get("since_id"), [Window(**one) for one in told.get("windows", ())])

    def cursor(self) -> dict[str, Any]:
        """What is saved."""
        return {"since_id": self.since_id, "windows": [asdict(window) for window in self.windows]}

    @property
    def newest_id(self) -> str | None:
        """The newest post that was seen."""
        return (self.windows[0].newest_id if self.windows else None) or self.since_id

    def begin(self) -> None:
        """Open a window for what is newer than everything known."""
        if not self.windows or self.windows[0].newest_id is not None:
            self.windows.insert(0, Window(since_id=self.newest_id))

    def close(self) -> None:
        """The first window is read to its end."""
        done = self.windows.pop(0)
        if self.windows:
            self.windows[0].newest_id = newer(self.windows[0].newest_id, done.newest_id)
        else:
            self.since_id = newer(self.since_id, done.newest_id)


def made_at(native: str | None) -> datetime | None:
    """When a post was made, as its id tells."""
    if native is None or not native.isdigit():
        return None
    try:
        return datetime.fromtimestamp(((int(native) >> _EPOCH_BITS) + _EPOCH_MS) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def newer(known: str | None, told: str | None) -> str | None:
    """The newer of two ids; ids that are not numbers are taken to come in order."""
    if known is None or told is None:
        return told or known
    if known.isdigit() and told.isdigit():
        return max(known, told, key=int)
    return told


def earlier(native: str | None, seconds: float) -> str | None:
    """An id from so many seconds before: posts appear in the search a little late."""
    if native is None or not native.isdigit():
        return native
    return str(max(1, int(native) - (int(seconds * 1000) << _EPOCH_BITS)))
