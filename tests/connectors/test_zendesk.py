"""Zendesk's own ways: versions, merges, roles, ratings, transcripts. Numbers are worked out by hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.home import Home
from core.stream import Checkpoint
from tests.connectors.zendesk_lab import TODAY, Office, ago, office
from tests.fakes import zendesk_shapes as shapes


@pytest.fixture
def desk(home: Home, now: datetime) -> Iterator[Office]:
    with office(home) as found:
        yield found


def one(desk: Office, columns: str, table: str = "conversations", where: str = "true") -> Any:
    """The only row of a question to the warehouse."""
    (row,) = desk.world().rows(f"SELECT {columns} FROM {table} WHERE {where}")
    return row[0] if len(row) == 1 else row


def test_changes_without_an_event_are_seen(desk: Office) -> None:
    desk.ticket(1, ago(days=3), priority="low")
    desk.world().sync()
    desk.account.system_update(1, at=ago(minutes=30), priority="urgent")
    assert desk.world().sync().streams["conversations"].updated == 1
    assert one(desk, "priority, updated_at") == ("urgent", ago(days=3))


def test_the_last_minute_is_left_to_the_next_reading(desk: Office) -> None:
    desk.ticket(1, ago(minutes=0.5))
    desk.world().sync()
    assert desk.world().rows("SELECT count(*) FROM conversations") == [(0,)]
    desk.zendesk.advance(120)
    desk.world().sync()
    assert desk.world().rows("SELECT count(*) FROM conversations") == [(1,)]


def test_a_deleted_ticket_is_marked(desk: Office) -> None:
    desk.ticket(1, ago(days=3), via={"channel": "chat"})
    desk.ticket(2, ago(days=3))
    desk.world().sync()
    desk.account.delete(1, at=ago(minutes=30))
    report = desk.world().sync()
    assert report.status == "ok"
    assert report.streams["conversations"].deleted == 1
    assert one(desk, "conversation_id", where="is_deleted") == "1"
    assert one(desk, "status", where="conversation_id = '1'") == "new"


def test_children_of_a_deleted_ticket_are_skipped(desk: Office) -> None:
    """A transcript that was still to be read answers 404."""
    desk.ticket(1, ago(days=3), from_messaging_channel=True)
    desk.zendesk.rules.missing = ("tickets/1/",)
    assert desk.world().sync().status == "ok"


@pytest.mark.parametrize("told", ["words", "via", "nothing"])
def test_merged_tickets_name_their_target(desk: Office, told: str) -> None:
    desk.ticket(1, ago(days=3))
    desk.ticket(2, ago(days=2))
    desk.account.merge(1, 2, author=desk.agent, at=ago(days=1))
    last = desk.account.comments[1][-1]
    if told == "via":
        rel = {"from": {}, "to": {"ticket_id": 2}, "rel": "merge"}
        last |= {"body": "fusionné", "plain_body": "fusionné", "via": {"channel": "system", "source": rel}}
    elif told == "nothing":
        last |= {"body": "fusionné", "plain_body": "fusionné"}
    desk.world().sync()
    goal = "unknown" if told == "nothing" else "2"
    assert one(desk, "status, merged_into", where="conversation_id = '1'") == ("closed", goal)
    assert one(desk, "merged_into", where="conversation_id = '2'") is None


def test_a_follow_up_names_its_ticket(desk: Office) -> None:
    source = {"from": {"ticket_id": 7, "subject": "Before"}, "to": {}, "rel": "follow_up"}
    desk.ticket(8, ago(days=1), via={"channel": "web", "source": source})
    desk.world().sync()
    assert one(desk, "parent_id") == "7"


def test_comments_become_messages(desk: Office) -> None:
    ticket = desk.ticket(1, ago(days=3), body="It burns.", comment={"id": 100})["id"]
    files = [shapes.attachment(900, file_name="fire.png", content_type="image/png", size=77, inline=True)]
    desk.account.comment(ticket, "Which one?", author=desk.agent, at=ago(days=2), id=101, attachments=files)
    desk.account.comment(ticket, "He is angry", author=desk.agent, at=ago(days=2), id=102, public=False)
    voice = {"type": "VoiceComment", "via": "Phone call", "data": {"transcription_text": "hello"}}
    desk.account.comment(ticket, "", author=-1, at=ago(days=1), id=103, **voice)
    desk.world().sync()
    columns = "message_id, author_id, author_role, is_public, kind, body_text, seq"
    assert desk.world().rows(f"SELECT {columns} FROM messages ORDER BY seq") == [
        ("100", "11", "customer", True, "message", "It burns.", 1),
        ("101", "21", "agent", True, "message", "Which one?", 2),
        ("102", "21", "agent", False, "note", "He is angry", 3),
        ("103", "-1", "system", True, "voice", "hello", 4),
    ]
    columns = "attachment_id, message_id, conversation_id, file_name, mime_type, size_bytes, inline"
    assert one(desk, columns, "attachments") == ("900", "101", "1", "fire.png", "image/png", 77, True)


def test_addresses_of_writers_are_not_kept(desk: Office) -> None:
    desk.ticket(1, ago(days=3))
    desk.world().sync()
    assert "203.0.113.7" in str(desk.account.comments[1][0]["metadata"])
    kept = b"".join(p.read_bytes() for p in desk.home.root.rglob("*") if p.is_file())
    assert b"203.0.113.7" not in kept


def test_changes_become_events_in_the_order_of_the_audits(desk: Office) -> None:
    desk.ticket(1, ago(days=3), priority="low", tags=["a"])
    second = ago(days=2)
    desk.account.change(1, at=second, author=desk.agent, status="open", assignee_id=21, group_id=5)
    desk.account.change(1, at=second, author=desk.agent, status="pending", tags=["b"])
    desk.account.change(1, at=ago(days=1), author=-1, priority="urgent", via={"channel": "rule"})
    desk.world().sync()
    rows = desk.world().rows(
        "SELECT field, old_value, new_value, actor_role FROM conversation_events ORDER BY occurred_at, event_id"
    )
    assert rows == [
        ("status", None, "new", "customer"),
        ("priority", None, "low", "customer"),
        ("tag", None, "a", "customer"),
        ("status", "new", "open", "agent"),
        ("assignee", None, "21", "agent"),
        ("team", None, "5", "agent"),
        ("status", "open", "pending", "agent"),
        ("tag", "a", None, "agent"),
        ("tag", None, "b", "agent"),
        ("priority", "low", "urgent", "system"),
    ]
    assert desk.world().rows("SELECT tag FROM conversation_tags WHERE NOT is_deleted") == [("b",)]
    assert all(row[0] is None for row in desk.world().rows("SELECT seq FROM conversation_events"))


def test_a_tag_that_is_taken_away_is_gone(desk: Office) -> None:
    desk.ticket(1, ago(days=3), tags=["a", "b"])
    desk.ticket(2, ago(days=3), tags=["a"])
    desk.world().sync()
    desk.account.change(1, at=ago(minutes=30), tags=[])
    desk.world().sync()
    assert desk.world().rows("SELECT * FROM (SELECT conversation_id, tag FROM conversation_tags "
                             "WHERE NOT is_deleted)") == [("2", "a")]  # fmt: skip


@pytest.mark.parametrize("change", ["redacted", "made private"])
def test_an_earlier_comment_that_changes_is_read_again(desk: Office, change: str) -> None:
    desk.ticket(1, ago(days=60), body="My card is 4111 1111", comment={"id": 100})
    desk.world().sync()
    if change == "redacted":
        desk.account.redact(100, "My card is ▇▇▇▇ ▇▇▇▇", at=ago(minutes=30), author=desk.agent)
    else:
        desk.account.comments[1][0]["public"] = False
        event = desk.account._event("CommentPrivacyChange", comment_id=100, public=False)
        desk.account._audit(desk.account.tickets[1], ago(minutes=30), desk.agent, [event])
    desk.world().sync()
    words = "My card is ▇▇▇▇ ▇▇▇▇" if change == "redacted" else "My card is 4111 1111"
    assert one(desk, "body_text, is_public, kind", "messages") == (
        words, change == "redacted", "message" if change == "redacted" else "note",
    )  # fmt: skip


def test_custom_fields_go_by_title(desk: Office) -> None:
    for number, title in ((51, "Plan"), (52, "Plan"), (53, "Seats")):
        desk.account.add("ticket_fields", shapes.ticket_field, id=number, title=title)
    desk.account.add("ticket_fields", shapes.ticket_field, id=54, title="Subject", type="subject")
    values = [
        {"id": 51, "value": "gold"},
        {"id": 52, "value": "new"},
        {"id": 53, "value": None},
        {"id": 9, "value": 1},
    ]
    desk.ticket(1, ago(days=3), custom_fields=values)
    desk.world().sync()
    assert one(desk, "custom_fields") == '{"Plan": "gold", "Plan (52)": "new", "field 9": 1}'
    assert one(desk, "native_id, title, type, first_seen", "field_definitions", "field_key = 'Plan'") == (
        "51", "Plan", "text", TODAY
    )  # fmt: skip
    desk.account.lists["ticket_fields"][0]["title"] = "Contract"  # renamed: the attribute stays one
    desk.account.system_update(1, at=ago(minutes=30))
    report = desk.world().sync()
    assert report.streams["conversations"].updated == 0
    assert report.streams["field_definitions"].updated == 1
    assert "Contract" not in one(desk, "custom_fields")
    assert one(desk, "title", "field_definitions", "field_key = 'Plan'") == "Contract"
    assert desk.world().rows("SELECT count(*) FROM field_definitions") == [(3,)]


def test_a_custom_status_has_its_own_name(desk: Office) -> None:
    desk.account.add("custom_statuses", shapes.custom_status, id=501, status_category="pending",
                     agent_label="Waiting for parts")  # fmt: skip
    desk.ticket(1, ago(days=3), status="pending", custom_status_id=501)
    desk.ticket(2, ago(days=3), status="hold", custom_status_id=999)
    desk.world().sync()
    assert desk.world().rows("SELECT status, native_status FROM conversations ORDER BY conversation_id") == [
        ("pending", "Waiting for parts"), ("hold", "hold")
    ]  # fmt: skip


def test_names_of_brand_form_and_own_times(desk: Office) -> None:
    desk.account.add("brands", shapes.brand, id=601, name="Acme")
    desk.account.add("ticket_forms", shapes.ticket_form, id=701, name="Returns")
    desk.ticket(1, ago(days=3), brand_id=601, ticket_form_id=701)
    desk.account.metrics[1]["reply_time_in_minutes"] = {"calendar": 42, "business": 7}
    desk.world().sync()
    assert one(desk, "brand, custom_fields->>'Ticket form'") == ("Acme", "Returns")
    assert one(desk, "vendor_metrics->'reply_time_in_minutes'->>'calendar'") == "42"
    desk.world(vendor_metrics=False).sync(full=True)
    assert one(desk, "vendor_metrics") is None


def test_a_role_holds_in_its_time(desk: Office) -> None:
    """Ben answers as an agent, is made a customer, and writes again; what he wrote before stays an agent's."""
    desk.ticket(1, ago(days=9), body="one", comment={"id": 100})
    desk.account.comment(1, "two", author=desk.agent, at=ago(days=8), id=101)
    desk.world().sync()
    moved = ago(minutes=300)
    desk.account.user_changes(desk.agent, at=moved, role="end-user")
    desk.account.comment(1, "three", author=desk.agent, at=ago(minutes=200), id=102)
    desk.world().sync()
    desk.account.redact(101, "2", at=ago(minutes=100), author=desk.customer)  # the ticket is read again
    desk.world().sync()
    assert desk.world().rows("SELECT body_text, author_role FROM messages ORDER BY seq") == [
        ("one", "customer"), ("2", "agent"), ("three", "customer")
    ]  # fmt: skip
    assert one(desk, "kind", "people", "person_id = '21'") == "customer"
    roles = "SELECT kind, valid_from, valid_to FROM person_roles WHERE NOT is_deleted ORDER BY kind"
    assert desk.world().rows(roles) == [("agent", None, moved), ("customer", moved, None)]


def test_a_customer_who_is_hired(desk: Office) -> None:
    desk.ticket(1, ago(days=9), body="one", comment={"id": 100})
    desk.world().sync()
    hired = ago(minutes=300)
    desk.account.user_changes(desk.customer, at=hired, role="agent")
    desk.account.comment(1, "two", author=desk.customer, at=ago(minutes=200), id=101)
    desk.world().sync()
    desk.account.redact(100, "1", at=ago(minutes=100))
    desk.world().sync()
    assert desk.world().rows("SELECT body_text, author_role FROM messages ORDER BY seq") == [
        ("1", "customer"), ("two", "agent")
    ]  # fmt: skip


def test_a_transcript_is_read_from_the_conversation_log(desk: Office) -> None:
    desk.ticket(1, ago(days=3), from_messaging_channel=True, via={"channel": "native_messaging"},
                body="Conversation with Visitor", comment={"id": 100, "public": False})  # fmt: skip
    at = ago(days=3, minutes=-1)
    bot = {"type": "bot", "display_name": "Helper", "zen:sunco:user_id": "s1", "zen:support:user_id": -1}
    menu = {
        "type": "text",
        "text": "",
        "actions": [{"reply": {"text": "A person"}}, {"reply": {"text": "Help"}}],
    }
    agent = {"type": "agent", "display_name": "Ben", "zen:support:user_id": 21}
    html = {"type": "html", "body": "<p>Hi &amp; welcome</p><p>Ben</p>"}
    desk.account.say(1, "Hello?", at=at)
    desk.account.say(1, "", at=at + timedelta(minutes=1), author=bot, content=menu)
    desk.account.say(1, "", at=at + timedelta(minutes=2), author=agent, content=html)
    desk.world().sync()
    columns = "author_role, author_name, author_id, kind, body_text"
    assert desk.world().rows(f"SELECT {columns} FROM messages ORDER BY seq") == [
        ("customer", None, "11", "note", "Conversation with Visitor"),
        ("customer", "Visitor", "a21a91fd1234a", "message", "Hello?"),
        ("bot", "Helper", "s1", "message", "[A person / Help]"),
        ("agent", "Ben", "21", "message", "Hi & welcome\nBen"),
    ]
    assert one(desk, "channel, native_channel") == ("chat", "native_messaging")
    before = len(desk.asked("tickets/1/conversation_log"))
    desk.world().sync()
    assert len(desk.asked("tickets/1/conversation_log")) == before  # read only when the ticket changed


def test_transcripts_that_may_not_be_read_are_left_out(desk: Office) -> None:
    for number in (1, 2, 3):
        desk.ticket(number, ago(days=3), from_messaging_channel=True)
    desk.zendesk.rules.forbidden = ("tickets/1/conv", "tickets/2/conv", "tickets/3/conv")
    assert desk.world().sync().status == "ok"
    assert len(desk.asked("tickets/")) == 1


def test_a_long_list_of_transcripts_survives_an_end_in_the_middle(desk: Office) -> None:
    for number in range(1, 121):
        desk.ticket(number, ago(days=3), from_messaging_channel=True)
        desk.account.say(number, f"words {number}", at=ago(days=3))
    state: dict[str, Any] = {}
    left = []
    for item in desk.read(page_size=200):
        if isinstance(item, Checkpoint):
            state[item.stream] = dict(item.cursor)
            if item.stream == "tickets":
                left.append(len(item.cursor.get("pending", [])))
        if left[-2:] == [120, 70]:
            break
    asked = len(desk.asked("tickets/"))
    list(desk.read(state, page_size=200))
    assert len(desk.asked("tickets/")) - asked == 70


def test_the_same_ticket_twice_in_a_page(desk: Office) -> None:
    desk.zendesk.rules.doubled = True
    desk.ticket(1, ago(days=3), tags=["a"])
    desk.ticket(2, ago(days=2))
    report = desk.world().sync()
    assert report.streams["conversations"].inserted == 2
    assert desk.world().rows("SELECT count(*), count(DISTINCT conversation_id) FROM conversations") == [
        (2, 2)
    ]


def test_another_schedule_is_an_event(desk: Office) -> None:
    for number in (1, 2):
        desk.account.add("schedules", shapes.schedule, id=number, at=ago(days=100))
    desk.ticket(1, ago(days=3))
    desk.account.assign_schedule(1, 2, at=ago(days=2))
    desk.world().sync()
    found = one(
        desk, "old_value, new_value, occurred_at, actor_role", "conversation_events", "field = 'schedule'"
    )
    assert found == ("1", "2", ago(days=2), "system")
