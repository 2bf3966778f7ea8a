"""`jobs trends`: the whole and its segments in words, whatever the metric."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from jobs.cli import main


def test_the_whole_and_each_segment(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--home", str(sample_home.root), "--quiet"]
    assert main(["trends", "volume", "--by", "channel", "--json", *at]) == 0
    found = json.loads(capsys.readouterr().out)
    whole, *parts = found["trends"]
    assert whole["part"] == "total" and sum(part["n"] for part in parts) == whole["n"]
    assert found["period"]["end"] == "2026-11-15"
    for one in (whole, *parts):
        assert one["level_low"] <= one["level"] <= one["level_high"]
        assert one["per_week_low"] <= one["per_week"] <= one["per_week_high"]
        assert one["sentence"]


def test_any_metric_and_too_few_days(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--home", str(sample_home.root), "--quiet"]
    for metric in ("backlog", "csat_share", "first_reply_median", "net_flow"):
        assert main(["trends", metric, *at]) == 0
        assert "Now about" in capsys.readouterr().out
    assert main(["trends", "volume", "--from", "2026-11-01", *at]) == 0
    assert "Need 21 days with a value, have 15." in capsys.readouterr().out
    assert main(["trends", "nothing_such", *at]) == 1
