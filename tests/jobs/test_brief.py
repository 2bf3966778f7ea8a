"""`jobs brief`: one JSON document, lines for people, and a week that is not closed."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from core.home import Home
from jobs.cli import main


def run(capsys: pytest.CaptureFixture[str], home: Home, *arguments: str) -> tuple[int, str, str]:
    code = main(["brief", "--home", str(home.root), "--quiet", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_outage_of_the_sample_in_words(
    capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime
) -> None:
    code, out, _ = run(capsys, sample_home, "--week", "2026-08-26")
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("Week of 24 to 30 Aug 2026 (Europe/London, generation ")
    assert any("SLA compliance" in line and "Cloud Backup" in line for line in lines)
    told = [line for line in lines if line.startswith("- ")]
    proofs = [line for line in lines if line.startswith("  /conversations?")]
    assert 2 <= len(told) == len(proofs) <= 8


@pytest.mark.slow
def test_json_has_every_number_beside_its_sentence(
    capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime
) -> None:
    code, out, _ = run(
        capsys, sample_home, "--week", "2026-08-26", "--filter", "product=Cloud Backup", "--json"
    )
    answer = json.loads(out)
    assert (
        code == 0 and answer["week"] == {"start": "2026-08-24", "end": "2026-08-30"} and not answer["refused"]
    )
    volume = next(s for s in answer["sentences"] if s["metric"] == "volume" and not s["where"])
    assert volume["value"] == volume["n"] > volume["high"] and f" {volume['n']}," in volume["text"]
    assert volume["address"].startswith("conversations?product=Cloud+Backup&")


def test_a_week_that_is_not_over_is_refused(
    capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime
) -> None:
    code, _, err = run(capsys, sample_home, "--week", "2026-11-16")
    assert code != 0 and "not a closed week" in err and "begins on 2026-11-09" in err
