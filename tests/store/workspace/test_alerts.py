"""Rules, incidents and the outbox, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import InputError
from store.workspace import AlertState, AlertStep, Outgoing
from store.workspace.deliveries import LEASE, TRIED_FOR

RULE = {"metric": "volume", "level": 10}


def state(now, level="ok", value=1.0):
    return AlertState(level, level, 1, 0, "2026-11-15T00:00:00", value, 3, now)


def rule_of(workspace, id):
    return next((rule for rule in workspace.alert_rules() if rule.id == id), None)


def fire(workspace, rule_id, now, *, event="opened", channels=("ops",), segment="", due_at=None, at=None):
    """Settle one step of a rule, as an evaluation does."""
    words = tuple(Outgoing(name, {"title": event}, due_at or now) for name in channels)
    step = AlertStep(
        segment, state(now, "ok" if event == "resolved" else "firing"), event, {"title": event}, words
    )
    rule = rule_of(workspace, rule_id)
    return workspace.settle_alert_rule(
        rule_id, lambda states: [step], changed_at=rule.changed_at, at=at or now, seen="g1"
    )


def test_rules_belong_to_their_owner(workspace, now):
    id = workspace.add_alert_rule("  busy\nday ", "threshold", RULE, owner="ann")
    workspace.add_alert_rule("busy day", "threshold", RULE, owner="bob")
    with pytest.raises(InputError, match="called 'busy day' already"):
        workspace.add_alert_rule("busy day", "change", RULE, owner="ann")
    (rule,) = workspace.alert_rules("ann")
    assert (rule.id, rule.name, rule.definition, rule.enabled, rule.status) == (
        id,
        "busy day",
        RULE,
        True,
        "new",
    )
    assert len(workspace.alert_rules()) == 2
    assert not workspace.change_alert_rule(id, "x", "threshold", RULE, owner="bob")
    assert not workspace.delete_alert_rule(id, owner="bob")
    assert not workspace.snooze_alert_rule(id, now, owner="bob")
    assert not workspace.enable_alert_rule(id, owner="bob", enabled=False)
    assert workspace.change_alert_rule(id, "calm", "change", {"metric": "backlog"}, owner="ann")
    changed = rule_of(workspace, id)
    assert (changed.name, changed.kind, changed.definition) == ("calm", "change", {"metric": "backlog"})
    assert workspace.delete_alert_rule(id, owner="ann") and rule_of(workspace, id) is None


@pytest.mark.parametrize(
    "bad", [{"level": float("nan")}, {"level": object()}, {"filters": {"tag": ["x" * 21_000]}}]
)
def test_a_definition_that_cannot_be_kept(workspace, bad):
    with pytest.raises(InputError):
        workspace.add_alert_rule("x", "threshold", bad, owner="ann")
    with pytest.raises(InputError, match="no kind"):
        workspace.add_alert_rule("x", "mood", RULE, owner="ann")


def test_an_incident_lives_and_ends_with_its_words(workspace, now):
    id = workspace.add_alert_rule("r", "threshold", RULE, owner="ann")
    assert fire(workspace, id, now, channels=("ops", "mail")) == ("opened",)
    assert fire(workspace, id, now, event="updated", channels=()) == ("updated",)
    (incident,) = workspace.incidents("ann", only_open=True)
    assert incident.is_open and incident.message == {"title": "updated"}
    assert workspace.incidents("bob") == []
    assert not workspace.acknowledge_incident(incident.id, owner="bob")
    assert workspace.acknowledge_incident(incident.id, owner="ann")
    assert workspace.incidents("ann")[0].acknowledged_by == "ann"
    fire(workspace, id, now, event="resolved")
    assert workspace.incidents("ann", only_open=True) == []
    told = sorted((one.event, one.channel) for one in workspace.deliveries("ann"))
    assert told == [("opened", "mail"), ("opened", "ops"), ("resolved", "ops")]
    fire(workspace, id, now)
    assert [one.is_open for one in workspace.incidents("ann")] == [True, False]


def test_an_evaluation_of_a_rule_that_was_changed_or_judged_later_is_not_taken(workspace, now):
    id = workspace.add_alert_rule("r", "threshold", RULE, owner="ann")
    before = rule_of(workspace, id).changed_at
    fire(workspace, id, now, event="", channels=(), at=now + timedelta(minutes=5))
    assert fire(workspace, id, now) is None, "a later one was there first"
    workspace.enable_alert_rule(id, owner="ann", enabled=False)
    step = AlertStep("", state(now, "firing"), "opened", {}, ())
    late = now + timedelta(hours=1)
    assert workspace.settle_alert_rule(id, lambda _: [step], changed_at=before, at=late, seen="") is None
    assert workspace.incidents() == []


def test_switching_off_changing_and_deleting_end_what_is_open_without_word(workspace, now):
    for name, end in (
        ("a", lambda id: workspace.enable_alert_rule(id, owner="ann", enabled=False)),
        ("b", lambda id: workspace.change_alert_rule(id, "b", "threshold", RULE, owner="ann")),
        ("c", lambda id: workspace.delete_alert_rule(id, owner="ann")),
    ):
        id = workspace.add_alert_rule(name, "threshold", RULE, owner="ann")
        fire(workspace, id, now)
        assert end(id)
    assert workspace.incidents(only_open=True) == []
    assert {one.status for one in workspace.deliveries()} == {"dropped"}
    assert workspace.alert_states() == {}


def test_a_transaction_that_fails_leaves_nothing(workspace, now):
    id = workspace.add_alert_rule("r", "threshold", RULE, owner="ann")
    twice = Outgoing("ops", {}, now)
    step = AlertStep("", state(now, "firing"), "opened", {"title": "x"}, (twice, twice))  # one key twice
    rule = rule_of(workspace, id)
    with pytest.raises(Exception, match=r"(?i)unique"):
        workspace.settle_alert_rule(id, lambda _: [step], changed_at=rule.changed_at, at=now, seen="g1")
    assert workspace.incidents() == [] and workspace.deliveries() == [] and workspace.alert_states() == {}
    assert rule_of(workspace, id).seen == ""


def test_threads_that_judge_one_rule_at_once_open_one_incident(opened, workspace, now, at_once):
    id = workspace.add_alert_rule("r", "threshold", RULE, owner="ann")
    changed_at = rule_of(workspace, id).changed_at

    def decide(states):
        if "" in states and states[""].level == "firing":
            return [AlertStep("", state(now, "firing"), "updated", {"title": "again"})]
        return [AlertStep("", state(now, "firing"), "opened", {"title": "x"}, (Outgoing("ops", {}, now),))]

    at_once(lambda _: opened().settle_alert_rule(id, decide, changed_at=changed_at, at=now, seen="g1"))
    assert len(workspace.incidents()) == 1 and len(workspace.deliveries()) == 1


def test_a_delivery_is_claimed_once(opened, workspace, now, at_once):
    id = workspace.queue_delivery(Outgoing("ops", {"title": "x"}, now), key="k", owner="ann", event="test")
    assert workspace.queue_delivery(Outgoing("ops", {}, now), key="k", owner="ann", event="test") is None
    claims = []
    at_once(lambda _: claims.append(opened().claim_delivery(id, now=now, is_repeatable=False)))
    (mine,) = [claim for claim in claims if claim is not None]
    assert (mine.status, mine.attempts) == ("sending", 1)
    assert workspace.finish_delivery(mine, "sent", None, now=now)
    assert not workspace.finish_delivery(mine, "unknown", None, now=now)
    assert workspace.delivery(id).status == "sent"


def test_a_delivery_is_due_only_then_and_postponed_once_keeps_its_day(workspace, now):
    id = workspace.queue_delivery(
        Outgoing("ops", {}, now + timedelta(hours=1)), key="k", owner="ann", event="test"
    )
    assert (
        workspace.due_deliveries(now) == []
        and workspace.claim_delivery(id, now=now, is_repeatable=True) is None
    )
    later = now + timedelta(hours=9)
    assert workspace.postpone_delivery(id, later) and workspace.delivery(id).until == later + TRIED_FOR
    claimed = workspace.claim_delivery(id, now=later, is_repeatable=True)
    workspace.retry_delivery(claimed, "no", due_at=later)
    workspace.postpone_delivery(id, later + timedelta(hours=9))
    assert workspace.delivery(id).until == later + TRIED_FOR, "one that was tried keeps the end of its day"


def test_the_end_of_an_incident_waits_for_its_beginning(workspace, now):
    id = workspace.add_alert_rule("r", "threshold", RULE, owner="ann")
    fire(workspace, id, now, channels=("ops", "mail"))
    fire(workspace, id, now, event="resolved", channels=("ops", "mail"))
    first = {one.channel: one for one in workspace.due_deliveries(now)}
    assert [one.event for one in first.values()] == ["opened", "opened"]
    ends = {one.channel: one for one in workspace.deliveries() if one.event == "resolved"}
    taken = workspace.claim_delivery(first["ops"].id, now=now, is_repeatable=True)
    assert workspace.claim_delivery(ends["ops"].id, now=now, is_repeatable=True) is None
    workspace.retry_delivery(taken, "500", due_at=now + timedelta(hours=1))
    assert workspace.claim_delivery(ends["ops"].id, now=now, is_repeatable=True) is None
    again = workspace.claim_delivery(first["ops"].id, now=now + timedelta(hours=1), is_repeatable=True)
    workspace.finish_delivery(again, "gave up", "500", now=now)
    assert workspace.claim_delivery(ends["ops"].id, now=now, is_repeatable=True) is not None


def test_the_sweep_leaves_what_is_being_sent(workspace, now):
    ids = [
        workspace.queue_delivery(Outgoing("ops", {}, now), key=key, owner="ann", event="test") for key in "ab"
    ]
    for id, repeatable in zip(ids, (True, False), strict=True):
        workspace.claim_delivery(id, now=now, is_repeatable=repeatable)
    assert workspace.sweep_deliveries(now + LEASE) == 0
    assert not workspace.has_unfinished_deliveries(now + LEASE)
    late = now + LEASE + timedelta(seconds=1)
    assert workspace.has_unfinished_deliveries(late) and workspace.sweep_deliveries(late) == 2
    assert [workspace.delivery(id).status for id in ids] == ["waiting", "unknown"]


def test_snoozing_moves_what_waits_and_waking_brings_it_back(workspace, now):
    id = workspace.add_alert_rule("r", "threshold", RULE, owner="ann")
    fire(workspace, id, now)
    until = now + timedelta(days=3)
    workspace.snooze_alert_rule(id, until, owner="ann")
    (waiting,) = workspace.deliveries()
    assert waiting.due_at == until and waiting.until >= until
    workspace.snooze_alert_rule(id, None, owner="ann")
    assert workspace.deliveries()[0].due_at == now and rule_of(workspace, id).snoozed_until is None
