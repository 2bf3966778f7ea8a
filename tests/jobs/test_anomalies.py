"""`jobs anomalies`: for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobs.cli import main


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


def test_what_cannot_be_watched_says_so(
    sample_home: Any, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["anomalies", "backlog", "--home", str(sample_home.root)]) != 0
    assert "not watched" in capsys.readouterr().err
