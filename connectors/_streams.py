"""The canonical columns a file can fill, per stream. A test compares them with store/schema.sql."""

from __future__ import annotations

from collections.abc import Mapping

STREAM_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "conversations": (
        "conversation_id", "url", "channel", "native_channel", "subject", "status", "native_status",
        "priority",
        "native_priority", "type", "product", "requester_id", "submitter_id", "assignee_id", "team_id",
        "organization_id", "brand", "language", "created_at", "updated_at", "due_at", "first_agent_reply_at",
        "first_solved_at", "last_solved_at", "closed_at", "last_message_at", "message_count", "parent_id",
        "merged_into", "is_public", "is_spam", "is_automatic", "is_test", "is_outbound", "custom_fields",
        "vendor_metrics", "time_precision",
    ),
    "messages": (
        "message_id", "conversation_id", "seq", "author_id", "author_role", "author_name", "is_public",
        "kind",
        "in_reply_to", "body_text", "body_html", "language", "created_at", "edited_at", "engagement",
    ),
    "conversation_events": (
        "event_id", "conversation_id", "seq", "occurred_at", "actor_id", "actor_role", "field", "old_value",
        "new_value", "is_derived",
    ),
    "people": (
        "person_id", "kind", "name", "email", "handle", "native_role", "active", "timezone",
        "organization_id",
        "external_id", "created_at", "updated_at", "custom_fields",
    ),
    "person_roles": ("person_id", "kind", "valid_from", "valid_to"),
    "teams": ("team_id", "name"),
    "team_members": ("team_id", "person_id", "valid_from", "valid_to"),
    "organizations": ("organization_id", "name", "domains", "custom_fields"),
    "csat": (
        "csat_id", "conversation_id", "person_id", "agent_id", "team_id", "score", "native_score", "scale",
        "comment", "reason", "offered_at", "rated_at", "updated_at",
    ),
    "conversation_tags": ("conversation_id", "tag", "valid_from", "valid_to"),
    "attachments": (
        "attachment_id", "message_id", "conversation_id", "file_name", "mime_type", "size_bytes",
        "url", "inline",
    ),
    "schedules": (
        "schedule_id", "name", "iana_tz", "native_tz", "intervals", "holidays", "valid_from", "valid_to",
    ),
    "sla_policies": (
        "policy_id", "name", "metric", "priority", "target_seconds", "business_hours", "schedule_id",
        "filter", "position",
        "valid_from", "valid_to",
    ),
    "denominators": ("day", "name", "value"),
}  # fmt: skip

DENOMINATORS = "denominators"  # every column beside the day is one, so none is left over
# Who is named by something else where a file of theirs has no id.
NAMED_BY: Mapping[str, tuple[str, ...]] = {"people": ("email",), "organizations": ("domains", "name")}
# What a row of such a file cannot do without.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "conversations": ("conversation_id", "created_at"),
    "messages": ("conversation_id", "created_at", "body_text"),
    "conversation_events": ("conversation_id", "occurred_at", "new_value"),
    "people": ("person_id",),
    "person_roles": ("person_id", "kind"),
    "teams": ("team_id",),
    "team_members": ("team_id", "person_id"),
    "organizations": ("organization_id",),
    "csat": ("conversation_id", "score"),
    "conversation_tags": ("conversation_id", "tag"),
    "attachments": ("attachment_id",),
    "schedules": ("schedule_id",),
    "sla_policies": ("metric", "target_seconds"),
    "denominators": ("day",),
}

INSTANTS = frozenset(
    c
    for columns in STREAM_COLUMNS.values()
    for c in columns
    if c.endswith("_at") or c in ("valid_from", "valid_to", "day")
)
# Conversation columns that a message-per-row file may carry beside its messages.
ATTRIBUTES = tuple(
    c for c in STREAM_COLUMNS["conversations"] if c not in STREAM_COLUMNS["messages"] and c != "message_count"
)
# The order in which files of one source are read: what others refer to comes first.
READ_ORDER = (
    "teams", "organizations", "people", "person_roles", "team_members", "schedules", "sla_policies",
    "conversations", "messages", "conversation_events", "csat", "conversation_tags", "attachments",
    "denominators",
)  # fmt: skip
