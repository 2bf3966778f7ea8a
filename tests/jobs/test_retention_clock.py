"""A clock that may be wrong: what waits for somebody's word, for how long, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from core.errors import StoreError
from core.home import Home
from core.settings import Retention, Settings
from jobs import retention
from jobs.refresh import refresh
from jobs.report import RefreshReport
from store.runs import RunLog
from tests.jobs.scripted import Scripted, conversations, pages, plain_steps, published, workspace

pytestmark = pytest.mark.usefixtures("scripts")
YEAR = 365


def settings(*sources: str, keep_days: int) -> Settings:
    return workspace(*sources).model_copy(update={"retention": Retention(keep_days=keep_days)})


@pytest.fixture
def loaded(home: Home, now: datetime) -> Iterator[Home]:
    """Three conversations of January, refreshed in November, and a year kept of them."""
    assert go(home).status == "ok"
    assert published(home) == 3
    yield home


def go(home: Home, *sources: str, keep_days: int = YEAR, **more: object) -> RefreshReport:
    steps = plain_steps(ledger=lambda *_: 0, **more)
    return refresh(home, settings(*(sources or ("one",)), keep_days=keep_days), steps=steps)


def broken(*_: object) -> None:
    raise StoreError("the index could not be written.")


@pytest.fixture
def far_ahead(loaded: Home, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUPPORTLENS_NOW", (now + timedelta(days=1200)).isoformat())
    return loaded


def test_another_fault_beside_it_does_not_make_the_clock_right(far_ahead: Home) -> None:
    assert go(far_ahead).error is not None
    Scripted.scripts["one"] = pages(*(conversations(one) for one in "abcd"))
    report = go(far_ahead, index=broken)
    assert (report.status, report.error and report.error.code) == ("partial", "store")
    again = go(far_ahead)
    assert (again.removed, again.error and again.error.code) == ({}, "retention_held")
    assert published(far_ahead) == 4


def test_nor_does_a_refresh_in_which_nothing_was_due(far_ahead: Home) -> None:
    for keep_days in (10 * YEAR, 0):  # a rule that is not reached, and none
        report = go(far_ahead, keep_days=keep_days)
        assert (report.status, report.removed, report.error) == ("ok", {}, None)
        _, held = retention.look(far_ahead, settings("one", keep_days=keep_days))
        assert held is None
    report = go(far_ahead)
    assert (report.removed, report.error and report.error.code) == ({}, "retention_held")


def test_what_failed_in_reading_is_said_first(far_ahead: Home) -> None:
    report = go(far_ahead, "one", "bad")
    assert (report.status, report.error and report.error.message) == ("partial", "the key was refused.")
    assert "the key was refused. Besides, nothing is removed by its age: the clock says" in report.message
    (told,) = RunLog(far_ahead).telling(1)
    assert (told.error_code, told.error_message) == ("auth", "the key was refused.")
    assert go(far_ahead).removed == {}
