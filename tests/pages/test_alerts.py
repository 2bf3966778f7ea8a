"""Alerts as people use them: a rule with its preview, an incident, a channel that is tried, and what did not arrive."""

import pytest

from alerts.rules import read
from core.effective import effective_settings
from core.settings import load_settings
from jobs.alerting import round_of_alerts
from store.workspace import Workspace
from tests.alerts.servers import webhook
from tests.pages.conftest import texts
from tests.shared import copy_of
from ui.alerts import EDITED

PAGE = "pages/operate/alerts.py"


@pytest.fixture
def own_sample(sample_home, tmp_path):
    """A copy to make rules in."""
    return copy_of(sample_home, tmp_path / "copy")


def field(test, kind, name):
    """A field of the form, whichever version of it is drawn."""
    return next(
        one
        for one in getattr(test, kind)
        if one.key and one.key.startswith("alert_") and one.key.endswith(name)
    )


def links(test):
    return [link.proto.label for link in test.get("page_link")]


def configure(home, hook):
    home.settings_file.write_text(
        f'[[channels]]\nname = "ops"\nkind = "webhook"\nurl = "{hook.url}"\nsecret = "a-secret-key"\n'
    )


def rounds(home):
    return round_of_alerts(home, effective_settings(home, load_settings(home)))


def fill(test, name, level, **more):
    field(test, "text_input", "_name").input(name)
    field(test, "text_input", "_level").input(level)
    for key, value in more.items():
        field(test, "selectbox", f"_{key}").set_value(value)


def test_a_rule_is_tried_on_history_kept_changed_and_deleted(app, own_sample):
    test = app(own_sample, PAGE)
    assert "No rule is made yet" in texts(test) and "Nothing is beyond its level" in texts(test)
    fill(test, "Busy day", "4")
    test = test.button(key="alert_preview").click().run()
    assert not test.exception and not test.error
    assert "would have fired" in texts(test) and "in the last 30 days" in texts(test)
    assert Workspace(own_sample).alert_rules() == [], "a preview keeps nothing"
    test = test.button(key="alert_save").click().run()
    assert not test.exception and not test.error and "Busy day is kept" in texts(test)
    (rule,) = Workspace(own_sample).alert_rules("everyone")
    assert (rule.name, rule.kind, rule.definition["metric"], rule.definition["level"]) == (
        "Busy day",
        "threshold",
        "volume",
        "4",
    )
    test = test.button(key="alert_change").click().run()
    assert field(test, "text_input", "_level").value == "4"
    field(test, "text_input", "_level").input("7")
    test = test.button(key="alert_save").click().run()
    assert Workspace(own_sample).alert_rules()[0].definition["level"] == "7"
    test = test.button(key="alert_delete").click().run()
    assert not test.exception and Workspace(own_sample).alert_rules() == []


def test_a_rule_is_limited_by_what_the_lists_say(app, own_sample):
    test = app(own_sample, PAGE)
    fill(test, "Billing is busy", "2")
    field(test, "multiselect", "_team").set_value(["Billing"])
    field(test, "multiselect", "_channel").set_value(["chat", "email"])
    field(test, "text_input", "_any").input("priority!:low").run()
    assert "Only where Channel: chat or email; Team: Billing; priority!:low." in texts(test).replace("\\", "")
    test = test.button(key="alert_save").click().run()
    assert not test.exception and not test.error and "is kept" in texts(test)
    (rule,) = Workspace(own_sample).alert_rules()
    wanted = {"team": ["Billing"], "channel": ["chat", "email"], "any": "priority!:low"}
    assert rule.definition["filters"] == wanted
    test = test.button(key="alert_change").click().run()
    assert field(test, "multiselect", "_team").value == ["Billing"]
    field(test, "multiselect", "_channel").set_value([])
    test = test.button(key="alert_save").click().run()
    assert Workspace(own_sample).alert_rules()[0].definition["filters"] == {
        "team": ["Billing"],
        "any": "priority!:low",
    }
    assert rounds(own_sample).evaluation.is_whole


METRIC = {"metric": "volume", "level": 5}
FULL = {"clear": 0, "times": 3, "quiet": "22:00-07:00", "tell_end": False, "channels": ["ops"]}
CHAT = {"channel": ["chat"], "any": "team:Billing"}
KEPT = [
    ("threshold", METRIC | FULL | {"window": "year", "by": "team", "min_n": 4, "filters": CHAT}),
    ("threshold", {"metric": "volume", "level": 5, "direction": "below", "clear": 9, "filters": {"hours": "business"}}),
    ("change", {"metric": "volume"}),
    ("change", METRIC | FULL | {"against": "year", "change_in": "absolute", "direction": "either", "window": "quarter"}),
    ("sla_breach", {}),
    ("sla_soon", {"within_min": 45, "by": "priority", "min_n": 2}),
    ("source_stale", {}),
    ("job_failed", FULL | {"level": 1, "quiet_zone": "Europe/Berlin"}),
    ("anomaly", {"metric": "volume", "channels": ["ops"]}),
    ("off_forecast", {"metric": "volume", "quiet": "22:00-07:00"}),
    ("topic_rising", {"times": 2}),
    ("answers", {}),
    ("answers", FULL | {"level": "40 %", "min_n": 3}),
]  # fmt: skip


def test_a_rule_that_is_opened_and_saved_is_the_same(app, own_sample):
    own_sample.settings_file.write_text(
        '[[channels]]\nname = "ops"\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\nsecret = "a-secret-key"\n'
    )
    kept, rules = Workspace(own_sample), {}
    for number, (kind, definition) in enumerate(KEPT):
        rules[kept.add_alert_rule(f"rule {number}", kind, definition, owner="everyone")] = (kind, definition)
    test = app(own_sample, PAGE)
    for id, (kind, definition) in rules.items():
        test.session_state[EDITED] = id
        test = test.run()
        test = test.button(key="alert_save").click().run()
        assert not test.exception and not test.error and "is kept" in texts(test), (kind, texts(test))
        (saved,) = [rule for rule in kept.alert_rules() if rule.id == id]
        assert read(saved.kind, saved.definition) == read(kind, definition)


def test_a_channel_that_is_not_there_any_more_is_not_dropped_silently(app, own_sample):
    definition = METRIC | {"channels": ["gone"]}
    kept = Workspace(own_sample)
    kept.add_alert_rule("old", "threshold", definition, owner="everyone")
    test = app(own_sample, PAGE)
    test = test.button(key="alert_change").click().run()
    test = test.button(key="alert_save").click().run()
    assert "There is no channel called gone" in texts(test)
    assert kept.alert_rules()[0].definition == definition


@pytest.mark.parametrize(
    "kind", ["change", "sla_breach", "sla_soon", "source_stale", "job_failed", "anomaly", "answers"]
)
def test_every_kind_can_be_made(app, own_sample, kind):
    test = app(own_sample, PAGE)
    field(test, "selectbox", "_kind").set_value(kind).run()
    field(test, "text_input", "_name").input(f"my {kind}")
    test = test.button(key="alert_save").click().run()
    assert not test.exception and not test.error, texts(test)
    assert "is kept" in texts(test)
    assert rounds(own_sample).evaluation.is_whole
    assert Workspace(own_sample).alert_rules()[0].kind == kind


@pytest.mark.parametrize(
    ("name", "level", "words"),
    [("", "4", "name of the rule is empty"), ("x", "soon", "is no level"), ("x", "", "is no level")],
)
def test_what_cannot_be_kept_is_said_beside_the_form(app, own_sample, name, level, words):
    test = app(own_sample, PAGE)
    fill(test, name, level)
    test = test.button(key="alert_save").click().run()
    assert not test.exception and words in texts(test)
    assert Workspace(own_sample).alert_rules() == []


def test_a_condition_on_what_is_not_there_is_said(app, own_sample):
    test = app(own_sample, PAGE)
    fill(test, "x", "4")
    field(test, "text_input", "_any").input("planet:Mars")
    test = test.button(key="alert_save").click().run()
    assert not test.exception and "planet" in texts(test)
    assert Workspace(own_sample).alert_rules() == []


def test_an_incident_is_seen_snoozed_and_its_word_is_in_the_log(app, own_sample):
    nasty = {"metric": "backlog", "level": -1, "channels": ["ops"]}
    with webhook() as hook:
        configure(own_sample, hook)
        workspace = Workspace(own_sample)
        workspace.add_alert_rule(
            "<b>high</b> [x](https://evil.example)", "threshold", nasty, owner="everyone"
        )
        workspace.add_alert_rule("not mine", "threshold", nasty, owner="ann")
        hook.status = 500
        test = app(own_sample, PAGE)
        rounds(own_sample)
        test = test.run()
        shown = texts(test)
        assert (
            not test.exception
            and "\\<b\\>high" in shown
            and "https://evil" not in shown
            and "not mine" not in shown
        )
        log = next(table.value for table in test.dataframe if "Attempts" in table.value)
        assert list(log["State"]) == ["🕒 waiting"] and "500" in log["Why"][0]
        test = next(b for b in test.button if b.label == "Seen").click().run()
        assert "seen by everyone" in texts(test)
        test = next(b for b in test.button if b.label == "Snooze a day").click().run()
        assert workspace.alert_rules("everyone")[0].snoozed_until is not None
        test = test.button(key="alert_wake").click().run()
        assert workspace.alert_rules("everyone")[0].snoozed_until is None


def test_the_bell_of_every_page_counts_what_is_open_and_links_to_it(app, own_sample):
    assert "All alerts" not in links(app(own_sample))
    for name, owner in (("high", "everyone"), ("not mine", "ann")):
        Workspace(own_sample).add_alert_rule(
            name, "threshold", {"metric": "backlog", "level": -1}, owner=owner
        )
    rounds(own_sample)
    test = app(own_sample)
    assert not test.exception and "high\\: " in texts(test)
    assert "not mine" not in texts(test)
    assert "All alerts" in links(test)


def test_a_channel_is_tried_and_what_was_given_up_is_sent_again(app, own_sample):
    with webhook() as hook:
        configure(own_sample, hook)
        test = app(own_sample, PAGE)
        test = test.button(key="alert_test_ops").click().run()
        assert "ops took it" in texts(test) and len(hook.calls) == 1
        hook.status = 401
        test = test.button(key="alert_test_ops").click().run()
        assert "401" in texts(test)
        hook.status = 200
        test = test.run()
        test.button(key="alert_again").click().run()
        assert rounds(own_sample).deliveries.sent == 1
        assert "tok3n" not in texts(test)


def test_a_rule_that_fails_says_why(app, own_sample):
    Workspace(own_sample).add_alert_rule(
        "gone", "threshold", {"metric": "no_more", "level": 1}, owner="everyone"
    )
    rounds(own_sample)
    test = app(own_sample, PAGE)
    assert not test.exception and "There is no metric called" in texts(test).replace("\\", "")
    assert "❌ failed" in [
        state for table in test.dataframe if "Watches" in table.value for state in table.value["State"]
    ]
