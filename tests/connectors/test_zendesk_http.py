"""A server that throttles, fails or stands still, and who may read what."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.base import ReadContext, configured
from core.errors import AuthError, ConfigError, NoProgress, SourceUnavailable
from core.home import Home
from core.settings import load_settings
from core.stream import KEYS, Batch, Waiting
from tests.connectors.zendesk_lab import AccountLab, Office, ago, office
from tests.fakes.zendesk import EXPORT_LIMIT, FORBIDDEN, PER_MINUTE_WORDS, Fault


@pytest.fixture
def desk(home: Home, now: Any) -> Iterator[Office]:
    with office(home) as found:
        yield found


class Patient(ReadContext):
    """Waits move the server's clock instead of taking time."""

    desk: ClassVar[Office]
    slept: ClassVar[list[float]]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.desk.zendesk.advance(seconds)


def patient(desk: Office, **changes: Any) -> list[Any]:
    """All items of a reading that waits on the server's clock."""
    Patient.desk, Patient.slept = desk, []
    connector = configured(AccountLab(desk.zendesk, **changes).source())
    return list(connector.read(Patient("desk")))


def count(items: list[Any], stream: str) -> int:
    """Distinct keys: rows at a border come twice, by design."""
    key = KEYS[stream][0]
    rows = [item.rows[key].to_pylist() for item in items if isinstance(item, Batch) and item.stream == stream]
    return len({number for page in rows for number in page})


# -- exports that throttle, shrink or stand still ------------------------------------------------------


@pytest.mark.slow
def test_3000_tickets_of_two_instants_under_the_export_limit(desk: Office) -> None:
    """1,500 and 1,500 tickets of one instant each: with pages of 1,000 that are 3, and 10 exports a minute."""
    for number in range(3000):
        desk.ticket(number + 1, ago(days=9 if number < 1500 else 8))
    desk.zendesk.rules.export_per_minute = 10
    items = patient(desk, page_size=1000)
    numbers = [
        n
        for item in items
        if isinstance(item, Batch) and item.stream == "conversations"
        for n in item.rows["conversation_id"].to_pylist()
    ]
    assert (len(numbers), len(set(numbers))) == (3000, 3000)
    assert count(items, "messages") == 3000
    tickets = [query for path, query in desk.asked("incremental/tickets/cursor")]
    assert ["cursor" in query for query in tickets[:3]] == [False, True, True]


def test_the_export_limit_is_waited_for(desk: Office) -> None:
    for number in range(120):
        desk.ticket(number + 1, ago(days=9, minutes=-number))
    desk.zendesk.rules.export_per_minute = 10
    items = patient(desk, page_size=10)  # 12 pages of tickets, 12 of events, and the older parts
    assert (count(items, "conversations"), count(items, "messages")) == (120, 120)
    waits = [item for item in items if isinstance(item, Waiting)]
    assert len(waits) == len(Patient.slept) >= 2
    assert all(30 < seconds <= 60 for seconds in Patient.slept)
    assert {wait.reason for wait in waits} == {"the server asks for fewer requests."}


@pytest.mark.parametrize(
    "body",
    [PER_MINUTE_WORDS, '{"detail":"Rate limited by Zendesk edge protection","status":"429"}', str(EXPORT_LIMIT),
     '{"error":', "<html>", ""],
)  # fmt: skip
def test_the_body_of_a_429_is_never_read(desk: Office, body: str) -> None:
    desk.ticket(1, ago(days=3))
    desk.zendesk.faults.append(Fault(429, {"Retry-After": "7"}, body, path="incremental/tickets"))
    items = patient(desk)
    assert Patient.slept == [7.0]
    assert count(items, "conversations") == 1


@pytest.mark.parametrize("name", ["ratelimit-reset", "Retry-After"])
def test_a_429_says_when_to_come_back(desk: Office, name: str) -> None:
    desk.zendesk.faults.append(Fault(429, {name: "41"}))
    patient(desk)
    assert Patient.slept == [41.0]


def test_a_429_without_a_hint_outlasts_a_minute(desk: Office) -> None:
    desk.zendesk.faults.extend(Fault(429) for _ in range(7))
    patient(desk)
    assert len(Patient.slept) == 7
    assert sum(Patient.slept) > 60


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504, 520, 524])
def test_failures_that_pass(desk: Office, status: int) -> None:
    desk.ticket(1, ago(days=3))
    desk.zendesk.faults.append(Fault(status, path="incremental/ticket_events"))
    assert count(patient(desk), "messages") == 1


def test_a_page_that_is_too_much_is_halved(desk: Office) -> None:
    """100 rows are too much for this server, 50 too, 25 are not: then everything is asked for in 25."""
    for number in range(60):
        desk.ticket(number + 1, ago(days=9, minutes=-number))
    desk.zendesk.rules.too_much = 25
    items = patient(desk, page_size=100)
    sizes = [query["per_page"] for _, query in desk.asked("incremental/tickets/cursor")]
    assert sizes[:3] == ["100", "50", "25"]
    assert set(sizes[2:]) == {"25"}
    assert count(items, "conversations") == 60


def test_requests_for_ever_refused_are_bounded(desk: Office) -> None:
    desk.zendesk.faults.extend(Fault(503) for _ in range(100))
    with pytest.raises(SourceUnavailable):
        patient(desk)
    assert len(desk.zendesk.log) == 8


def test_an_empty_page_is_not_the_end(desk: Office) -> None:
    for number in range(30):
        desk.ticket(number + 1, ago(days=9, minutes=-number))
    desk.zendesk.rules.empty_pages = 3
    assert count(patient(desk, page_size=10), "conversations") == 30


def test_an_export_without_the_word_end_of_stream(desk: Office) -> None:
    for number in range(30):
        desk.ticket(number + 1, ago(days=9, minutes=-number))
    desk.zendesk.rules.end_of_stream = False
    items = patient(desk, page_size=10)
    assert (count(items, "conversations"), count(items, "messages")) == (30, 30)


def test_a_cursor_that_stands_still_is_an_error_and_no_loop(desk: Office) -> None:
    for number in range(30):
        desk.ticket(number + 1, ago(days=9, minutes=-number))
    first = list(desk.read(page_size=10))
    assert first
    desk.zendesk.rules.stuck = True
    asked = len(desk.zendesk.log)
    with pytest.raises(NoProgress) as told:
        patient(desk, page_size=10)
    assert "gives the same place again" in str(told.value)
    assert len(desk.zendesk.log) - asked < 20


def test_more_events_in_one_second_than_in_a_page(desk: Office) -> None:
    """The export by time cannot lead past them: the tickets that were there then are read one by one."""
    desk.ticket(1, ago(days=9))
    desk.ticket(2, ago(days=7), body="later")
    for number in range(30):
        desk.account.comment(1, f"words {number}", author=desk.agent, at=ago(days=8))
    desk.account.change(1, at=ago(days=8), author=desk.agent, status="open")
    world = desk.world(page_size=10)
    first = world.sync()
    assert first.status == "ok", first.errors
    assert world.rows("SELECT count(*), count(DISTINCT message_id) FROM messages") == [(32, 32)]
    assert world.rows("SELECT new_value FROM conversation_events WHERE old_value = 'new'") == [("open",)]
    assert len(desk.asked("tickets/1/audits")) == 1
    assert not desk.asked("tickets/2/audits")  # it was not there yet
    again = world.sync(full=True)
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)


def test_a_crowded_second_is_read_singly_once(desk: Office) -> None:
    desk.ticket(1, ago(days=9))
    for number in range(30):
        desk.account.comment(1, f"words {number}", author=desk.agent, at=ago(days=8))
    world = desk.world(page_size=10)
    world.sync()
    asked = len(desk.asked("tickets/1/audits"))
    world.sync()  # the overlap reaches the second again
    assert len(desk.asked("tickets/1/audits")) == asked == 1


def test_events_that_stand_still(desk: Office) -> None:
    desk.ticket(1, ago(days=9))
    page = {"ticket_events": [], "end_of_stream": False, "end_time": 0, "next_page": "http://127.0.0.1/"}
    desk.zendesk.faults.append(Fault(200, {}, json.dumps(page), path="incremental/ticket_events"))
    with pytest.raises(NoProgress):
        patient(desk, page_size=10)


def test_an_overlap_that_is_larger_than_a_page(desk: Office) -> None:
    """30 comments within the five minutes that are read again, in pages of 10."""
    desk.ticket(1, ago(days=9))
    for number in range(30):
        at = ago(minutes=60) + timedelta(seconds=5 * number)
        desk.account.comment(1, f"words {number}", author=desk.agent, at=at)
    world = desk.world(page_size=10)
    world.sync()
    desk.account.comment(1, "last", author=desk.agent, at=ago(minutes=30))
    assert world.sync().streams["messages"].inserted == 1


def test_a_list_that_stands_still(desk: Office) -> None:
    body = '{"ticket_fields":[],"meta":{"has_more":true,"after_cursor":null}}'
    desk.zendesk.faults.append(Fault(200, {"Content-Type": "application/json"}, body))
    with pytest.raises(NoProgress):
        patient(desk)


# -- who may read what ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"email": "eve@acme.example"}, {"api_token": "wrong"}])
def test_wrong_credentials(desk: Office, wrong: dict[str, str]) -> None:
    desk.zendesk.rules.email, desk.zendesk.rules.api_token = "ada@acme.example", "token-abcdef"
    with pytest.raises(AuthError) as told:
        list(desk.read(**wrong))
    assert "Couldn't authenticate you" in str(told.value)
    assert "wrong" not in str(told.value)
    connector = configured(AccountLab(desk.zendesk, **wrong).source())
    (result,) = connector.check(ReadContext("desk"))  # the others would say the same
    assert (result.status, result.code) == ("denied", "auth")


def test_oauth(desk: Office) -> None:
    desk.zendesk.rules.oauth_token = "bearer-abcdef"
    desk.ticket(1, ago(days=3))
    report = desk.world(email=None, api_token=None, oauth_token="bearer-abcdef").sync()
    assert (report.status, report.streams["conversations"].inserted) == ("ok", 1)


def test_basic_authentication_is_email_slash_token(desk: Office) -> None:
    """Base64 of ada@acme.example/token:token-abcdef, worked out elsewhere."""
    sent = configured(AccountLab(desk.zendesk).source()).config.authorization()
    assert sent == "Basic YWRhQGFjbWUuZXhhbXBsZS90b2tlbjp0b2tlbi1hYmNkZWY="
    assert base64.b64decode(sent.split()[1]) == b"ada@acme.example/token:token-abcdef"


def test_check_says_what_may_be_read(desk: Office) -> None:
    connector = configured(AccountLab(desk.zendesk).source())
    assert {r.status for r in connector.check(ReadContext("desk"))} == {"ok"}
    desk.zendesk.rules.forbidden = ("satisfaction_ratings", "incremental/tickets")
    found = {r.name: r for r in connector.check(ReadContext("desk"))}
    assert (found["tickets"].status, found["tickets"].code) == ("denied", "permission")
    assert "administrator" in found["tickets"].hint
    assert FORBIDDEN["error"]["message"].rstrip(".") in found["tickets"].message
    assert found["satisfaction_ratings"].status == "optional_missing"
    assert found["people"].status == "ok"
    desk.zendesk.faults.append(Fault(500))
    assert connector.check(ReadContext("desk"))[0].status == "error"


def test_discover_follows_the_switches(desk: Office) -> None:
    names = {s.name for s in configured(AccountLab(desk.zendesk).source()).discover(ReadContext("d"))}
    fewer = AccountLab(desk.zendesk, sla_policies=False, satisfaction_ratings=False)
    assert names - {s.name for s in configured(fewer.source()).discover(ReadContext("d"))} == {
        "sla_policies", "satisfaction_ratings"
    }  # fmt: skip


def test_an_export_that_may_not_be_read_ends_the_reading(desk: Office) -> None:
    desk.zendesk.rules.forbidden = ("incremental/tickets",)
    report = desk.world().sync()
    assert report.errors[0].code == "permission"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"base_url": "http://help.acme.example"}, "not encrypted"),
        ({"base_url": "https://ada:secret@help.acme.example"}, "user name or password"),
        ({"base_url": "ftp://help.acme.example"}, "not a web address"),
        ({"base_url": None}, "either subdomain or base_url"),
        ({"base_url": None, "subdomain": "acme.zendesk.com"}, "only the first part"),
        ({"api_token": None}, "either api_token"),
        ({"email": None}, "needs the email"),
        ({"page_size": 5000}, "less than or equal to 1000"),
    ],
)
def test_settings_that_cannot_work(desk: Office, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as told:
        list(configured(AccountLab(desk.zendesk, **wrong).source()).read(ReadContext("desk")))
    assert words in str(told.value)


def test_states_of_another_kind_are_read_anew(desk: Office) -> None:
    connector = configured(AccountLab(desk.zendesk).source())
    assert connector.migrate_state("tickets", "updated_at", 1, {"updated_at": "2024-01-01"}) is None
    assert connector.migrate_state("tickets", "zendesk_cursor", 1, {"recent": {}}) == {"recent": {}}


def test_the_example_of_the_docs(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENDESK_TOKEN", "token-abcdef")
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "zendesk.settings.toml"
    (source,) = load_settings(home, example).sources
    config = configured(source).config
    assert config.address("zendesk") == "https://acme.zendesk.com"
    assert base64.b64decode(config.authorization().split()[1]) == b"reports@acme.example/token:token-abcdef"


def test_what_a_reading_costs_is_counted(desk: Office) -> None:
    desk.ticket(1, ago(days=3))
    desk.zendesk.faults.append(Fault(503, path="incremental/tickets"))
    context = ReadContext("desk", pace=0.0)
    list(configured(AccountLab(desk.zendesk).source()).read(context))
    assert context.effort.requests == len(desk.zendesk.log)
    assert context.effort.retries == 1
    assert context.effort.bytes > 1000
    assert context.effort.waited_s > 0
