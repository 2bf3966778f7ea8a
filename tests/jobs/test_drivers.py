"""`jobs drivers`: the driver that the sample plants is first, and the table says what it rests on."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from jobs.cli import main


def answered(capsys: pytest.CaptureFixture[str], home: Any, *arguments: str) -> str:
    capsys.readouterr()
    assert main(["drivers", *arguments, "--home", str(home.root), "--quiet"]) == 0
    return capsys.readouterr().out


def test_the_planted_driver_of_reopens_is_first(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = json.loads((sample_home.root / "sample" / "truth.json").read_text())["reopen_driver"]
    found = json.loads(answered(capsys, sample_home, truth["outcome"], "--json"))
    first = found["drivers"][0]
    assert (first["dimension"], first["value"], first["is_clear"]) == (
        truth["dimension"],
        truth["value"],
        True,
    )
    assert first["adjusted_low"] > 1.5 and first["where"] == [["channel", ["social"]]]
    assert first["hits"] >= 0.5 * truth["planted"]
    assert found["tested"] > 50 and "agent" in found["held"]


def test_the_table_and_its_filters(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    text = answered(
        capsys, sample_home, "bad_rating", "--by", "early_pace", "--filter", "channel=email", "--all"
    )
    lines = text.splitlines()
    assert lines[0].startswith("Bad rating: ") and "all else equal" in lines[1]
    assert all(line.startswith("First reply: ") for line in lines[3:-2])
    assert "need not be cause" in lines[-1]


def test_a_consequence_is_refused(
    sample_home: Any, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["drivers", "reopened", "--by", "tag", "--home", str(sample_home.root), "--quiet", "--json"])
        == 1
    )
    assert "consequence" in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.slow
def test_every_outcome_is_of_the_rows_of_its_metric(sample_home: Any, now: datetime) -> None:
    """As many rows as the metric counts, a rate that is its share, and no driver of a dimension that comes afterwards."""
    from analytics.compute import compute
    from analytics.drivers import drivers
    from analytics.outcomes import AFTERWARDS, OUTCOMES
    from core.filters import Filters
    from core.settings import load_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    reader, settings = (
        open_reader(sample_home),
        load_settings(sample_home, sample_home.root / "sample" / "settings.toml"),
    )
    for name, outcome in OUTCOMES.items():
        report = drivers(reader, name, Filters(), settings=settings, viewer=EVERYTHING)
        total = compute(reader, outcome.metric, report.filters, settings=settings, viewer=EVERYTHING).total
        assert report.n == total.n > 100, name
        share = {"yes": total.value, "no": 1 - (total.value or 0), "slow": 0.25}[outcome.hit]
        assert report.rate == pytest.approx(share, abs=0.01 if outcome.hit == "slow" else 1e-9)
        assert report.drivers and not {one.dimension for one in report.drivers} & set(AFTERWARDS)
        assert {one.dimension for one in report.drivers} <= {*outcome.dimensions, "word"}
        assert all(one.is_clear == (one.q is not None and one.q <= 0.05) for one in report.drivers)
