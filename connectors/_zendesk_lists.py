"""Ratings and survey responses: lists filtered by time, the last weeks first and the older ones behind them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors._zendesk_api import Api, Row, rows_of
from connectors._zendesk_export import DAY_S
from connectors._zendesk_table import batches, instant, micros
from core.errors import PermissionRefused, SourceNotFound
from core.stream import Checkpoint, Item, Progress

logger = logging.getLogger(__name__)
AGAIN_DAYS = 30  # a rating may be changed, and a survey answered, for about as long as a ticket stays open


@dataclass
class DatedList:
    """One list. `span` makes the filter of a time from and to (Unix seconds)."""

    api: Api
    stream: str
    words: str
    path: str
    key: str
    rows: Callable[[list[Row]], list[Row]]
    span: Callable[[int, int | None], dict[str, Any]]
    date: Literal["updated_at", "offered_at"]  # what the list is filtered by
    state: dict[str, Any]
    start_at: int
    missing: bool = False  # not in the account's plan

    def forward(self, window: int) -> Iterator[Item]:
        """What changed since the last reading, or since the first window began."""
        if "since" in self.state:
            start = max(self.start_at, int(self.state["since"]) - AGAIN_DAYS * DAY_S)
        else:
            start = max(self.start_at, window)
            self.state |= {"since": start, "window": start}
            if start > self.start_at:
                self.state["older"] = {}
        after: str | None = None
        try:
            while True:
                data, after = yield from self.api.list_page(self.path, self.span(start, None), after)
                yield from self._taken(data)
                if after is None:
                    break
        except (PermissionRefused, SourceNotFound) as error:
            self.missing = True
            logger.warning("%s are left out: %s", self.words, error.message)
            yield Progress(f"{self.words} are left out: {error.message}")
            return
        yield self._checkpoint()

    def backward(self) -> Iterator[Item]:
        """What is older than the first window."""
        while not self.missing and "older" in self.state:
            span = self.span(self.start_at, int(self.state["window"]))
            data, after = yield from self.api.list_page(self.path, span, self.state["older"].get("after"))
            yield from self._taken(data)
            if after is None:
                del self.state["older"]
            else:
                self.state["older"] = {"after": after}
            yield self._checkpoint()

    def _taken(self, data: Row) -> Iterator[Item]:
        rows = self.rows(rows_of(data, self.key))
        seen = [(micros(row[self.date]) or 0) // 1_000_000 for row in rows]
        self.state["since"] = max([*seen, int(self.state["since"])])
        yield from batches({"csat": rows})

    def _checkpoint(self) -> Checkpoint:
        begun = self.state["window"] if "older" in self.state else self.start_at
        horizon = instant(begun) if begun else None
        return Checkpoint(
            self.stream, dict(self.state), "zendesk_list", 1, instant(self.state["since"]), horizon
        )


def rating_span(start: int, end: int | None) -> dict[str, Any]:
    """The filter of satisfaction ratings."""
    return {"start_time": start} | ({"end_time": end} if end is not None else {})


def survey_span(start: int, end: int | None) -> dict[str, Any]:
    """The filter of survey responses, which counts milliseconds."""
    asked: dict[str, Any] = {"filter[created_at_start]": start * 1000, "sort": "id"}
    return asked | ({"filter[created_at_end]": end * 1000} if end is not None else {})


def place(state: Mapping[str, Mapping[str, Any]], stream: str) -> dict[str, Any]:
    """A copy of a stream's stored place."""
    return dict(state.get(stream, {}))
