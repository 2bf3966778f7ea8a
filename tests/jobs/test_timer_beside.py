"""The timer beside the dashboard runs as long as the dashboard does, and never twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.served import free_port
from core.home import Home
from jobs.timer_beside import TimerBeside
from store.lock import timer_lock
from store.runs import RunLog
from tests.alerts.servers import webhook
from tests.test_run import Started, publish

ENDS = "import sys; sys.exit(1)"
STAYS = "import sys; sys.stdin.read()"


class Programs:
    """What was started in the timer's place; each does what the next of `codes` says."""

    def __init__(self, *codes: str) -> None:
        self.codes, self.started = list(codes), list[subprocess.Popen[bytes]]()

    def __call__(self) -> subprocess.Popen[bytes]:
        code = self.codes[min(len(self.started), len(self.codes) - 1)]
        self.started.append(subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE))
        return self.started[-1]


@pytest.fixture
def programs() -> Iterator[Callable[..., Programs]]:
    made: list[Programs] = []

    def make(*codes: str) -> Programs:
        made.append(Programs(*codes))
        return made[-1]

    yield make
    for process in (process for one in made for process in one.started):
        process.communicate(timeout=30)


def test_one_that_ended_by_itself_is_started_again_after_a_pause(
    home: Home, programs: Callable[..., Programs], caplog: pytest.LogCaptureFixture
) -> None:
    start = programs(ENDS, STAYS)
    timer = TimerBeside(home, start, again_s=0.2)
    timer.look()
    start.started[0].wait(30)
    timer.look()
    assert len(start.started) == 1, "not at once"
    assert "ended by itself (exit code 1)" in caplog.text
    time.sleep(0.25)
    for _ in range(3):
        timer.look()
    assert len(start.started) == 2 and start.started[1].poll() is None


def test_where_another_timer_serves_the_home_none_is_started_before_that_one_ends(
    home: Home, programs: Callable[..., Programs], caplog: pytest.LogCaptureFixture
) -> None:
    start = programs(STAYS)
    timer = TimerBeside(home, start, again_s=0)
    with timer_lock(home):
        for _ in range(3):
            timer.look()
        assert start.started == [] and len(caplog.messages) == 1
        assert "another timer" in caplog.text
    timer.look()
    assert len(start.started) == 1


def test_a_program_that_cannot_be_started_is_tried_again(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def start() -> subprocess.Popen[bytes]:
        tries.append(1)
        raise OSError(11, "Resource temporarily unavailable")

    timer = TimerBeside(home, start, again_s=0)
    timer.look()
    timer.look()
    assert len(tries) == 2 and "temporarily unavailable" in caplog.text


@pytest.mark.slow
def test_the_alarm_is_sounded_also_where_a_timer_says_nothing(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The timer's lock is held, and by nobody who looks for a silence."""
    with monkeypatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", (datetime.now(UTC) - timedelta(hours=30)).isoformat())
        publish(home)
        RunLog(home).start("long ago")
        RunLog(home).finish("long ago", "*", "failed")
    with webhook() as hook, timer_lock(home):
        home.settings_file.write_text(
            '[schedule]\nwith_dashboard = true\nalarm_after = "26h"\nalarm_channels = ["ops"]\n'
            f'[[channels]]\nname = "ops"\nkind = "webhook"\nurl = "{hook.url}"\nsecret = "a-secret-key"\n'
        )
        served = Started(home, tmp_path, free_port())
        try:
            served.wait_for("another timer")
            until = time.monotonic() + 60
            while not hook.calls and time.monotonic() < until:
                time.sleep(0.1)
        finally:
            served.process.terminate()
            served.ends()
    assert [json.loads(body)["event"] for _, body in hook.calls] == ["silence"], served.text
