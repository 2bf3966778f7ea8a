"""Ticket events of the export: comments, changes of status, assignee, team, priority, tags and hours, ratings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors._values import PRIORITY, STATUS
from connectors._zendesk_rows import VOICE, Staff, comment_rows, via_channel
from connectors._zendesk_table import MICROSECONDS, instant, native_id, text
from core.stream import Reject

Row = dict[str, Any]
_COMMENTS = VOICE | {"Comment"}
# After these the words of an earlier comment are others: the ticket's comments are read again.
_REWRITES = frozenset({"CommentRedactionEvent", "AttachmentRedactionEvent", "CommentPrivacyChange"})
_SCHEDULE = "ScheduleAssignment"
_SURVEYS = {"SurveyOffered": "offered", "SurveyResponseSubmitted": "submitted"}
_FIELDS = {
    "status": "status", "assignee_id": "assignee", "group_id": "team", "priority": "priority",
    "satisfaction_score": "csat",
}  # fmt: skip


@dataclass
class Events:
    """Rows of one page of ticket events."""

    staff: Staff
    keep_html: bool = False
    messages: list[Row] = field(default_factory=list)
    attachments: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rewritten: dict[str, int] = field(default_factory=dict)  # ticket to when a comment of it was changed

    def take(self, event: Mapping[str, Any]) -> None:
        """One audit with its child events, in their order."""
        ticket, stamp = native_id(event.get("ticket_id")), event.get("timestamp")
        if ticket is None:
            return
        version = int(stamp) * MICROSECONDS if stamp is not None else None
        for place, child in enumerate(event.get("child_events") or []):
            kind = child.get("event_type") or child.get("type")
            if kind in _COMMENTS:
                self._comment(child, event, ticket, version)
            elif kind in ("Change", "Create"):
                self._change(child, event, ticket, place, version)
            elif kind in _SURVEYS:
                self._note(event, ticket, place, "csat", None, _SURVEYS[kind], version)
            elif kind == _SCHEDULE:
                old, new = child.get("previous_schedule_id"), child.get("new_schedule_id")
                self._note(event, ticket, place, "schedule", native_id(old), native_id(new), version)
            elif kind in _REWRITES:
                self.rewritten[ticket] = max(self.rewritten.get(ticket, 0), int(stamp or 0))

    def rows(self) -> dict[str, list[Row]]:
        """All rows by stream."""
        return {
            "messages": self.messages,
            "attachments": self.attachments,
            "conversation_events": self.events,
        }

    def _comment(
        self, child: Mapping[str, Any], event: Mapping[str, Any], ticket: str, version: int | None
    ) -> None:
        if "body" not in child and "plain_body" not in child and "data" not in child:
            return  # without the sideload an event only says that there was a comment
        comment = {"created_at": event.get("created_at"), **child}
        row, attachments, rejects = comment_rows(
            comment, ticket, self.staff, version=version, html=self.keep_html
        )
        self.messages += [row] if row else []
        self.attachments += attachments
        self.rejects += rejects

    def _change(
        self,
        child: Mapping[str, Any],
        event: Mapping[str, Any],
        ticket: str,
        place: int,
        version: int | None,
    ) -> None:
        named = child.get("field_name")  # audits name the field, the export makes it a key
        values = {str(named): child.get("value")} if named else child
        for native, ours in _FIELDS.items():
            if native in values:
                old, new = _value(ours, child.get("previous_value")), _value(ours, values[native])
                self._note(event, ticket, place, ours, old, new, version)
        if "tags" in values:
            self._tags(child, values["tags"], event, ticket, place, version)

    def _tags(
        self,
        child: Mapping[str, Any],
        now: Any,
        event: Mapping[str, Any],
        ticket: str,
        place: int,
        version: int | None,
    ) -> None:
        before, after = list(_tag_list(child.get("previous_value"))), list(_tag_list(now))
        for tag in (one for one in after if one not in before):
            self._note(event, ticket, place, "tag", None, tag, version)
        for tag in (one for one in before if one not in after):
            self._note(event, ticket, place, "tag", tag, None, version)

    def _note(
        self,
        event: Mapping[str, Any],
        ticket: str,
        place: int,
        what: str,
        old: str | None,
        new: str | None,
        version: int | None,
    ) -> None:
        moment = instant(event.get("created_at")) or instant(event.get("timestamp"))
        actor = native_id(event.get("updater_id"))
        tag = f":{old or new}" if what == "tag" else ""
        self.events.append(
            {
                # Sorts like the audits were made, as text too: this is the order of events of one second.
                "event_id": f"{event.get('id')!s:0>16}:{place:03d}:{what}{tag}",
                "conversation_id": ticket, "occurred_at": moment, "actor_id": actor,
                "actor_role": self.staff.role(actor, moment, via_channel(event.get("via"))),
                "field": what, "old_value": old, "new_value": new, "is_derived": False,
                "source_version": version,
            }
        )  # fmt: skip


def _value(ours: str, native: Any) -> str | None:
    if ours == "status":
        return None if native is None else STATUS.get(str(native).lower(), "unknown")
    if ours == "priority":
        return None if native in (None, "") else PRIORITY.get(str(native).lower(), "none")
    return native_id(native)


def _tag_list(value: Any) -> Iterator[str]:
    found = value.split() if isinstance(value, str) else value or []
    yield from (str(text(tag)) for tag in dict.fromkeys(found))
