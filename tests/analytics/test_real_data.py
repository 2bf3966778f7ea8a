"""Resolution and backlog of real bug reports against plain arithmetic on the file. The file is not in the repository."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from analytics.catalogue import METRICS
from analytics.compute import compute
from analytics.result import MetricResult
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from enrich import pipeline
from store import generations
from store.reader import Reader, open_reader
from store.writer import Writer
from tests.connectors.world import Given, World

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT.parent / "shared" / "data" / "gitbugs" / "seamonkey.csv"
SOLVED = ("RESOLVED", "VERIFIED")
SETTINGS = Settings()
YEAR = Period(date(2020, 1, 1), date(2020, 12, 31))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    if not FILE.is_file():
        pytest.skip("needs gitbugs/seamonkey.csv, which is not part of the repository")
    with FILE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def reader(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The file as the product reads it, enriched."""
    settings = tomllib.loads(
        (ROOT / "docs" / "examples" / "seamonkey.settings.toml").read_text(encoding="utf-8")
    )
    source = {key: value for key, value in settings["sources"][0].items() if key != "name"} | {
        "path": str(FILE)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", "2026-11-16T09:00:00+00:00")
        home = Home(tmp_path_factory.mktemp("seamonkey"))
        report = World(Given(**source), home).sync()
        assert report.rows_read == len(rows)
        writer = Writer(home, run_id="facts")
        pipeline.enrich(writer, SETTINGS, lambda text, done, total: None)
        writer.close()
        generations.publish(home, writer.path, keep=1)
        yield open_reader(home)


def ask(reader: Reader, name: str, period: Period = YEAR, **more: str) -> MetricResult:
    return compute(reader, name, Filters.of(period), settings=SETTINGS, viewer=EVERYTHING, **more)  # type: ignore[arg-type]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def resolved_in(rows: list[dict[str, str]], period: Period) -> list[dict[str, str]]:
    solved = [row for row in rows if row["Status"] in SOLVED and row["Resolved"]]
    return [row for row in solved if period.start <= instant(row["Resolved"]).date() <= period.end]


@pytest.mark.usefixtures("now")
def test_resolution_times(reader: Reader, rows: list[dict[str, str]]) -> None:
    inside = resolved_in(rows, YEAR)
    seconds = [max(0, int((instant(r["Resolved"]) - instant(r["Created"])).total_seconds())) for r in inside]
    assert len(inside) > 50
    for name in ("resolution_median", "first_resolution_median"):
        found = ask(reader, name).total
        assert (found.value, found.n) == (median(seconds), len(seconds)), name
    assert ask(reader, "resolution_mean").total.value == pytest.approx(sum(seconds) / len(seconds))
    assert ask(reader, "solved").total.value == len(inside)


@pytest.mark.usefixtures("now")
def test_the_backlog_at_the_end_of_each_month(reader: Reader, rows: list[dict[str, str]]) -> None:
    for row in ask(reader, "backlog", grain="month").rows:
        assert isinstance(row.bucket, date)
        following = (row.bucket.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = datetime(following.year, following.month, 1, tzinfo=UTC)
        still_open = [
            r for r in rows
            if instant(r["Created"]) < end
            and not (r["Status"] in SOLVED and r["Resolved"] and instant(r["Resolved"]) < end)
            and not (r["Status"] in SOLVED and not r["Resolved"])
        ]  # fmt: skip
        assert row.value == len(still_open), row.bucket


@pytest.mark.usefixtures("now")
def test_volume_by_month(reader: Reader, rows: list[dict[str, str]]) -> None:
    created = Counter(instant(r["Created"]).date().replace(day=1) for r in rows)
    for row in ask(reader, "volume", grain="month").rows:
        assert row.value == created[row.bucket], row.bucket  # type: ignore[index]


@pytest.mark.usefixtures("now")
def test_every_metric_answers_or_says_why_not(reader: Reader) -> None:
    for metric in METRICS.all():
        found = ask(reader, metric.name, by=("priority",))  # type: ignore[arg-type]
        assert found.total.value is not None or found.total.n == 0, metric.name
        if found.total.value is None:
            assert found.excluded or found.notes, metric.name
