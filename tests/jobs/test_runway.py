"""`jobs runway` and `jobs effect` know the incidents that people noted, as `jobs forecast` does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.filters import Period
from jobs.cli import main
from store.workspace import Workspace
from tests.shared import copy_of

OUTAGE = Period(date(2026, 10, 28), date(2026, 11, 8))
Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(sample_home: Any, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """What a command of a workspace of its own says."""
    home = copy_of(sample_home, tmp_path / "own")

    def asked(*words: str, noted: bool = False) -> dict[str, Any]:
        if noted:
            Workspace(home).add_note(OUTAGE, "Outage", tag="incident", author="everyone")
        assert main([*words, "--home", str(home.root), "--quiet", "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return asked


def test_a_runway_rests_on_the_forecast_of_the_volume(told: Told) -> None:
    before, after = told("runway"), told("runway", noted=True)
    days = told("forecast", "volume", "--horizon", "28")["forecasts"][0]["days"]
    week = sum(day["value"] for day in days) / 4
    assert after["arrivals_week"] == pytest.approx(week, rel=1e-6)
    assert before["arrivals_week"] != pytest.approx(after["arrivals_week"], rel=1e-6)
    assert len(after["days"]) == 28 and after["sentences"]


def test_an_effect_is_measured_from_days_without_incidents(told: Told) -> None:
    asked = ("effect", "volume", "--at", "2026-11-09", "--days", "7")
    before, after = told(*asked), told(*asked, noted=True)
    assert [day["actual"] for day in before["days"]] == [day["actual"] for day in after["days"]]
    assert before["expected"] != pytest.approx(after["expected"], rel=1e-6)
