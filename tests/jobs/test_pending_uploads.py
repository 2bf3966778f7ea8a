"""Files that were looked at on Data & jobs and never loaded: a day later whatever happens next in the home removes them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from core.home import Home
from core.settings import Settings
from jobs import serve
from jobs.timer import Timer
from tests.jobs.scripted import go


def _starts(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("jobs.serve._stop_on_signals", lambda: None)
    patch.setattr("jobs.serve._require_free", lambda *_: None)
    patch.setattr("jobs.serve._serve", lambda *_, **__: None)
    serve.serve(home, Settings(), None, None)


MOMENTS: dict[str, Callable[[Home, pytest.MonkeyPatch], object]] = {
    "a refresh": lambda home, _: go(home, "one"),
    "a turn of the timer": lambda home, _: Timer(home, None, Mock(return_value=0), threading.Event()).look(),
    "a start of the dashboard": _starts,
}


def _looked_at(home: Home, name: str, *, hours: float) -> Path:
    path = home.pending / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Mail of Ada")
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))
    return path


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("moment", MOMENTS)
def test_they_go_after_a_day(home: Home, now: datetime, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, young = _looked_at(home, "old.csv", hours=25), _looked_at(home, "young.csv", hours=23)
    MOMENTS[moment](home, monkeypatch)
    assert not old.exists() and young.is_file()
