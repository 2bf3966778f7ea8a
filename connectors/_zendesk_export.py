"""An incremental export: pages from a place on, a recent part first and an older part behind it.

Exports run forward in time only. So that a first reading shows the last weeks within minutes, two places are
kept: `recent` starts at the beginning of the first window and goes on for ever; `older` starts at the
beginning of everything and ends where the window began. Both are places of the server, never of our clock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from connectors._zendesk_api import Api, Row, rows_of
from connectors._zendesk_table import instant
from core.stream import Checkpoint, Item, Progress, Waiting

VERSION = 1
OVERLAP_S = 300  # by which time-based exports are read again: late rows are found, equal ones change nothing
DAY_S = 86_400
FULL_PAGE = 100
LATEST_START_S = 120  # the server refuses to start within the last minute
Kind = Literal["zendesk_cursor", "zendesk_time"]


@dataclass
class Marks:
    """How far an export has been read. `pending` waits for requests of its own: [id, version]."""

    recent: dict[str, Any] | None = None
    older: dict[str, Any] | None = None
    window: int | None = None  # Unix time at which the recent part begins
    begun: int = 0  # Unix time at which the older part began
    at: int | None = None  # newest time seen
    pending: list[list[Any]] = field(default_factory=list)
    crowded: list[int] = field(default_factory=list)  # seconds that hold more than a page
    uncrowded: list[int] = field(default_factory=list)  # those that were read by their tickets
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Mapping[str, Any] | None) -> Marks:
        """Marks of a stored cursor, or fresh ones."""
        known: dict[str, Any] = {k: v for k, v in (cursor or {}).items() if k in cls.__dataclass_fields__}
        return cls(**deepcopy(known))

    def begin(self, now: int, *, start_at: int, window_days: int | None) -> None:
        """Set the places of a first reading; without a window everything is one part."""
        latest = max(0, now - LATEST_START_S)
        self.begun = min(start_at, latest)
        window = self.begun if window_days is None else min(now - window_days * DAY_S, latest)
        if window > self.begun:
            self.window, self.older = window, {"start_time": self.begun}
        self.recent = {"start_time": max(window, self.begun)}


@dataclass
class Export:
    """One export of the account. `take` gives the items of a page and may add to `marks.pending`."""

    api: Api
    stream: str
    path: str
    key: str
    kind: Kind
    marks: Marks
    take: Callable[[Row, list[Row]], Iterator[Item]]
    stamp: Callable[[Row], int | None]  # a row's time, Unix seconds
    settle: Callable[[], Iterator[Item]] | None = None  # works off `marks.pending`, with checkpoints
    params: Callable[[], Mapping[str, Any]] = dict
    start_at: int = 0

    def forward(self) -> Iterator[Item]:
        """Everything since the last reading."""
        yield from self._settled()
        place = dict(self.marks.recent or {"start_time": self.start_at})
        if self.kind == "zendesk_time":
            place["start_time"] = max(place["start_time"] - OVERLAP_S, 0)
        while True:
            data = yield from self._page(place)
            place, over = self._following(data, place)
            yield from self._taken(data)
            self.marks.recent = self._further(place)
            yield Progress(f"{self.stream}: read up to {_day(self.marks.at)}")
            yield self.checkpoint()
            yield from self._settled()
            if over:
                return

    def _further(self, place: dict[str, Any]) -> dict[str, Any]:
        """The saved place never goes back, also while the overlap is read."""
        before = (self.marks.recent or {}).get("start_time", 0)
        return {"start_time": max(before, place["start_time"])} if self.kind == "zendesk_time" else place

    def backward(self) -> Iterator[Item]:
        """What is older than the first window, from its beginning on, until the two parts meet."""
        while self.marks.older is not None:
            place, window = self.marks.older, self.marks.window or 0
            data = yield from self._page(place)
            following, over = self._following(data, place)
            first, reached = self._span(data, place)
            if place.get("start_time") == self.marks.begun:
                self.marks.begun = max(self.marks.begun, first)
            yield from self._taken(data, before=window)
            self.marks.older = None if over or reached >= window else following
            yield self._progress(window if self.marks.older is None else reached, window)
            yield self.checkpoint()
            yield from self._settled()

    def _progress(self, reached: int, window: int) -> Progress:
        """How many days of those before the window are read."""
        begun = min(self.marks.begun, window)
        days = (max(0, reached - begun) // DAY_S, max(1, (window - begun) // DAY_S))
        return Progress(f"older {self.stream}: read up to {_day(reached)}", *days)

    def checkpoint(self) -> Checkpoint:
        """The place as it is now. The horizon lies at the window until the older part is read."""
        if self.marks.older is not None:
            horizon = instant(self.marks.window)
        else:
            horizon = instant(self.start_at) if self.start_at else None
        cursor = {name: value for name, value in asdict(self.marks).items() if value not in (None, [], {})}
        return Checkpoint(self.stream, cursor, self.kind, VERSION, instant(self.marks.at), horizon)

    def _settled(self) -> Iterator[Item]:
        if self.settle is not None and (self.marks.pending or self.marks.crowded):
            yield from self.settle()

    def _taken(self, data: Row, *, before: int | None = None) -> Iterator[Item]:
        rows = [(self.stamp(row), row) for row in rows_of(data, self.key)]
        if before is not None:  # the last page of the older part reaches into the recent one
            rows = [(stamp, row) for stamp, row in rows if stamp is None or stamp < before]
        self.marks.at = max([*(stamp for stamp, _ in rows if stamp is not None), self.marks.at or 0]) or None
        yield from self.take(data, [row for _, row in rows])

    def _page(self, place: Mapping[str, Any]) -> Generator[Waiting, None, Row]:
        return (yield from self.api.export(self.path, {**self.params(), **place}))

    def _following(self, data: Row, place: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """The place after a page, and whether that was the last one. Raises NoProgress."""
        if self.kind == "zendesk_cursor":
            return self._after_cursor(data, place)
        over = data.get("end_of_stream")
        if over is None:  # an export that does not say ends with a page that is not full
            over = not data.get("next_page") or len(rows_of(data, self.key)) < self.api.page_size
        start, end = int(place["start_time"]), data.get("end_time")
        if over or (end is not None and int(end) > start):
            return {"start_time": max(start, int(end or 0))}, bool(over)
        if not self._is_crowded(data, start):
            raise self.api.stuck(f"{self.path} at {instant(start)}")
        if start not in self.marks.uncrowded:
            self.marks.crowded.append(start)
        return {"start_time": start + 1}, False

    def _is_crowded(self, data: Row, second: int) -> bool:
        """Whether a full page lies in one second: then time cannot lead on, and its tickets are read singly."""
        stamps = [self.stamp(row) for row in rows_of(data, self.key)]
        full = len(stamps) >= min(self.api.page_size, FULL_PAGE)
        return self.settle is not None and full and set(stamps) == {second}

    def _after_cursor(self, data: Row, place: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        cursor, over = data.get("after_cursor"), data.get("end_of_stream")
        if over is None:
            over = not cursor or cursor == place.get("cursor")
        if not over and (not cursor or cursor == place.get("cursor")):
            raise self.api.stuck(self.path)
        return ({"cursor": cursor} if cursor else dict(place)), bool(over)

    def _span(self, data: Row, place: Mapping[str, Any]) -> tuple[int, int]:
        """The times of the first and the last row of a page; its place when it is empty."""
        stamps = [stamp for row in rows_of(data, self.key) if (stamp := self.stamp(row)) is not None]
        known = int(data.get("end_time") or place.get("start_time") or 0)
        return min(stamps, default=known), max([*stamps, known])


def in_turn(parts: list[Iterator[Item]]) -> Iterator[Item]:
    """One page of each part after the other, so that all of them grow back evenly."""
    waiting = list(parts)
    while waiting:
        part = waiting.pop(0)
        for item in part:
            yield item
            if isinstance(item, Checkpoint):
                waiting.append(part)
                break


def _day(stamp: int | None) -> str:
    moment: datetime | None = instant(stamp) if stamp else None
    return moment.date().isoformat() if moment else "the beginning"
