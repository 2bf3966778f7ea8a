"""The machine's own zone decides nothing: the same tests in a process that lives in New York."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def run(*paths: str) -> str:
    """The last line of a run of these tests in New York."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", *paths]
    environment = {**os.environ, "TZ": "America/New_York"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.slow
@pytest.mark.timeout(1600)
def test_the_truth_set_in_new_york() -> None:
    last = run("tests/golden/test_conversations.py", "tests/golden/test_metrics.py")
    assert " passed" in last


@pytest.mark.slow
@pytest.mark.timeout(1600)
def test_what_reads_and_cuts_times_in_new_york() -> None:
    """Times without a zone from files and from servers that live there too; days, weeks and words for them."""
    last = run(
        "tests/connectors/test_sqlite.py::test_a_local_zone_keeps_no_change_away",
        "tests/connectors/test_mysql.py::test_every_kind_of_value",
        "tests/connectors/test_postgres.py::test_naive_times_are_of_the_settings_zone",
        "tests/connectors/test_postgres.py::test_newest_first_and_resumed",
        "tests/analytics/test_periods.py",
        "tests/analytics/test_history.py",
        "tests/rag/test_dates.py",
    )
    assert " passed" in last


@pytest.mark.slow
@pytest.mark.timeout(1600)
def test_everything_that_computes_in_new_york() -> None:
    last = run("tests/enrich", "tests/golden/test_properties.py", "tests/golden/test_sums.py")
    assert " passed" in last


def test_the_zone_arrives() -> None:
    code = "import time; print(time.tzname[0])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "EST"
