"""What is special about X: windows that resume, threads, metrics that change, posts that vanish."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from core.stream import Batch, Checkpoint, Progress, Reject
from tests.connectors.twitter_lab import LOOKUP, MENTIONS, NOW, SEARCH, Account, ask, at, followed, reply
from tests.fakes.twitter_account import post, sample, snowflake


@pytest.fixture
def account(now: datetime) -> Iterator[Account]:
    with followed() as found:
        yield found


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
