"""`jobs alerts`: one JSON document, exit code 0 only when every rule was judged, and rounds after refreshes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.home import PROJECT, Home
from core.settings import load_settings
from jobs import alerting
from jobs.alerting import AlertClock
from jobs.cli import main
from store.workspace import Workspace
from tests.alerts.servers import Hook, webhook
from tests.shared import copy_of

RULE = '{"metric": "backlog", "level": -1, "channels": ["ops"]}'


@pytest.fixture
def own_sample(sample_home: Home, tmp_path: Path, now: datetime) -> Home:
    return copy_of(sample_home, tmp_path / "copy")


@pytest.fixture
def run(own_sample: Home, capsys: pytest.CaptureFixture[str]) -> Any:
    """`run(*arguments)`: exit code and the JSON document."""

    def ran(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = main(["alerts", "--home", str(own_sample.root), "--quiet", "--json", *arguments])
        return code, json.loads(capsys.readouterr().out)

    return ran


def configure(home: Home, hook: Hook) -> None:
    home.settings_file.write_text(
        f'[[channels]]\nname = "ops"\nkind = "webhook"\nurl = "{hook.url}"\nsecret = "a-secret-key"\n'
    )


def test_a_rule_from_its_making_to_its_end(run: Any, own_sample: Home) -> None:
    with webhook() as hook:
        configure(own_sample, hook)
        assert run("add", "backlog", "--rule", RULE) == (0, {"action": "add", "id": 1, "name": "backlog"})
        code, done = run()
        assert code == 0 and done["rules"][0]["status"] == "ok" and done["rules"][0]["opened"] == 1
        assert done["deliveries"]["sent"] == 1 and len(hook.calls) == 1
        code, done = run("evaluate", "--every")
        assert code == 0 and done["rules"][0]["opened"] == 0 and len(hook.calls) == 1
        _, listed = run("list")
        assert listed["rules"][0]["states"][""]["level"] == "firing"
        assert listed["incidents"][0]["rule_name"] == "backlog"
        _, log = run("log")
        assert [one["status"] for one in log["deliveries"]] == ["sent"]
        code, found = run("preview", "backlog", "--days", "10")
        assert (
            code == 0
            and found["windows"] == 10
            and "would have fired once in the last 10 days" in found["told"]
        )
        assert run("test", "ops")[1]["status"] == "sent"
        hook.status = 500
        assert run("test", "ops")[0] == 1
    assert run("delete", "1")[1]["done"] is True
    assert run("list")[1]["rules"] == []


SIGN_IN = """
[sign_in]
by = "proxy"
address = "https://support.example"
proxies = ["10.0.0.0/8"]
[[access]]
who = ["ada@shop.example", "zoe@shop.example"]
role = "admin"
"""


def test_a_rule_whose_owner_lost_access_is_given_to_somebody(run: Any, own_sample: Home) -> None:
    with webhook() as hook:
        configure(own_sample, hook)
        assert run("add", "backlog", "--rule", RULE)[0] == 0 and run()[0] == 0
        own_sample.settings_file.write_text(own_sample.settings_file.read_text() + SIGN_IN)
        code, done = run()
        assert code == 1 and done["rules"][0]["status"] == "suspended"
        code, done = run("change", "backlog")
        assert code == 1 and done["error"]["message"] == "everyone has no access."
        code, done = run("preview", "backlog")
        assert code == 1 and "alerts change 1 --owner" in done["error"]["hint"]
        code, done = run("change", "backlog", "--owner", "Ada@Shop.example")
        assert code == 0 and (done["owner"], done["done"]) == ("ada@shop.example", True)
        code, done = run()
        assert code == 0 and done["rules"][0]["status"] == "ok" and done["rules"][0]["opened"] == 1
        assert [rule["owner"] for rule in run("list")[1]["rules"]] == ["ada@shop.example"]
        assert run("add", "backlog", "--rule", RULE, "--owner", "zoe@shop.example")[0] == 0
        code, done = run("change", "2", "--owner", "ada@shop.example")
        assert code == 1 and "called 'backlog' already" in done["error"]["message"]


def test_exit_codes_say_whether_every_rule_could_be_judged(run: Any, own_sample: Home) -> None:
    workspace = Workspace(own_sample)
    workspace.add_alert_rule("gone", "threshold", {"metric": "no_more", "level": 1}, owner="ann")
    code, done = run()
    assert code == 1 and "no metric" in done["rules"][0]["problem"]
    workspace.add_alert_rule("good", "threshold", {"metric": "volume", "level": 1}, owner="ann")
    assert run()[0] == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "x"], "--rule"),
        (["add", "x", "--rule", "metric=volume"], "no JSON object"),
        (["add", "x", "--rule", '{"metric": "volumes", "level": 1}'], "no metric"),
        (["preview", "x"], "no rule"),
        (["test", "x"], "no channel"),
        (["test"], "name of a channel"),
    ],
)
def test_what_cannot_be_done_is_said(run: Any, arguments: list[str], words: str) -> None:
    code, done = run(*arguments)
    assert code == 1 and words in done["error"]["message"]


def test_people_read_sentences(own_sample: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["add", "b", "--rule", '{"metric": "backlog", "level": -1}'],
        [],
        ["list"],
        ["preview", "b"],
        ["log"],
    ):
        assert main(["alerts", "--home", str(own_sample.root), "--quiet", *arguments]) == 0
    out = capsys.readouterr().out
    for words in (
        "b: kept as rule 1.",
        "b: ok, 1 opened, 0 over",
        "beyond its level: total",
        "would have fired once",
    ):
        assert words in out


def test_a_refresh_is_followed_by_a_round(own_sample: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with webhook() as hook:
        configure(own_sample, hook)
        Workspace(own_sample).add_alert_rule("b", "threshold", json.loads(RULE), owner="ann")
        assert main(["refresh", "--home", str(own_sample.root), "--quiet"]) == 0
        assert len(hook.calls) == 1


def test_alerts_that_fail_do_not_take_the_refresh_with_them(
    own_sample: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    Workspace(own_sample).add_alert_rule("b", "threshold", json.loads(RULE), owner="ann")
    monkeypatch.setattr(alerting, "evaluate", broken)
    alerting.after_refresh(own_sample, load_settings(own_sample))
    assert "alerts could not be looked after" in caplog.text


def test_the_clock_goes_on_beside_a_long_refresh_and_ends_with_the_timer(
    own_sample: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, enough = [], threading.Event()

    def counted(home: Home, settings: object, settings_file: object, *, writing_s: float) -> None:
        rounds.append(home)
        if len(rounds) >= 3:
            enough.set()
        if len(rounds) == 1:
            raise RuntimeError("the first one fails")

    monkeypatch.setattr(alerting, "after_refresh", counted)
    with AlertClock(own_sample, None, every_s=0.01):
        assert enough.wait(30)
    before = len(rounds)
    assert not [thread for thread in threading.enumerate() if thread.name == "alerts"]
    assert len(rounds) == before


def test_the_timer_as_a_process_judges_delivers_and_ends_at_once(own_sample: Home) -> None:
    """Time-based kinds and what waits go out without any refresh: the only source is switched off."""
    with webhook() as hook:
        configure(own_sample, hook)
        with own_sample.settings_file.open("a") as file:
            file.write('[[sources]]\nname = "sample"\nkind = "files"\npath = "sample"\nenabled = false\n')
        rule = {"within_min": 600, "channels": ["ops"]}
        Workspace(own_sample).add_alert_rule("soon", "sla_soon", rule, owner="ann")
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs", "schedule", "--home", str(own_sample.root), "--quiet"], cwd=PROJECT,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while not hook.calls and time.monotonic() < deadline:
                time.sleep(0.1)
        finally:
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=20)
    assert len(hook.calls) == 1, told
    assert "Traceback" not in told
