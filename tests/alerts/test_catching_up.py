"""Days that nobody judged in their time: judged one after the other, each incident told once and by its day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from alerts import readings
from alerts.evaluate import evaluate
from alerts.readings import Asker, Since
from alerts.rules import read
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.alerts.conftest import at

OPS = {"name": "ops", "url": "json://127.0.0.1:9/"}
BUSY = {"metric": "volume", "level": 2, "channels": ["ops"]}


def nine_on(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


@pytest.fixture
def night(own_sample, with_channels, workspace, monkeypatch):
    """`night(14)`: the alerts of the 14th at nine; `night(9, rule)` keeps a rule first. Gives what was judged."""

    def judged(day: int, rule: dict | None = None, *, month: int = 11, kind: str = "threshold", **more):
        at(monkeypatch, nine_on(day, month))
        if rule:
            workspace.add_alert_rule("Busy", kind, rule, owner="ann")
        return evaluate(own_sample, with_channels(OPS), workspace, **more)

    return judged


def told(workspace) -> list[tuple[str, str, str]]:
    """Event, title and what is said of since then, the earliest first."""
    found = reversed(workspace.deliveries("ann"))
    return [
        (one.event, one.message["title"], dict(one.message["lines"]).get("Since then", "")) for one in found
    ]


def test_the_days_of_the_sample_are_those_that_the_tests_speak_of(own_sample) -> None:
    rows = open_reader(own_sample).query(
        """SELECT day(created_local) AS day, count(*) AS n FROM {conversation_facts}
           WHERE is_counted AND created_local >= DATE '2026-11-08' GROUP BY 1 ORDER BY 1""",
        viewer=EVERYTHING,
    )
    counts = {row["day"]: row["n"] for row in rows.to_pylist()}
    assert counts == {8: 1, 9: 2, 10: 3, 11: 3, 12: 2, 13: 1, 14: 1, 15: 1}


def test_a_bad_day_that_was_overtaken_is_told_by_its_name_and_ends_in_its_time(night, workspace) -> None:
    assert night(9, BUSY).rules[0].opened == 0
    assert night(12).rules[0].opened == 1
    opened = ("opened", "Busy: Conversations created 3 (10 Nov 2026)", "not over by 11 Nov 2026")
    assert told(workspace) == [opened]
    night(12, every=True)
    assert told(workspace) == [opened], "told once"
    night(13)
    assert told(workspace) == [opened, ("resolved", "Busy: over, Conversations created 2", "")]


def test_a_bad_day_that_is_over_is_told_once_and_as_over(night, workspace) -> None:
    night(9, {**BUSY, "tell_end": False})
    (judged,) = night(14).rules
    assert (judged.opened, judged.resolved) == (1, 1)
    over = ("resolved", "Busy: already over, Conversations created 3 (10 Nov 2026)", "over since 12 Nov 2026")
    assert told(workspace) == [over]
    (incident,) = workspace.incidents("ann")
    assert not incident.is_open and incident.message["title"] == over[1]
    (delivery,) = workspace.deliveries("ann")
    assert ["Period", "10 Nov 2026 (Europe/London)"] in delivery.message["lines"]
    said = delivery.message["data"]
    assert (said["began"], said["from"]) == ("2026-11-10T00:00:00", "2026-11-12T00:00:00")
    night(14, every=True)
    night(15)
    assert told(workspace) == [over]


def test_an_end_that_was_overtaken_says_which_day_it_was(night, workspace) -> None:
    night(11, BUSY)
    night(14)
    assert told(workspace) == [
        ("opened", "Busy: Conversations created 3", ""),
        ("resolved", "Busy: over, Conversations created 2 (12 Nov 2026)", ""),
    ]


def test_what_was_over_before_the_rule_was_made_or_changed_is_past(night, workspace, monkeypatch) -> None:
    night(9, {**BUSY, "level": 100})
    at(monkeypatch, nine_on(12))
    (rule,) = workspace.alert_rules("ann")
    workspace.change_alert_rule(rule.id, "Busy", "threshold", BUSY, owner="ann")
    night(14)
    assert told(workspace) == [], "the 10th and the 11th were over"
    (state,) = next(iter(workspace.alert_states("ann").values())).values()
    assert state.window == "2026-11-13T00:00:00"


def test_a_rule_that_nobody_looked_at_since_it_was_made_judges_from_its_first_day_on(
    night, workspace, monkeypatch
) -> None:
    at(monkeypatch, nine_on(11))
    workspace.add_alert_rule("Busy", "threshold", BUSY, owner="ann")
    night(14)
    assert [title for _, title, _ in told(workspace)] == [
        "Busy: already over, Conversations created 3 (11 Nov 2026)"
    ]


def test_what_was_overtaken_too_long_ago_is_no_news(night, workspace, monkeypatch) -> None:
    monkeypatch.setattr(readings, "MOST_WINDOWS", 2)
    night(9, BUSY)
    night(14)
    assert told(workspace) == []
    (state,) = next(iter(workspace.alert_states("ann").values())).values()
    assert state.window == "2026-11-13T00:00:00"


def test_what_began_and_ended_while_the_rule_was_snoozed_is_not_told(night, workspace) -> None:
    night(9, BUSY)
    workspace.snooze_alert_rule(workspace.alert_rules("ann")[0].id, nine_on(20), owner="ann")
    assert night(14).rules[0].opened == 1
    assert told(workspace) == []


RULES = [
    ("threshold", {"metric": "volume", "level": 0, "by": "team"}),
    ("threshold", {"metric": "volume", "level": 1, "by": "channel", "times": 2}),
    ("threshold", {"metric": "backlog", "level": 1, "by": "team", "min_n": 1}),
    ("threshold", {"metric": "first_reply_median", "level": 600, "by": "channel"}),
    ("change", {"metric": "volume", "level": 40, "direction": "either"}),
    ("sla_breach", {"level": 0}),
]


def test_one_night_after_five_says_what_five_nights_say(
    own_sample, own_settings, workspace, monkeypatch
) -> None:
    at(monkeypatch, nine_on(9))
    for owner in ("every", "late"):
        for number, (kind, rule) in enumerate(RULES):
            workspace.add_alert_rule(f"{number}", kind, rule, owner=owner)
    for day in range(9, 15):
        at(monkeypatch, nine_on(day))
        away = {"late"} if 9 < day < 14 else set()
        evaluate(
            own_sample, own_settings, workspace,
            owners=lambda _, name, away=away: None if name in away else EVERYTHING,
        )  # fmt: skip

    def kept(owner: str) -> tuple[dict, list]:
        states, names = workspace.alert_states(owner), {r.id: r.name for r in workspace.alert_rules(owner)}
        last = {
            (names[id], segment): (state.level, state.said, state.streak)
            for id, of_rule in states.items()
            for segment, state in of_rule.items()
        }
        incidents = workspace.incidents(owner)
        return last, sorted((one.rule_name, one.segment, one.is_open) for one in incidents)

    (nightly, told_nightly), (late, told_late) = kept("every"), kept("late")
    assert told_late == told_nightly and {name for name, _, _ in told_late} >= {"0", "1", "2", "4"}
    assert late == nightly


def test_a_segment_is_not_judged_on_days_before_it_came_up(
    own_sample, own_settings, now, monkeypatch
) -> None:
    """Nothing of somebody who has not written yet is no fall: nobody would have asked for them in its time."""
    rule = read("threshold", {"metric": "volume", "level": 1, "direction": "below", "by": "requester"})
    found = Asker(own_sample, own_settings).watched(rule, EVERYTHING, since=Since(now, after="2026-11-08"))
    at(monkeypatch, nine_on(10))
    in_its_time = Asker(own_sample, own_settings).watched(rule, EVERYTHING)
    assert len(found.names) == 7 and found.names[0] == in_its_time.names[-1]
    first, last = ({one.segment for one in window} for window in (found.windows[0], found.windows[-1]))
    assert first == {one.segment for one in in_its_time.windows[-1]} and first < last


def test_each_day_that_was_missed_is_held_against_its_own_forecast(
    own_sample, own_settings, now, monkeypatch
) -> None:
    rule = read("off_forecast", {"metric": "volume"})
    at(monkeypatch, nine_on(13))
    ((alone,),) = Asker(own_sample, own_settings).watched(rule, EVERYTHING).windows
    at(monkeypatch, nine_on(14))
    since = Since(nine_on(1), after="2026-11-11")
    found = Asker(own_sample, own_settings).watched(rule, EVERYTHING, since=since)
    assert found.names == ("2026-11-12", "2026-11-13")
    assert found.windows[0] == (alone,)


def test_an_anomaly_that_came_and_went_is_told_as_over(night, workspace) -> None:
    """The planted day of the sample is 31 October."""
    night(30, {"metric": "volume", "channels": ["ops"]}, month=10, kind="anomaly")
    assert told(workspace) == []
    night(5)
    ((event, title, since),) = told(workspace)
    assert (event, since) == ("resolved", "over")
    assert title.startswith("Busy: already over, Conversations created, 31 Oct 2026: ")
    night(5, every=True)
    night(6)
    assert len(told(workspace)) == 1


def test_a_failure_in_between_does_not_make_anything_past(night, workspace) -> None:
    night(30, {"metric": "volume", "channels": ["ops"]}, month=10, kind="anomaly")
    night(2, owners=lambda _, name: None)
    assert workspace.alert_rules("ann")[0].status == "suspended"
    night(5)
    assert [event for event, _, _ in told(workspace)] == ["resolved"]


def test_hours_are_caught_up_for_a_day(own_sample, own_settings, now) -> None:
    rule, asker = (
        read("threshold", {"metric": "volume", "level": 1, "window": "hour"}),
        Asker(own_sample, own_settings),
    )
    since = Since(now - timedelta(days=9))
    assert len(asker.unjudged(rule, since)) == 24 == readings.MOST_HOURS
    assert len(asker.unjudged(rule, Since(now, after="2026-11-15T20:00:00"))) == 3
    day = read("threshold", {"metric": "volume", "level": 1})
    assert [start.date() for start in asker.unjudged(day, None)] == [date(2026, 11, 15)]
