"""Column names of helpdesks' own CSV exports, from their documentation and from memory ([R] in the docs)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._mapping import plain

PRESETS: Mapping[str, Mapping[str, str]] = {
    "zendesk": {
        "conversation_id": "Id|Ticket ID", "subject": "Subject|Ticket subject", "status": "Status|Ticket status",
        "priority": "Priority|Ticket priority", "channel": "Via|Ticket channel", "type": "Ticket type",
        "created_at": "Created at|Ticket created - Timestamp", "updated_at": "Updated at",
        "last_solved_at": "Solved at|Ticket solved - Timestamp", "requester_id": "Requester id|Requester",
        "assignee_id": "Assignee|Assignee name", "team_id": "Group|Ticket group",
        "organization_id": "Organization|Ticket organization name", "tags": "Tags|Ticket tags", "due_at": "Due date",
        "submitter_id": "Submitter", "brand": "Brand|Ticket brand", "body_text": "Description",
    },
    "freshdesk": {
        "conversation_id": "Ticket ID|Ticket Id", "subject": "Subject", "status": "Status", "priority": "Priority",
        "channel": "Source", "type": "Type", "created_at": "Created time", "updated_at": "Last update time",
        "last_solved_at": "Resolved time", "closed_at": "Closed time", "due_at": "Due by Time",
        "first_agent_reply_at": "Initial response time", "requester_id": "Email|Requester Email|Contact ID|Full name",
        "assignee_id": "Agent", "team_id": "Group", "organization_id": "Company Name|Company", "tags": "Tags",
        "product": "Product", "language": "Language", "body_text": "Description",
    },
    "intercom": {
        "conversation_id": "Conversation ID", "created_at": "Conversation started at|Conversation created at|Started at",
        "status": "Conversation state|State", "channel": "Channel|Current channel",
        "assignee_id": "Teammate currently assigned|Teammate assigned", "team_id": "Team currently assigned|Team assigned",
        "requester_id": "User ID|User email|User name", "tags": "Conversation tags|Conversation tag",
        "closed_at": "Last closed at|First closed at", "updated_at": "Last updated at", "subject": "Title|Conversation title",
        "brand": "Brand", "product": "Topic", "body_text": "First message|Initial message", "message_id": "Message ID",
        "author_name": "Author name", "author_role": "Author type",
    },
}  # fmt: skip
# Words that mean something else in one helpdesk than elsewhere: Freshdesk's integers, Intercom's states.
PRESET_VALUES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "freshdesk": {
        "status": {"2": "open", "3": "pending", "4": "solved", "5": "closed", "waiting on customer": "pending",
                   "waiting on third party": "hold"},
        "priority": {"1": "low", "2": "normal", "3": "high", "4": "urgent"},
        "channel": {"1": "email", "2": "web", "3": "voice", "7": "chat", "9": "web", "10": "email", "11": "social"},
    },
    "intercom": {"status": {"open": "open", "closed": "solved", "snoozed": "pending"}},
    "zendesk": {"channel": {"closed ticket": "other", "web service": "api", "native messaging": "chat"}},
}  # fmt: skip


def preset_columns(preset: str, header: Sequence[str]) -> dict[str, str]:
    """The preset's columns that a header has: our column to the header's name."""
    names = {plain(column): column for column in reversed(header)}
    found: dict[str, str] = {}
    for canonical, titles in PRESETS[preset].items():
        for title in titles.split("|"):
            column = names.get(plain(title))
            if column and column not in found.values():
                found.setdefault(canonical, column)
    return found
