"""`jobs effect`: an answer in words and a row a day; a day there is not, a length there cannot be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from jobs.cli import main


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
