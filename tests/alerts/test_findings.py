"""Rules over what the dashboard finds by itself: told once, over when people say so, numbers worked out again."""

from __future__ import annotations

from datetime import date

import pytest

from alerts import findings
from alerts.evaluate import evaluate
from alerts.history import preview
from alerts.readings import Asker
from alerts.rules import read
from core.errors import InputError
from core.filters import Filters, Period
from core.viewer import EVERYTHING, Viewer
from store.reader import open_reader

OPS = {"name": "ops", "url": "json://127.0.0.1:9/"}


def test_an_anomaly_is_told_once_with_its_cause_and_is_over_when_it_is_called_noise(
    own_sample, with_channels, workspace, monkeypatch
) -> None:
    """The planted day of the sample is 31 October, two weeks before its last day."""
    monkeypatch.setattr(findings, "FRESH_DAYS", 21)
    settings = with_channels(OPS, base_url="https://desk.example")
    workspace.add_alert_rule("odd", "anomaly", {"metric": "volume", "channels": ["ops"]}, owner="ann")
    assert [one.opened for one in evaluate(own_sample, settings, workspace).rules] == [1]
    assert [one.status for one in evaluate(own_sample, settings, workspace).rules] == ["not due"]
    evaluate(own_sample, settings, workspace, every=True)
    (incident,) = workspace.incidents("ann")
    assert incident.message["title"].startswith("odd: Conversations created, 31 Oct 2026:")
    lines = [text for _, text in incident.message["lines"]]
    assert any(text.startswith("It goes with ") for text in lines), lines
    assert incident.message["link"] == "https://desk.example/anomalies"
    assert [one.event for one in workspace.deliveries("ann")] == ["opened"]
    day = date(2026, 10, 31)
    workspace.say_of_anomaly(
        f"volume||{day}", "noise", metric="volume", where=(), days=(day, day), viewer="ann"
    )
    assert [one.resolved for one in evaluate(own_sample, settings, workspace).rules] == [1]
    assert not workspace.incidents("ann", only_open=True)


def test_an_old_anomaly_is_over(own_sample, own_settings) -> None:
    asker = Asker(own_sample, own_settings)
    assert asker.watched(read("anomaly", {"metric": "volume"}), EVERYTHING).windows == ((),)


def test_a_day_is_held_against_the_forecast_of_the_days_before_it(own_sample, own_settings) -> None:
    from analytics.forecasting.of_metric import forecast_metric

    found = Asker(own_sample, own_settings).watched(read("off_forecast", {"metric": "volume"}), EVERYTHING)
    ((reading,),) = found.windows
    reader = open_reader(own_sample)
    rows = reader.query(
        "SELECT count(*) AS n FROM {conversation_facts} WHERE is_counted AND created_local::DATE = DATE '2026-11-15'",
        viewer=EVERYTHING,
    )
    (n,) = rows["n"].to_pylist()
    before = Filters(period=Period(date(2023, 11, 16), date(2026, 11, 14)))
    made = forecast_metric(
        reader, "volume", before, settings=own_settings, viewer=EVERYTHING, horizon=1
    ).forecasts[0]
    (day,) = made.days
    assert (day.day, reading.window) == (date(2026, 11, 15), "2026-11-15")
    assert reading.n == n and reading.value == float(not day.low_95 <= n <= day.high_95)
    assert reading.note.startswith(f"Conversations created, 15 Nov: {n}, forecast ")


def test_rising_topics_are_told_from_a_level_on(own_sample, own_settings, workspace) -> None:
    workspace.add_alert_rule("new", "topic_rising", {"level": 5}, owner="ann")
    workspace.add_alert_rule("big", "topic_rising", {"level": 100_000}, owner="ann")
    assert [one.opened > 0 for one in evaluate(own_sample, own_settings, workspace).rules] == [True, False]
    told = {one.segment: one.message["title"] for one in workspace.incidents("ann")}
    assert told["Delivery, late"].startswith("new: Rising: Delivery, late, ")


@pytest.mark.parametrize(
    ("wrong", "good"), [("number", "useful"), ("evidence", "useful"), ("misread", "useful"), ("down", "up")]
)
def test_answers_are_judged_by_people_first(own_sample, own_settings, workspace, wrong, good) -> None:
    """Of four: one good, one without a claim, one called wrong, one without a claim that was called good: 2 of 4."""
    for claims, said in (([1], ""), ([], ""), ([1], wrong), ([], good)):
        id = workspace.save_question("q", {"claims": claims}, viewer="ann")
        if said:
            workspace.add_feedback(id, said, viewer="ann")
    asker = Asker(own_sample, own_settings)
    rule = read("answers", {"level": "30 %", "min_n": 4})
    ((reading,),) = asker.watched(rule, EVERYTHING).windows
    assert (reading.value, reading.n) == (0.5, 4)
    ((others,),) = findings.watched(rule, asker, Viewer("bob")).windows
    assert (others.value, others.n) == (None, 0)
    workspace.add_alert_rule("answers", "answers", {"level": "30 %", "min_n": 4}, owner=EVERYTHING.name)
    assert [one.opened for one in evaluate(own_sample, own_settings, workspace).rules] == [1]
    (incident,) = workspace.incidents(EVERYTHING.name)
    assert incident.message["title"].startswith("answers: Questions without a good answer n = 4")


@pytest.mark.parametrize(
    ("kind", "said", "words"),
    [
        ("anomaly", {}, "names no metric"),
        ("anomaly", {"metric": "volume", "by": "team"}, "has no segments"),
        ("answers", {"filters": {"channel": ["chat"]}}, "has no filters"),
        ("off_forecast", {"metric": "volume", "direction": "below"}, "only be above"),
    ],
)
def test_what_cannot_be_is_said(kind: str, said: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(kind, said)


def test_there_is_no_preview(own_sample, own_settings) -> None:
    with pytest.raises(InputError, match="no history"):
        preview(read("answers", {}), Asker(own_sample, own_settings), EVERYTHING)


def test_the_days_of_a_noted_incident_are_not_learnt_from_by_the_forecast_of_an_alert(
    own_sample, own_settings, workspace
) -> None:
    """A week that is called an incident afterwards is left out of what the next days are held against."""
    rule, asker = read("off_forecast", {"metric": "volume"}), Asker(own_sample, own_settings)
    ((before,),) = asker.watched(rule, EVERYTHING).windows
    workspace.add_note(
        Period(date(2026, 11, 8), date(2026, 11, 14)), "queue was down", tag="incident", author="ann"
    )
    ((after,),) = Asker(own_sample, own_settings).watched(rule, EVERYTHING).windows
    assert after.n == before.n and after.note != before.note
