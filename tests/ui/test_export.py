"""A file out of a chart: the rows of its table, the numbers in full, and everything that has to be known."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pandas
import plotly.graph_objects as go
import pytest
from python_calamine import CalamineWorkbook

from analytics.compute import compute
from analytics.metric_rows import about
from analytics.result import MetricResult
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui import charts, export
from ui.charts import Chart

SETTINGS = Settings(workspace={"reporting_zone": "Europe/London"})
# The clock says 16 November, so the last of these days is not over.
MONTH = Period(date(2026, 10, 19), date(2026, 11, 16))
HOSTILE = {
    "=name": '=HYPERLINK("http://x")', "Comma, and \"quote\"": "a\nb", "Plus": "+1", "At": "@x", "Minus": "-12 m",
    "HTML": "<b>&</b>", "Number": -5, "Share": 0.1, "Day": date(2026, 11, 2), "Nothing": None,
}  # fmt: skip


@pytest.fixture
def ask(sample_home: Home, now: datetime) -> Any:
    def asked(name: str, **options: Any) -> MetricResult:
        filters = Filters.of(MONTH, {"channel": ["email", "chat"]}, hours="business")
        return compute(
            open_reader(sample_home), name, filters, settings=SETTINGS, viewer=EVERYTHING, compare="previous", **options
        )  # fmt: skip

    return asked


def written(home: Home, chart: Chart, form: export.Form) -> bytes:
    return export.content(chart, form, open_reader(home), SETTINGS)


def csv_parts(content: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The lines above the table, and the table. The first line says where it begins."""
    lines = content.decode("utf-8-sig").splitlines(keepends=True)
    begins = int(next(csv.reader(lines[:1]))[1])
    head = dict(tuple(row) for row in csv.reader(lines[1 : begins - 1]))  # type: ignore[misc]
    return head, list(csv.DictReader(lines[begins - 1 :]))


def sheet(content: bytes, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


def test_the_files_hold_the_rows_of_the_screen_and_the_exact_numbers(sample_home: Home, ask: Any) -> None:
    result = ask("first_reply_median", by=("team",))
    chart = charts.parts(result, "First reply by team")
    _, rows = csv_parts(written(sample_home, chart, "csv"))
    assert [{name: row[name] for name in chart.rows[0]} for row in rows] == [
        {name: str(cell) for name, cell in row.items()} for row in chart.rows
    ]
    assert [float(row["This period (seconds)"]) for row in rows] == [row.value for row in result.groups]
    assert len(rows) > 2 and any("h" in row["This period"] for row in rows), "words stand beside the numbers"
    head, *body = sheet(written(sample_home, chart, "xlsx"), "Data")
    again = [dict(zip(head, cells, strict=True)) for cells in body]
    assert [row["This period (seconds)"] for row in again] == [row.value for row in result.groups]
    assert [row["Name"] for row in again] == [row["Name"] for row in chart.rows]


def test_the_head_says_everything(sample_home: Home, ask: Any) -> None:
    result = ask("csat_share", grain="month")
    content = written(sample_home, charts.trend([result], "Satisfaction"), "csv")
    head, _ = csv_parts(content)
    name, told = f"# {result.title}", about(result, SETTINGS)
    assert head["# Title"] == result.title
    assert head["# Filters"] == "channel is chat or email"
    assert head["# Period"].startswith("2026-10-19 to 2026-11-") and head["# Zone"] == "Europe/London"
    assert head["# Compared with"] == str(result.previous_period)
    assert head["# Generation"] == "1" and head["# Published"] == "2026-11-16 09:00 UTC"
    assert head["# Data until"] == f"{result.as_of:%Y-%m-%d %H:%M} Europe/London"
    assert head[f"{name}: definition"] == result.description == told["definition"]
    assert head[f"{name}: definition from"] == told["definition_from"] != ""
    assert float(head[f"{name}: total"]) == result.total.value
    assert head[f"{name}: 95 % interval"] == f"{result.total.low} to {result.total.high}"
    assert head[f"{name}: n"] == f"{result.total.n} {result.counts}"
    for item in result.excluded:
        assert item.reason in head[f"{name}: not in it"]
    assert "not over" in head["# Attention"] and result.rows[-1].partial
    pairs = dict(
        tuple(row)
        for row in sheet(written(sample_home, charts.trend([result], "Satisfaction"), "xlsx"), "About")
    )  # type: ignore[misc]
    assert {f"# {key}": " ".join(value.split()) for key, value in pairs.items()} == head


def test_several_numbers_are_told_apart(sample_home: Home, ask: Any) -> None:
    fast, sure = ask("first_reply_median", grain="week"), ask("first_reply_p90", grain="week")
    other = replace(sure, filters=Filters(MONTH))
    head, _ = csv_parts(written(sample_home, charts.trend([fast, sure, other], "x", band=False), "csv"))
    assert head[f"# {fast.title}: hours"] == "business hours" and head[f"# {fast.title}: unit"] == "seconds"
    assert float(head[f"# {fast.title}: total"]) == fast.total.value
    alike = [name for name in head if name.startswith(f"# {sure.title} (") and name.endswith(": filters")]
    assert [head[name] for name in alike] == ["none"]


def test_what_is_over_has_no_warning(sample_home: Home, now: datetime) -> None:
    closed = compute(
        open_reader(sample_home), "volume", Filters(Period(date(2026, 10, 1), date(2026, 10, 31))), settings=SETTINGS,
        viewer=EVERYTHING, grain="day",
    )  # fmt: skip
    head, _ = csv_parts(written(sample_home, charts.trend([closed], "Volume"), "csv"))
    assert "# Attention" not in head and head["# Filters"] == "none" and head["# Compared with"] == "nothing"


def test_hostile_cells_are_texts(sample_home: Home, ask: Any) -> None:
    chart = Chart(
        go.Figure(), "=words\nand more", [HOSTILE, {"Plus": 3}], results=(replace(ask("volume"), title="=T"),)
    )
    content = written(sample_home, chart, "csv")
    head, (row, other) = csv_parts(content)
    assert row["'=name"].startswith("'=HYPERLINK") and row["At"] == "'@x" and row["Minus"] == "'-12 m"
    assert row["Plus"] == "'+1" and other["Plus"] == "3", "a column of mixed kinds holds texts"
    assert row['Comma, and "quote"'] == "a\nb" and row["HTML"] == "<b>&</b>"
    assert (row["Number"], row["Share"], row["Day"], row["Nothing"]) == ("-5", "0.1", "2026-11-02", "")
    assert head["# Title"] == "'=T" and head["# In words"] == "'=words and more"
    names, first, _ = sheet(written(sample_home, chart, "xlsx"), "Data")
    cells = dict(zip(names, first, strict=True))
    assert cells["'=name"].startswith("'=HYPERLINK") and cells["HTML"] == "<b>&</b>"
    assert (cells["Number"], cells["Share"], cells["Day"]) == (-5, 0.1, date(2026, 11, 2))


def test_other_programs_read_the_table(sample_home: Home, ask: Any) -> None:
    chart = charts.parts(ask("volume", by=("channel",)), "By channel")
    content = written(sample_home, chart, "csv")
    begins = int(content.split(b"\n", 1)[0].decode("utf-8-sig").split(",")[1])
    read = pandas.read_csv(io.BytesIO(content), skiprows=begins - 1, encoding="utf-8-sig")
    assert list(read["Name"]) == [row["Name"] for row in chart.rows]


def test_a_chart_without_metrics_says_which_data_it_shows(sample_home: Home) -> None:
    head, rows = csv_parts(
        written(sample_home, Chart(go.Figure(), "Topics: a and b", [{"Topic": "a"}]), "csv")
    )
    assert head["# Title"] == "Topics" and head["# Generation"] == "1" and head["# Zone"] == "Europe/London"
    assert rows == [{"Topic": "a"}]


def test_file_names_are_safe(ask: Any, sample_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    result = ask("volume", by=("channel",))
    monkeypatch.setenv("SUPPORTLENS_HOME", str(sample_home.root))
    name = export.file_name(charts.parts(result, "x"), "csv")
    assert name == f"supportlens_volume_{result.period.start}_{result.period.end}_europe-london.csv"
    odd = Chart(go.Figure(), "../../etc/p<a>ss wörd: x", [{"a": 1}], results=())
    assert "/" not in export.file_name(odd, "xlsx") and ".." not in export.file_name(odd, "xlsx")


def test_nothing_is_computed_before_a_click(
    sample_home: Home, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTLENS_HOME", str(sample_home.root))
    written_to: list[str] = []
    monkeypatch.setattr("store.export.write", lambda *args, **kwargs: written_to.append(args[3]))
    files = export.files(charts.parts(ask("volume", by=("channel",)), "x"))
    assert written_to == []
    with pytest.raises(FileNotFoundError):
        files["csv"]()
    assert written_to == ["csv"]
