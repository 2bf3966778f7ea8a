"""The stories in a workspace: as files that a refresh reads, and as rows put straight into the store."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.home import Home
from core.settings import Settings
from enrich.pipeline import enrich
from store.writer import Writer
from tests.golden.rows import Row, rows_of
from tests.golden.story import Story

SOURCES = ("desk", "second", "bare", "acks", "slas", "shop", "clock", "returns")
RULES = """
[workspace]
reporting_zone = "Europe/London"

[[calendars]]
name = "office"
zone = "Europe/London"
hours = { mon-fri = "09:00-17:00" }
holidays = "GB-ENG"
sources = ["desk", "slas"]

[[calendars]]                     # longer days from July on, and a week in which nobody works
name = "office"
zone = "Europe/London"
hours = { mon-fri = "08:00-18:00" }
valid_from = 2026-07-01
holidays = "GB-ENG"
closed = [2026-08-10, 2026-08-11, 2026-08-12, 2026-08-13, 2026-08-14]
sources = ["desk", "slas"]

[[calendars]]
name = "watch"
zone = "Europe/London"
hours = { sun = "00:30-06:00" }
sources = ["desk"]
teams = ["Watch"]

[[sla]]
metric = "first_reply"
priority = "urgent"
target = "1h"
sources = ["slas"]

[[sla]]
metric = "first_reply"
priority = "high"
target = "4h"
sources = ["slas"]

[[sla]]
metric = "first_reply"
priority = "normal"
target = "8h"
sources = ["slas"]

[[sla]]
metric = "first_reply"
priority = "low"
target = "2h"
calendar = "office"
sources = ["slas"]

[[sla]]
metric = "resolution"
priority = "urgent"
target = "8h"
sources = ["slas"]

[[sla]]
metric = "resolution"
priority = "high"
target = "24h"
sources = ["slas"]

[[sla]]
metric = "next_reply"
target = "2h"
sources = ["slas"]
"""
SOURCE = """
[[sources]]
name = "{name}"
kind = "files"
path = "{name}"
[sources.values.score]            # they are told from 0 to 1 already; what is beyond stays beyond
{scores}
"""
_STEPS = sorted({n / top for top in (2, 4, 6, 10) for n in range(top + 1)} | {1.1, 2.0})
SCORES = "\n".join(f'"{step:g}" = "{step:g}"' for step in _STEPS)


def rules(**more: Any) -> Settings:
    """The settings of the stories, without sources; tables named in `more` are replaced."""
    return Settings(**{**tomllib.loads(RULES), **more})


def write_files(home: Home, stories: Iterable[Story]) -> None:
    """settings.toml and one folder of CSV files a source."""
    rows = rows_of(stories)
    sources = [s for s in SOURCES if any(row["source_id"] == s for row in rows["conversations"])]
    home.root.mkdir(parents=True, exist_ok=True)
    text = RULES + "".join(SOURCE.format(name=name, scores=SCORES) for name in sources)
    home.settings_file.write_text(text, encoding="utf-8")
    for source in sources:
        folder = home.root / source
        folder.mkdir(exist_ok=True)
        for table, all_rows in rows.items():
            of_source = [row for row in all_rows if row["source_id"] == source]
            if of_source:
                _write_csv(folder / f"{table}.csv", of_source)


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    columns = [c for c in dict.fromkeys(c for row in rows for c in row) if c != "source_id"]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows([_text(row.get(c)) for c in columns] for row in rows)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return f"{value:g}" if isinstance(value, float) else str(value)


class Rows:
    """A store that is filled by hand: stories in, facts out."""

    def __init__(self, home: Home, settings: Settings | None = None) -> None:
        self.writer, self.settings = Writer(home, run_id="golden"), settings or rules()

    def add(self, stories: Iterable[Story], *, only: Callable[[str, Row], bool] | None = None) -> None:
        """Insert the rows of stories (those that `only` accepts) and mark their conversations."""
        for table, rows in rows_of(stories).items():
            kept = [row for row in rows if only is None or only(table, row)]
            if table in ("teams", "people"):
                kept = self._new(table, kept)
            self.insert(table, kept)

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Append canonical rows and mark their conversations as changed."""
        if not rows:
            return
        schema = self.writer.query(f"FROM {table} LIMIT 0").schema
        columns = [c for c in schema.names if any(c in row for row in rows)]
        data = {c: pa.array([row.get(c) for row in rows], schema.field(c).type) for c in columns}
        self.writer.insert(table, pa.table(data))
        for source, key in dict.fromkeys(
            (r["source_id"], r["conversation_id"]) for r in rows if "conversation_id" in r
        ):
            self.writer.execute("INSERT INTO dirty_conversations VALUES (?, ?)", [source, key])

    def _new(self, table: str, rows: list[Row]) -> list[Row]:
        known = {r["source_id"] for r in self.writer.query(f"FROM {table}").to_pylist()}
        return [row for row in rows if row["source_id"] not in known]

    def enrich(self) -> None:
        """Compute the facts of what is marked."""
        enrich(self.writer, self.settings, lambda text, done, total: None)

    def table(self, name: str) -> list[dict[str, Any]]:
        """A table's rows in a fixed order."""
        return list(self.writer.query(f"FROM {name} ORDER BY ALL").to_pylist())
