"""An account: what it holds, and what happens in it. Every happening makes an audit, as in a real account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk_hours import worked_seconds
from tests.fakes.zendesk_metrics import SOLVED, MetricSet
from tests.fakes.zendesk_shapes import Row, iso

# Fields of a ticket whose changes are told by the export of ticket events.
TOLD = (
    "status",
    "priority",
    "assignee_id",
    "group_id",
    "tags",
    "type",
    "custom_status_id",
    "satisfaction_score",
)
MESSAGING = ("native_messaging", "messaging", "chat")


def stamp(at: datetime) -> int:
    return int(at.timestamp())


class Account:
    """Lists of objects by name; tickets with their audits, comments and transcripts."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.next_id = 1000
        self.tickets: dict[Any, Row] = {}
        self.metrics: dict[Any, Row] = {}
        self.measuring: dict[Any, MetricSet] = {}
        self.audits: dict[Any, list[Row]] = {}
        self.comments: dict[Any, list[Row]] = {}
        self.logs: dict[Any, list[Row]] = {}
        self.metric_events: list[Row] = []
        self.lists: dict[str, list[Row]] = {
            name: []
            for name in (
                "users", "organizations", "groups", "group_memberships", "ticket_fields", "custom_statuses",
                "brands", "ticket_forms", "sla_policies", "schedules", "satisfaction_ratings", "survey_responses",
            )
        }  # fmt: skip
        self.holidays: dict[Any, list[Row]] = {}

    def number(self) -> int:
        self.next_id += 1
        return self.next_id

    def add(
        self, name: str, shape: Callable[..., Row], /, *, at: datetime | None = None, **fields: Any
    ) -> Row:
        """One object of a list; `id` may be given."""
        row = shape(fields.pop("id", None) or self.number(), at or self.clock(), **fields)
        self.lists[name].append(row)
        return row

    def user(self, **fields: Any) -> Row:
        return self.add("users", shapes.user, **fields)

    def group(self, **fields: Any) -> Row:
        return self.add("groups", shapes.group, **fields)

    def organization(self, **fields: Any) -> Row:
        return self.add("organizations", shapes.organization, **fields)

    def ticket(
        self,
        *,
        at: datetime | None = None,
        body: str | None = "Help, my printer is on fire!",
        author: Any = None,
        comment: Row | None = None,
        **fields: Any,
    ) -> Row:
        """A new ticket with its first comment (none with body=None)."""
        at = at or self.clock()
        number = fields.pop("id", None) or self.number()
        row = shapes.ticket(number, at, **fields)
        row["description"], row["fields"] = body or "", row["custom_fields"]
        row["raw_subject"] = row["subject"]
        self.tickets[number] = row
        self.metrics[number] = shapes.metric_set(self.number(), number, at)
        schedule = next((one["id"] for one in self.lists["schedules"]), None)
        self.measuring[number] = MetricSet(self.metrics[number], row, at, self._worked, schedule)
        self.measuring[number].created_by_words(at, messaging=_is_messaging(row))
        self.audits[number], self.comments[number], self.logs[number] = [], [], []
        events = [self._event("Create", field_name=k, value=row[k]) for k in TOLD if row.get(k)]
        said = (
            []
            if body is None
            else [self._comment(row, at, author or row["requester_id"], body, comment or {})]
        )
        self._audit(row, at, author or row["requester_id"], [*said, *events], via=row["via"])
        for metric in ("agent_work_time", "reply_time", "requester_wait_time"):
            self._measured(number, metric, "activate", at)
        return row

    def comment(
        self, ticket: Any, body: str, *, author: Any = None, at: datetime | None = None, **fields: Any
    ) -> Row:
        """A new comment on a ticket."""
        row, at = self.tickets[ticket], at or self.clock()
        event = self._comment(row, at, author, body, fields)
        self._touch(row, at)
        by_agent = self._is_staff(author) and not _channel(fields.get("via")).startswith("answer_bot")
        self._said(ticket, at, author, by_agent=by_agent, public=fields.get("public", True) and author != -1)
        self._audit(row, at, author, [event])
        return self.comments[ticket][-1]

    def change(
        self, ticket: Any, *, at: datetime | None = None, author: Any = None, via: Any = None, **fields: Any
    ) -> None:
        """New values for fields of a ticket, told by one audit."""
        row, at = self.tickets[ticket], at or self.clock()
        events = [
            self._event("Change", field_name=name, value=value, previous_value=row.get(name))
            for name, value in fields.items() if name in TOLD
        ]  # fmt: skip
        row |= fields
        row["fields"] = row["custom_fields"]
        self._measure(ticket, fields, at, author)
        self._touch(row, at)
        self._audit(row, at, author, events, via=via)

    def assign_schedule(self, ticket: Any, schedule: Any, *, at: datetime | None = None) -> None:
        """Another schedule for a ticket, by a trigger; told by an event that is not documented [R]."""
        row, at, measured = self.tickets[ticket], at or self.clock(), self.measuring[ticket]
        event = self._event(
            "ScheduleAssignment", previous_schedule_id=measured.schedule, new_schedule_id=schedule
        )
        measured.changed({"schedule_id": schedule}, at)
        self._touch(row, at)
        self._audit(
            row, at, -1, [event], via={"channel": "rule", "source": {"from": {}, "to": {}, "rel": None}}
        )

    def apply_sla(
        self, ticket: Any, policy: Row, *, at: datetime | None = None, metric: str = "reply_time"
    ) -> None:
        """A policy begins to govern a ticket, told by an event of Zendesk's own clocks [R]."""
        told = {key: policy[key] for key in ("id", "title", "description")}
        self._measured(ticket, metric, "apply_sla", at or self.clock())
        self.metric_events[-1]["sla"] = {"target": 60, "business_hours": False, "policy": told}

    def make_private(self, comment: Any, *, at: datetime | None = None, author: Any = None) -> None:
        """A public comment becomes a note. What was measured with it stays."""
        at = at or self.clock()
        ticket, row = self._found(comment)
        row["public"] = False
        self._touch(self.tickets[ticket], at)
        event = self._event("CommentPrivacyChange", comment_id=comment, public=False)
        self._audit(self.tickets[ticket], at, author, [event])

    def system_update(self, ticket: Any, *, at: datetime | None = None, **fields: Any) -> None:
        """A change that makes no event: the export tells it, `updated_at` stays."""
        self.tickets[ticket] |= fields | {"generated_timestamp": stamp(at or self.clock())}

    def delete(self, ticket: Any, *, at: datetime | None = None) -> None:
        """Deleted: the export still tells it, everything below it answers 404."""
        row, at = self.tickets[ticket], at or self.clock()
        row["status"] = "deleted"
        self._touch(row, at)

    def merge(self, source: Any, target: Any, *, author: Any = None, at: datetime | None = None) -> None:
        """One ticket into another: both get a note, the first is closed and tagged."""
        at = at or self.clock()
        goal, gone = self.tickets[target], self.tickets[source]
        said = f'This request was closed and merged into request #{target} "{goal["subject"]}".'
        told = f'Request #{source} "{gone["subject"]}" was closed and merged into this request.'
        self.comment(source, said, author=author, at=at, public=False)
        self.comment(target, told, author=author, at=at, public=False)
        self.change(source, at=at, author=author, status="closed", tags=[*gone["tags"], "closed_by_merge"])

    def redact(self, comment: Any, body: str, *, at: datetime | None = None, author: Any = None) -> None:
        """Words of a comment are taken out for good."""
        at = at or self.clock()
        ticket, row = self._found(comment)
        row |= {"body": body, "plain_body": body, "html_body": f"<div>{body}</div>"}
        self._touch(self.tickets[ticket], at)
        self._audit(
            self.tickets[ticket], at, author, [self._event("CommentRedactionEvent", comment_id=comment)]
        )

    def rate(self, ticket: Any, score: str, *, at: datetime | None = None, **fields: Any) -> Row:
        """A satisfaction rating of the older feature, or the offer of one."""
        row, at = self.tickets[ticket], at or self.clock()
        found = self.add(
            "satisfaction_ratings", shapes.rating, at=at, ticket_id=ticket, requester_id=row["requester_id"],
            assignee_id=row["assignee_id"], group_id=row["group_id"], score=score, **fields,
        )  # fmt: skip
        row["satisfaction_rating"] = {k: found[k] for k in ("id", "score", "comment")}
        return found

    def survey(
        self, ticket: Any, *, offered: datetime, answers: Sequence[Row] = (), at: datetime | None = None
    ) -> Row:
        """A CSAT survey offered on a ticket, and answered at `at` when there are answers."""
        row = self.tickets[ticket]
        name = shapes.ulid(offered, self.number())
        found = shapes.survey_response(
            name, ticket, offered, responder_id=row["requester_id"], answers=list(answers)
        )
        self.lists["survey_responses"].append(found)
        kind, team = {"survey_type": "customer_satisfaction"}, row["group_id"]
        who = {**kind, "assigned_user_id": row["assignee_id"], "assigned_group_id": team}
        self._audit(row, offered, -1, [self._event("SurveyOffered", survey_id=found["survey"]["id"], **who)])
        if answers:
            event = self._event("SurveyResponseSubmitted", survey_response_id=name, **who)
            self._audit(row, at or offered, row["requester_id"], [event])
        return found

    def say(self, ticket: Any, text: str, *, at: datetime | None = None, **fields: Any) -> Row:
        """A message of a messaging ticket's transcript."""
        at = at or self.clock()
        content = fields.pop("content", {"type": "text", "text": text})
        entry = shapes.log_entry(shapes.ulid(at, self.number()), at, content=content, **fields)
        self.logs[ticket].append(entry)
        self._touch(self.tickets[ticket], at)
        author = entry["author"]
        number = author.get("zen:support:user_id")
        person = author["type"] in ("user", "end-user", "agent")
        self._said(
            ticket, at, number, by_agent=self._is_staff(number), public=person or self._is_staff(number)
        )
        return entry

    def user_changes(self, user: Any, *, at: datetime | None = None, **fields: Any) -> None:
        row = next(one for one in self.lists["users"] if one["id"] == user)
        row |= fields | {"updated_at": iso(at or self.clock())}

    def _is_staff(self, user: Any) -> bool:
        return any(row["id"] == user and row["role"] != "end-user" for row in self.lists["users"])

    def _found(self, comment: Any) -> tuple[Any, Row]:
        return next((t, c) for t, found in self.comments.items() for c in found if c["id"] == comment)

    def _worked(self, schedule: Any, start: datetime, end: datetime) -> int | None:
        for row in self.lists["schedules"]:
            if row["id"] == schedule:
                return worked_seconds(start, end, row, self.holidays.get(schedule, []))
        return None

    def _said(self, ticket: Any, at: datetime, author: Any, *, by_agent: bool, public: bool) -> None:
        measured, row = self.measuring[ticket], self.tickets[ticket]
        before = measured.row["replies"]
        measured.touched(at, author, row["requester_id"])
        measured.said(at, by_agent=by_agent, public=public, messaging=_is_messaging(row))
        if before == 0 and measured.row["replies"] == 1:
            self._measured(ticket, "reply_time", "fulfill", at)

    def _measure(self, ticket: Any, fields: Row, at: datetime, author: Any) -> None:
        measured = self.measuring[ticket]
        before = measured.status
        measured.touched(at, author, self.tickets[ticket]["requester_id"])
        measured.changed(fields, at)
        if measured.status in SOLVED and before not in SOLVED:
            for metric in ("agent_work_time", "requester_wait_time"):
                self._measured(ticket, metric, "fulfill", at)

    def _measured(self, ticket: Any, metric: str, kind: str, at: datetime) -> None:
        """An event of one of Zendesk's own clocks."""
        told = {"metric": metric, "instance_id": 1, "type": kind, "time": iso(at)}
        self.metric_events.append({"id": len(self.metric_events) + 1, "ticket_id": ticket, **told})

    def _touch(self, row: Row, at: datetime) -> None:
        row["updated_at"], row["generated_timestamp"] = iso(at), stamp(at)

    def _comment(self, row: Row, at: datetime, author: Any, body: str, fields: Row) -> Row:
        number = fields.pop("id", None) or self.number()
        found = shapes.comment(number, at, author_id=author, body=body, via=row["via"]) | fields
        self.comments[row["id"]].append(found)
        return {"id": number, "type": found["type"], "comment": found}

    def _event(self, kind: str, **fields: Any) -> Row:
        return {"id": self.number(), "type": kind, **fields}

    def _audit(self, row: Row, at: datetime, author: Any, events: list[Row], *, via: Any = None) -> None:
        number = self.number()
        for event in events:
            if "comment" in event:
                event["comment"]["audit_id"] = number
        self.audits[row["id"]].append(
            {
                "id": number, "ticket_id": row["id"], "created_at": iso(at), "author_id": author,
                "metadata": {"system": {"client": "Mozilla/5.0", "ip_address": "203.0.113.7"}, "custom": {}},
                "via": via or row["via"], "events": events, "timestamp": stamp(at),
            }
        )  # fmt: skip


def _channel(via: Any) -> str:
    return str(via.get("channel") if isinstance(via, dict) else via or "")


def _is_messaging(row: Row) -> bool:
    return bool(row["from_messaging_channel"]) or _channel(row["via"]) in MESSAGING


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
