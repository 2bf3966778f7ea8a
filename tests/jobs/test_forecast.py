"""`jobs forecast`: the days after the data, bands in order, parts that add up, and a sentence of its tests."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from core.errors import InputError
from jobs.cli import main
from jobs.what_if import edits


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


def test_what_if_is_a_scenario_beside_the_forecast(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    edits = [
        "--what-if", "level=+20%", "--what-if", "deflected=10%", "--what-if", "closed=2026-11-17,sunday",
        "--what-if", "channel:chat=+50%", "--minutes", "30",
    ]  # fmt: skip
    assert main(["forecast", "volume", *edits, "--home", str(sample_home.root), "--quiet", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["label"] == "Scenario, not a forecast" and found["base"]["by"] == "channel"
    base, after = (
        {one["part"]: one["days"] for one in found[name]["forecasts"]} for name in ("base", "scenario")
    )
    total = {
        name: sum(day["value"] for day in days["total"]) for name, days in (("base", base), ("new", after))
    }
    assert found["base_total"] == pytest.approx(total["base"])
    assert found["scenario_total"] == pytest.approx(total["new"])
    assert found["hours"] == pytest.approx((total["new"] - total["base"]) / 2)
    for before, now_ in zip(base["chat"], after["chat"], strict=True):
        shut = now_["day"] == "2026-11-17" or date.fromisoformat(now_["day"]).isoweekday() == 7
        assert now_["value"] == pytest.approx(0 if shut else before["value"] * 1.2 * 0.9 * 1.5)
    parts = [days for name, days in after.items() if name != "total"]
    for place, day in enumerate(after["total"]):
        assert sum(days[place]["value"] for days in parts) == pytest.approx(day["value"])
    assert found["sentences"][0].startswith(
        "Scenario, not a forecast: level +20 %; chat +50 %; 10 % deflected"
    )


def test_what_if_for_people(sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["forecast", "volume", "--what-if", "channel:chat=30%", "--what-if", "holiday=2026-11-18"]
    assert main([*asked, "--home", str(sample_home.root), "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Scenario, not a forecast: chat 30 % of all; a holiday on 18 Nov 2026."
    assert any("in place of" in line and "hours of work" in line for line in lines[:5])


def test_a_part_of_a_sources_own_field_can_be_edited() -> None:
    found, by = edits(["custom:plan:Gold: yearly=+50%", "custom:plan:Free=10%"])
    assert by == "custom:plan" and (found.parts, found.shares) == ({"Gold: yearly": 1.5}, {"Free": 0.1})
    found, by = edits(["custom:a:b:Gold=+50%"], "custom:a:b")
    assert by == "custom:a:b" and found.parts == {"Gold": 1.5}
    with pytest.raises(InputError):
        edits(["custom:plan=+50%"])


@pytest.mark.parametrize(
    "twice", ["deflected=10%", "deflected=0%", "topic:Refunds=+5%", "topic:Refunds=5%", "driver:orders=1"]
)
def test_what_is_edited_twice_is_refused(twice: str) -> None:
    with pytest.raises(InputError, match="changed before"):
        edits([twice, twice])


def test_minutes_are_of_a_scenario(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["forecast", "volume", "--minutes", "5", "--home", str(sample_home.root), "--quiet"]
    assert main(asked) == 1 and "Add --what-if" in capsys.readouterr().err


def test_one_day_is_no_days(sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["forecast", "volume", "--horizon", "1", "--what-if", "level=+0.001%", "--minutes", "5"]
    assert main([*asked, "--home", str(sample_home.root), "--quiet"]) == 0
    comes = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("About "))
    assert " in 1 day in place of " in comes and "(0, 0 %): 0.0 hours of work" in comes


@pytest.mark.parametrize(
    "wrong",
    [
        "level=20%", "level=+20", "level", "nonsense=3", "deflected=0.1", "deflected=200%", "closed=someday",
        "closed=2030-01-01", "holiday=monday", "channel:=+5%", "channel:nobody=+5%", "driver:orders=many",
        "driver:orders=5", "team:Billing=+5%",
    ],
)  # fmt: skip
def test_an_edit_that_cannot_be_read_or_made_says_what_to_write(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    asked = ["forecast", "volume", "--by", "channel", "--what-if", wrong, "--home", str(sample_home.root)]
    assert main([*asked, "--quiet", "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"] and error["hint"] and error["code"] == "input"


def test_only_counts_have_scenarios(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["forecast", "csat_share", "--what-if", "level=+5%", "--home", str(sample_home.root), "--quiet"]
    assert main(asked) == 1
    assert "is not counted" in capsys.readouterr().err


def test_days_beyond_all_dates_are_refused_in_words_and_none_are_marked_as_missing(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--home", str(sample_home.root), "--quiet"]
    assert main(["forecast", "volume", "--horizon", "100000", *at]) == 1
    assert "dates end in 2261" in capsys.readouterr().err
    early = ["--from", "2020-01-01", "--to", "2020-02-28"]
    assert main(["forecast", "volume", "--horizon", "2", *early, *at]) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("2020-02-29"))
    assert row.split()[1:] == ["\N{EN DASH}"] * 5 and "There are no values" in out
    assert main(["forecast", "volume", "--what-if", "level=+5%", *early, *at]) == 1
    assert "There is no forecast, so there is no scenario." in capsys.readouterr().err
