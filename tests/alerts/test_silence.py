"""The alarm of last resort: told once when nothing succeeds, once when something does, whoever looks."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts import silence
from alerts.outbox import deliver
from core.home import Home
from core.settings import Settings
from jobs import alerting
from store.runs import RunLog
from store.workspace import Workspace
from tests.alerts.conftest import at
from tests.alerts.servers import Hook, webhook

HOUR = timedelta(hours=1)


@pytest.fixture
def workspace(home: Home, now: datetime) -> Workspace:
    return Workspace(home)


def settings(hook: Hook | None = None, *, names: tuple[str, ...] = ("ops",)) -> Settings:
    url = hook.url if hook else "http://127.0.0.1:9/x"
    return Settings(
        schedule={"alarm_after": "26h", "alarm_channels": names},  # type: ignore[arg-type]
        channels=[{"name": name, "kind": "webhook", "url": url, "secret": "a-secret-key"} for name in names],  # type: ignore[arg-type]
    )


def ran(
    home: Home, patch: pytest.MonkeyPatch, moment: datetime, status: str, *, source: str | None = "desk"
) -> None:
    """A refresh that read one source, or none as retention does."""
    at(patch, moment)
    log = RunLog(home)
    log.start(f"r{moment.timestamp()}")
    if source:
        log.start(f"r{moment.timestamp()}", source)
        log.finish(f"r{moment.timestamp()}", source, status)
    problem = {"code": "auth", "message": "the key was refused.", "hint": ""} if status == "failed" else None
    log.finish(f"r{moment.timestamp()}", "*", status, error=problem)


def said(hook: Hook) -> list[tuple[str, str]]:
    return [(body["event"], body["title"]) for body in (json.loads(call) for _, call in hook.calls)]


def test_it_is_told_once_and_its_end_is(
    home: Home, workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as hook:
        chosen = settings(hook)
        ran(home, monkeypatch, now, "ok")
        for hours, queued in ((1, 0), (26, 0), (26.1, 1), (27, 0), (60, 0)):
            ran(home, monkeypatch, now + hours * HOUR, "failed")
            assert silence.watch(home, chosen, workspace) == queued, hours
        deliver(workspace, chosen)
        ran(home, monkeypatch, now + 60.5 * HOUR, "ok", source=None)
        assert silence.watch(home, chosen, workspace) == 0, "what reads no source ends no silence"
        ran(home, monkeypatch, now + 61 * HOUR, "partial")
        assert [silence.watch(home, chosen, workspace) for _ in range(3)] == [1, 0, 0]
        deliver(workspace, chosen)
        assert said(hook) == [
            ("silence", "No refresh has succeeded for 1 d 2 h"), ("silence over", "Refreshes succeed again"),
        ]  # fmt: skip
        lines = json.loads(hook.calls[0][1])["lines"]
        assert lines["Last success"] == "16 Nov 2026, 09:00 (UTC)"
        assert lines["Last refresh"].endswith("failed: the key was refused.")
        # The next silence is another one.
        at(monkeypatch, now + 61 * HOUR + 26.5 * HOUR)
        assert silence.watch(home, chosen, workspace) == 1


def test_where_nothing_ever_succeeded_it_counts_from_the_first_attempt(
    home: Home, workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert silence.watch(home, settings(), workspace) == 0
    ran(home, monkeypatch, now, "failed")
    assert silence.watch(home, settings(), workspace) == 0
    at(monkeypatch, now + 27 * HOUR)
    assert silence.watch(home, settings(names=("ops", "boss")), workspace) == 2
    assert workspace.deliveries()[0].message["lines"][0] == ["Last success", "never"]


def test_an_alarm_that_nobody_has_heard_is_dropped_when_it_is_over(
    home: Home, workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(home, monkeypatch, now, "ok")
    at(monkeypatch, now + 27 * HOUR)
    silence.watch(home, settings(), workspace)
    assert deliver(workspace, settings()).later == 1  # nobody listens there: the network is down
    ran(home, monkeypatch, now + 28 * HOUR, "ok")
    assert silence.watch(home, settings(), workspace) == 0
    assert [one.status for one in workspace.deliveries()] == ["dropped"]


def test_a_clock_that_is_set_back_tells_nothing(
    home: Home, workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(home, monkeypatch, now, "ok")
    at(monkeypatch, now - HOUR)
    assert silence.watch(home, settings(), workspace) == 0


def test_without_a_word_in_the_settings_nothing_is_looked_at(
    home: Home, workspace: Workspace, now: datetime
) -> None:
    assert silence.watch(home, Settings(), workspace) == 0


def test_rounds_and_a_dashboard_without_a_timer_sound_it(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as hook:
        ran(home, monkeypatch, now, "ok")
        at(monkeypatch, now + 30 * HOUR)
        alerting.after_refresh(home, settings(hook))
        ran(home, monkeypatch, now + 31 * HOUR, "ok")
        alerting.sound_alarm(home, settings(hook))
        alerting.sound_alarm(home, settings(hook))
        assert [event for event, _ in said(hook)] == ["silence", "silence over"]


def test_the_clock_beside_a_dashboard_does_what_it_was_given(home: Home, now: datetime) -> None:
    acted: list[Path | None] = []
    with alerting.AlertClock(home, None, every_s=0.01, act=lambda h, s, file, **_: acted.append(file)):
        while len(acted) < 2:
            pass
    assert acted[:2] == [None, None]
