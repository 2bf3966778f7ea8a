"""What vendors measure themselves, which fact of ours it is, and the reasons why the two may differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Unit = Literal["minutes", "count", "instant"]
Rule = Literal["end", "wait", "count", "instant"]


@dataclass(frozen=True, slots=True)
class VendorMetric:
    """One value that a vendor keeps of each conversation, in `conversations.vendor_metrics`.

    `path` is where, `fact` the column of conversation_facts beside it (whole seconds where the unit is minutes),
    `moment` the column of the event that ends it. `rule` says how it is made: from the creation to an `end`, as a
    sum of stretches (`wait`), a `count`, or an `instant`. `families` are metrics of the catalogue that aggregate the fact.
    """

    name: str
    title: str
    path: str
    fact: str
    moment: str
    rule: Rule
    hours: Literal["calendar", "business"] | None = None
    families: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        """The name without its hours."""
        return self.name.partition(".")[0]

    @property
    def unit(self) -> Unit:
        """What its numbers count; an instant is in seconds since 1970."""
        return "minutes" if self.hours else "instant" if self.rule == "instant" else "count"

    @property
    def unit_s(self) -> int:
        """Seconds (of our fact) in one of its units; 1 for what is no duration."""
        return 60 if self.unit == "minutes" else 1


def _both(
    name: str, title: str, fact: str, moment: str, rule: Rule, *families: str
) -> Iterator[VendorMetric]:
    for hours, suffix in (("calendar", "_s"), ("business", "_business_s")):
        path = f"$.{name}_in_minutes.{hours}"
        words = f"{title}, {hours} hours"
        yield VendorMetric(f"{name}.{hours}", words, path, fact + suffix, moment, rule, hours, families)  # type: ignore[arg-type]


def _one(name: str, title: str, fact: str, moment: str, rule: Rule, *families: str) -> VendorMetric:
    return VendorMetric(name, title, f"$.{name}", fact, moment, rule, None, families)


# Zendesk's metric sets.
METRICS: tuple[VendorMetric, ...] = (
    *_both("reply_time", "First reply time", "first_reply", "first_reply_at", "end", "first_reply"),
    *_both("first_resolution_time", "First resolution time", "first_resolution", "first_solved_at", "end",
           "first_resolution"),
    *_both("full_resolution_time", "Full resolution time", "full_resolution", "last_solved_at", "end", "resolution"),
    *_both("requester_wait_time", "Requester wait time", "requester_wait", "last_status_at", "wait", "requester_wait"),
    *_both("agent_wait_time", "Agent wait time", "agent_wait", "last_status_at", "wait", "agent_wait"),
    *_both("on_hold_time", "On-hold time", "on_hold", "last_status_at", "wait", "on_hold"),
    _one("replies", "Replies", "agent_replies", "last_activity_at", "count", "replies_per_conversation"),
    _one("reopens", "Reopens", "reopens", "last_status_at", "count"),
    _one("group_stations", "Group stations", "team_stations", "last_activity_at", "count"),
    _one("assignee_stations", "Assignee stations", "agent_stations", "last_activity_at", "count"),
    _one("solved_at", "Solved at", "epoch(last_solved_at)::BIGINT", "last_solved_at", "instant"),
)  # fmt: skip
# Vendor's wait to the statuses it adds up.
WAITS = {
    "requester_wait_time": ("new", "open", "hold"), "agent_wait_time": ("pending",), "on_hold_time": ("hold",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the vendor's value of a conversation is not ours, in words."""

    name: str
    title: str
    words: str


# Our value is computed again under one rule of the vendor's at a time; the first of these that gives the vendor's value,
# to the minute, is told. Where that cannot be done, a cause is told when the facts leave room for the difference.
CAUSES: tuple[Cause, ...] = (
    Cause("merged", "Merged", "The vendor counts it; here it is counted with the conversation it was merged into."),
    Cause("spam", "Spam", "The vendor counts it; here spam is left out."),
    Cause("test", "Test", "The vendor counts it; here tests are left out."),
    Cause("automatic", "Automatic", "The vendor counts it; here automatic messages are left out."),
    Cause("duplicate", "Duplicate", "The vendor counts it; here it is the copy of a conversation of another source."),
    Cause("outbound", "Outbound", "An agent began it: the vendor counts it, and its first reply is the second public "
          "message of an agent. Here it is left out."),
    Cause("bot_reply", "Bot reply", "The vendor takes a message of a bot for an agent's."),
    Cause("acknowledgement", "Acknowledgement", "The vendor takes an automatic acknowledgement for a reply."),
    Cause("former_agent", "Former agent", "The vendor counts messages of somebody who was an agent then and is none now."),
    Cause("restated", "Restated", "The vendor's value was kept before a later change: a public reply that is a note now, "
          "an event after the value was last told, or hours that were edited since."),
    Cause("schedule_change", "Schedule change", "The conversation changed its business hours: the vendor counts all of "
          "the time, or each stretch, by those in force at its end."),
    Cause("thanks_reopen", "Thanks reopen", "Reopened by thanks alone, which is listed apart here."),
    Cause("still_open", "Still open", "Unsolved now: the vendor keeps the value until the last solve or status change, "
          "here there is none until it is solved."),
    Cause("no_history", "History not read", "The conversation's events are not read yet, or the source has none."),
    Cause("other_hours", "Other hours", "Calendar hours agree; business hours come from another calendar than the vendor's, "
          "or only one of the two has any."),
    Cause("chat_session", "Chat session", "The vendor cuts chat sessions elsewhere: its count lies between one reply and "
          "one for each message."),
    Cause("rounding", "Rounding", "Less than a minute for each stretch that was added up."),
    Cause("unexplained", "Unexplained", "No rule explains it."),
)  # fmt: skip
BY_NAME = {cause.name: cause for cause in CAUSES}
