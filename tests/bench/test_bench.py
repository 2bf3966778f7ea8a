"""The benchmark judges fairly and measures what it says; how fast things are is never asserted."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest

from bench import bars, browsing, loading, rival, sessions, visits
from bench.__main__ import _add_messages, main
from bench.bars import BARS, Bar
from bench.clocks import CommandFailed, Ran, command, percentile, repeated
from core.home import Home
from jobs.sample import generate
from tests.shared import copy_of

END = date(2026, 11, 15)
CARD = Bar("metric_ms", "a card", "under 150 ms", 150, "ms", at=1_000_000)


@pytest.mark.parametrize(
    ("value", "conversations", "expected"),
    [
        (None, 1_000_000, "not measured"),
        (149.0, 1_000_000, "ok"),
        (150.0, 2_000_000, "ok"),
        (150.1, 1_000_000, "missed"),
        (150.1, 10, "missed"),
        (12.0, 5_000, "ok at 5,000 (bar: 1,000,000)"),
    ],
)
def test_a_promise_for_a_larger_workspace_is_not_kept_by_a_smaller_one(
    value: float | None, conversations: int, expected: str
) -> None:
    assert bars.verdict(CARD, value, conversations) == expected


def test_every_promise_has_a_line_and_none_is_invented() -> None:
    rows = bars.judged({"load_ratio": 2.0, "ask_p95_ms": 5000.0}, 100_000)
    assert [row.what for row in rows] == [bar.what for bar in BARS]
    told = {bar.key: row for bar, row in zip(BARS, rows, strict=True)}
    assert (told["load_ratio"].measured, told["load_ratio"].verdict) == ("2.00 x", "ok")
    assert (told["ask_p95_ms"].measured, told["ask_p95_ms"].verdict) == ("5,000 ms", "missed")
    assert {row.verdict for key, row in told.items() if key not in ("load_ratio", "ask_p95_ms")} == {
        "not measured"
    }
    lines = bars.table(rows).splitlines()
    assert len(lines) == len(BARS) + 2
    assert lines[0].split() == ["what", "hold", "measured", "verdict"]


def test_a_promise_of_at_least_is_missed_below_it_and_what_cannot_be_measured_says_why() -> None:
    told = {bar.key: row for bar, row in zip(BARS, bars.judged({"dlt_ratio": 9.9}, 10), strict=True)}
    assert told["dlt_ratio"].verdict == "missed"
    kept = bars.judged({"dlt_ratio": 10.0}, 10, {"start_s": "Chromium is not installed"})
    told = {bar.key: row for bar, row in zip(BARS, kept, strict=True)}
    assert told["dlt_ratio"].verdict == "ok"
    assert told["start_s"].verdict == "not measured: Chromium is not installed"


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(20, 0, -1)]
    assert percentile(values, 0.5) == 10
    assert percentile(values, 0.95) == 19
    assert percentile([7.0], 0.95) == 7


def test_repeated_warms_up_once_and_then_counts() -> None:
    calls: list[int] = []
    median, longest = repeated(lambda: calls.append(1), times=5)
    assert len(calls) == 6
    assert 0 <= median <= longest


def test_both_ways_of_loading_bring_every_message(tmp_path: Path) -> None:
    report = generate(tmp_path / "sample", conversations=60, end=END)
    found = loading.compare(tmp_path / "sample" / "data" / "messages.csv", tmp_path)
    assert found.rows == report.messages
    assert found.ratio == found.product_s / found.duckdb_s > 0


def test_changes_are_one_new_message_in_each_conversation(tmp_path: Path) -> None:
    generate(tmp_path / "sample", conversations=60, end=END)
    data = tmp_path / "sample" / "data"
    _add_messages(data, 25)
    with (data / "messages_more_25.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (data / "conversations.csv").open(newline="", encoding="utf-8") as file:
        known = {row["conversation_id"]: row for row in csv.DictReader(file)}
    assert len({row["conversation_id"] for row in rows}) == len(rows) == 25
    assert all(row["created_at"] > known[row["conversation_id"]]["updated_at"] for row in rows)


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="between 1 and"):
        command("sample", "--out", tmp_path / "s", "--conversations", "0")


def test_a_command_tells_its_result_time_and_memory(tmp_path: Path) -> None:
    ran = command("sample", "--home", Home(tmp_path).root, "--conversations", "5", "--end", "2026-11-15")
    assert ran.result["conversations"] == 5
    assert ran.seconds > 0
    assert ran.peak_mb > 10


def test_a_rival_that_cannot_be_installed_is_left_out_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UV_OFFLINE", "PIP_NO_INDEX"):
        monkeypatch.setenv(name, "1")
    with pytest.raises(rival.CannotCompare, match=r"could not be installed: \w"):
        rival.environment(tmp_path / "env", "supportlens-no-such-package==0")


def test_the_rows_of_a_rival_are_the_first_rows_with_their_line_breaks(tmp_path: Path) -> None:
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text('id,text\n1,"two\nlines"\n2,b\n3,c\n')
    assert rival._cut(source, target, 2) == 2
    with target.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["id", "text"], ["1", "two\nlines"], ["2", "b"]]


def test_refreshes_during_the_sessions_bring_new_messages_every_time(tmp_path: Path) -> None:
    generate(tmp_path / "sample", conversations=120, end=END)
    data = tmp_path / "sample" / "data"
    ids = []
    for number in (1, 2):
        sessions._more_messages(data, number)
        with (data / f"messages_live_{number}.csv").open(newline="", encoding="utf-8") as file:
            ids += [row["message_id"] for row in csv.DictReader(file)]
    assert len(set(ids)) == 2 * sessions.CHANGED_EACH


def test_a_second_run_on_a_kept_workspace_brings_further_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, brought = tmp_path / "sample" / "data", []
    data.mkdir(parents=True)
    (data / "messages_live_1.csv").touch()
    monkeypatch.setattr(sessions, "_more_messages", lambda _, number: brought.append(number))
    monkeypatch.setattr(sessions, "command", lambda *_: Ran({"published": True}, 0.0, 0.0, 0.0))
    with sessions.refreshing(Home(tmp_path), every_s=60) as told:
        while not told()[0]:
            time.sleep(0.01)
    assert brought[0] == 2


def test_memory_is_that_of_the_processes_that_name_the_port() -> None:
    port = "48213"
    line = [
        sys.executable,
        "-c",
        "import time; print('up', flush=True); time.sleep(60)",
        f"--server.port={port}",
    ]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"up\n"
        found = visits.memory_mb(f"http://127.0.0.1:{port}")
        process.kill()
    assert 1 < found < 500 and visits.memory_mb(f"http://127.0.0.1:{port}") == 0


@pytest.mark.slow
def test_sessions_see_pages_and_what_refreshes_publish(
    sample_home: Home, tmp_path: Path, now: datetime
) -> None:
    home = copy_of(sample_home, tmp_path / "served")
    with browsing.serving(home) as (base, _):
        calm = sessions.undisturbed(base, 12, sessions=3)
        busy = sessions.disturbed(base, home, 12, sessions=3)
        after = sessions.browse(base, 12, sessions=1)
    assert calm.errors == busy.errors == after.errors == []
    assert len(calm.seconds) > 3 and len(busy.seconds) > 3
    assert calm.generations == {1} and busy.published >= 1 and max(after.generations) > 1


@pytest.mark.slow
def test_the_whole_benchmark_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.__main__.RESULTS", tmp_path / "results.json")
    monkeypatch.setattr("bench.__main__.PROJECT", tmp_path)
    assert main(["N=300", "--without", "rival", "browse"]) == 0
    out = capsys.readouterr().out
    assert "300 conversations" in out
    assert (tmp_path / "results.json").is_file()
