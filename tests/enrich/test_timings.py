from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.home import Home
from enrich.timings import Timings
from tests.enrich.contract import EnricherContract
from tests.enrich.world import World, at


class TestContract(EnricherContract):
    enricher = Timings()


def test_first_reply_is_the_first_public_human_agent_message(world: World) -> None:
    world.conversation(
        "c",
        (0, "customer", "It broke"),
        (1, "bot", "Hello, I am a bot"),
        (2, "system", "Assigned"),
        (3, "agent", "internal thought", {"is_public": False}),
        (4, "agent", "a note", {"kind": "note"}),
        (10.5, "agent", "Here is help"),
        (11, "agent", "And more"),
    )
    facts = world.facts("c")
    assert facts["first_reply_s"] == 630
    assert facts["first_reply_at"] == at(10.5)
    assert facts["agent_replies"] == 2
    assert facts["customer_messages"] == 1
    assert facts["message_count"] == 7
    assert facts["is_counted"] and facts["excluded_because"] is None


def test_an_unanswered_conversation_has_no_first_reply_and_not_zero(world: World) -> None:
    world.conversation("a", (0, "customer", "x"), (1, "agent", "y"))
    world.conversation("c", (0, "customer", "It broke"), (1, "agent", "note", {"is_public": False}))
    facts = world.facts("c")
    assert facts["first_reply_s"] is None
    assert facts["agent_replies"] == 0


def test_messages_of_one_moment_keep_their_sequence(world: World) -> None:
    world.conversation(
        "c",
        (0, "customer", "one"),
        (5, "agent", "by Ann", {"author_id": "ann", "author_name": "Ann"}),
        (5, "agent", "by Bob", {"author_id": "bob", "author_name": "Bob"}),
    )
    assert world.facts("c")["first_reply_agent"] == "Ann"


def test_a_reply_before_the_creation_is_no_reply(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), (-5, "agent", "clock was wrong"), (7, "agent", "hello"))
    assert world.facts("c")["first_reply_s"] == 420


def test_a_conversation_that_an_agent_begins_is_outbound(world: World) -> None:
    world.conversation(
        "c",
        (0, "bot", "beep"),
        (0, "agent", "We are calling you"),
        (5, "customer", "yes?"),
        (9, "agent", "ok"),
    )
    facts = world.facts("c")
    assert facts["is_outbound"] and not facts["is_counted"]
    assert facts["excluded_because"] == "outbound"
    assert facts["agent_replies"] == 1  # the creating message is not a reply
    assert facts["first_reply_s"] is None


def test_a_private_note_first_does_not_make_it_outbound(world: World) -> None:
    world.conversation("c", (0, "agent", "call logged", {"is_public": False}), (1, "customer", "hi"))
    assert not world.facts("c")["is_outbound"]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"is_deleted": True, "is_spam": True}, "deleted"),
        ({"status": "deleted"}, "deleted"),
        ({"merged_into": "other"}, "merged"),
        ({"is_spam": True}, "spam"),
        ({"is_test": True}, "test"),
        ({"is_automatic": True}, "automatic"),
        ({"is_outbound": True}, "outbound"),
    ],
)
def test_what_is_not_counted_says_why(world: World, columns: dict[str, object], reason: str) -> None:
    world.conversation("c", (0, "customer", "x"), **columns)
    facts = world.facts("c")
    assert facts["excluded_because"] == reason
    assert facts["is_counted"] is False


def test_solves_and_reopens_follow_the_history(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), status="open")
    world.statuses(
        "c",
        (0, "new"), (5, "open"), (10, "solved"), (11, "solved"), (12, "closed"),
        (60, "open"), (90, "pending"), (100, "closed"),
    )  # fmt: skip
    facts = world.facts("c")
    assert facts["first_resolution_s"] == 600
    assert facts["full_resolution_s"] == 6000
    assert facts["reopens"] == 1  # solved to closed is no reopen, repeated statuses are one
    assert facts["status"] == "closed"  # the history wins over the row
    assert facts["is_solved"]
    assert world.spans("c") == [(at(0), at(10)), (at(60), at(100))]


def test_a_reopened_conversation_has_no_full_resolution(world: World) -> None:
    world.conversation("c", (0, "customer", "x"))
    world.statuses("c", (10, "solved"), (20, "open"))
    facts = world.facts("c")
    assert facts["full_resolution_s"] is None and facts["first_resolution_s"] == 600
    assert facts["reopens"] == 1 and facts["is_solved"] is False
    assert world.spans("c") == [(at(0), at(10)), (at(20), None)]


def test_a_clock_that_runs_backwards_never_gives_a_negative_stretch(world: World) -> None:
    world.conversation("c", (0, "customer", "x"))
    world.statuses("c", (-30, "open"), (50, "solved"), (40, "open"), (45, "solved"))
    facts = world.facts("c")
    assert facts["first_solved_at"] == at(50) and facts["last_solved_at"] == at(50)
    assert facts["full_resolution_s"] == 3000
    assert world.spans("c") == [(at(0), at(50))]


@pytest.mark.parametrize(
    ("text", "reopens"),
    [
        ("Thank you so much, that worked!", 0),
        ("Vielen Dank!", 0),
        ("Muchas gracias", 0),
        ("Merci beaucoup", 0),
        ("Thanks, but it is still broken", 1),
        ("Thanks! Can you also change my address?", 1),
        ("It broke again", 1),
    ],
)
def test_thanks_alone_is_no_reopen_but_moves_the_backlog(world: World, text: str, reopens: int) -> None:
    world.conversation("c", (0, "customer", "x"), (10, "agent", "fixed"), (60, "customer", text))
    world.statuses("c", (10, "solved"), (60, "open"), (70, "solved"))
    facts = world.facts("c")
    assert facts["reopens"] == reopens
    assert facts["full_resolution_s"] == 4200
    assert world.spans("c") == [(at(0), at(10)), (at(60), at(70))]


def test_thanks_followed_by_a_question_is_a_reopen(world: World) -> None:
    world.conversation(
        "c",
        (0, "customer", "x"),
        (60, "customer", "Thank you!"),
        (65, "customer", "One more: how do I log in?"),
    )
    world.statuses("c", (10, "solved"), (60, "open"))
    assert world.facts("c")["reopens"] == 1


def test_a_reopen_without_any_new_customer_text_counts(world: World) -> None:
    world.conversation("c", (0, "customer", "thanks in advance"))
    world.statuses("c", (10, "solved"), (60, "open"))
    assert world.facts("c")["reopens"] == 1


def test_without_roles_nothing_is_known_about_replies(world: World) -> None:
    world.conversation("c", (0, "unknown", "how do I mount a disk"), (3, "unknown", "use mount"))
    facts = world.facts("c")
    for column in (
        "first_reply_s",
        "agent_replies",
        "customer_messages",
        "reopens",
        "is_solved",
        "first_resolution_s",
    ):
        assert facts[column] is None, column
    assert facts["message_count"] == 2
    assert world.spans("c") == []


def test_a_status_without_history_gives_what_the_row_says(world: World) -> None:
    world.conversation("open", (0, "customer", "x"), status="open")
    world.conversation("dated", (0, "customer", "x"), status="closed", closed_at=at(60))
    world.conversation("undated", (0, "customer", "x"), status="solved")
    assert world.facts("dated")["full_resolution_s"] == 3600
    assert world.facts("undated")["full_resolution_s"] is None
    assert world.facts("undated")["is_solved"] is True
    assert world.facts("open")["reopens"] is None  # the source tells no history
    assert world.spans("open") == [(at(0), None)]
    assert world.spans("dated") == [(at(0), at(60))]
    assert world.spans("undated") == []


def test_a_derived_history_cannot_show_reopens(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), status="solved")
    world.statuses("c", (60, "solved"), derived=True)
    facts = world.facts("c")
    assert facts["full_resolution_s"] == 3600
    assert facts["reopens"] is None
    row = next(r for r in world.table("capabilities") if r["capability"] == "status_history")
    assert row["available"] and row["reason"].startswith("derived")


def test_chat_messages_of_one_session_are_one_reply(world: World) -> None:
    messages = [
        (0, "customer", "hi"), (1, "agent", "a"), (2, "agent", "b"), (20, "customer", "c"),
        (49, "agent", "still the first session"), (80, "agent", "31 minutes later"), (81, "agent", "same"),
    ]  # fmt: skip
    world.conversation("chat", *messages, channel="chat")
    world.conversation("mail", *messages, channel="email")
    assert world.facts("chat")["agent_replies"] == 2
    assert world.facts("mail")["agent_replies"] == 5


def test_a_solve_ends_a_chat_session(world: World) -> None:
    world.conversation("c", (0, "customer", "hi"), (1, "agent", "a"), (6, "agent", "b"), channel="chat")
    world.statuses("c", (5, "solved"))
    assert world.facts("c")["agent_replies"] == 2


def test_the_last_rating_counts(world: World) -> None:
    world.conversation("c", (0, "customer", "x"))
    world.rows(
        "csat",
        {"csat_id": "1", "conversation_id": "c", "score": 1.0, "rated_at": at(10)},
        {"csat_id": "2", "conversation_id": "c", "score": 0.0, "rated_at": at(20)},
        {"csat_id": "3", "conversation_id": "c", "score": None, "rated_at": at(30)},
        {"csat_id": "4", "conversation_id": "c", "score": 1.0, "rated_at": at(40), "is_deleted": True},
    )
    facts = world.facts("c")
    assert (facts["csat_score"], facts["csat_rated_at"]) == (0.0, at(20))


def test_names_stand_for_ids(world: World) -> None:
    world.rows("teams", {"team_id": "t", "name": "Billing"})
    world.rows(
        "people",
        {"person_id": "a", "name": "Ann Agent"},
        {"person_id": "c", "name": "Cleo", "organization_id": "o"},
    )
    world.rows("organizations", {"organization_id": "o", "name": "Acme"})
    world.rows(
        "conversation_tags", {"conversation_id": "c", "tag": "b"}, {"conversation_id": "c", "tag": "a"}
    )
    world.conversation(
        "c", (0, "customer", "x"), (1, "agent", "y", {"author_id": "a"}),
        team_id="t", assignee_id="a", requester_id="c",
    )  # fmt: skip
    facts = world.facts("c")
    assert [facts[k] for k in ("team", "agent", "first_reply_agent", "requester", "organization", "tags")] == [
        "Billing", "Ann Agent", "Ann Agent", "Cleo", "Acme", ["a", "b"],
    ]  # fmt: skip


def test_mood_is_the_mean_of_the_messages_that_show_any(world: World) -> None:
    world.conversation(
        "c",
        (0, "customer", "This is terrible and I am angry"),
        (1, "agent", "Wonderful, fantastic, great!"),
        (2, "customer", "The order number is 1234567"),
        (3, "customer", "Excellent, I am happy now"),
    )
    facts = world.facts("c")
    assert facts["sentiment_start"] < -0.5 < 0.5 < facts["sentiment_end"]
    assert facts["sentiment_score"] == pytest.approx((facts["sentiment_start"] + facts["sentiment_end"]) / 2)


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 0, 59)),  # noqa: DTZ001
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 29, 2, 0)),  # noqa: DTZ001
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30)),  # noqa: DTZ001
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30)),  # noqa: DTZ001
    ],
)
def test_local_times_follow_the_clock_change(home: Home, moment: datetime, local: datetime) -> None:
    world = World(home, zone="Europe/London")
    world.conversation("c", created_at=moment)
    world.statuses("c", ((moment + timedelta(hours=24) - at(0)).total_seconds() / 60, "solved"))
    facts = world.facts("c")
    assert facts["created_local"] == local
    assert facts["full_resolution_s"] == 86_400  # a day of seconds, whatever the clock on the wall did
    world.writer.close()


def test_another_reporting_zone_moves_the_local_columns_alone(home: Home) -> None:
    world = World(home, zone="UTC")
    world.conversation("c", (0, "customer", "x"), (5, "agent", "y"))
    world.statuses("c", (10, "solved"))
    world.enrich()
    before = world.table("conversation_facts")[0]
    world.settings = world.settings.model_copy(
        update={"workspace": world.settings.workspace.model_copy(update={"reporting_zone": "Asia/Tokyo"})}
    )
    assert world.enrich().conversations == 0
    after = world.table("conversation_facts")[0]
    nine = timedelta(hours=9)
    moved = {k for k in before if before[k] != after[k]}
    assert moved == {
        "created_local",
        "last_activity_local",
        "first_reply_local",
        "first_solved_local",
        "last_solved_local",
        "last_status_local",
        "last_customer_local",
    }
    assert all(after[k] - before[k] == nine for k in moved)
    span = world.table("open_spans")[0]
    assert span["opened_local"] == at(0).replace(tzinfo=None) + nine
    world.writer.close()
