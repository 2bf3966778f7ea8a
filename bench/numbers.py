"""Facts and metrics of many conversations: made by SQL straight into the store, without texts to read.

Three of the numbers are computed with pandas and polars too, from the same rows already in memory.

`python -m bench.numbers --n 1000000` alone; `make bench` runs it with its own number.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.clocks import repeated
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING

if TYPE_CHECKING:
    import pyarrow as pa

    from store.reader import Reader
    from store.writer import Writer

CHANGED = 10_000
SETTINGS = Settings.model_validate(
    {
        "workspace": {"reporting_zone": "Europe/London"},
        "calendars": [
            {
                "name": "office",
                "zone": "Europe/London",
                "hours": {"mon-fri": "09:00-17:30"},
                "holidays": "GB-ENG",
            }
        ],
        "sla": [
            {"metric": metric, "preset": "4/8/24/72h", "calendar": "office"}
            for metric in ("first_reply", "next_reply", "resolution")
        ],
    }
)
# One conversation: asked, answered after hours that differ, asked again, answered, solved; some come back.
_DICE = "(hash(n, '{}') % 1000000) / 1000000.0"
_MADE = f"""
CREATE TEMP TABLE made AS
SELECT n, 'c' || n AS id, TIMESTAMPTZ '2025-06-01' + to_seconds((n * 45360000.0 / {{total}})::BIGINT) AS created_at,
  60 + (exp({_DICE.format("reply")} * 6) * 300)::BIGINT AS reply_s,
  3600 + (exp({_DICE.format("solve")} * 4) * 3000)::BIGINT AS solve_s,
  {_DICE.format("solved")} < 0.93 AS solved, {_DICE.format("back")} < 0.08 AS back,
  {_DICE.format("rated")} < 0.25 AS rated, 'a' || (hash(n, 'agent') % 200) AS agent,
  'a' || (hash(n, 'other') % 200) AS other, 't' || (hash(n, 'team') % 8) AS team,
  'p' || (hash(n, 'person') % ({{total}} // 3 + 1)) AS person,
  ['email', 'web', 'chat', 'social'][1 + (hash(n, 'channel') % 4)::INTEGER] AS channel,
  ['low', 'normal', 'normal', 'high', 'urgent'][1 + (hash(n, 'priority') % 5)::INTEGER] AS priority
FROM range({{total}}) r(n)"""
_ROWS = (
    """INSERT INTO conversations BY NAME
    SELECT 's' AS source_id, id AS conversation_id, channel, 'Order ' || n AS subject,
      CASE WHEN solved THEN 'solved' ELSE 'open' END AS status, priority, person AS requester_id,
      agent AS assignee_id, team AS team_id, created_at, id AS content_hash, false AS is_deleted,
      ['Cloud', 'Mobile', 'Shop'][1 + (hash(n, 'product') % 3)::INTEGER] AS product FROM made""",
    """INSERT INTO messages BY NAME
    SELECT 's' AS source_id, id || '-' || k AS message_id, id AS conversation_id, k AS seq,
      CASE WHEN k IN (1, 3, 5) THEN person ELSE agent END AS author_id,
      CASE WHEN k IN (1, 3, 5) THEN 'customer' ELSE 'agent' END AS author_role, true AS is_public,
      'message' AS kind, 'Words ' || k AS body_text, id || k AS content_hash, false AS is_deleted,
      created_at + to_seconds(CASE k WHEN 1 THEN 0 WHEN 2 THEN reply_s WHEN 3 THEN reply_s + 900
        WHEN 4 THEN reply_s + 900 + reply_s // 2 WHEN 5 THEN reply_s + solve_s // 2
        ELSE reply_s + solve_s END) AS created_at
    FROM made, (SELECT k::INTEGER AS k FROM range(1, 7) r(k)) s""",
    """INSERT INTO conversation_events BY NAME
    SELECT 's' AS source_id, id || '-' || k AS event_id, id AS conversation_id, k AS seq, agent AS actor_id,
      'agent' AS actor_role, false AS is_deleted, false AS is_derived,
      ['status', 'team', 'assignee', 'status', 'status', 'status', 'status', 'status'][k] AS field,
      [NULL, 't0', NULL, NULL, NULL, NULL, NULL, NULL][k] AS old_value,
      ['new', team, agent, 'open', 'pending', 'solved', 'open', 'solved'][k] AS new_value,
      created_at + to_seconds([0, 60, reply_s // 2, reply_s, reply_s + 1000, reply_s + solve_s,
        reply_s + 2 * solve_s, reply_s + 3 * solve_s][k]) AS occurred_at
    FROM made, (SELECT k::INTEGER AS k FROM range(1, 9) r(k)) s
    WHERE k <= 5 OR (solved AND k = 6) OR (solved AND back)""",
    """INSERT INTO csat BY NAME
    SELECT 's' AS source_id, id AS csat_id, id AS conversation_id,
      [0.0, 0.25, 0.75, 1.0, 1.0][1 + (hash(n, 's') % 5)::INTEGER] AS score,
      created_at + to_seconds(reply_s + solve_s) AS offered_at,
      created_at + to_seconds(reply_s + solve_s + 7200) AS rated_at, false AS is_deleted
    FROM made WHERE rated AND solved""",
    "INSERT INTO dirty_conversations SELECT 's', id FROM made",
)


PERIOD = Period(date(2026, 8, 1), date(2026, 10, 31))
COLUMNS = (
    "created_local, first_reply_local, first_reply_s, last_solved_local, is_solved, team, last_solve_team, "
    "first_reply_team, is_counted"
)


@dataclass
class Found:
    """Figures of one run: seconds and milliseconds by name, and the time of each metric."""

    figures: dict[str, float] = field(default_factory=dict)
    metrics_ms: dict[str, float] = field(default_factory=dict)
    audits_ms: dict[str, float] = field(default_factory=dict)
    rivals_ms: dict[str, dict[str, float]] = field(default_factory=dict)


def fill(writer: Writer, conversations: int) -> None:
    """Canonical rows of so many conversations, about six messages each."""
    with writer.transaction():
        writer.execute(_MADE.replace("{total}", str(conversations)))
        for sql in _ROWS:
            writer.execute(sql)


def facts(writer: Writer, settings: Settings) -> float:
    """Seconds that the facts of all dirty conversations take, without reading texts."""
    from enrich import attributes, pipeline

    begun = time.perf_counter()
    pipeline.prepare(writer, settings)
    with writer.transaction():
        attributes.refresh_attributes(writer)
    pipeline.fill_facts(writer, settings, lambda text, done, total: None)
    return time.perf_counter() - begun


def made(home: Home, conversations: int) -> Home:
    """A published home of such rows: minutes for a million, where reading and indexing texts would take an hour."""
    from store import generations
    from store.writer import Writer

    writer = Writer(home, run_id="bench")
    fill(writer, conversations)
    facts(writer, SETTINGS)
    writer.close()
    generations.publish(home, writer.path, keep=1)
    return home


def measure(home: Home, conversations: int) -> Found:
    """Fill, compute all facts, then those of the changed ones; publish; ask every metric."""
    from store import generations
    from store.reader import open_reader
    from store.writer import Writer

    found, writer = Found(), Writer(home, run_id="bench")
    fill(writer, conversations)
    found.figures["facts_s"] = facts(writer, SETTINGS)
    step = max(1, conversations // CHANGED)
    writer.execute(
        f"INSERT INTO dirty_conversations SELECT 's', 'c' || n FROM range(0, {conversations}, {step}) r(n)"
    )
    found.figures["facts_changed_s"] = facts(writer, SETTINGS)
    writer.close()
    generations.publish(home, writer.path, keep=1)
    ask(open_reader(home), found)
    return found


def ask(reader: Reader, found: Found) -> None:
    """Every metric by week and team, its audit, and three of them with pandas and polars."""
    from analytics.audit import audited
    from analytics.catalogue import METRICS
    from analytics.compute import compute

    filters = Filters.of(PERIOD)
    for metric in METRICS.all():
        call = partial(compute, reader, metric.name, filters, settings=SETTINGS, viewer=EVERYTHING)
        found.metrics_ms[metric.name], _ = repeated(
            partial(call, grain="week", by=("team",), compare="previous")
        )
        result = call()
        opened = partial(audited, reader, result, settings=SETTINGS, viewer=EVERYTHING)
        found.audits_ms[metric.name], _ = repeated(opened, 3)
    found.figures["numbers_metric_ms"] = max(found.metrics_ms.values())
    found.figures["numbers_audit_ms"] = max(found.audits_ms.values())
    found.rivals_ms = rivals(reader, found)


def rivals(reader: Reader, found: Found) -> dict[str, dict[str, float]]:
    """Milliseconds of the same weekly numbers by team: ours, pandas, polars. Raises when they differ."""
    rows = reader.query(f"SELECT {COLUMNS} FROM {{conversation_facts}}", viewer=EVERYTHING)
    result: dict[str, dict[str, float]] = {}
    for name, (bucket, team, value) in _SAME.items():
        pandas_s, pandas_total = _with_pandas(rows, bucket, team, value)
        polars_s, polars_total = _with_polars(rows, bucket, team, value)
        if abs(pandas_total - polars_total) > 1e-6 * max(1.0, abs(pandas_total)):
            raise RuntimeError(f"{name}: pandas says {pandas_total}, polars {polars_total}")
        result[name] = {"ours": found.metrics_ms[name], "pandas": pandas_s, "polars": polars_s}
    return result


# The column of the bucket, of the team, and of the value (None: how many).
_SAME: dict[str, tuple[str, str, str | None]] = {
    "volume": ("created_local", "team", None),
    "solved": ("last_solved_local", "last_solve_team", None),
    "first_reply_median": ("first_reply_local", "first_reply_team", "first_reply_s"),
}


def _with_pandas(rows: pa.Table, bucket: str, team: str, value: str | None) -> tuple[float, float]:
    import pandas as pd

    frame, start, until = rows.to_pandas(), pd.Timestamp(PERIOD.start), pd.Timestamp(PERIOD.until)

    def number() -> float:
        chosen = frame[frame.is_counted & (frame[bucket] >= start) & (frame[bucket] < until)]
        groups = chosen.groupby([chosen[bucket].dt.to_period("W"), team], observed=True)
        return float((groups[value].median() if value else groups.size()).sum())

    return _timed(number)


def _with_polars(rows: pa.Table, bucket: str, team: str, value: str | None) -> tuple[float, float]:
    import polars as pl

    frame = pl.DataFrame(rows)

    def number() -> float:
        at = pl.col(bucket)
        chosen = frame.lazy().filter(pl.col("is_counted") & (at >= PERIOD.start) & (at < PERIOD.until))
        groups = chosen.group_by(at.dt.truncate("1w"), team)
        made = groups.agg((pl.col(value).median() if value else pl.len()).alias("v"))
        return float(made.select(pl.col("v").sum()).collect().item())

    return _timed(number)


def _timed(number: Callable[[], float]) -> tuple[float, float]:
    return repeated(number)[0], number()


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.numbers", description=__doc__)
    parser.add_argument("--n", type=int, default=100_000, help="conversations")
    parser.add_argument("--keep", type=Path, help="keep the workspace in this folder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        found = measure(Home(args.keep.resolve() if args.keep else Path(scratch)), args.n)
    slow = sorted(found.metrics_ms.items(), key=lambda item: -item[1])
    print(json.dumps({**found.figures, "rivals_ms": found.rivals_ms, "metrics_ms": dict(slow),
                      "audits_ms": found.audits_ms}, indent=2))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
