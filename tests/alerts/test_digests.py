"""Digests that are due: each day of each once, held back where the data looks broken, and never sent for nobody."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from alerts import digests, words
from alerts.channels import Outcome
from alerts.digests import LATE, Posted
from alerts.letters import Letter
from alerts.outbox import deliver
from alerts.owners import owners_of
from alerts.words import Message
from core.errors import InputError
from core.home import Home
from core.settings import Settings
from store.workspace import Delivery, Outgoing, Workspace
from store.workspace.deliveries import LEASE
from tests.alerts.conftest import at

MAIL = {"name": "post", "url": "mailto://127.0.0.1:2525/?from=desk@shop.example&to=ops@shop.example"}
HOOK = {"name": "hook", "kind": "webhook", "url": "http://127.0.0.1:1/in", "secret": "s3cret"}
# The tests' clock stands at Monday 16 November 2026, 09:00 UTC.
DAILY = {"what": "view", "channel": "post", "every": "day", "at": "09:30", "zone": "UTC"}
VIEW = ("everyone", "Monday")


@pytest.fixture
def settings(with_channels: Callable[..., Settings]) -> Settings:
    return with_channels(MAIL, HOOK)


@pytest.fixture
def made(workspace: Workspace) -> Callable[..., int]:
    """`made(**definition)`: a digest of a view of the overview."""

    def make(name: str = "Daily", **more: Any) -> int:
        workspace.save_view("Monday", owner="everyone", page="", query="period=30d")
        return workspace.add_digest(name, {**DAILY, **more}, owner="everyone", view=VIEW)

    return make


@pytest.fixture
def post(own_sample: Home, settings: Settings, workspace: Workspace) -> Callable[[], list[Posted]]:
    return lambda: digests.post_due(
        own_sample, settings, workspace, owners_of(own_sample, workspace, "share")
    )


def test_nothing_before_its_time_and_once_after_it(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    id = made(to=["ada@shop.example", "Bo@shop.example"])
    assert [one.status for one in post()] == ["not due"]
    at(monkeypatch, now + timedelta(minutes=30))
    assert [(one.status, one.letters) for one in post()] == [("ok", 2)]
    waiting = workspace.deliveries()
    assert {one.key for one in waiting} == {
        f"digest/{id}/2026-11-16/ada@shop.example", f"digest/{id}/2026-11-16/bo@shop.example",
    }  # fmt: skip
    assert {one.event for one in waiting} == {"digest"}
    assert [one.status for one in post()] == ["not due"]
    assert len(workspace.deliveries()) == 2


def test_a_clock_that_goes_back_sends_no_day_twice(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made()
    for minutes in (30, 10, 31, -600, 45):
        at(monkeypatch, now + timedelta(minutes=minutes))
        post()
    assert [one.key.split("/")[2] for one in workspace.deliveries()] == ["2026-11-16"]


def test_a_clock_that_jumps_over_its_hour_sends_it_afterwards(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made()
    at(monkeypatch, now + timedelta(hours=5))
    assert [one.status for one in post()] == ["ok"]
    at(monkeypatch, now + timedelta(days=3, hours=5))  # three days of sleep: the last one alone
    assert [one.status for one in post()] == ["ok"]
    assert [one.key.split("/")[2] for one in workspace.deliveries()] == ["2026-11-19", "2026-11-16"]


def test_too_late_is_missed_and_said(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made(every="week", on=1)
    at(monkeypatch, now + timedelta(minutes=30) + LATE + timedelta(seconds=1))
    assert [one.status for one in post()] == ["missed"]
    (kept,) = workspace.digests()
    assert kept.problem == "not sent on 16 Nov 2026: nothing ran in time." and workspace.deliveries() == []
    assert [one.status for one in post()] == ["not due"]


def test_two_schedulers_at_once_queue_one(
    made: Callable[..., int],
    own_sample: Home,
    settings: Settings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(10):
        made(f"digest {number}")
    at(monkeypatch, now + timedelta(hours=1))
    together = Barrier(3)

    def work() -> list[Posted]:
        own = Workspace(own_sample)
        together.wait()
        return digests.post_due(own_sample, settings, own, owners_of(own_sample, own, "share"))

    with ThreadPoolExecutor(3) as pool:
        told = [one for done in [pool.submit(work) for _ in range(3)] for one in done.result()]
    assert sorted(one.digest for one in told if one.status == "ok") == list(range(1, 11))
    assert len(Workspace(own_sample).deliveries()) == 10


@pytest.fixture
def posted(
    made: Callable[..., int], post: Callable[[], list[Posted]], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> datetime:
    """When a digest was put into the outbox: an hour from now."""
    made()
    at(monkeypatch, now + timedelta(hours=1))
    assert [one.status for one in post()] == ["ok"]
    return now + timedelta(hours=1)


def write(one: Delivery) -> Letter:
    """A letter that says nothing."""
    return Letter(Message.of(one.message), "")


def ends(*_: Any, **__: Any) -> Any:
    """As a process that is stopped."""
    raise SystemExit


def broken(monkeypatch: pytest.MonkeyPatch, *faults: str) -> None:
    monkeypatch.setattr("analytics.soundness.faults", lambda *_: faults)


def test_a_day_is_settled_by_whoever_is_first(
    made: Callable[..., int], workspace: Workspace, now: datetime
) -> None:
    """Two that read the digest at one moment, and both think that it is due."""
    made()
    (read,) = workspace.digests()
    word = ("", Outgoing("post", {"title": "Daily"}, now))
    assert workspace.settle_digest(read, now.date(), [word], at=now)
    assert not workspace.settle_digest(read, now.date(), [word], at=now)
    assert not workspace.settle_digest(read, now.date() - timedelta(days=1), [word], at=now)
    assert len(workspace.deliveries()) == 1


def test_broken_data_holds_it_back_alerts_once_and_lets_it_go_when_it_is_whole(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made(to=["ada@shop.example"])
    at(monkeypatch, now + timedelta(hours=1))
    broken(monkeypatch, "helpdesk has 0 new conversations on Sun 15 Nov, where 40 are usual")
    for _ in range(3):
        assert [one.status for one in post()] == ["held back"]
    (word,) = workspace.deliveries()
    assert (word.event, word.channel, word.message["title"]) == ("opened", "post", "Daily: not sent")
    assert "where 40 are usual" in str(word.message["lines"]) and "ada" not in str(word.message)
    (incident,) = workspace.incidents("everyone", only_open=True)
    assert incident.rule_name == "Daily" and incident.rule_id == 0
    broken(monkeypatch)
    assert [one.status for one in post()] == ["ok"]
    assert workspace.incidents("everyone", only_open=True) == []
    assert [one.event for one in workspace.deliveries()] == ["digest", "opened"]


def test_word_goes_out_also_where_something_else_failed_before(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made()
    at(monkeypatch, now + timedelta(hours=1))
    workspace.delete_view("Monday", owner="everyone")
    assert [one.status for one in post()] == ["failed"]
    workspace.save_view("Monday", owner="everyone", page="", query="period=30d")
    broken(monkeypatch, "helpdesk has lost its rows")
    assert [one.status for one in post()] == ["held back"]
    assert [one.event for one in workspace.deliveries()] == ["opened"]
    assert len(workspace.incidents("everyone")) == 1


def test_what_was_changed_since_it_was_read_is_not_blamed(
    made: Callable[..., int], workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = made()
    (read,) = workspace.digests()
    at(monkeypatch, now + timedelta(seconds=1))
    workspace.change_digest(id, "Daily", DAILY, owner="everyone", view=VIEW)
    done = workspace.note_digest(read, "failed", "old", message={}, word=None, day=now.date(), at=now)
    assert not done and workspace.digests()[0].status == "new" and workspace.incidents("everyone") == []


def test_a_letter_that_is_given_up_is_said_at_its_digest(
    posted: datetime, settings: Settings, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.channels.send", lambda *_, **__: Outcome("failed", "no route."))
    deliver(workspace, settings, write)
    assert workspace.digests()[0].status == "ok"
    at(monkeypatch, posted + timedelta(hours=29))
    assert deliver(workspace, settings, write).gave_up == 1
    (kept,) = workspace.digests()
    assert (kept.status, kept.problem) == ("failed", "a letter was given up: no route.")


def test_held_back_too_long_is_missed_and_the_next_is_judged_by_what_is_there(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made(every="week", on=1)
    at(monkeypatch, now + timedelta(hours=1))
    broken(monkeypatch, "helpdesk has 3 conversations, after 600 when this was last sent")
    post()
    at(monkeypatch, now + timedelta(hours=30))
    assert [one.status for one in post()] == ["missed"]
    (kept,) = workspace.digests()
    assert kept.problem is not None and "after 600" in kept.problem
    assert kept.sizes is not None and sum(kept.sizes.values()) > 0
    assert [one.event for one in workspace.deliveries()] == ["opened"]


def test_a_view_may_be_renamed_but_not_be_gone(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made()
    workspace.rename_view("Monday", "Every morning", owner="everyone")
    assert workspace.digests()[0].view == ("everyone", "Every morning")
    at(monkeypatch, now + timedelta(hours=1))
    assert [one.status for one in post()] == ["ok"]
    workspace.delete_view("Every morning", owner="everyone")
    at(monkeypatch, now + timedelta(days=1, hours=1))
    (told,) = post()
    assert told.status == "failed" and "not there any more" in str(told.problem)
    assert len(workspace.incidents("everyone", only_open=True)) == 1


def test_somebody_elses_view_is_sent_while_it_is_everybodys(
    post: Callable[[], list[Posted]], workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.save_view("Private", owner="ann", page="", query="period=30d", shared=True)
    workspace.add_digest("Of Ann's", DAILY, owner="everyone", view=("ann", "Private"))
    at(monkeypatch, now + timedelta(hours=1))
    assert [one.status for one in post()] == ["ok"]
    workspace.share_view("Private", owner="ann", shared=False)
    at(monkeypatch, now + timedelta(days=1, hours=1))
    (told,) = post()
    assert told.status == "failed" and "not there any more" in str(told.problem)


def test_alerts_do_not_wait_for_letters(
    made: Callable[..., int], post: Callable[[], list[Posted]], settings: Settings, workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made(to=[f"p{n}@shop.example" for n in range(5)])
    at(monkeypatch, now + timedelta(hours=1))
    post()
    told = words.test_message("post", settings).plain()
    workspace.queue_delivery(
        Outgoing("post", told, now + timedelta(hours=1)), key="a", owner="ann", event="opened"
    )
    done: list[str] = []
    monkeypatch.setattr(
        "alerts.channels.send", lambda channel, letter, *, event, **_: done.append(event) or Outcome("sent")
    )
    assert deliver(workspace, settings, write, writing_s=0).sent == 1 and done == ["opened"]
    assert deliver(workspace, settings, None).sent == 0
    assert deliver(workspace, settings, write).sent == 5 and done == ["opened", *["digest"] * 5]


def test_who_ends_while_a_letter_is_written_leaves_it_to_the_next(
    posted: datetime, settings: Settings, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    monkeypatch.setattr("alerts.channels.send", lambda *_, **__: sent.append("sent") or Outcome("sent"))
    with pytest.raises(SystemExit):
        deliver(workspace, settings, ends)
    assert [one.status for one in workspace.deliveries()] == ["sending"]
    at(monkeypatch, posted + LEASE + timedelta(seconds=1))
    assert deliver(workspace, settings, write).sent == 1 and sent == ["sent"]


def test_who_ends_while_it_is_sent_sends_no_mail_twice(
    posted: datetime, settings: Settings, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.channels.send", ends)
    with pytest.raises(SystemExit):
        deliver(workspace, settings, write)
    at(monkeypatch, posted + LEASE + timedelta(seconds=1))
    assert deliver(workspace, settings, write).lost == 1
    assert [one.status for one in workspace.deliveries()] == ["unknown"]


def test_a_letter_that_took_longer_than_its_lease_is_left_to_whoever_has_it_now(
    posted: datetime, settings: Settings, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("alerts.channels.send", lambda *_, **__: sent.append("sent") or Outcome("sent"))

    def slow(one: Any) -> Letter:
        at(monkeypatch, posted + LEASE + timedelta(seconds=1))
        assert deliver(workspace, settings, write).sent == 1
        return write(one)

    assert deliver(workspace, settings, slow).sent == 0 and sent == ["sent"]


def test_an_owner_without_the_right_sends_nothing(
    made: Callable[..., int], own_sample: Home, settings: Settings, workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made()
    at(monkeypatch, now + timedelta(hours=1))
    told = digests.post_due(own_sample, settings, workspace, lambda *_: None)
    assert [one.status for one in told] == ["suspended"] and workspace.deliveries() == []


def test_what_is_changed_switched_off_or_deleted_is_not_sent_any_more(
    made: Callable[..., int], post: Callable[[], list[Posted]], workspace: Workspace, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ids = [made(name) for name in ("changed", "off", "deleted", "stays")]
    at(monkeypatch, now + timedelta(hours=1))
    post()
    workspace.change_digest(ids[0], "changed", {**DAILY, "at": "11:00"}, owner="everyone", view=VIEW)
    workspace.enable_digest(ids[1], owner="everyone", enabled=False)
    workspace.delete_digest(ids[2], owner="everyone")
    found = {one.message["title"]: one.status for one in workspace.deliveries()}
    assert found == {"changed": "dropped", "off": "dropped", "deleted": "dropped", "stays": "waiting"}
    at(monkeypatch, now + timedelta(hours=3))  # a new time on the same day: it was sent, or dropped, already
    post()
    assert len(workspace.deliveries()) == 4


def test_another_owner_changes_nothing(made: Callable[..., int], workspace: Workspace) -> None:
    id = made()
    assert not workspace.change_digest(id, "mine", DAILY, owner="eve")
    assert not workspace.enable_digest(id, owner="eve", enabled=False)
    assert not workspace.delete_digest(id, owner="eve")
    assert workspace.digests("eve") == [] and workspace.digests()[0].enabled


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"what": "poem"}, "cannot send"), ({"channel": ""}, "no channel"), ({"to": ["nobody"]}, "no address"),
        ({"to": "ada@shop.example"}, "no list"), ({"to": ["a@b.c\r\nBcc: all@b.c"]}, "no address"),
        ({"to": ["a@b.c, d@e.f"]}, "no address"), ({"cc": ["x@y.z"]}, "has no cc"),
        ({"to": [f"p{n}@b.c" for n in range(51)]}, "50 people"),
    ],
)  # fmt: skip
def test_definitions_that_make_no_sense(said: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        digests.read({**DAILY, **said})


def test_addresses_are_for_mail_alone(settings: Settings) -> None:
    digests.read({**DAILY, "to": ["ada@shop.example"]}).check(settings)
    digests.read({**DAILY, "channel": "hook"}).check(settings)
    with pytest.raises(InputError, match="is no mail"):
        digests.read({**DAILY, "channel": "hook", "to": ["ada@shop.example"]}).check(settings)
    with pytest.raises(InputError, match="no channel called"):
        digests.read({**DAILY, "channel": "pigeon"}).check(settings)
