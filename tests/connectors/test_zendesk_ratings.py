"""Ratings of both features, and what an account is set up with."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from connectors._zendesk_csat import survey_rows, ulid_time
from connectors._zendesk_zones import iana_zone
from core.home import Home
from tests.connectors.test_zendesk import one
from tests.connectors.zendesk_lab import TODAY, Office, ago, office
from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk_shapes import answer


@pytest.fixture
def desk(home: Home, now: datetime) -> Iterator[Office]:
    with office(home) as found:
        found.ticket(1, ago(days=90), assignee_id=found.agent, group_id=5)
        yield found


def test_ratings_with_and_without_an_answer(desk: Office) -> None:
    desk.account.rate(1, "good", at=ago(days=60), id=801, comment="Great!")
    desk.account.rate(1, "bad", at=ago(days=3), id=802, reason="Too slow")
    desk.account.rate(1, "offered", at=ago(days=2), id=803)
    desk.account.rate(1, "unoffered", at=ago(days=2), id=804)
    desk.world().sync()
    columns = (
        "csat_id, score, native_score, comment, reason, rated_at, offered_at, person_id, agent_id, team_id"
    )
    assert desk.world().rows(f"SELECT {columns} FROM csat ORDER BY csat_id") == [
        ("801", 1.0, "good", "Great!", None, ago(days=60), None, "11", "21", "5"),
        ("802", 0.0, "bad", None, "Too slow", ago(days=3), None, "11", "21", "5"),
        ("803", None, "offered", None, None, None, ago(days=2), "11", "21", "5"),
    ]


def test_a_rating_that_turns_later(desk: Office) -> None:
    rating = desk.account.rate(1, "good", at=ago(days=20), id=801)
    desk.account.rate(1, "good", at=ago(days=1), id=802)
    desk.world().sync()
    rating |= {"score": "bad", "updated_at": shapes.iso(ago(minutes=30))}
    assert desk.world().sync().streams["csat"].updated == 1
    assert one(desk, "score, rated_at", "csat", "csat_id = '801'") == (0.0, ago(minutes=30))


@pytest.mark.parametrize(
    "kind",
    [
        "satisfaction_ratings",
        "guide/survey_responses",
        "slas/policies",
        "brands",
        "incremental/organizations",
    ],
)
def test_what_a_plan_leaves_out_is_left_out(desk: Office, kind: str) -> None:
    desk.zendesk.rules.forbidden = (kind,)
    report = desk.world().sync()
    assert (report.status, report.streams["conversations"].inserted) == ("ok", 1)


def test_without_a_list_of_staff_everybody_is_read_first(desk: Office) -> None:
    """Some servers do not have the list; the role of a comment's writer must be known all the same."""
    desk.account.comment(1, "Which one?", author=desk.agent, at=ago(days=3))
    desk.zendesk.rules.missing = ("users",)
    desk.world().sync()
    paths = [path for path, _ in desk.zendesk.calls]
    assert paths.index("incremental/users/cursor") < paths.index("incremental/ticket_events")
    assert one(desk, "author_role", "messages", "author_id = '21'") == "agent"


def five(rating: int | None, category: str | None = None, *, options: bool = True) -> dict[str, Any]:
    """An answer to the question how satisfied somebody was, on a scale of five."""
    question: dict[str, Any] = {
        "id": "Q1",
        "type": "rating_scale_numeric",
        "sub_type": "customer_satisfaction",
    }
    if options:
        question["options"] = [
            {"rating": n, "label": {"type": "static", "value": str(n)}} for n in range(1, 6)
        ]
    return answer("rating_scale", ago(days=2), question, rating=rating, rating_category=category)


def test_survey_responses(desk: Office) -> None:
    reasons = {"id": "Q2", "type": "closed_ended", "alias": "reason",
               "options": [{"id": "O1", "label": {"type": "static", "value": "Too slow"}}]}  # fmt: skip
    closed = answer(
        "closed_ended", ago(days=2), reasons, selections=[{"type": "predefined", "option_id": "O1"}]
    )
    words = answer("open_ended", ago(days=2), {"id": "Q3", "type": "open_ended"}, value="Better next time")
    skipped = answer("skipped", ago(days=2), {"id": "Q4", "type": "open_ended"})
    desk.account.survey(
        1, offered=ago(days=4), at=ago(days=2), answers=[five(4, "good"), closed, words, skipped]
    )
    desk.account.survey(1, offered=ago(days=3))
    desk.world().sync()
    columns = "score, native_score, scale, comment, reason, offered_at, rated_at, conversation_id, person_id"
    assert desk.world().rows(f"SELECT {columns} FROM csat ORDER BY offered_at") == [
        (0.75, "4", "1 to 5, numeric", "Better next time", "Too slow", ago(days=4), ago(days=2), "1", "11"),
        (None, None, None, None, None, ago(days=3), None, "1", "11"),
    ]
    events = (
        "SELECT new_value, occurred_at FROM conversation_events WHERE field = 'csat' ORDER BY occurred_at"
    )
    assert desk.world().rows(events) == [
        ("offered", ago(days=4)), ("offered", ago(days=3)), ("submitted", ago(days=2))
    ]  # fmt: skip


def test_a_survey_answered_after_it_was_read(desk: Office) -> None:
    response = desk.account.survey(1, offered=ago(days=4))
    desk.world().sync()
    response["answers"] = [five(1, "bad")]
    assert desk.world().sync().streams["csat"].updated == 1
    assert one(desk, "score", "csat") == 0.0


@pytest.mark.parametrize(
    ("said", "score"),
    [
        (five(1), 0.0), (five(3), 0.5), (five(5), 1.0), (five(2, "bad", options=False), 0.0),
        (five(2, "neutral", options=False), 0.5), (five(2, "good", options=False), 1.0),
    ],
)  # fmt: skip
def test_scores_of_scales(said: dict[str, Any], score: float) -> None:
    (row,) = survey_rows([shapes.survey_response(shapes.ulid(TODAY, 1), 9, TODAY, answers=[said])])
    assert row["score"] == score


def test_a_survey_without_a_ticket_is_no_rating() -> None:
    response = shapes.survey_response("01J1WB51MG6HXTYWE6Q0C93RNW", 9, TODAY)
    assert survey_rows([response | {"subjects": [], "subject_zrns": ["zen:conversation:4295a81b"]}]) == []
    assert survey_rows([response | {"subjects": []}])[0]["conversation_id"] == "9"


def test_the_time_in_an_id() -> None:
    """The documented example: its first ten letters count 1,720,011,884,176 milliseconds."""
    found = ulid_time("01J1WB51MG6HXTYWE6Q0C93RNW")
    assert found is not None
    assert found.isoformat() == "2024-07-03T13:04:44.176000+00:00"
    assert ulid_time("no") is None


def test_hours_and_targets(desk: Office) -> None:
    office_hours = [{"start_time": 1980, "end_time": 2460}]  # Monday 9:00 to 17:00
    desk.account.add("schedules", shapes.schedule, id=61, name="Office", time_zone="New Caledonia",
                     intervals=office_hours)  # fmt: skip
    desk.account.holidays[61] = [
        {"id": 1, "name": "Fête", "start_date": "2026-07-14", "end_date": "2026-07-14"}
    ]
    metrics = [
        {"priority": "high", "metric": "first_reply_time", "target": 61, "target_in_seconds": 3660, "business_hours": False},
        {"priority": "low", "metric": "agent_work_time", "target": 60, "business_hours": True},
    ]  # fmt: skip
    desk.account.add("sla_policies", shapes.sla_policy, id=71, title="Gold", policy_metrics=metrics)
    desk.world().sync()
    assert one(desk, "iana_tz, native_tz, intervals, holidays", "schedules") == (
        "Pacific/Noumea", "New Caledonia", "[[1980, 2460]]",
        '[{"from": "2026-07-14", "name": "Fête", "to": "2026-07-14"}]',
    )  # fmt: skip
    columns = "metric, priority, target_seconds, business_hours, name"
    assert desk.world().rows(f"SELECT {columns} FROM sla_policies ORDER BY policy_id") == [
        ("agent_work_time", "low", 3600, True, "Gold"), ("first_reply", "high", 3660, False, "Gold")
    ]  # fmt: skip
    desk.account.lists["sla_policies"].clear()
    desk.world().sync()
    assert desk.world().rows("SELECT count(*) FROM sla_policies WHERE NOT is_deleted") == [(0,)]


def test_conditions_of_targets_speak_of_names(desk: Office) -> None:
    """Tickets name brand and form, so that a condition on their numbers could not be compared."""
    desk.account.add("brands", shapes.brand, id=601, name="Acme")
    desk.account.add("ticket_forms", shapes.ticket_form, id=701, name="Refunds")
    told = [
        {"field": "brand_id", "operator": "is", "value": 601},
        {"field": "ticket_form_id", "operator": "is_not", "value": "701"},
        {"field": "brand_id", "operator": "is", "value": 999},
    ]
    metrics = [{"priority": "high", "metric": "first_reply_time", "target": 60, "business_hours": False}]
    desk.account.add("sla_policies", shapes.sla_policy, id=71, title="Gold", position=3, policy_metrics=metrics,
                     filter={"all": told, "any": []})  # fmt: skip
    desk.world().sync()
    position, text = one(desk, "position, filter", "sla_policies")
    assert position == 3
    assert json.loads(text)["all"] == [
        {"field": "brand", "operator": "is", "value": "Acme"},
        {"field": "custom:Ticket form", "operator": "is_not", "value": "Refunds"},
        {"field": "brand_id", "operator": "is", "value": 999},
    ]


def test_an_unknown_zone_is_said_and_not_guessed(desk: Office) -> None:
    desk.account.add("schedules", shapes.schedule, id=61, time_zone="Atlantis")
    report = desk.world().sync()
    assert report.status == "ok"
    assert one(desk, "iana_tz, native_tz", "schedules") == (None, "Atlantis")
    (told,) = desk.world().rows("SELECT reason, native_id, sample FROM sync_rejects")
    assert told == (
        "row kept: its time zone 'Atlantis' is not known, so its hours are not used",
        "61",
        "Atlantis",
    )


@pytest.mark.parametrize(
    ("rails", "iana"),
    [
        ("Eastern Time (US & Canada)", "America/New_York"), ("Eastern Time (US &amp; Canada)", "America/New_York"),
        ("Kyiv", "Europe/Kyiv"), ("Mumbai", "Asia/Kolkata"), ("Berlin", "Europe/Berlin"), ("UTC", "UTC"),
        ("Europe/Paris", "Europe/Paris"), ("Nuku'alofa", "Pacific/Tongatapu"), ("Nowhere", None), (None, None),
    ],
)  # fmt: skip
def test_zone_names(rails: str | None, iana: str | None) -> None:
    assert iana_zone(rails) == iana


def test_teams_members_and_organizations(desk: Office) -> None:
    desk.account.group(id=5, name="First level", at=ago(days=200))
    desk.account.group(id=6, name="Old", deleted=True, at=ago(days=200))
    for user in (11, 21):
        desk.account.add("group_memberships", shapes.membership, at=ago(days=100), user_id=user, group_id=5)
    desk.account.organization(id=31, name="Northwind", domain_names=["n.example"], at=ago(days=200),
                              organization_fields={"tier": "gold", "empty": None})  # fmt: skip
    desk.world().sync()
    assert desk.world().rows("SELECT name, is_deleted FROM teams ORDER BY team_id") == [
        ("First level", False), ("Old", True)
    ]  # fmt: skip
    assert one(desk, "name, domains, custom_fields", "organizations") == (
        "Northwind", ["n.example"], '{"tier": "gold"}'
    )  # fmt: skip
    assert one(desk, "count(*)", "team_members", "NOT is_deleted") == 2
    del desk.account.lists["group_memberships"][0]
    again = desk.world().sync()
    assert again.streams["team_members"].deleted == 1
    assert one(desk, "person_id, valid_from", "team_members", "NOT is_deleted") == ("21", ago(days=100))
