"""`jobs export`: rows and numbers as files, the same as the warehouse and `jobs metric` tell."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas
import pyarrow.parquet as parquet
import pytest
from python_calamine import CalamineWorkbook

from core.home import PROJECT, Home
from core.viewer import EVERYTHING
from jobs.cli import main
from store.reader import open_reader

OCTOBER = ["--from", "2026-10-01", "--to", "2026-10-31"]


def run(capfd: pytest.CaptureFixture[str], home: Home, *arguments: str) -> tuple[int, str, str]:
    code = main(["export", "--home", str(home.root), "--quiet", *arguments])
    out, err = capfd.readouterr()
    return code, out, err


@pytest.fixture
def export(capfd: pytest.CaptureFixture[str], sample_home: Home, now: datetime, tmp_path: Path) -> Any:
    def exported(name: str, *arguments: str) -> tuple[dict[str, Any], Path]:
        path = tmp_path / name
        code, out, _ = run(capfd, sample_home, *arguments, "--out", str(path), "--json")
        assert code == 0
        return dict(json.loads(out)), path

    return exported


def sql(home: Home, text: str) -> list[dict[str, Any]]:
    return list(open_reader(home).query(text, viewer=EVERYTHING).to_pylist())


def test_facts_are_the_counted_conversations(export: Any, sample_home: Home) -> None:
    told, path = export("facts.parquet", "facts")
    rows = parquet.read_table(path)
    expected = sql(sample_home, "SELECT * FROM {conversation_facts} WHERE is_counted ORDER BY ALL")
    key = "conversation_id"
    assert sorted(rows.to_pylist(), key=lambda r: r[key]) == sorted(expected, key=lambda r: r[key])
    assert told["rows"] == len(expected) > 400 and told["bytes"] == path.stat().st_size
    assert told["generation"] == 1 and told["columns"] == rows.column_names
    about = json.loads(rows.schema.metadata[b"supportlens"])
    assert about["zone"] == "Europe/London" and about["generation"] == 1 and about["period"] == "all"
    assert about["moods"] == "by lexicon, uncorrected"
    assert set(about["columns"]) == set(rows.column_names)


def test_period_filters_and_kinds(export: Any, sample_home: Home) -> None:
    narrow = ["facts", *OCTOBER, "--filter", "channel=email", "--filter", "channel=chat"]
    where = (
        """created_local >= '2026-10-01' AND created_local < '2026-11-01' AND channel IN ('email', 'chat')"""
    )
    counts = sql(
        sample_home,
        f"""SELECT count(*) FILTER (is_counted) AS counted, count(*) AS everything,
            count(*) FILTER (is_counted OR excluded_because = 'spam') AS spam
            FROM {{conversation_facts}} WHERE {where}""",
    )[0]
    assert export("a.csv", *narrow)[0]["rows"] == counts["counted"] > 5
    assert export("b.csv", *narrow, "--include", "all")[0]["rows"] == counts["everything"] > counts["counted"]
    assert export("c.csv", *narrow, "--include", "spam")[0]["rows"] == counts["spam"]
    about = json.loads(
        export("c.csv", *narrow, "--include", "spam")[1].with_name("c.csv.about.json").read_text()
    )
    assert about["filters"] == {"channel": ["chat", "email"]} and about["include"] == ["spam"]
    assert about["period"] == "2026-10-01 to 2026-10-31"


def test_conditions_joined_by_or(export: Any, sample_home: Home) -> None:
    told, path = export("any.csv", "facts", "--any", "channel:chat|team:Billing;priority!:low")
    expected = sql(
        sample_home,
        """SELECT count(*) AS n FROM {conversation_facts} WHERE is_counted
           AND (channel = 'chat' OR team = 'Billing' AND priority IS DISTINCT FROM 'low')""",
    )[0]
    assert told["rows"] == expected["n"] > 10
    about = json.loads(path.with_name("any.csv.about.json").read_text())
    assert about["any"] == "channel:chat|priority!:low;team:Billing" and about["filters"] == {}


def test_tags_and_own_fields_are_filters(export: Any, sample_home: Home) -> None:
    tag = sql(
        sample_home,
        """SELECT t, count(*) AS n FROM (SELECT unnest(tags) AS t FROM {conversation_facts} WHERE is_counted)
           GROUP BY 1 ORDER BY n DESC LIMIT 1""",
    )[0]
    told, path = export("tagged.csv", "facts", "--filter", f"tag={tag['t']}")
    with path.open(newline="") as stream:
        assert all(tag["t"] in json.loads(row["tags"]) for row in csv.DictReader(stream))
    assert told["rows"] == tag["n"] > 0


def test_conversations_are_as_the_source_holds_them(export: Any, sample_home: Home) -> None:
    told, path = export("conversations.xlsx", "conversations", *OCTOBER)
    header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Data").to_python()
    keys = sql(
        sample_home,
        """SELECT conversation_id FROM {conversation_facts} WHERE is_counted
           AND created_local >= '2026-10-01' AND created_local < '2026-11-01'""",
    )
    place = header.index("conversation_id")
    assert sorted(str(row[place]) for row in rows) == sorted(row["conversation_id"] for row in keys)
    assert told["rows"] == len(rows) > 10 and "raw" not in header
    subjects = {
        row["conversation_id"]: row["subject"] for row in sql(sample_home, "SELECT * FROM {conversations}")
    }
    assert {str(row[place]): row[header.index("subject")] for row in rows}.items() <= {
        key: subject or "" for key, subject in subjects.items()
    }.items()


def test_messages_of_a_period_lie_in_it_by_the_reporting_zone(export: Any, sample_home: Home) -> None:
    told, path = export("messages.parquet", "messages", *OCTOBER, "--include", "all")
    rows = parquet.read_table(path).to_pylist()
    expected = sql(
        sample_home,
        """SELECT message_id FROM {messages} WHERE NOT is_deleted
           AND timezone('Europe/London', created_at) >= '2026-10-01'
           AND timezone('Europe/London', created_at) < '2026-11-01'""",
    )
    assert sorted(r["message_id"] for r in rows) == sorted(r["message_id"] for r in expected)
    assert told["rows"] == len(rows) > 50
    assert {r["author_role"] for r in rows} >= {"agent", "customer"} and all(r["body_text"] for r in rows)
    assert any(r["sentiment_score"] is not None for r in rows) and any(r["author"] for r in rows)


def test_a_metric_is_what_the_command_tells(
    export: Any, capfd: pytest.CaptureFixture[str], sample_home: Home
) -> None:
    asked = [
        "csat_share",
        "--from",
        "2026-07-06",
        "--to",
        "2026-11-15",
        "--grain",
        "month",
        "--by",
        "channel",
    ]
    main(["metric", "--home", str(sample_home.root), "--quiet", "--json", *asked])
    expected = json.loads(capfd.readouterr().out)
    told, path = export("csat.csv", "metric", *asked)
    frame = pandas.read_csv(path, keep_default_na=False)
    assert told["rows"] == len(frame) == len(expected["rows"]) > 10
    for row, (_, found) in zip(expected["rows"], frame.iterrows(), strict=True):
        assert [found["bucket"], found["channel"], found["n"]] == [row["bucket"], *row["group"], row["n"]]
        assert found["value"] == ("" if row["value"] is None else pytest.approx(row["value"])) or float(
            found["value"]
        ) == pytest.approx(row["value"])
        assert str(found["partial"]).lower() == str(row["partial"]).lower()
    assert frame["partial"].map(str).str.lower().tolist().count("true") > 0, "July and November are cut"
    about = json.loads(Path(told["about_file"]).read_text())
    assert about["definition"] == expected["description"] and about["total"]["n"] == expected["total"]["n"]
    assert about["zone"] == "Europe/London" and about["generation"] == 1


def test_a_total_and_its_comparison(export: Any) -> None:
    told, path = export("volume.xlsx", "metric", "volume", *OCTOBER, "--compare", "previous")
    book = CalamineWorkbook.from_path(str(path))
    header, row = book.get_sheet_by_name("Data").to_python()
    values = dict(zip(header, row, strict=True))
    assert told["rows"] == 1 and values["value"] == values["n"] > 10 and values["previous_value"] > 10
    assert values["partial"] is False
    about = {line[0]: line[1] for line in book.get_sheet_by_name("About").to_python()}
    assert (
        about["period"] == "2026-10-01 to 2026-10-31" and about["compared_with"] == "2026-08-31 to 2026-09-30"
    )
    assert about["definition"] and about["total: n"] == str(int(values["n"]))


def test_hours_are_local_times(export: Any) -> None:
    _, path = export(
        "h.parquet", "metric", "volume", "--from", "2026-10-30", "--to", "2026-10-30", "--grain", "hour"
    )
    buckets = parquet.read_table(path)["bucket"].to_pylist()
    assert len(buckets) == 24 and buckets[0].isoformat() == "2026-10-30T00:00:00"
    _, path = export("d.parquet", "metric", "volume", *OCTOBER, "--grain", "day")
    assert parquet.read_table(path)["bucket"].to_pylist()[0] == date(2026, 10, 1)


def test_targets_stand_beside_their_buckets(export: Any, tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(
        '[[targets]]\nmetric = "solved"\nvalue = 5\n[[targets]]\nmetric = "csat_share"\nvalue = "50 %"'
    )
    asked = ["--from", "2026-10-15", "--to", "2026-11-15", "--grain", "month", "--settings", str(file)]
    _, path = export("csat.parquet", "metric", "csat_share", *asked)
    rows = parquet.read_table(path).to_pylist()
    assert [(row["target"], row["partial"]) for row in rows] == [(0.5, True), (0.5, True)]
    assert [row["reached"] for row in rows] == [None, None], "cut buckets are not judged"
    asked[1] = "2026-10-01"
    _, path = export("csat.parquet", "metric", "csat_share", *asked)
    whole, cut = parquet.read_table(path).to_pylist()
    assert whole["reached"] == (whole["value"] >= 0.5) and cut["reached"] is None
    about = json.loads(parquet.read_metadata(path).metadata[b"supportlens"])
    assert about["targets"] == [f"Target 50 %: reached in {int(whole['reached'])} of 1 months ("
                                f"{100 if whole['reached'] else 0} %)"]  # fmt: skip


def test_csv_on_stdout(capfd: pytest.CaptureFixture[str], sample_home: Home, now: datetime) -> None:
    code, out, err = run(capfd, sample_home, "facts", "--out", "-", *OCTOBER)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0 and len(rows) > 10 and f"-: {len(rows)} rows" in err
    assert rows[0]["created_at"].endswith("Z") and "T" in rows[0]["created_local"]


def test_people_get_a_line(
    capfd: pytest.CaptureFixture[str], sample_home: Home, now: datetime, tmp_path: Path
) -> None:
    path = tmp_path / "facts.csv"
    code, out, _ = run(capfd, sample_home, "facts", "--out", str(path))
    assert code == 0 and f"{path}: " in out and "rows" in out and f"{path}.about.json: what" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["facts", "--out", "facts.txt"], "does not say which format"),
        (["metric", "--out", "x.csv"], "needs a metric's name"),
        (["facts", "volume", "--out", "x.csv"], "nothing else takes one"),
        (["facts", "--grain", "day", "--out", "x.csv"], "belong to a metric"),
        (["facts", "--out", "-", "--format", "xlsx"], "CSV and nothing else"),
        (["facts", "--include", "nobody", "--out", "x.csv"], "no conversations are left out as 'nobody'"),
        (
            ["facts", "--filter", "channel=pigeon", "--out", "x.csv"],
            "no conversation has the channel 'pigeon'",
        ),
        (["metric", "speed", "--out", "x.csv"], "no metric called 'speed'"),
        (["facts", "--out", "no/such/folder/x.csv"], "folder that does not exist"),
    ],
)
def test_mistakes_are_explained(
    capfd: pytest.CaptureFixture[str], sample_home: Home, now: datetime, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capfd, sample_home, *arguments)
    assert code == 1 and message in err
    assert list(tmp_path.glob("*.*")) == []


def test_the_warehouse_is_no_place_for_exports(
    capfd: pytest.CaptureFixture[str], sample_home: Home, now: datetime
) -> None:
    before = (sample_home.warehouse / "CURRENT").read_text()
    code, _, err = run(
        capfd, sample_home, "facts", "--format", "csv", "--out", str(sample_home.warehouse / "CURRENT")
    )
    assert code == 1 and "not a place for exports" in err
    assert (sample_home.warehouse / "CURRENT").read_text() == before


def test_sigterm_leaves_nothing(sample_home: Home, tmp_path: Path) -> None:
    """The command is stopped while its statement runs: the file is a pipe that nobody reads."""
    code = (
        "import sys, os, signal\nfrom jobs.cli import main\nfrom store import export\n"
        "kept = export._put\n"
        "def put(scratch, path):\n    print(scratch.name, flush=True); signal.pause(); kept(scratch, path)\n"
        "export._put = put\nsys.exit(main(sys.argv[1:]))"
    )
    path = tmp_path / "facts.parquet"
    command = [
        sys.executable,
        "-c",
        code,
        "export",
        "facts",
        "--out",
        str(path),
        "--home",
        str(sample_home.root),
    ]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    scratch = process.stdout.readline().strip()
    assert (tmp_path / scratch).is_file()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 130
    process.stdout.close()
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == []


_PEAK = """
import re, sys
from jobs.cli import main
assert main(sys.argv[1:]) == 0
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_memory_does_not_grow_with_the_rows(home: Home, tmp_path: Path, form: str) -> None:
    """390,000 conversations with 1.2 GB of text; prints seconds and the most memory in MB."""
    from store import generations
    from store.writer import Writer

    writer = Writer(home, run_id="test")
    writer.execute(
        """INSERT INTO conversation_facts BY NAME SELECT 'desk' AS source_id, 'c' || i AS conversation_id,
           repeat('subject ' || i || ' ', 210) AS subject, 'email' AS channel, true AS is_counted,
           TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_seconds(i) AS created_at,
           TIMESTAMP '2026-01-01' + to_seconds(i) AS created_local, i AS first_reply_s, ['vip', 'bug'] AS tags
           FROM range(390000) r(i)""",
    )
    writer.close()
    generations.publish(home, writer.path, keep=1)
    path, started = tmp_path / f"facts.{form}", time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, "export", "facts", "--home", str(home.root), "--out", str(path), "--quiet", "--json"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
        env=os.environ | {"SUPPORTLENS_NOW": "2026-11-16T09:00:00+00:00"},
    )  # fmt: skip
    told, peak = done.stdout.splitlines()
    print(
        form,
        f"{time.monotonic() - started:.1f} s, {peak} MB, a file of {path.stat().st_size // 1_000_000} MB",
    )
    assert json.loads(told)["rows"] == 390_000
    assert int(peak) < 1_600
