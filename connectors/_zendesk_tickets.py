"""Tickets with their events, and what is only told ticket by ticket: transcripts, changed comments, merges."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors._zendesk_api import Api, Row, rows_of
from connectors._zendesk_events import Events
from connectors._zendesk_export import Export, Marks
from connectors._zendesk_rows import (
    MERGED_TAG,
    UNKNOWN_TARGET,
    Staff,
    attachment_rows,
    comment_rows,
    has_transcript,
    merge_target,
    person_row,
    tag_rows,
    ticket_row,
    ticket_version,
)  # fmt: skip
from connectors._zendesk_settings import Names, organization_rows
from connectors._zendesk_table import (
    MICROSECONDS,
    batch,
    batches,
    instant,
    native_id,
    tag_batch,
    text,
    words_of_html,
)
from core.errors import PermissionRefused, SourceNotFound
from core.stream import Item, Progress, Reject, Waiting

logger = logging.getLogger(__name__)
Found = defaultdict[str, list[Row]]  # rows by stream, gathered from several tickets
Single = Callable[[str, int | None, Found], Iterator[Item]]
AT_ONCE = 50  # tickets whose own requests are made between two checkpoints
_ROLES = {"user": "customer", "end-user": "customer", "agent": "agent", "bot": "bot"}


@dataclass
class Tickets:
    """The two exports that are read together. `people_known`: users need not come along with tickets."""

    api: Api
    names: Names
    staff: Staff
    start_at: int
    people_known: bool
    state: Mapping[str, Mapping[str, Any]]
    tickets: Export = field(init=False)
    events: Export = field(init=False)
    _logs_refused: bool = False

    def __post_init__(self) -> None:
        self.tickets = Export(
            self.api, "tickets", "incremental/tickets/cursor.json", "tickets", "zendesk_cursor",
            Marks.read(self.state.get("tickets")), self._take_tickets, _generated, self._read_logs,
            self._sideloads, self.start_at,
        )  # fmt: skip
        self.events = Export(
            self.api, "ticket_events", "incremental/ticket_events.json", "ticket_events", "zendesk_time",
            Marks.read(self.state.get("ticket_events")), self._take_events, _timestamp, self._read_singly,
            lambda: {"include": "comment_events"}, self.start_at,
        )  # fmt: skip

    def _sideloads(self) -> dict[str, str]:
        wanted = ["metric_sets"] if self.api.config.vendor_metrics else []
        if not self.people_known:
            wanted += ["users", "organizations"]
        return {"include": ",".join(wanted)} if wanted else {}

    def _take_tickets(self, data: Row, rows: list[Row]) -> Iterator[Item]:
        rows = list(_newest(rows).values())
        address = self.api.config.address(self.api.context.source_id)
        conversations = []
        for ticket in rows:
            goal = None
            if MERGED_TAG in (ticket.get("tags") or []) and ticket.get("status") != "deleted":
                goal = yield from self._merged_into(str(ticket.get("id")))
            conversations.append(ticket_row(ticket, self.names, address, goal))
        if self.api.config.conversation_log:
            logs = {one["id"]: [one["id"], ticket_version(one)] for one in rows if has_transcript(one)}
            waiting = {one[0]: one for one in self.tickets.marks.pending} | logs
            self.tickets.marks.pending = list(waiting.values())
        if conversations:
            yield batch("conversations", conversations)
            yield tag_batch([tag for ticket in rows for tag in tag_rows(ticket)], conversations)
        organizations = organization_rows(rows_of(data, "organizations"))
        yield from batches(
            {
                "people": [person_row(user) for user in rows_of(data, "users")],
                "organizations": organizations if self.api.config.organizations else [],
            }
        )

    def _take_events(self, data: Row, rows: list[Row]) -> Iterator[Item]:
        found = Events(self.staff, self.api.config.keep_html)
        for event in rows:
            found.take(event)
        pending = {one[0]: one for one in self.events.marks.pending}
        pending |= {ticket: [ticket, stamp] for ticket, stamp in found.rewritten.items()}
        self.events.marks.pending = list(pending.values())
        yield from found.rejects
        yield from batches(found.rows())

    def _merged_into(self, ticket: str) -> Generator[Waiting, None, str]:
        try:
            data, _ = yield from self.api.list_page(
                f"tickets/{ticket}/comments", {"sort": "-created_at"}, None
            )
        except (SourceNotFound, PermissionRefused):
            return UNKNOWN_TARGET
        return merge_target(rows_of(data, "comments"))

    def _read_logs(self) -> Iterator[Item]:
        yield from self._work_off(self.tickets, self._log_if_allowed)

    def _log_if_allowed(self, ticket: str, version: int | None, found: Found) -> Iterator[Item]:
        if self._logs_refused:
            return
        try:
            yield from self._log(ticket, version, found)
        except PermissionRefused as error:
            self._logs_refused = True
            yield Progress(f"transcripts are left out: {error.message}")
            logger.warning("transcripts are left out: %s", error.message)

    def _read_singly(self) -> Iterator[Item]:
        """Tickets whose events the export cannot give in pages, or whose earlier comments were changed."""
        marks = self.events.marks
        while marks.crowded:
            tickets = yield from self._tickets_since(marks.crowded[0])
            marks.uncrowded.append(marks.crowded.pop(0))
            marks.pending = [*marks.pending, *([ticket, None] for ticket in tickets)]
            yield self.events.checkpoint()
        yield from self._work_off(self.events, self._audits_or_comments)

    def _tickets_since(self, second: int) -> Generator[Waiting, None, list[str]]:
        """Tickets that were there in a second and have changed in it or since."""
        path, place, found = "incremental/tickets/cursor.json", {"start_time": str(second)}, []
        while True:
            data = yield from self.api.export(path, place)
            for row in rows_of(data, "tickets"):
                created = instant(row.get("created_at"))
                if created and created.timestamp() <= second and row.get("status") != "deleted":
                    found.append(str(row["id"]))
            cursor = data.get("after_cursor")
            if data.get("end_of_stream") or not cursor or cursor == place.get("cursor"):
                return found
            place = {"cursor": str(cursor)}

    def _audits_or_comments(self, ticket: str, stamp: int | None, found: Found) -> Iterator[Item]:
        if stamp is None:
            yield from self._audits(ticket, found)
        else:
            yield from self._comments(ticket, stamp, found)

    def _audits(self, ticket: str, found: Found) -> Iterator[Item]:
        """All audits of a ticket: the same events as the export's, ticket by ticket."""
        events, after = Events(self.staff, self.api.config.keep_html), None
        while True:
            data, after = yield from self.api.list_page(f"tickets/{ticket}/audits", {}, after)
            for audit in rows_of(data, "audits"):
                moment = instant(audit.get("created_at"))
                stamp = int(moment.timestamp()) if moment else None
                told = {
                    "updater_id": audit.get("author_id"),
                    "timestamp": stamp,
                    "child_events": audit.get("events"),
                }
                events.take({**audit, **told})
            if after is None:
                break
        yield from events.rejects
        for stream, rows in events.rows().items():
            found[stream] += rows
        for stamp in events.rewritten.values():
            yield from self._comments(ticket, stamp, found)

    def _work_off(self, export: Export, one: Single) -> Iterator[Item]:
        """The requests for single tickets; those of a deleted one answer 404 and are skipped."""
        while export.marks.pending:
            now, later = export.marks.pending[:AT_ONCE], export.marks.pending[AT_ONCE:]
            found: Found = defaultdict(list)
            for ticket, version in now:
                try:
                    yield from one(str(ticket), version, found)
                except SourceNotFound:
                    logger.info("ticket is gone", extra={"ticket": ticket})
            yield from batches(found)
            export.marks.pending = later
            yield export.checkpoint()

    def _comments(self, ticket: str, stamp: int, found: Found) -> Iterator[Item]:
        """All comments of a ticket again, after one of them was redacted or made private."""
        after: str | None = None
        while True:
            data, after = yield from self.api.list_page(f"tickets/{ticket}/comments", {}, after)
            for comment in rows_of(data, "comments"):
                row, attachments, rejects = comment_rows(
                    comment, ticket, self.staff, version=stamp * MICROSECONDS, html=self.api.config.keep_html
                )
                found["messages"] += [row] if row else []
                found["attachments"] += attachments
                yield from rejects
            if after is None:
                return

    def _log(self, ticket: str, version: int | None, found: Found) -> Iterator[Item]:
        """A messaging ticket's transcript. Its comments are left to the export, which has them all."""
        after: str | None = None
        while True:
            data, after = yield from self.api.list_page(f"tickets/{ticket}/conversation_log", {}, after)
            for entry in rows_of(data, "events"):
                if not str(entry.get("type", "")).startswith("Messaging::"):
                    continue
                row = transcript_row(entry, ticket, version)
                if row["message_id"] is None or row["created_at"] is None:
                    yield Reject(
                        "messages", "a transcript entry has no id or date", native_id=row["message_id"]
                    )
                    continue
                found["messages"].append(row)
                found["attachments"] += attachment_rows(entry, ticket, row["message_id"], version)
            if after is None:
                return


def transcript_row(entry: Mapping[str, Any], ticket: str, version: int | None) -> Row:
    """One entry of a conversation log as a message."""
    author, content = entry.get("author") or {}, entry.get("content") or {}
    number = author.get("zen:support:user_id")
    person = number if isinstance(number, int) and number > 0 else author.get("zen:sunco:user_id")
    public = (entry.get("metadata") or {}).get("public", True)
    return {
        "message_id": native_id(entry.get("id")), "conversation_id": ticket, "author_id": native_id(person),
        "author_role": _ROLES.get(str(author.get("type")), "unknown"), "author_name": text(author.get("display_name")),
        "is_public": bool(public), "kind": "message" if public else "note", "body_text": _said(content),
        "created_at": instant(entry.get("created_at")), "source_version": version,
    }  # fmt: skip


def _said(content: Mapping[str, Any]) -> str | None:
    words = text(content.get("text"))
    if not words and content.get("body"):
        words = words_of_html(content["body"]) if content.get("type") == "html" else text(content["body"])
    offered = [
        str((one.get("reply") or {}).get("text") or one.get("text") or "")
        for one in content.get("actions") or []
    ]
    choices = " / ".join(choice for choice in offered if choice)
    return words or (text(f"[{choices}]") if choices else None)


def _newest(tickets: list[Row]) -> dict[str, Row]:
    """Each ticket once: an export may give one twice in a page."""
    found: dict[str, Row] = {}
    for ticket in tickets:
        number = str(ticket.get("id"))
        if number not in found or (ticket_version(ticket) or 0) >= (ticket_version(found[number]) or 0):
            found[number] = ticket
    return found


def _generated(ticket: Row) -> int | None:
    version = ticket_version(ticket)
    return None if version is None else version // MICROSECONDS


def _timestamp(event: Row) -> int | None:
    stamp = event.get("timestamp")
    return None if stamp is None else int(stamp)
