"""Two schedulers at once, as real processes: one incident, one message. And one that is killed while it sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from core.home import PROJECT, Home
from store.workspace import Workspace
from store.workspace.deliveries import LEASE
from tests.alerts.servers import mail_server, webhook

# Each process says that it is ready and waits for the same file, so that both begin at one moment.
TOGETHER = """
import pathlib, sys, time
from jobs.cli import main
print("ready", flush=True)
while not pathlib.Path({gate!r}).exists():
    time.sleep(0.001)
sys.exit(main(["alerts", "--home", {home!r}, "--json", "--quiet", *sys.argv[1:]]))
"""

RULES = 40


def start(home: Home, *arguments: str, now: str) -> subprocess.Popen[str]:
    code = TOGETHER.format(gate=str(home.root / "begin"), home=str(home.root))
    env = {**os.environ, "SUPPORTLENS_NOW": now, "OPS_SECRET": "s3cret-of-the-hook"}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=PROJECT, env=env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def together(home: Home, count: int, *arguments: str, now: str) -> list[dict]:
    (home.root / "begin").unlink(missing_ok=True)
    running = [start(home, *arguments, now=now) for _ in range(count)]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    (home.root / "begin").touch()
    ended = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * count, ended
    return [json.loads(out) for out, _ in ended]


def write_settings(home: Home, url: str) -> None:
    """Channels for the sample workspace, which has no settings of its own."""
    home.settings_file.write_text(
        f'[[channels]]\nname = "ops"\nkind = "webhook"\nurl = "{url}"\nsecret = "env:OPS_SECRET"\n'
    )


def test_two_at_once_make_one_incident_and_one_message(own_sample: Home, now) -> None:
    workspace = Workspace(own_sample)
    for n in range(RULES):
        rule = {"metric": "backlog", "level": -1, "channels": ["ops"]}
        workspace.add_alert_rule(f"rule {n}", "threshold", rule, owner="ann")
    with webhook() as hook:
        write_settings(own_sample, hook.url)
        for minute in range(2):
            moment = (now + timedelta(minutes=minute)).isoformat()
            together(own_sample, 2, "--every", now=moment)
        ids = [headers["X-Supportlens-Delivery"] for headers, _ in hook.calls]
    assert len(workspace.incidents(limit=500)) == RULES
    assert len(ids) == RULES == len(set(ids))
    assert {one.status for one in workspace.deliveries(limit=500)} == {"sent"}


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_sends(own_sample: Home, now) -> None:
    """The webhook keeps it waiting for its answer; it is killed then, and the same id comes once more after the lease."""
    import threading

    workspace = Workspace(own_sample)
    workspace.add_alert_rule(
        "b", "threshold", {"metric": "backlog", "level": -1, "channels": ["ops"]}, owner="ann"
    )
    arrived, hold = threading.Event(), threading.Event()
    with webhook(on_call=lambda: (arrived.set(), hold.wait(60))) as hook:
        write_settings(own_sample, hook.url)
        (own_sample.root / "begin").touch()
        process = start(own_sample, now=now.isoformat())
        assert arrived.wait(60)
        process.kill()
        process.communicate(timeout=60)
        hold.set()
        (delivery,) = workspace.deliveries("ann")
        assert delivery.status == "sending"
        together(own_sample, 2, now=(now + timedelta(minutes=1)).isoformat())
        assert len(hook.calls) == 1, "its lease holds"
        later = (now + LEASE + timedelta(seconds=1)).isoformat()
        together(own_sample, 2, now=later)
        ids = [headers["X-Supportlens-Delivery"] for headers, _ in hook.calls]
    assert ids == [delivery.idempotency_id] * 2
    assert workspace.deliveries("ann")[0].status == "sent"


@pytest.mark.slow
def test_mail_of_two_at_once_is_one_mail(own_sample: Home, now) -> None:
    workspace = Workspace(own_sample)
    workspace.add_alert_rule(
        "b", "threshold", {"metric": "backlog", "level": -1, "channels": ["ops"]}, owner="ann"
    )
    with mail_server() as box:
        own_sample.settings_file.write_text(f'[[channels]]\nname = "ops"\nurl = "{box.url}"\n')
        together(own_sample, 3, now=now.isoformat())
    assert len(box.mails) == 1
