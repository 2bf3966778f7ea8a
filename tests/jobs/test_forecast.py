"""`jobs forecast`: the days after the data, bands in order, parts that add up, and a sentence of its tests."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from jobs.cli import main


def test_the_days_ahead_and_parts_that_add_up(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["forecast", "volume", "--by", "channel", "--horizon", "10", "--home", str(sample_home.root)]
    assert main([*asked, "--quiet", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    whole, *parts = found["forecasts"]
    assert whole["part"] == "total" and len(parts) > 2 and found["adds_up"]
    first = date.fromisoformat(found["history"]["end"]) + timedelta(days=1)
    assert [day["day"] for day in whole["days"]] == [str(first + timedelta(days=n)) for n in range(10)]
    for place, day in enumerate(whole["days"]):
        assert 0 <= day["low_95"] <= day["low_80"] <= day["value"] <= day["high_80"] <= day["high_95"]
        assert sum(part["days"][place]["value"] for part in parts) == pytest.approx(day["value"])
    assert "past tests" in whole["sentences"][0]
    assert sum(share for _, share in whole["weights"]) == pytest.approx(1.0)


def test_the_table_and_a_metric_there_is_not(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--home", str(sample_home.root), "--quiet"]
    assert main(["forecast", "first_reply_median", "--horizon", "3", *at]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "learnt from" in lines[0] and len([line for line in lines if line.startswith("20")]) == 3
    assert main(["forecast", "nothing_such", *at]) == 1


@pytest.mark.parametrize(("grain", "ahead"), [("hour", timedelta(hours=1)), ("week", timedelta(days=7))])
def test_hours_and_weeks_ahead(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str], grain: str, ahead: timedelta
) -> None:
    asked = ["forecast", "volume", "--grain", grain, "--horizon", "4", "--home", str(sample_home.root)]
    assert main([*asked, "--quiet", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    days = [datetime.fromisoformat(day["day"]) for day in found["forecasts"][0]["days"]]
    assert found["grain"] == grain and [b - a for a, b in pairwise(days)] == [ahead] * 3
    first = datetime.combine(date.fromisoformat(found["history"]["end"]), datetime.min.time()) + timedelta(
        days=1
    )
    assert days[0] == first  # the sample ends with a Sunday
