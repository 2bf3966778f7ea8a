"""Refusals and limits of X, settings, what is said, and ids."""

import json
import threading
import time
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import tweepy
from requests.adapters import HTTPAdapter

from connectors._twitter_memory import Memory
from connectors._twitter_windows import Position, earlier, made_at, newer
from connectors.base import ReadContext, configured
from core.errors import (
    AppError,
    AuthError,
    Cancelled,
    ConfigError,
    NoProgress,
    PermissionRefused,
    QuotaExhausted,
    RateLimited,
    SourceNotFound,
    SourceUnavailable,
)
from core.stream import Waiting
from tests.connectors.twitter_lab import EXAMPLES, MENTIONS, NOW, SEARCH, Account, ask, followed
from tests.connectors.world import CANARY
from tests.fakes.twitter_account import Fault, sample, snowflake


@pytest.fixture
def account(now: datetime) -> Iterator[Account]:
    with followed() as found:
        yield found


@pytest.mark.parametrize(
    ("fault", "raised", "words"),
    [
        (Fault(401, body='{"title":"Unauthorized","status":401}'), AuthError, "bearer token"),
        (
            Fault(403, body='{"title":"Client Forbidden","detail":"attach it"}'),
            PermissionRefused,
            "attach it",
        ),
        (Fault(404, body="<html>"), SourceNotFound, "does not know"),
        (Fault(400, body='{"errors":[{"message":"bad","parameters":{"query":["x"]}}]}'), ConfigError, "bad"),
        (Fault(429, body='{"title":"UsageCapExceeded","period":"Monthly"}'), QuotaExhausted, "used up"),
        (
            Fault(429, body='{"type":"https://api.twitter.com/2/problems/usage-capped"}'),
            QuotaExhausted,
            "monthly",
        ),
    ],
)
def test_refusals_are_told_apart(account: Account, fault: Fault, raised: type[AppError], words: str) -> None:
    account.x.faults = [fault]
    with pytest.raises(raised, match=words) as error:
        account.read()
    assert error.value.source == "x"
    assert error.value.hint
    assert CANARY not in str(error.value)
    assert len(account.x.log) == 1


def test_the_monthly_cap_stops_and_keeps(account: Account) -> None:
    for n in range(60):
        ask(account.x, 100 - n)
    account.x.rules.monthly_posts = 25
    with pytest.raises(QuotaExhausted, match="used up"):
        account.read(page_size=10)
    assert len(account.texts()) == 20
    account.x.rules.monthly_posts = None
    account.read(page_size=10)
    assert len(account.texts()) == 60


def test_a_limit_is_waited_for_by_its_header(account: Account) -> None:
    for n in range(60):
        ask(account.x, 100 - n)
    reset = str(int(NOW.timestamp()) + 300)
    account.x.faults = [Fault(429, {"x-rate-limit-reset": reset}, path=SEARCH)]
    account.read(page_size=10)
    (wait,) = [item for item in account.items if isinstance(item, Waiting)]
    assert wait.until - NOW == timedelta(seconds=301)
    assert len(account.texts()) == 60


def test_a_limit_without_a_header_doubles(account: Account) -> None:
    ask(account.x, 5)
    account.x.faults = [Fault(429, path=SEARCH, body=body) for body in ("", "[]", "slow", '"x"')]
    account.read()
    waits = [round((i.until - NOW).total_seconds()) for i in account.items if isinstance(i, Waiting)]
    assert waits == [60, 120, 240, 480]


def test_a_limit_without_end_is_given_up(account: Account) -> None:
    account.x.faults = [Fault(429) for _ in range(400)]
    with pytest.raises(RateLimited):
        account.read()
    assert len(account.x.log) == 6


def test_a_header_that_is_no_number(account: Account) -> None:
    account.x.faults = [Fault(429, {"x-rate-limit-reset": "soon"})]
    account.read()
    assert len([item for item in account.items if isinstance(item, Waiting)]) == 1


def test_a_page_that_is_too_much_becomes_smaller(account: Account) -> None:
    for n in range(60):
        ask(account.x, 100 - n)
    account.x.faults = [Fault(504, path=SEARCH), Fault(502, path=SEARCH)]
    account.read(mentions=False)
    sizes = [line.partition("max_results=")[2].partition("&")[0] for line in account.asked(SEARCH)]
    assert sizes[:4] == ["100", "50", "25", "25"]
    assert len(account.texts()) == 60


@pytest.mark.point(8)
def test_an_empty_page_is_not_the_end(account: Account) -> None:
    root = ask(account.x, 5)
    page = json.dumps({"meta": {"result_count": 0, "next_token": account.x._sealed(10**20)}})
    account.x.faults = [Fault(200, body=page, path=SEARCH)]
    account.read(mentions=False)
    assert set(account.texts()) == {root}


@pytest.mark.point(8)
def test_a_page_that_comes_again_stops(account: Account) -> None:
    page = json.dumps({"meta": {"result_count": 0, "next_token": "same"}})
    account.x.faults = [Fault(200, body=page, path=SEARCH) for _ in range(9)]
    with pytest.raises(NoProgress, match="the same page"):
        account.read()
    assert len(account.asked(SEARCH)) == 2


def test_an_unknown_handle(account: Account) -> None:
    with pytest.raises(SourceNotFound, match="@nobody"):
        account.read(handles=["acme", "nobody"])


@pytest.mark.parametrize("wrong", [{"handles": []}, {"handles": ["a b"]}, {"page_size": 5}, {"wrong": 1}])
def test_settings_that_are_refused(account: Account, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        account.read(**wrong)


def test_an_address_that_is_not_encrypted(account: Account) -> None:
    with pytest.raises(ConfigError, match="not encrypted"):
        account.read(base_url="http://api.example.com")


def test_nobody_answers(account: Account) -> None:
    with pytest.raises(SourceUnavailable, match="could not be reached"):
        account.read(base_url="http://127.0.0.1:9")


def test_a_slow_answer_is_given_up(account: Account) -> None:
    account.x.faults = [Fault(delay_s=0.3) for _ in range(6)]
    with pytest.raises(SourceUnavailable, match="did not answer within"):
        account.read(timeout_s=0.05)


@pytest.mark.point(14)
def test_cancelled_during_a_wait(account: Account) -> None:
    account.x.faults = [Fault(429, {"x-rate-limit-reset": str(int(NOW.timestamp()) + 900)})]
    context = ReadContext("x")
    items = configured(account.source()).read(context)
    assert isinstance(next(items), Waiting)
    threading.Timer(0.2, context.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        next(items)
    assert time.monotonic() - begun < 2


def test_the_token_goes_to_x_alone_and_into_no_log(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    account.x.rules.token = CANARY
    ask(account.x, 5)
    account.read()
    with pytest.raises(AuthError):
        account.read(bearer_token="another")
    assert CANARY not in caplog.text
    assert CANARY not in json.dumps(account.state)


def test_only_gets(account: Account) -> None:
    ask(account.x, 5)
    account.read(refresh_every_h=0)
    connector = configured(account.source())
    assert [c.status for c in connector.check(ReadContext("x"))] == ["ok", "ok", "ok"]
    assert [s.name for s in connector.discover(ReadContext("x"))] == [
        "search",
        "mentions of @acme",
        "threads",
    ]
    assert {line.split(" ")[0] for line in account.x.log} == {"GET"}


def test_check_tells_what_is_missing(account: Account) -> None:
    account.x.rules.forbidden = (MENTIONS,)
    told = configured(account.source()).check(ReadContext("x"))
    assert [(c.name, c.status) for c in told][2] == ("mentions", "optional_missing")
    account.x.rules.token = "another"
    told = configured(account.source()).check(ReadContext("x"))
    assert {(c.status, c.code) for c in told[:2]} == {("error", "auth")}


def test_tweepy_itself_can_read_the_server(account: Account) -> None:
    sample(account.x, 45)

    class Redirected(HTTPAdapter):
        def send(self, request: Any, **options: Any) -> Any:
            request.url = account.address + request.url.removeprefix("https://api.twitter.com")
            return super().send(request, **options)

    api = tweepy.Client("any")
    api.session.trust_env = False
    api.session.mount("https://api.twitter.com", Redirected())
    with api.session:
        pages = tweepy.Paginator(api.search_recent_tweets, "@acme", max_results=10, tweet_fields="created_at")
        found = list(pages.flatten())
        assert {str(tweet.id) for tweet in found} == {
            native for native, tweet in account.x.tweets.items() if "@acme" in tweet["text"]
        }
        assert found == sorted(found, key=lambda tweet: tweet.id, reverse=True)
        assert all(tweet.created_at.tzinfo for tweet in found)
        assert len(list(tweepy.Paginator(api.get_users_mentions, "99", max_results=5).flatten())) == 45
        assert api.get_user(username="acme").data.id == 99
        told = api.get_tweets([found[0].id, 1])
        assert ([tweet.id for tweet in told.data], told.errors[0]["value"]) == ([found[0].id], "1")
        with pytest.raises(tweepy.BadRequest, match="since_id"):
            api.search_recent_tweets("@acme", since_id="5")
        account.x.rules.per_window = 0
        with pytest.raises(tweepy.TooManyRequests) as limit:
            api.get_user(username="acme")
        assert limit.value.reset_time == int(NOW.timestamp()) + 900


def test_the_example_is_valid(account: Account) -> None:
    told = tomllib.loads((EXAMPLES / "twitter.settings.toml").read_text(encoding="utf-8"))
    (source,) = told["sources"]
    root = ask(account.x, 5)
    token = {"bearer_token": CANARY, "base_url": account.address}
    account.read(**{k: v for k, v in source.items() if k not in ("name", "kind")} | token)
    assert set(account.texts()) == {root}


def test_the_memory_is_the_same_in_any_order() -> None:
    posts = [
        ("c", "9", "1", "customer", 900),
        ("c", "11", "99", "agent", 1100),
        ("c", "10", "2", "customer", 1000),
    ]
    memories = []
    for order in (posts, posts[::-1], [*posts[1:], *posts]):
        memory = Memory(None, most=5)
        for one in order:
            memory.take(*one)
        memories.append(memory.cursor(before_ms=0))
    assert memories[0] == memories[1] == memories[2]
    assert memories[0]["talks"]["c"]["asked_by"] == "1"
    again = Memory(memories[0], most=5)
    again.forget(before_ms=5000)
    assert again.talks == {}


def test_only_the_newest_conversations_are_followed() -> None:
    memory = Memory(None, most=3)
    for n in range(20):
        memory.take(f"c{n}", f"{n}", "1", "customer", n)
    memory.trim()
    assert len(memory.talks) == 6
    assert set(memory.cursor(before_ms=0)["talks"]) == {"c17", "c18", "c19"}


def test_ids_and_times() -> None:
    native = snowflake(NOW)
    assert earlier(native, 60) == snowflake(NOW - timedelta(seconds=60))
    assert made_at(native) == NOW
    assert made_at("9" * 30) is made_at("abc") is None
    assert earlier("abc", 60) == "abc"
    assert newer("9", "10") == "10"
    assert newer("10", "9") == "10"
    position = Position.of({"since_id": "5", "windows": []})
    position.begin()
    position.close()
    assert position.cursor() == {"since_id": "5", "windows": []}
