"""Rules over the sample's data: numbers as plain SQL says them, incidents once, nothing stopped by one that fails."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from alerts import readings
from alerts.evaluate import evaluate
from alerts.history import preview
from alerts.readings import Asker
from alerts.rules import read
from core.errors import InputError
from core.viewer import EVERYTHING, Viewer
from store.reader import open_reader
from store.runs import WHOLE, RunLog
from store.workspace import AlertState, AlertStep, Workspace
from tests.alerts.conftest import at

WEEK = timedelta(days=7)
OPS = {"name": "ops", "url": "json://127.0.0.1:9/"}
# Days of the sample with more than four new conversations, by plain SQL.
BUSY = """SELECT created_local::DATE AS day, count(*) AS n FROM {conversation_facts}
          WHERE is_counted AND created_local >= ? AND created_local < ? GROUP BY 1 ORDER BY 1"""


def days_of(home, first: str, last: str) -> dict:
    rows = open_reader(home).query(
        BUSY, [datetime.fromisoformat(first), datetime.fromisoformat(last)], viewer=EVERYTHING
    )
    return {row["day"]: row["n"] for row in rows.to_pylist()}


def result_of(evaluation, name: str):
    return next(one for one in evaluation.rules if one.name == name)


def test_the_last_closed_day_is_judged_and_today_is_not(
    own_sample, with_channels, workspace, monkeypatch
) -> None:
    settings = with_channels(OPS, base_url="https://desk.example")
    yesterday = days_of(own_sample, "2026-11-15", "2026-11-16").get(date(2026, 11, 15), 0)
    for name, level in (("at it", yesterday), ("below it", yesterday - 1)):
        workspace.add_alert_rule(
            name, "threshold", {"metric": "volume", "level": level, "channels": ["ops"]}, owner="ann"
        )
    found = evaluate(own_sample, settings, workspace)
    assert [one.opened for one in found.rules] == [0, 1] and found.is_whole
    (incident,) = workspace.incidents("ann", only_open=True)
    assert incident.message["title"] == f"below it: Conversations created {yesterday}"
    assert ["Period", "15 Nov 2026 (Europe/London)"] in incident.message["lines"]
    assert incident.message["link"] == (
        "https://desk.example/explore?metrics=volume&period=custom&dates=2026-11-15&dates=2026-11-15"
    )
    (delivery,) = workspace.deliveries("ann")
    assert (delivery.channel, delivery.event, delivery.status) == ("ops", "opened", "waiting")


def test_an_incident_is_told_once_however_often_it_is_judged(own_sample, with_channels, workspace) -> None:
    settings = with_channels(OPS)
    workspace.add_alert_rule(
        "low", "threshold", {"metric": "volume", "level": -1, "channels": ["ops"]}, owner="ann"
    )
    for _ in range(3):
        evaluate(own_sample, settings, workspace, every=True)
    assert len(workspace.incidents("ann")) == 1
    assert len(workspace.deliveries("ann")) == 1


def test_nothing_new_is_not_due_and_a_changed_rule_is(own_sample, own_settings, workspace) -> None:
    id = workspace.add_alert_rule("v", "threshold", {"metric": "volume", "level": -1}, owner="ann")
    workspace.add_alert_rule("s", "sla_soon", {"within_min": 30}, owner="ann")
    assert [one.status for one in evaluate(own_sample, own_settings, workspace).rules] == ["ok", "ok"]
    assert [one.status for one in evaluate(own_sample, own_settings, workspace).rules] == ["not due", "ok"]
    workspace.change_alert_rule(id, "v", "threshold", {"metric": "volume", "level": 1000}, owner="ann")
    assert result_of(evaluate(own_sample, own_settings, workspace), "v").status == "ok"
    (incident,) = workspace.incidents("ann")
    assert incident.ended_because == "the rule was changed"


def test_every_segment_has_an_incident_of_its_own(own_sample, own_settings, workspace) -> None:
    workspace.add_alert_rule(
        "teams", "threshold", {"metric": "backlog", "level": 0, "by": "team", "window": "day"}, owner="ann"
    )
    evaluate(own_sample, own_settings, workspace)
    open_ones = {one.segment for one in workspace.incidents("ann", only_open=True)}
    by_sql = open_reader(own_sample).query(
        "SELECT DISTINCT coalesce(team, '(none)') AS team FROM {conversation_facts} WHERE is_counted AND NOT is_solved",
        viewer=EVERYTHING,
    )
    assert open_ones and open_ones <= set(by_sql["team"].to_pylist())


def test_a_split_of_what_has_nothing_yet_is_judged_and_ends_what_was_open(
    own_sample, own_settings, workspace, now
) -> None:
    nothing = {"channel": ["chat"], "any": "channel:email"}
    rules = [
        workspace.add_alert_rule(
            metric, "threshold", {"metric": metric, "level": 0, "by": "team", "filters": nothing}, owner="ann"
        )
        for metric in ("volume", "nps")
    ]
    before = AlertState("firing", "firing", 1, 0, "2026-11-14T00:00:00", 3.0, 3, now - timedelta(days=1))
    step = AlertStep("Billing", before, "opened", {"title": "x"})
    for id in rules:
        (changed_at,) = (rule.changed_at for rule in workspace.alert_rules() if rule.id == id)
        workspace.settle_alert_rule(
            id, lambda _: [step], changed_at=changed_at, at=now - timedelta(days=1), seen=""
        )
    found = evaluate(own_sample, own_settings, workspace)
    assert [one.status for one in found.rules] == ["ok", "ok"], found.rules
    states = workspace.alert_states("ann")
    assert (states[rules[0]]["Billing"].level, states[rules[0]]["Billing"].window) == (
        "ok",
        "2026-11-15T00:00:00",
    )
    assert states[rules[1]]["Billing"].level == "firing", "no score is no 0"


def test_a_rule_that_fails_is_seen_and_stops_no_other(own_sample, own_settings, workspace) -> None:
    workspace.add_alert_rule("gone", "threshold", {"metric": "was_removed", "level": 1}, owner="ann")
    workspace.add_alert_rule(
        "early",
        "threshold",
        {"metric": "volume", "level": 1, "by": "requester", "window": "year"},
        owner="ann",
    )
    workspace.add_alert_rule(
        "odd", "threshold", {"metric": "volume", "level": 1, "colour": "red"}, owner="ann"
    )
    workspace.add_alert_rule("good", "threshold", {"metric": "volume", "level": 1}, owner="ann")
    found = evaluate(own_sample, own_settings, workspace)
    assert not found.is_whole
    assert [one.status for one in found.rules] == ["failed", "failed", "failed", "ok"]
    kept = {rule.name: rule for rule in workspace.alert_rules("ann")}
    assert "no metric called 'was_removed'" in (kept["gone"].problem or "")
    assert kept["good"].problem is None
    again = evaluate(own_sample, own_settings, workspace)
    assert [one.status for one in again.rules] == ["failed", "failed", "failed", "not due"]


def test_a_split_into_very_many_is_refused(own_sample, own_settings, workspace, monkeypatch) -> None:
    monkeypatch.setattr(readings, "MOST_SEGMENTS", 2)
    workspace.add_alert_rule(
        "flood", "threshold", {"metric": "backlog", "level": -1, "by": "team"}, owner="ann"
    )
    (flood,) = evaluate(own_sample, own_settings, workspace).rules
    assert flood.status == "failed" and "values, each with incidents of its own" in (flood.problem or "")
    assert workspace.incidents() == []


def test_too_few_is_said_and_nobody_is_told(own_sample, with_channels, workspace) -> None:
    rule = {"metric": "csat_share", "level": 0, "min_n": 10_000, "channels": ["ops"], "window": "month"}
    id = workspace.add_alert_rule("ratings", "threshold", rule, owner="ann")
    evaluate(own_sample, with_channels(OPS), workspace)
    assert workspace.alert_states("ann")[id][""].said == "too few"
    assert workspace.incidents("ann") == [] and workspace.deliveries("ann") == []


def test_the_owner_decides_what_is_seen_and_nobody_is_looked_for_who_is_gone(
    own_sample, own_settings, workspace
) -> None:
    for owner in ("ann", "bob", "eve"):
        workspace.add_alert_rule(
            "v", "threshold", {"metric": "volume", "level": -1, "window": "month"}, owner=owner
        )
    scopes = {"ann": EVERYTHING, "bob": Viewer("bob", teams=("Billing",))}
    found = evaluate(own_sample, own_settings, workspace, owners=lambda _, name: scopes.get(name))
    assert [one.status for one in found.rules] == ["ok", "ok", "suspended"]
    values = {one.owner: one.message["data"]["value"] for one in workspace.incidents()}
    assert 0 < values["bob"] < values["ann"]
    eve = workspace.alert_rules("eve")[0]
    assert eve.status == "suspended" and "no access any more" in (eve.problem or "")
    back = evaluate(own_sample, own_settings, workspace, owners=lambda _, name: EVERYTHING)
    assert [one.status for one in back.rules] == ["not due", "not due", "ok"]


def test_a_source_that_is_not_read_is_stale_and_is_over_when_it_is(
    own_sample, with_channels, workspace, now, monkeypatch
) -> None:
    settings = with_channels(OPS)
    id = workspace.add_alert_rule("stale", "source_stale", {"level": "6h", "channels": ["ops"]}, owner="ann")
    for hours, expected in ((1, []), (7, ["opened"]), (8, ["opened"])):
        at(monkeypatch, now + timedelta(hours=hours))
        evaluate(own_sample, settings, workspace)
        assert [one.event for one in workspace.deliveries("ann")] == expected
    log = RunLog(own_sample)
    log.start("late", "sample")
    log.finish("late", "sample", "ok")
    evaluate(own_sample, settings, workspace)
    assert [one.event for one in workspace.deliveries("ann")] == ["resolved", "opened"]
    assert workspace.alert_states("ann")[id]["sample"].level == "ok"


def test_a_source_that_keeps_failing_grows_stale_however_often_it_is_tried(
    own_sample, with_channels, workspace, now, monkeypatch
) -> None:
    settings, log = with_channels(OPS), RunLog(own_sample)
    workspace.add_alert_rule("stale", "source_stale", {"level": "6h", "channels": ["ops"]}, owner="ann")
    for tried in range(1, 60):  # every quarter of an hour, as the timer does
        at(monkeypatch, now + timedelta(minutes=15 * tried))
        log.start(f"r{tried}", "sample")
        log.finish(f"r{tried}", "sample", "failed")
    evaluate(own_sample, settings, workspace)
    assert [one.event for one in workspace.deliveries("ann")] == ["opened"]


def test_failed_refreshes_in_a_row(own_sample, with_channels, workspace, now, monkeypatch) -> None:
    settings, log = with_channels(OPS), RunLog(own_sample)
    workspace.add_alert_rule("jobs", "job_failed", {"level": 1, "channels": ["ops"]}, owner="ann")
    for minute, status in enumerate(["failed", "cancelled", "partial", *["ok"] * 30, "ok"], 1):
        at(monkeypatch, now + timedelta(minutes=minute))
        log.start(f"r{minute}", WHOLE)
        if minute in (1, 3, 34):  # the others read nothing: their sources rest
            log.start(f"r{minute}", "sample")
            log.finish(f"r{minute}", "sample", status)
        error = {"code": "auth", "message": "the key was refused.", "hint": ""} if status != "ok" else None
        log.finish(f"r{minute}", WHOLE, status, error=error)
        if status != "ok" or minute in (4, 33, 34):
            evaluate(own_sample, settings, workspace)
        if minute == 33:
            assert [one.event for one in workspace.deliveries("ann")] == ["opened"]
    assert [one.event for one in reversed(workspace.deliveries("ann"))] == ["opened", "resolved"]
    opened = workspace.deliveries("ann")[1].message
    assert opened["title"] == "jobs: failed refreshes in a row: 2"
    assert ["Reason", "the key was refused."] in opened["lines"]


def test_targets_soon_are_those_of_plain_sql(own_sample, own_settings, workspace, now) -> None:
    soon = (
        open_reader(own_sample)
        .query(
            """SELECT coalesce(team, '(none)') AS team, count(*) AS n FROM {conversation_facts}
           WHERE is_counted AND NOT is_solved AND open_due_at >= ? AND open_due_at < ? GROUP BY 1""",
            [now, now + timedelta(hours=10)],
            viewer=EVERYTHING,
        )
        .to_pylist()
    )
    assert soon, "the sample has targets that run out"
    workspace.add_alert_rule("soon", "sla_soon", {"within_min": 600, "by": "team"}, owner="ann")
    evaluate(own_sample, own_settings, workspace)
    found = {one.segment: one.message["data"]["value"] for one in workspace.incidents("ann")}
    assert found == {row["team"]: row["n"] for row in soon}


def test_quiet_hours_and_snooze_keep_word_back(
    own_sample, with_channels, workspace, now, monkeypatch
) -> None:
    settings = with_channels(OPS)
    base = {"metric": "volume", "level": -1, "channels": ["ops"]}
    workspace.add_alert_rule(
        "q", "threshold", {**base, "quiet": "08:00-11:00", "quiet_zone": "UTC"}, owner="ann"
    )
    snoozed = workspace.add_alert_rule("s", "threshold", base, owner="ann")
    workspace.snooze_alert_rule(snoozed, now + timedelta(hours=5), owner="ann")
    evaluate(own_sample, settings, workspace)
    due = {one.message["title"][0]: one.due_at for one in workspace.deliveries("ann")}
    assert due == {"q": now + timedelta(hours=2), "s": now + timedelta(hours=5)}
    workspace.snooze_alert_rule(snoozed, None, owner="ann")
    assert {one.message["title"][0]: one.due_at for one in workspace.deliveries("ann")}["s"] == now


def test_what_began_and_ended_while_snoozed_is_not_told(
    own_sample, with_channels, workspace, now, monkeypatch
) -> None:
    settings = with_channels(OPS)
    id = workspace.add_alert_rule("stale", "source_stale", {"level": "1h", "channels": ["ops"]}, owner="ann")
    workspace.snooze_alert_rule(id, now + timedelta(days=1), owner="ann")
    at(monkeypatch, now + timedelta(hours=2))
    evaluate(own_sample, settings, workspace)
    log = RunLog(own_sample)
    log.start("late", "sample")
    log.finish("late", "sample", "ok")
    evaluate(own_sample, settings, workspace)
    assert [(one.event, one.status) for one in workspace.deliveries("ann")] == [("opened", "dropped")]
    assert not workspace.incidents("ann")[0].is_open


def test_the_preview_is_what_plain_sql_says(own_sample, own_settings, now) -> None:
    asker = Asker(own_sample, own_settings)
    found = preview(read("threshold", {"metric": "volume", "level": 4}), asker, EVERYTHING, days=60)
    counts = days_of(own_sample, "2026-09-17", "2026-11-16")
    busy = sorted(day for day, n in counts.items() if n > 4)
    first_of_each = [day for day in busy if day - timedelta(days=1) not in busy]
    assert first_of_each and [one.window[:10] for one in found.fired] == [
        day.isoformat() for day in first_of_each
    ]
    assert found.windows == 60 and asker.queries == 1
    assert f"would have fired {len(first_of_each)} times in the last 60 days: " in found.told()
    assert found.told().endswith("By the data as it is now.")


def test_a_preview_of_changes_and_of_what_has_no_history(own_sample, own_settings, now) -> None:
    asker = Asker(own_sample, own_settings)
    change = {"metric": "volume", "level": 20, "direction": "below", "window": "week", "min_n": 3}
    found = preview(read("change", change), asker, EVERYTHING, days=140)
    counts: dict[date, int] = {}
    for day, n in days_of(own_sample, "2026-06-15", "2026-11-16").items():
        monday = day - timedelta(days=day.weekday())
        counts[monday] = counts.get(monday, 0) + n
    weeks = [monday for monday in sorted(counts) if monday >= now.date() - timedelta(days=140)]
    fell = [min(counts[w], counts[w - WEEK]) >= 3 and counts[w] < 0.8 * counts[w - WEEK] for w in weeks]
    begun = [
        w.isoformat()
        for w, now_, before in zip(weeks, fell, [False, *fell], strict=False)
        if now_ and not before
    ]
    assert len(begun) > 1 and [one.window[:10] for one in found.fired] == begun
    with pytest.raises(InputError, match="no history"):
        preview(read("job_failed", {}), asker, EVERYTHING)


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_thousand_rules_share_what_they_ask(
    own_sample, with_channels, workspace: Workspace, count: int
) -> None:
    settings = with_channels(OPS)
    metrics = ("volume", "backlog", "solved", "replies")
    for n in range(count):
        rule = {"metric": metrics[n % 4], "level": n % 7, "channels": ["ops"]}
        workspace.add_alert_rule(f"rule {n}", "threshold", rule, owner=f"owner {n % 10}")
    first = evaluate(own_sample, settings, workspace)
    assert first.is_whole and len(first.rules) == count and first.queries == 4
    opened = sum(one.opened for one in first.rules)
    evaluate(own_sample, settings, workspace, every=True)
    assert opened and len(workspace.incidents(limit=5000)) == opened == len(workspace.deliveries(limit=5000))
    keys = [one.key for one in workspace.deliveries(limit=5000)]
    assert len(set(keys)) == len(keys)
    print(f"{count:,} rules: {first.seconds} s, {first.queries} queries, {opened} incidents")
