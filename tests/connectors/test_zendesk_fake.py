"""The loopback Zendesk itself: other clients must be able to read it to its end."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.connectors.zendesk_lab import TODAY, ago
from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk import Fault, Zendesk, serving
from tests.fakes.zendesk_sample import fill, set_up

ROOT = Path(__file__).resolve().parents[2]
KEY = {"Authorization": "Basic YWRhQGFjbWUuZXhhbXBsZS90b2tlbjp0b2tlbi1hYmNkZWY="}


class Client:
    """A plain client: it knows nothing of the connector."""

    def __init__(self, zendesk: Zendesk) -> None:
        self.zendesk = zendesk

    def __call__(
        self, path: str, headers: dict[str, str] | None = None, **query: Any
    ) -> tuple[int, Any, Any]:
        url = path if path.startswith("http") else f"{self.zendesk.url}/api/v2/{path}"
        full = url + ("?" + urlencode(query) if query else "")
        asked = urllib.request.Request(full, headers=KEY if headers is None else headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(asked, timeout=10) as response:
                return response.status, json.loads(response.read()), response.headers
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode()
                told = json.loads(text) if text.startswith("{") else text
                return error.code, told, error.headers

    def body(self, path: str, **query: Any) -> Any:
        status, body, _ = self(path, **query)
        assert status == 200, body
        return body


@pytest.fixture
def client() -> Iterator[Client]:
    zendesk = Zendesk(TODAY)
    set_up(zendesk.account, ago(days=90))
    for number in range(250):
        zendesk.account.user(id=5000 + number, at=ago(days=80))
        zendesk.account.ticket(id=9000 + number, at=ago(days=70 - number // 10), requester_id=5000 + number)
    with serving(zendesk):
        yield Client(zendesk)


def followed(client: Client, path: str, key: str, link: str, **query: Any) -> list[Any]:
    """All rows of a list whose pages name the next one."""
    rows, body = [], client.body(path, **query)
    for _ in range(50):
        rows += body[key]
        following = body["links"]["next"] if link == "links" else body[link]
        if not following:
            return rows
        assert following.startswith(client.zendesk.url)
        body = client.body(following)
    raise AssertionError("a list without an end")


def test_lists_by_cursor_and_by_number(client: Client) -> None:
    ids = [9000 + n for n in range(250)]
    assert [
        t["id"] for t in followed(client, "tickets.json", "tickets", "links", **{"page[size]": 30})
    ] == ids
    assert [t["id"] for t in followed(client, "tickets", "tickets", "next_page")] == ids
    first = client.body("tickets", per_page=100)
    assert (first["count"], len(first["tickets"]), first["previous_page"]) == (250, 100, None)
    for path, key in (("users", "users"), ("groups", "groups"), ("organizations", "organizations"),
                      ("ticket_fields", "ticket_fields"), ("ticket_metrics", "ticket_metrics"), ("tags", "tags")):  # fmt: skip
        assert client.body(path, **{"page[size]": 1})["meta"].keys() == {
            "has_more",
            "after_cursor",
            "before_cursor",
        }
        assert "next_page" in client.body(path + ".json")
        assert key in client.body(path)


def test_numbered_pages_end_at_ten_thousand_rows(client: Client) -> None:
    status, body, _ = client("tickets", page=101)
    assert (status, body["error"]) == (400, "InvalidValue")


def test_the_cursor_export_is_the_documented_one(client: Client) -> None:
    begin = int(ago(days=90).timestamp())
    body = client.body("incremental/tickets/cursor.json", start_time=begin, per_page=100)
    assert body.keys() == {
        "tickets",
        "after_url",
        "after_cursor",
        "before_url",
        "before_cursor",
        "end_of_stream",
    }
    seen = [t["id"] for t in body["tickets"]]
    while not body["end_of_stream"]:
        body = client.body(body["after_url"])
        seen += [t["id"] for t in body["tickets"]]
    assert sorted(seen) == [9000 + n for n in range(250)]
    again = client.body(body["after_url"])
    assert (again["tickets"], again["after_cursor"], again["end_of_stream"]) == (
        [],
        body["after_cursor"],
        True,
    )
    client.zendesk.account.change(9000, at=TODAY - timedelta(seconds=30), status="open")
    assert client.body(body["after_url"])["tickets"] == []
    client.zendesk.advance(120)
    assert [t["id"] for t in client.body(body["after_url"])["tickets"]] == [9000]


def test_the_sample_cursor_of_the_documentation(client: Client) -> None:
    """MTU3NjYxMzUzOS4wfHw0Njd8 is 1576613539.0||467|: a time and an id."""
    body = client.body("incremental/tickets/cursor", cursor="MTU3NjYxMzUzOS4wfHw0Njd8", per_page=1)
    assert len(body["tickets"]) == 1


def test_the_time_exports(client: Client) -> None:
    begin = int(ago(days=90).timestamp())
    for path, key in (("tickets", "tickets"), ("users", "users"), ("organizations", "organizations"),
                      ("ticket_events", "ticket_events"), ("ticket_metric_events", "ticket_metric_events")):  # fmt: skip
        body = client.body(f"incremental/{path}.json", start_time=begin)
        assert {key, "count", "end_time", "next_page", "end_of_stream"} <= body.keys()
        assert body["next_page"].endswith(f"start_time={body['end_time']}")
        assert body["end_of_stream"] is True
    status, body, _ = client("incremental/tickets", start_time=int(TODAY.timestamp()) - 10)
    assert (status, "Too recent" in body["description"]) == (400, True)


def test_ticket_events_with_and_without_comments(client: Client) -> None:
    begin = int(ago(days=90).timestamp())
    plain = client.body("incremental/ticket_events", start_time=begin)["ticket_events"][0]["child_events"]
    assert (
        plain[0].items() >= {"event_type": "Comment", "comment_present": True, "comment_public": True}.items()
    )
    full = client.body("incremental/ticket_events", start_time=begin, include="comment_events")
    child = full["ticket_events"][0]["child_events"]
    assert (
        child[0].items()
        >= {"body": "Help, my printer is on fire!", "author_id": 5000, "public": True}.items()
    )
    assert child[1].items() >= {"event_type": "Create", "status": "new"}.items()


def test_sideloads(client: Client) -> None:
    begin = int(ago(days=90).timestamp())
    include = "users,groups,organizations,metric_sets"
    body = client.body("incremental/tickets/cursor", start_time=begin, per_page=10, include=include)
    assert [u["id"] for u in body["users"]] == [5000 + n for n in range(10)]
    assert body["tickets"][0]["metric_set"]["reply_time_in_minutes"] == {"calendar": None, "business": None}
    assert (body["groups"], body["organizations"]) == ([], [])
    assert "metric_set" not in client.body("tickets/9000.json")["ticket"]


def test_one_ticket(client: Client) -> None:
    assert (
        client.body("tickets/9000.json")["ticket"]["url"] == f"{client.zendesk.url}/api/v2/tickets/9000.json"
    )
    comment = client.body("tickets/9000/comments", **{"page[size]": 100})["comments"][0]
    assert comment["metadata"]["system"]["ip_address"] == "203.0.113.7"
    audit = client.body("tickets/9000/audits.json")["audits"][0]
    assert [e["type"] for e in audit["events"]] == ["Comment", "Create", "Create"]
    assert audit["events"][1].items() >= {"field_name": "status", "value": "new"}.items()
    assert client.body("tickets/9000/metrics.json")["ticket_metric"]["ticket_id"] == 9000
    assert client.body("tickets/9000/conversation_log")["events"][0]["type"] == "Comment"
    client.zendesk.account.delete(9000)
    for path in ("tickets/9000", "tickets/9000/comments.json", "tickets/9000/audits", "tickets/9000/metrics"):
        status, body, _ = client(path)
        assert (status, body) == (404, {"error": "RecordNotFound", "description": "Not found"})


def test_the_rest_of_what_clients_ask(client: Client) -> None:
    assert client.body("users/5000.json")["user"]["id"] == 5000
    assert {u["role"] for u in client.body("users.json?role[]=agent&role[]=admin")["users"]} == {
        "agent",
        "admin",
    }
    assert client.body("users/me.json")["user"]["role"] == "admin"
    assert client.body("search.json", query="type:ticket 9001")["results"][0]["result_type"] == "ticket"
    assert client.body("account/settings.json")["settings"]["active_features"]
    assert (
        client.body("slas/policies.json")["sla_policies"][0]["policy_metrics"][0]["target_in_seconds"] == 3600
    )
    schedule = client.body("business_hours/schedules.json")["schedules"][0]
    assert client.body(f"business_hours/schedules/{schedule['id']}/holidays.json")["holidays"]
    assert client.body("custom_statuses.json")["custom_statuses"][0]["status_category"] == "pending"
    assert client.body("satisfaction_ratings.json", score="good")["satisfaction_ratings"] == []
    assert client.body("guide/survey_responses", **{"page[size]": 5})["survey_responses"] == []
    assert client("nothing.json")[0] == 404
    assert client("tickets", per_page="many")[0] == 400
    for path in ("macros", "user_fields", "organization_memberships", "custom_roles", "triggers"):
        assert client.body(f"{path}.json", **{"page[size]": 10})[path] == []
    assert client.body("tickets/count.json")["count"]["value"] == 250
    assert [t["id"] for t in client.body("tickets/show_many.json", ids="9001,9003")["tickets"]] == [
        9001,
        9003,
    ]
    assert len(client.body("ticket_audits.json", **{"page[size]": 100})["audits"]) == 100


def test_the_servers_own_clocks(client: Client) -> None:
    """Replied to after 30 minutes, solved after 90."""
    account, at = client.zendesk.account, ago(days=2)
    account.ticket(id=7, at=at, requester_id=5000)
    agent = next(row["id"] for row in account.lists["users"] if row["role"] == "agent")
    account.comment(7, "Yes?", author=agent, at=at + timedelta(minutes=30))
    account.change(7, status="solved", author=agent, at=at + timedelta(minutes=90))
    found = client.body("tickets/7/metrics.json")["ticket_metric"]
    assert found["reply_time_in_minutes"]["calendar"] == 30
    assert found["full_resolution_time_in_minutes"]["calendar"] == 90
    begin = int(at.timestamp())
    events = client.body("incremental/ticket_metric_events.json", start_time=begin)["ticket_metric_events"]
    assert [(one["metric"], one["type"]) for one in events if one["ticket_id"] == 7] == [
        ("agent_work_time", "activate"), ("reply_time", "activate"), ("requester_wait_time", "activate"),
        ("reply_time", "fulfill"), ("agent_work_time", "fulfill"), ("requester_wait_time", "fulfill"),
    ]  # fmt: skip


def test_search_by_type_and_date(client: Client) -> None:
    """50 of the customers' tickets are of 60 to 56 days ago: 10 a day from 70 days ago on."""
    after, before = ago(days=60.5).isoformat(), ago(days=55.5).isoformat()
    found = client.body("search.json", query=f"type:ticket created>{after} created<={before}")
    assert found["count"] == 50
    assert client.body("search.json", query="type:user role:agent")["count"] == 3
    assert (
        client.body("search.json", query="type:organization northwind")["results"][0]["name"] == "Northwind"
    )


def test_every_documented_field_of_a_ticket_is_there(client: Client) -> None:
    known = """url id external_id via created_at updated_at generated_timestamp type subject raw_subject description
        priority status recipient requester_id submitter_id assignee_id organization_id group_id collaborator_ids
        follower_ids email_cc_ids problem_id has_incidents is_public due_at tags custom_fields fields
        satisfaction_rating sharing_agreement_ids custom_status_id followup_ids ticket_form_id brand_id
        allow_channelback allow_attachments from_messaging_channel""".split()
    assert set(known) <= client.body("tickets/9000")["ticket"].keys()


def test_limits_headers_and_refusals(client: Client) -> None:
    status, _, headers = client("tickets")
    assert (status, headers["X-Rate-Limit"], headers["X-Rate-Limit-Remaining"]) == (200, "700", "699")
    assert re.fullmatch(r"total=\d+; remaining=\d+; resets=\d+", headers["zendesk-ratelimit-tickets-index"])
    client.zendesk.rules.export_per_minute = 2
    begin = int(ago(days=90).timestamp())
    for _ in range(2):
        client.body("incremental/users/cursor", start_time=begin)
    status, body, headers = client("incremental/users/cursor", start_time=begin)
    assert (status, body["error"], headers["Retry-After"]) == (429, "APIRateLimitExceeded", "60")
    client.zendesk.advance(61)
    assert client("incremental/users/cursor", start_time=begin)[0] == 200
    client.zendesk.rules.per_minute = 0
    assert client("groups")[:2] == (429, "Number of allowed API requests per minute exceeded")


def test_who_may_ask(client: Client) -> None:
    refused = (401, {"error": "Couldn't authenticate you"})
    assert client("groups", headers={})[:2] == refused
    assert client("groups", headers={"Authorization": "Basic bm9ib2R5OnBhc3N3b3Jk"})[:2] == refused
    client.zendesk.rules.oauth_token = "right"
    assert client("groups", headers={"Authorization": "Bearer wrong"})[:2] == refused
    assert client("groups", headers={"Authorization": "Bearer right"})[0] == 200
    client.zendesk.rules.forbidden = ("brands",)
    status, body, _ = client("brands")
    assert (status, body["error"]["title"]) == (403, "Forbidden")


def test_faults_come_once_and_where_they_should(client: Client) -> None:
    client.zendesk.faults.append(Fault(503, path="groups"))
    assert client("brands")[0] == 200
    assert client("groups")[0] == 503
    assert client("groups")[0] == 200


def test_generated_data_hang_together() -> None:
    zendesk = Zendesk(TODAY)
    fill(zendesk.account, tickets=60, seed=7)
    people = {user["id"] for user in zendesk.account.lists["users"]}
    for ticket in zendesk.account.tickets.values():
        assert ticket["requester_id"] in people
        assert ago(days=121) <= datetime.fromisoformat(ticket["created_at"]) <= TODAY
    assert len(zendesk.account.tickets) == 60


def test_it_can_be_started_by_hand() -> None:
    """The line of the docs, and its control door."""
    command = [sys.executable, "-m", "tests.fakes.zendesk", "--port", "0", "--tickets", "20"]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        url = re.search(r"http://\S+(?=\.)", line)
        assert url, line
        control = {"advance_s": 60, "rules": {"forbidden": ["brands"]}, "faults": [{"status": 503}]}
        asked = urllib.request.Request(f"{url[0]}/_control", data=json.dumps(control).encode(), method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(asked, timeout=10) as response:
            assert "now" in json.loads(response.read())
        with pytest.raises(urllib.error.HTTPError) as told:
            opener.open(urllib.request.Request(f"{url[0]}/api/v2/tickets", headers=KEY), timeout=10)
        told.value.close()
        assert told.value.code == 503
        with opener.open(f"{url[0]}/_control", timeout=10) as response:
            told = json.loads(response.read())
        assert told["requests"] == ["GET /api/v2/tickets"]
        assert told["holds"]["tickets"] == 20
    finally:
        started.terminate()
        started.wait(10)
        if started.stdout:
            started.stdout.close()


def test_names_of_surveys_tell_their_time() -> None:
    zendesk = Zendesk(TODAY)
    assert zendesk.offered_ms({"id": shapes.ulid(TODAY, 5)}) == int(TODAY.timestamp()) * 1000
