"""What costs seconds to make is made once, also where several test processes run side by side."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest

from core.home import Home

READY = "ready"
T = TypeVar("T")


def made_once(
    request: pytest.FixtureRequest, factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """A folder of this process that `make` filled, here or in another process of the same run.

    `make` gets an empty folder. Every further process gets a copy, so that none reads what another one writes.
    """
    if not hasattr(request.config, "workerinput"):  # one process runs all tests
        alone = factory.mktemp(name)
        make(alone)
        return alone
    common = factory.getbasetemp().parent / f"common-{name}"
    common.mkdir(exist_ok=True)
    with (common / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (common / READY).exists():
            shutil.rmtree(common / "made", ignore_errors=True)  # what a failed process left
            (common / "made").mkdir()
            make(common / "made")
            (common / READY).touch()
    own = factory.mktemp(name)
    shutil.copytree(common / "made", own, dirs_exist_ok=True)
    return own


def seldom(values: Iterable[T], often: Collection[T]) -> list[Any]:
    """Values to parametrize a test with: those that are not in `often` go the same way, and run with the slow tests."""
    slow = pytest.mark.slow
    return [
        one if one in often else pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=slow)
        for one in values
    ]


def copy_of(home: Home, root: Path) -> Home:
    """All that a home holds in another one, to write into. The folder that all homes share stays where it is."""
    shutil.copytree(home.root, root, symlinks=True)
    return Home(root)


def kept_quiet(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann calls everything of 26 August 2026 noise on 5 October; the clock is as it was afterwards."""
    from analytics.anomalies.report import anomalies
    from core.filters import Filters
    from core.settings import load_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader
    from store.workspace import Workspace

    settings = load_settings(home)
    found = anomalies(
        open_reader(home), Filters(), settings=settings, viewer=EVERYTHING, metrics=("volume",), shown=False
    )
    (card,) = [one for one in found.cards if one.headline.peak == date(2026, 8, 26)]
    workspace = Workspace(home)
    with monkeypatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", "2026-10-05T09:00:00+00:00")
        for one in card.incidents:
            workspace.say_of_anomaly(
                one.key, "noise", metric=one.metric, where=one.where, days=(one.start, one.end), viewer="ann"
            )
