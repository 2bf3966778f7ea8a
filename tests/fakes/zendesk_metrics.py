"""A ticket's metric set, kept as Zendesk publishes it: by what happens, when it happens, and never again.

Written from Zendesk's help pages alone, so that it may differ from the product's own facts. A value is told once
its end is known and is not recomputed when an earlier comment or the ticket's schedule changes later. A
first reply, first resolution and full resolution take the schedule in force at their end for all of their time;
waits take, stretch by stretch, the schedule in force when the status changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.zendesk_shapes import Row, iso

Hours = Callable[
    [Any, datetime, datetime], int | None
]  # schedule, start, end: working seconds, None without one
SOLVED = ("solved", "closed")
SESSION = timedelta(minutes=30)  # of silence end a messaging session [R]
# Metric to the statuses it adds up, and the statuses in which its value is told.
WAITS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "requester_wait_time": (("new", "open", "hold"), ("pending", "solved", "closed")),
    "agent_wait_time": (("pending",), ("new", "open", "hold", "solved", "closed")),
    "on_hold_time": (("hold",), ("new", "open", "pending", "solved", "closed")),
}


class MetricSet:
    """The measuring of one ticket; `row` is what the API gives."""

    def __init__(self, row: Row, ticket: Row, at: datetime, hours: Hours, schedule: Any) -> None:
        self.row, self.created, self.hours, self.schedule = row, at, hours, schedule
        self.round_each_stretch = False  # whether a wait adds up whole minutes, not seconds [R]
        self.status, self.since = ticket["status"], at
        self.assignee, self.group = ticket["assignee_id"], ticket["group_id"]
        self.waited: dict[str, list[int | None]] = {name: [0, 0] for name in WAITS}
        self.heard: datetime | None = None  # the last public message of a messaging ticket
        self.session_answered = False
        row |= {"group_stations": int(self.group is not None), "assignee_stations": 0, "replies": 0}
        row["on_hold_time_in_minutes"] = {"calendar": 0, "business": 0}
        if self.assignee is not None:
            self._assigned(at)
        if self.status in SOLVED:
            self._solved(at)

    def said(self, at: datetime, *, by_agent: bool, public: bool, messaging: bool) -> None:
        """A comment or a message after the one that created the ticket. `by_agent`: by a person, not by a bot."""
        self._updated(at, latest_comment_added_at=iso(at))
        if not public:
            return
        if messaging:
            if self.heard is None or at - self.heard > SESSION:
                self.session_answered = False
            self.heard = at
        if by_agent:
            self._replied(at, messaging)

    def created_by_words(self, at: datetime, *, messaging: bool) -> None:
        """The comment that made the ticket: never a reply."""
        self.heard = at if messaging else None

    def _replied(self, at: datetime, messaging: bool) -> None:
        if self.row["reply_time_in_minutes"]["calendar"] is None:
            self._tell("reply_time", at)
        if not (messaging and self.session_answered):
            self.row["replies"] += 1
        self.session_answered = messaging

    def changed(self, fields: Mapping[str, Any], at: datetime) -> None:
        """New values of a ticket's fields."""
        if "schedule_id" in fields:
            self.schedule = fields["schedule_id"]
        if "group_id" in fields and fields["group_id"] != self.group:
            self.group = fields["group_id"]
            self.row["group_stations"] += self.group is not None
        if "assignee_id" in fields and fields["assignee_id"] != self.assignee:
            self.assignee = fields["assignee_id"]
            if self.assignee is not None:
                self._assigned(at)
        status = fields.get("status", self.status)
        if status != self.status and status != "deleted":
            self._moved(status, at)
        self._updated(at)

    def touched(self, at: datetime, author: Any, requester: Any) -> None:
        """Who wrote or changed something."""
        if author is not None and author == requester:
            self._updated(at, requester_updated_at=iso(at))
        if author is not None and author == self.assignee:
            self._updated(at, assignee_updated_at=iso(at))

    def _moved(self, status: str, at: datetime) -> None:
        before, self.status = self.status, status
        for name, (counted, _) in WAITS.items():
            if before in counted:
                self._add(self.waited[name], at)
        for name, (counted, told_in) in WAITS.items():
            if status in told_in and (before in counted or self._was_told(name)):
                calendar, business = self.waited[name]
                self.row[f"{name}_in_minutes"] = {
                    "calendar": _minutes(calendar),
                    "business": _minutes(business),
                }
        self.since = at
        if status in SOLVED and before not in SOLVED:
            self._solved(at)
        if before in SOLVED and status not in SOLVED:
            self.row["reopens"] += 1
        self._updated(at, status_updated_at=iso(at), custom_status_updated_at=iso(at))

    def _was_told(self, name: str) -> bool:
        return self.row[f"{name}_in_minutes"]["calendar"] is not None

    def _add(self, waited: list[int | None], at: datetime) -> None:
        stretch: tuple[int | None, ...] = (
            int((at - self.since).total_seconds()), self.hours(self.schedule, self.since, at)
        )  # fmt: skip
        for place, seconds in enumerate(stretch):
            so_far = waited[place]
            if seconds is None or so_far is None:
                waited[place] = None
            else:
                waited[place] = so_far + (seconds // 60 * 60 if self.round_each_stretch else seconds)

    def _solved(self, at: datetime) -> None:
        self.session_answered = False
        self.row["solved_at"] = iso(at)
        if self.row["first_resolution_time_in_minutes"]["calendar"] is None:
            self._tell("first_resolution_time", at)
        self._tell("full_resolution_time", at)

    def _assigned(self, at: datetime) -> None:
        self.row["assignee_stations"] += 1
        self.row["assigned_at"] = iso(at)
        self.row["initially_assigned_at"] = self.row["initially_assigned_at"] or iso(at)

    def _tell(self, name: str, at: datetime) -> None:
        """A duration from the creation; the schedule of now counts for all of it."""
        self.row[f"{name}_in_minutes"] = {
            "calendar": _minutes(int((at - self.created).total_seconds())),
            "business": _minutes(self.hours(self.schedule, self.created, at)),
        }

    def _updated(self, at: datetime, **stamps: str) -> None:
        self.row |= {"updated_at": iso(at), **stamps}


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else seconds // 60
