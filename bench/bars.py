"""What the product promises about speed, and how a measurement is held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise: at most `limit` (or at least), for a workspace of `at` conversations where that matters."""

    key: str
    what: str
    hold: str
    limit: float
    unit: str
    at: int | None = None
    at_least: bool = False


BARS = (
    Bar(
        "load_ratio",
        "load: CSV file to committed canonical rows, in times of DuckDB's create table as read_csv "
        "(median of 3 in one run)",
        "at most 3.5 x",
        3.5,
        "x",
    ),
    Bar(
        "dlt_ratio",
        "load: times that dlt takes for the same rows, as dicts, merged by id through Parquet (median of 3)",
        "at least 10 x",
        10,
        "x",
        at_least=True,
    ),
    Bar("postgres_ratio", "300,000 rows of PostgreSQL, against bare read + load", "at most 1.5 x", 1.5, "x"),
    Bar("change_store_s", "refresh after 10,000 changed: store to publish", "under 10 s", 10, "s", MILLION),
    Bar("change_index_s", "the index after that", "under 30 s", 30, "s", MILLION),
    Bar("facts_s", "facts of all conversations, from rows made for it", "under 240 s", 240, "s", MILLION),
    Bar("facts_changed_s", "facts of 10,000 changed ones", "under 5 s", 5, "s", MILLION),
    Bar("numbers_metric_ms", "slowest metric by week and team, compared", "under 150 ms", 150, "ms", MILLION),
    Bar("numbers_audit_ms", "slowest audit of a metric", "under 300 ms", 300, "ms", MILLION),
    Bar("metric_ms", "slowest metric card (median of 5)", "under 150 ms", 150, "ms", MILLION),
    Bar("page_ms", "all numbers of the Overview", "under 600 ms", 600, "ms", MILLION),
    Bar("index_100k_s", "index (of 100,000 where there are more)", "under 120 s", 120, "s", 100_000),
    Bar("index_1k_s", "index after 1,000 changed", "under 5 s", 5, "s", 100_000),
    Bar("ask_p95_ms", "ask without a language model, p95", "under 1 s", 1000, "ms", 100_000),
    Bar("first_ask_p95_ms", "the same, never asked in this home before", "under 1 s", 1000, "ms", 100_000),
    Bar(
        "chips_p95_ms",
        "the plan of a question, which its chips show, p95",
        "under 200 ms",
        200,
        "ms",
        100_000,
    ),
    Bar("search_p95_ms", "search, p95", "under 150 ms", 150, "ms", 100_000),
    Bar("page_browser_s", "first load in a browser, warm server (median of 5)", "under 2 s", 2, "s"),
    Bar("page_switch_s", "page switch in a browser (median of 6)", "under 1 s", 1, "s"),
    Bar("page_slowest_s", "switch to the slowest page (median of 3)", "under 1 s", 1, "s"),
    Bar("filter_change_s", "another period on the Overview (median of 3)", "under 1 s", 1, "s"),
    Bar("drill_s", "from a bar to its conversations (median of 3)", "under 1 s", 1, "s"),
    Bar(
        "sessions_ratio",
        "20 sessions: p95 while a refresh publishes every 10 s, in times of that without",
        "at most 2 x",
        2,
        "x",
    ),
    Bar("sessions_errors", "20 sessions: errors during that", "0", 0, ""),
    Bar("forecast_s", "forecast of 600 series", "under 2 s", 2, "s"),
    Bar("start_s", "start to first page", "under 6 s", 6, "s"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    hold: str
    measured: str
    verdict: str


def shown(value: float | None, unit: str) -> str:
    """A number with its unit, as people read it."""
    if value is None:
        return "-"
    digits = 0 if unit in ("ms", "MB", "") else 2
    return f"{value:,.{digits}f} {unit}".strip()


def verdict(bar: Bar, value: float | None, conversations: int) -> str:
    """ok, missed or not measured; says so where the workspace is smaller than the promise speaks of."""
    if value is None:
        return "not measured"
    if value < bar.limit if bar.at_least else value > bar.limit:
        return "missed"
    smaller = bar.at is not None and conversations < bar.at
    return f"ok at {conversations:,} (bar: {bar.at:,})" if smaller else "ok"


def judged(
    measured: Mapping[str, float | None],
    conversations: int,
    left_out: Mapping[str, str] | None = None,
    promises: Sequence[Bar] = BARS,
) -> list[Row]:
    """Every promise beside what was measured; `left_out` says why something could not be (key -> reason)."""
    rows = []
    for bar in promises:
        value, reason = measured.get(bar.key), (left_out or {}).get(bar.key)
        told = f"not measured: {reason}" if value is None and reason else verdict(bar, value, conversations)
        rows.append(Row(bar.what, bar.hold, shown(value, bar.unit), told))
    return rows


def table(rows: list[Row]) -> str:
    """The rows as text in columns."""
    cells = [("what", "hold", "measured", "verdict")]
    cells += [(row.what, row.hold, row.measured, row.verdict) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells]
    return "\n".join([lines[0], "-" * len(lines[0].rstrip()), *lines[1:]])
