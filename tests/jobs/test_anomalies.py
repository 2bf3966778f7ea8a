"""`jobs anomalies`: for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from jobs.cli import main
from tests.shared import copy_of, kept_quiet


def test_as_json(sample_home: Any, now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["anomalies", "volume", "--home", str(sample_home.root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {card["headline"]["peak"] for card in told["cards"]} == {"2026-10-31", "2026-08-26"}
    assert told["metrics"] == ["volume"] and told["cards"][0]["causes"][0]["evidence"]["examples"]


def test_for_people(sample_home: Any, now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["anomalies", "volume", "--home", str(sample_home.root), "--filter", "channel=email"]) == 0
    assert "Nothing left what its past leads one to expect." in capsys.readouterr().out
    assert main(["anomalies", "volume", "--home", str(sample_home.root)]) == 0
    assert "It goes with" in capsys.readouterr().out


def test_what_was_kept_quiet_is_marked_as_shown_again_and_is_no_card(
    sample_home: Home,
    tmp_path: Path,
    now: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = copy_of(sample_home, tmp_path / "own")
    kept_quiet(own, monkeypatch)
    assert main(["anomalies", "volume", "--home", str(own.root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [card["headline"]["peak"] for card in told["cards"]] == ["2026-10-31"]
    again = told["again"]["headline"]
    assert (again["peak"], again["status"]) == ("2026-08-26", "again") and "called this noise" in again[
        "reason"
    ]
    assert told["again"]["causes"] and again["peak"] in {one["peak"] for one in told["suppressed"]}
    assert main(["anomalies", "volume", "--home", str(own.root)]) == 0
    assert "Kept quiet since ann called this noise on 5 Oct 2026" in capsys.readouterr().out


def test_what_could_not_be_judged_is_said(
    sample_home: Any, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ["--from", "2030-01-01", "--to", "2030-02-01"]
    assert main(["anomalies", "volume", "--home", str(sample_home.root), *days]) == 0
    said = capsys.readouterr().out
    assert "Not judged yet: the data does not reach these days." in said and "Nothing left" not in said


def test_what_cannot_be_watched_says_so(
    sample_home: Any, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["anomalies", "backlog", "--home", str(sample_home.root)]) != 0
    assert "not watched" in capsys.readouterr().err
