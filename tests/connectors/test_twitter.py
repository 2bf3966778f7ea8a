"""What is special about X: windows that resume, threads, metrics that change, posts that vanish, limits."""

import json
import threading
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
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
from core.settings import Source
from core.stream import Batch, Checkpoint, Item, Progress, Reject, Waiting
from tests.connectors.world import CANARY
from tests.fakes.twitter import Fault, X, post, sample, serving, snowflake

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SEARCH, MENTIONS, LOOKUP = "/2/tweets/search/recent", "/2/users/99/mentions", "/2/tweets"


class Account:
    """A server and what a reader of it has kept: rows by key, cursors."""

    def __init__(self, x: X, address: str) -> None:
        self.x, self.address = x, address
        self.state: dict[str, Any] = {}
        self.rows: dict[str, dict[Any, dict[str, Any]]] = {}
        self.items: list[Item] = []

    def source(self, **options: Any) -> Source:
        told = {"kind": "twitter", "bearer_token": CANARY, "handles": ["@acme"], "base_url": self.address}
        return Source(name="x", **(told | options))

    def read(self, *, stop_after: int | None = None, **options: Any) -> list[Item]:
        """Read and keep; `stop_after` drops everything from so many checkpoints on, as a crash does."""
        context = ReadContext("x", state=json.loads(json.dumps(self.state)), pace=0.0)
        self.items, held, points = [], [], 0
        for item in configured(self.source(**options)).read(context):
            self.items.append(item)
            if isinstance(item, Batch):
                held.append(item)
            elif isinstance(item, Checkpoint):
                self.keep(held)
                held = []
                self.state[item.stream] = json.loads(json.dumps(dict(item.cursor)))
                points += 1
                if points == stop_after:
                    break
        return self.items

    def keep(self, batches: list[Batch]) -> None:
        for batch in batches:
            known = self.rows.setdefault(batch.stream, {})
            for row in batch.rows.to_pylist():
                key = tuple(row[name] for name in ("conversation_id", "tag")) if "tag" in row else None
                key = key or row.get(f"{batch.stream[:-1]}_id") or row.get("person_id")
                old = known.get(key)
                if old is None or row["source_version"] >= old["source_version"]:
                    known[key] = {**(old or {}), "is_deleted": True} if row["is_deleted"] else row

    def texts(self) -> dict[str, str]:
        return {k: r["body_text"] for k, r in self.rows["messages"].items() if not r["is_deleted"]}

    def asked(self, path: str) -> list[str]:
        return [line for line in self.x.log if line.partition("?")[0] == f"GET {path}"]


@pytest.fixture
def account(now: datetime) -> Iterator[Account]:
    x = X(NOW)
    x.add_user("99", "acme")
    for n in range(1, 5):
        x.add_user(str(n), f"person{n}")
    with serving(x) as address:
        yield Account(x, address)


def at(minutes: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def ask(x: X, minutes: float, text: str = "@acme help", author: str = "1", **more: Any) -> str:
    """A customer's post; gives its id."""
    native = more.pop("native", None) or snowflake(at(minutes), len(x.tweets))
    x.add(post(native, author, text, at(minutes), **more))
    return native


def reply(x: X, root: str, minutes: float, author: str = "99", text: str = "@person1 looking") -> str:
    return ask(x, minutes, text, author, root=root)


def test_a_first_and_an_empty_second_reading(account: Account) -> None:
    sample(account.x, 250)
    account.read()
    assert set(account.texts()) == set(account.x.tweets)
    roots = {tweet["conversation_id"] for tweet in account.x.tweets.values()}
    assert set(account.rows["conversations"]) == roots
    assert not [i for i in account.items if isinstance(i, Checkpoint) and i.stream == "search"][-1].horizon
    account.x.log.clear()
    rows = {stream: dict(known) for stream, known in account.rows.items()}
    account.read()
    assert account.rows == rows
    read_again = [i for i in account.items if isinstance(i, Batch) and i.stream == "messages"]
    assert sum(batch.rows.num_rows for batch in read_again) <= 2  # the overlap of a minute


def test_a_conversation_is_told_as_a_whole(account: Account) -> None:
    root = ask(account.x, 50, "@acme my #Parcel is late\nagain " + "x" * 90, lang="de")
    first = reply(account.x, root, 40)
    ask(account.x, 30, "@acme thanks #Great", root=root)
    account.read()
    talk = account.rows["conversations"][root]
    assert talk["subject"] == ("@acme my #Parcel is late again " + "x" * 90)[:80]
    assert (talk["channel"], talk["native_channel"], talk["brand"]) == ("social", "x", "@acme")
    assert (talk["status"], talk["requester_id"], talk["assignee_id"]) == ("open", "1", "99")
    assert (talk["created_at"], talk["last_message_at"], talk["language"]) == (at(50), at(30), "de")
    assert {tag for _, tag in account.rows["conversation_tags"]} == {"parcel", "great"}
    message = account.rows["messages"][first]
    assert (message["author_role"], message["author_name"], message["in_reply_to"]) == ("agent", "Acme", root)
    assert json.loads(message["engagement"])["like"] == 0
    people = account.rows["people"]
    assert (people["99"]["kind"], people["1"]["kind"], people["1"]["handle"]) == (
        "agent",
        "customer",
        "person1",
    )


def test_the_status_follows_who_spoke_last(account: Account) -> None:
    root = ask(account.x, 50)
    account.read()
    assert account.rows["conversations"][root]["status"] == "open"
    reply(account.x, root, 20)
    account.read()
    assert account.rows["conversations"][root]["status"] == "pending"
    ask(account.x, 10, root=root)
    account.read()
    assert account.rows["conversations"][root]["status"] == "open"


def test_posts_of_a_thread_that_do_not_name_the_brand(account: Account) -> None:
    root = ask(account.x, 50)
    other = ask(account.x, 40, "same here", "2", root=root)
    account.read()
    assert other in account.texts()
    late = ask(account.x, 5, "and here", "3", root=root)
    account.read()
    assert late in account.texts()
    assert account.rows["conversations"][root]["last_message_at"] == at(5)


def test_threads_can_be_left_out(account: Account) -> None:
    root = ask(account.x, 50)
    other = ask(account.x, 40, "same here", "2", root=root)
    account.read(thread_posts=0)
    assert set(account.texts()) == {root}
    assert other not in account.texts()


def test_a_refresh_reads_so_many_threads_and_the_next_one_goes_on(account: Account) -> None:
    for n in range(30):
        root = ask(account.x, 100 + n)
        ask(account.x, 50 + n, "me too", "2", root=root)
    for expected in (40, 50, 60, 60):
        account.read(follow_max=10)
        assert len(account.texts()) == expected


def test_a_thread_that_comes_to_life_again_is_read_whole(account: Account) -> None:
    root = ask(account.x, 60 * 24 * 3)
    reply(account.x, root, 60 * 24 * 2)
    account.read()
    quiet = ask(account.x, 20, "not to the brand", "2", root=root)
    account.read()
    assert quiet not in account.texts()  # answered two days ago: nobody looks
    ask(account.x, 10)
    account.read()
    ask(account.x, 5, "@acme still broken", root=root)
    account.read()
    assert quiet in account.texts()


def test_a_long_thread_is_cut(account: Account) -> None:
    root = ask(account.x, 500)
    for n in range(150):
        ask(account.x, 400 - n, "me too", "2", root=root)
    account.read(thread_posts=20, page_size=10)
    assert len(account.texts()) == 21
    assert any("cut there" in item.text for item in account.items if isinstance(item, Progress))


def test_many_threads_share_a_request(account: Account) -> None:
    for n in range(40):
        ask(account.x, 100 + n)
    account.read()
    queries = [line for line in account.asked(SEARCH) if "conversation_id%3A" in line]
    assert len(queries) == 4


def test_the_root_of_an_old_thread_is_looked_up(account: Account) -> None:
    root = snowflake(NOW - timedelta(days=30))
    account.x.add(post(root, "2", "How do I cancel?", NOW - timedelta(days=30)))
    ask(account.x, 5, "@acme I ask too", root=root)
    account.read()
    talk = account.rows["conversations"][root]
    assert (talk["subject"], talk["requester_id"]) == ("How do I cancel?", "2")
    assert talk["created_at"] == NOW - timedelta(days=30)


def test_a_root_that_is_gone(account: Account) -> None:
    ask(account.x, 5, "@acme I ask too", root="1234")
    account.read()
    talk = account.rows["conversations"]["1234"]
    assert (talk["subject"], talk["requester_id"], talk["created_at"]) == (None, "1", at(5))
    assert any("left something out" in item.text for item in account.items if isinstance(item, Progress))


def test_a_post_of_the_brand_that_is_answered(account: Account) -> None:
    root = ask(account.x, 50, "We have news!", "99")
    ask(account.x, 40, "@acme it does not work", "2", root=root)
    account.read()
    talk = account.rows["conversations"][root]
    assert (talk["requester_id"], talk["status"]) == ("2", "open")


def test_mentions_reach_further_back_than_the_search(account: Account) -> None:
    old = ask(account.x, 60 * 24 * 20)
    new = ask(account.x, 5)
    account.read()
    assert set(account.texts()) == {old, new}
    account.rows.clear()
    account.state.clear()
    account.read(mentions=False)
    assert set(account.texts()) == {new}


def test_mentions_that_the_plan_leaves_out(account: Account) -> None:
    root = ask(account.x, 5)
    account.x.rules.forbidden = (MENTIONS,)
    account.read()
    assert set(account.texts()) == {root}
    assert any("mentions of @acme are left out" in i.text for i in account.items if isinstance(i, Progress))


def test_nothing_older_than_the_start(account: Account) -> None:
    for day in range(6):
        ask(account.x, 60 * 24 * day + 30)
    account.read(start_at="2026-11-14", page_size=10)
    assert len(account.texts()) == 3


def test_a_conversation_that_began_before_the_start(account: Account) -> None:
    root = ask(account.x, 60 * 24 * 5, "@acme it broke")
    late = ask(account.x, 5, "@acme still", root=root)
    account.read(start_at="2026-11-14")
    assert set(account.texts()) == {late}
    assert account.rows["conversations"][root]["subject"] == "@acme it broke"


@pytest.mark.point(6)
@pytest.mark.parametrize("crash", range(2, 24, 3))
def test_a_crash_in_the_middle_resumes(account: Account, crash: int) -> None:
    for n in range(60):
        ask(account.x, 1000 - n, author="2")
    account.read(page_size=10, stop_after=crash, mentions=False)
    requests = len(account.asked(SEARCH))
    late = ask(account.x, 1)
    account.read(page_size=10, mentions=False)
    assert set(account.texts()) == set(account.x.tweets)
    assert late in account.texts()
    position = account.state["search"]
    assert (position["since_id"], position["windows"]) == (late, [])
    assert requests + len(account.asked(SEARCH)) < 90


def test_the_position_moves_only_at_the_end(account: Account) -> None:
    for n in range(35):
        ask(account.x, 100 - n)
    account.read(page_size=10, mentions=False)
    told = [i for i in account.items if isinstance(i, Checkpoint) and i.stream == "search"]
    assert [point.cursor["since_id"] is None for point in told] == [True, True, True, False]
    horizons = [point.horizon for point in told]
    assert horizons[:3] == sorted(horizons[:3], reverse=True)
    assert horizons[3] is None


def test_new_posts_come_before_the_backfill_goes_on(account: Account) -> None:
    for n in range(40):
        ask(account.x, 1000 - n)
    account.read(page_size=10, mentions=False, stop_after=2)
    new = ask(account.x, 1)
    account.x.log.clear()
    account.read(page_size=10, mentions=False)
    first, second = [line for line in account.asked(SEARCH) if "conversation_id%3A" not in line][:2]
    assert "since_id" in first
    assert "next_token" not in first
    assert "next_token" in second
    assert set(account.texts()) == set(account.x.tweets)
    assert account.state["search"]["since_id"] == new


def test_a_page_token_that_is_no_longer_known(account: Account) -> None:
    account.x.rules.tokens_expire = True
    for n in range(40):
        ask(account.x, 1000 - n)
    account.read(page_size=10, mentions=False, stop_after=4)
    account.x.expire()
    account.read(page_size=10, mentions=False)
    assert set(account.texts()) == set(account.x.tweets)
    assert any("until_id" in line for line in account.asked(SEARCH))


def test_a_reading_after_more_than_a_week(account: Account) -> None:
    old = ask(account.x, 5)
    account.read(mentions=False)
    account.x.now += timedelta(days=10)
    new = snowflake(account.x.now - timedelta(minutes=1))
    account.x.add(post(new, "1", "@acme again", account.x.now - timedelta(minutes=1)))
    account.read(mentions=False)
    assert set(account.texts()) == {old, new}
    assert any("out of reach" in item.text for item in account.items if isinstance(item, Progress))


def test_a_post_that_appears_late(account: Account) -> None:
    ask(account.x, 5)
    account.read()
    late = ask(account.x, 5.5)
    account.read()
    assert late in account.texts()


def test_metrics_are_refreshed_by_id(account: Account) -> None:
    root = ask(account.x, 50)
    ask(account.x, 5)
    account.read()
    account.x.tweets[root]["public_metrics"] = {"like_count": 7}
    account.read()
    assert json.loads(account.rows["messages"][root]["engagement"])["like"] == 0  # not before six hours
    account.x.now += timedelta(hours=7)
    account.read()
    assert json.loads(account.rows["messages"][root]["engagement"])["like"] == 7
    assert len(account.asked(LOOKUP)) == 1


def test_a_post_that_is_deleted_and_one_that_comes_back(account: Account) -> None:
    root = ask(account.x, 50)
    tweet = dict(account.x.tweets[root])
    account.read(refresh_every_h=0)
    account.x.remove(root)
    account.read(refresh_every_h=0)
    assert account.texts() == {}
    account.x.now += timedelta(minutes=1)
    account.x.add(tweet)
    account.read(refresh_every_h=0)
    assert set(account.texts()) == {root}


def test_an_edited_post_replaces_its_earlier_version(account: Account) -> None:
    first = ask(account.x, 50, "@acme helo")
    account.read()
    account.x.remove(first)
    account.x.now += timedelta(minutes=1)
    second = ask(account.x, 49, "@acme hello", edit_history_tweet_ids=[first, "?"])
    account.x.tweets[second] |= {"conversation_id": first, "edit_history_tweet_ids": [first, second]}
    account.read()
    assert account.texts() == {second: "@acme hello"}


def test_pictures_and_strange_rows(account: Account) -> None:
    account.x.media["7_1"] = {"media_key": "7_1", "type": "photo", "url": "https://pbs.example/1.jpg"}
    root = ask(account.x, 50, attachments={"media_keys": ["7_1"]}, lang="qme")
    ask(account.x, 40, created_at="0000-00-00T00:00:00Z")
    account.read()
    (picture,) = account.rows["attachments"].values()
    assert (picture["message_id"], picture["mime_type"]) == (root, "image")
    assert account.rows["messages"][root]["language"] is None
    rejects = [item for item in account.items if isinstance(item, Reject)]
    assert [(r.reason, r.field) for r in rejects] == [("created_at is not a usable date", "created_at")]


def test_words_that_follow_the_contract_of_the_server(account: Account) -> None:
    account.read()
    (line,) = [line for line in account.asked(SEARCH) if "conversation_id%3A" not in line]
    assert "query=%28%40acme+OR+%28from%3Aacme+is%3Areply%29%29+-is%3Aretweet" in line
    assert "max_results=100" in line


def test_agents_under_their_own_name(account: Account) -> None:
    root = ask(account.x, 50)
    reply(account.x, root, 40, author="4")
    account.read(agents=["person4"])
    talk = account.rows["conversations"][root]
    assert (talk["status"], talk["assignee_id"]) == ("pending", "4")
    assert account.rows["people"]["4"]["kind"] == "agent"
    assert account.asked("/2/users/4/mentions") == []


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
