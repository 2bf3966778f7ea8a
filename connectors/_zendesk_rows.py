"""Tickets, users and comments in our columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors._values import CHANNEL, PRIORITY, STATUS
from connectors._zendesk_settings import Names, kept
from connectors._zendesk_table import MICROSECONDS, as_json, instant, micros, native_id, text
from core.stream import Reject

Row = dict[str, Any]
SYSTEM_USER = "-1"
MERGED_TAG = "closed_by_merge"
UNKNOWN_TARGET = "unknown"  # merged, and nothing says into which ticket
# Zendesk's channel words that are not in the common list.
_CHANNELS = {
    "native_messaging": "chat", "messaging": "chat", "mobile_sdk": "chat", "sunshine_conversations_api": "chat",
    "mobile": "web", "help_center": "web", "web_widget": "web", "side_conversation": "email", "sms": "chat",
    "twitter_dm": "social", "twitter_fav": "social", "twitter_like": "social", "instagram_dm": "social",
    "rule": "api", "any_channel_app": "social", "facebook_message": "social", "facebook_messenger": "chat",
}  # fmt: skip
_MESSAGING = frozenset({"chat", "native_messaging", "messaging", "sunshine_conversations_api"})
_SAYS_TARGET = re.compile(r"merged into (?:request|ticket) #?(\d+)", re.IGNORECASE)
VOICE = frozenset({"VoiceComment", "TpeVoiceComment"})


@dataclass
class Staff:
    """Who was an agent when: periods of (from, to), None where they are open. Everybody else is a customer."""

    periods: dict[str, list[list[str | None]]] = field(default_factory=dict)

    def role(self, person: Any, moment: datetime | None, channel: str = "") -> str:
        """The role of a person at a moment."""
        if channel.startswith("answer_bot"):
            return "bot"
        number = native_id(person)
        if number is None:
            return "unknown"
        if number == SYSTEM_USER or channel in ("rule", "system"):
            return "system"
        return "agent" if self._worked(number, moment) else "customer"

    def _worked(self, number: str, moment: datetime | None) -> bool:
        for start, end in self.periods.get(number, ()):
            begun, over = instant(start), instant(end)
            if moment is None or ((begun is None or moment >= begun) and (over is None or moment < over)):
                return True
        return False

    def note(self, user: Mapping[str, Any], known_since: datetime | None) -> list[Row]:
        """Take over a user's present role; gives person_roles when it is another one than before.

        `known_since`: users created up to this instant were read before, so that an agent who is new to us
        was a customer until now.
        """
        number, works = str(user.get("id")), is_staff(user)
        periods = self.periods.get(number, [])
        working = bool(periods) and periods[-1][1] is None
        if works == working:
            return []
        changed = instant(user.get("updated_at"))
        at = changed.isoformat() if changed else None
        if works:
            created = instant(user.get("created_at"))
            was_customer = bool(periods) or (known_since and created and created <= known_since)
            self.periods[number] = [*periods, [at if was_customer else None, None]]
            return role_rows(number, self.periods[number]) if was_customer else []
        self.periods[number] = [*periods[:-1], [periods[-1][0], at]]
        return role_rows(number, self.periods[number])


def is_staff(user: Mapping[str, Any]) -> bool:
    """Whether a user answers customers; every role but end-user is internal."""
    return user.get("role") in ("agent", "admin")


def role_rows(person: str, periods: Sequence[Sequence[str | None]]) -> list[Row]:
    """The times in which somebody was an agent, and a customer before, between and after."""
    rows: list[Row] = []
    free: str | None = None  # since when a customer; None: from the beginning
    for number, (start, end) in enumerate(periods):
        if start is not None or number:
            rows.append(_role(person, "customer", free, start))
        rows.append(_role(person, "agent", start, end))
        free = end
    if free is not None:
        rows.append(_role(person, "customer", free, None))
    return rows


def _role(person: str, kind: str, start: str | None, end: str | None) -> Row:
    return {"person_id": person, "kind": kind, "valid_from": instant(start), "valid_to": instant(end)}


def person_row(user: Mapping[str, Any]) -> Row:
    """A user as one of our people."""
    return {
        "person_id": native_id(user.get("id")), "kind": "agent" if is_staff(user) else "customer",
        "name": text(user.get("name")), "email": text(user.get("email")), "handle": text(user.get("alias")) or None,
        "native_role": user.get("role"), "active": bool(user.get("active", True)),
        "timezone": user.get("iana_time_zone"), "organization_id": native_id(user.get("organization_id")),
        "external_id": native_id(user.get("external_id")), "created_at": instant(user.get("created_at")),
        "updated_at": instant(user.get("updated_at")), "custom_fields": as_json(kept(user.get("user_fields"))),
        "source_version": micros(user.get("updated_at")),
    }  # fmt: skip


def ticket_version(ticket: Mapping[str, Any]) -> int | None:
    """What tells a newer ticket from an older one. `updated_at` does not: automations leave it as it is."""
    stamp = ticket.get("generated_timestamp")
    return int(stamp) * MICROSECONDS if stamp is not None else micros(ticket.get("updated_at"))


def ticket_row(ticket: Mapping[str, Any], names: Names, address: str, merged_into: str | None) -> Row:
    """A ticket as one of our conversations."""
    metrics = ticket.get("metric_set") or {}
    category, label = names.statuses.get(str(ticket.get("custom_status_id")), ("", ""))
    native = str(ticket.get("status") or category)
    channel = _channel(ticket.get("via"))
    return {
        "conversation_id": native_id(ticket.get("id")), "url": f"{address}/agent/tickets/{ticket.get('id')}",
        "channel": CHANNEL.get(channel, _CHANNELS.get(channel, "other")), "native_channel": channel or None,
        "subject": text(ticket.get("subject")), "status": STATUS.get(native, "unknown"),
        "native_status": label if label and category == native else native,
        "priority": PRIORITY.get(str(ticket.get("priority") or "none"), "none"),
        "native_priority": ticket.get("priority"), "type": ticket.get("type"),
        "requester_id": native_id(ticket.get("requester_id")), "submitter_id": native_id(ticket.get("submitter_id")),
        "assignee_id": native_id(ticket.get("assignee_id")), "team_id": native_id(ticket.get("group_id")),
        "organization_id": native_id(ticket.get("organization_id")),
        "brand": names.brands.get(str(ticket.get("brand_id"))), "created_at": instant(ticket.get("created_at")),
        "updated_at": instant(ticket.get("updated_at")), "due_at": instant(ticket.get("due_at")),
        "last_solved_at": instant(metrics.get("solved_at")), "parent_id": _followed(ticket.get("via")),
        "merged_into": merged_into, "is_public": ticket.get("is_public"),
        "custom_fields": as_json(_attributes(ticket, names)),
        "vendor_metrics": as_json({k: v for k, v in metrics.items() if k not in ("url", "ticket_id")}),
        "time_precision": "s", "source_version": ticket_version(ticket),
        "is_deleted": ticket.get("status") == "deleted",
    }  # fmt: skip


def _attributes(ticket: Mapping[str, Any], names: Names) -> dict[str, Any]:
    values = {
        names.fields.get(str(one.get("id")), f"field {one.get('id')}"): one.get("value")
        for one in ticket.get("custom_fields") or []
    }
    form = names.forms.get(str(ticket.get("ticket_form_id")))
    return kept({"Ticket form": form, **values})


def tag_rows(ticket: Mapping[str, Any]) -> list[Row]:
    """The tags a ticket has now, all of them."""
    number, version = native_id(ticket.get("id")), ticket_version(ticket)
    return [
        {"conversation_id": number, "tag": text(tag), "source_version": version}
        for tag in dict.fromkeys(ticket.get("tags") or [])
    ]


def has_transcript(ticket: Mapping[str, Any]) -> bool:
    """Whether a ticket's messages are in the conversation log rather than in its comments."""
    told = bool(ticket.get("from_messaging_channel")) or _channel(ticket.get("via")) in _MESSAGING
    return told and ticket.get("status") != "deleted"


def via_channel(via: Any) -> str:
    """The channel of a via, which is an object, a word, or nothing."""
    return _channel(via)


def _channel(via: Any) -> str:
    found = via.get("channel") if isinstance(via, Mapping) else via
    return str(found or "").strip().lower().replace(" ", "_")


def _source(via: Any) -> Mapping[str, Any]:
    found = via.get("source") if isinstance(via, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _followed(via: Any) -> str | None:
    """The ticket that a follow-up follows."""
    source = _source(via)
    before = source.get("from")
    if source.get("rel") != "follow_up" or not isinstance(before, Mapping):
        return None
    return native_id(before.get("ticket_id"))


def merge_target(comments: Iterable[Mapping[str, Any]]) -> str:
    """Into which ticket a ticket was merged, by its newest comment that says so."""
    for comment in comments:
        source = _source(comment.get("via"))
        goal = source.get("to")
        if source.get("rel") == "merge" and isinstance(goal, Mapping) and goal.get("ticket_id"):
            return str(goal["ticket_id"])
        said = _SAYS_TARGET.search(str(comment.get("plain_body") or comment.get("body") or ""))
        if said:
            return said[1]
    return UNKNOWN_TARGET


def comment_rows(
    comment: Mapping[str, Any], ticket: str, staff: Staff, *, version: int | None, html: bool
) -> tuple[Row | None, list[Row], list[Reject]]:
    """A comment as a message, with its attachments; or why it is set aside. `metadata` is never kept."""
    number, written = native_id(comment.get("id")), instant(comment.get("created_at"))
    channel = _channel(comment.get("via"))
    if number is None or written is None:
        field_name, sample = ("id", None) if number is None else ("created_at", comment.get("created_at"))
        reason = "the comment has no id" if number is None else "its date cannot be read as one"
        return None, [], [Reject("messages", reason, native_id=number, field=field_name, sample=text(sample))]
    public = bool(comment.get("public", True))
    voice = comment.get("type") in VOICE or comment.get("event_type") in VOICE
    row = {
        "message_id": number, "conversation_id": ticket, "author_id": native_id(comment.get("author_id")),
        "author_role": staff.role(comment.get("author_id"), written, channel), "is_public": public,
        "kind": "voice" if voice else "message" if public else "note", "body_text": _said(comment),
        "body_html": text(comment.get("html_body")) if html else None, "created_at": written,
        "source_version": version,
    }  # fmt: skip
    return row, attachment_rows(comment, ticket, number, version), []


def _said(comment: Mapping[str, Any]) -> str | None:
    data = comment.get("data")
    spoken = data.get("transcription_text") if isinstance(data, Mapping) else None
    return text(comment.get("plain_body") or comment.get("body") or spoken)


def attachment_rows(owner: Mapping[str, Any], ticket: str, message: str, version: int | None) -> list[Row]:
    """The files of a message."""
    return [
        {
            "attachment_id": native_id(one.get("id")), "message_id": message, "conversation_id": ticket,
            "file_name": text(one.get("file_name")), "mime_type": one.get("content_type"),
            "size_bytes": one.get("size"), "url": text(one.get("content_url")),
            "inline": bool(one.get("inline")), "source_version": version,
        }
        for one in owner.get("attachments") or [] if one.get("id") is not None
    ]  # fmt: skip
