"""The benchmark judges fairly and measures what it says; how fast things are is never asserted."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from bench import bars, loading
from bench.__main__ import _add_messages, main
from bench.bars import BARS, Bar
from bench.clocks import CommandFailed, command, percentile, repeated
from core.home import Home
from jobs.sample import generate

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


@pytest.mark.slow
def test_the_whole_benchmark_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.__main__.RESULTS", tmp_path / "results.json")
    monkeypatch.setattr("bench.__main__.PROJECT", tmp_path)
    assert main(["N=300"]) == 0
    out = capsys.readouterr().out
    assert "300 conversations" in out
    assert (tmp_path / "results.json").is_file()
