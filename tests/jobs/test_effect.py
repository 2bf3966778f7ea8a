"""`jobs effect`: an answer in words and a row a day; a day there is not, a length there cannot be."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.filters import Period
from jobs.cli import main
from store.workspace import Workspace
from tests.shared import copy_of


def test_an_answer_and_a_row_a_day(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--home", str(sample_home.root), "--quiet"]
    asked = ["effect", "volume", "--at", "2026-10-20", "--touched", "channel=email", "--days", "10"]
    assert main([*asked, *at]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("untouched" in line for line in lines)
    assert len([line for line in lines if line.startswith("2026-10-2")]) == 10
    assert main(["effect", "volume", "--at", "2026-10-20", "--days", "0", *at]) == 1
    assert main(["effect", "volume", "--at", "2026-10-20", "--touched", "channel=nothing such", *at]) == 1


def test_what_is_filtered_of_a_touched_dimension_does_not_count(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["effect", "volume", "--at", "2026-10-20", "--touched", "channel=chat", "--json"]
    at = ["--home", str(sample_home.root), "--quiet"]
    found = []
    for more in ([], ["--filter", "channel=email"]):
        assert main([*asked, *more, *at]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1] and found[0]["untouched"]


def test_a_note_is_found_by_what_the_conditions_ask_for(
    sample_home: Any, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_of(sample_home, tmp_path / "copy")
    for channel in ("email", "chat"):
        Workspace(home).add_note(
            Period(date(2026, 10, 1), date(2026, 10, 1)),
            channel,
            tag="incident",
            author="ann",
            only={"channel": [channel]},
        )
    seen: list[str] = []

    def measured(*_: Any, events: Any, **__: Any) -> None:
        seen.extend(one.text for one in events)
        raise InputError("it is only asked what was noted.")

    monkeypatch.setattr("analytics.effects.effect_of", measured)
    asked = ["effect", "volume", "--at", "2026-10-20", "--any", "channel:email", "--touched", "priority=high"]
    assert main([*asked, "--home", str(home.root), "--quiet"]) == 1
    assert seen == ["email"]


@pytest.mark.parametrize(
    "asked",
    [["effect", "volume", "--at", "9999-12-31"], ["effect", "volume", "--at", "0001-01-01"],
     ["anomalies", "volume", "--from", "0001-01-01", "--to", "0001-02-01"]],
)  # fmt: skip
def test_a_day_that_no_history_can_be_counted_from_is_refused(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str], asked: list[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*asked, "--home", str(sample_home.root), "--quiet"])
    assert "is not between 1900-01-01 and 2199-12-31" in capsys.readouterr().err


def test_a_day_before_the_data_is_refused(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["effect", "volume", "--at", "2000-01-01", "--home", str(sample_home.root), "--quiet"]) == 1
    assert "2000-01-01 is before the data" in capsys.readouterr().err
