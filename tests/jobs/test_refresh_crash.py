from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("refresh_program.py")


def kill_refreshes(folder: Path, *, rounds: int, seed: int) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(PROGRAM.parents[2]), "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), str(rounds), str(seed)],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_refresh_may_be_killed_at_any_moment(tmp_path: Path) -> None:
    outcome = kill_refreshes(tmp_path, rounds=8, seed=7)
    assert outcome["killed"] + outcome["ended"] == 8
    assert outcome["killed"] >= 4, "too few rounds were disturbed to say anything"


@pytest.mark.slow
def test_a_refresh_may_be_killed_at_any_moment_two_hundred_times(tmp_path: Path) -> None:
    outcome = kill_refreshes(tmp_path, rounds=200, seed=11)
    assert outcome["killed"] >= 100, "too few rounds were disturbed to say anything"
