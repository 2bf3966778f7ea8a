"""Which calendars there are, their working hours as stretches of UTC, and whose hours a conversation follows."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import clock
from core.settings import Settings
from enrich.calendar_definitions import EVER, Definition, of_schedules, of_settings, schedule_rows
from enrich.stretches import stretches
from store.kept_values import recall, remember

if TYPE_CHECKING:
    import pyarrow as pa

    from store.writer import Writer

logger = logging.getLogger(__name__)
KEY = "calendars"
BACK_YEARS = 40  # older moments are mistakes of a clock; their working time is not known
AHEAD_YEARS = 3
SQL = Path(__file__).with_suffix(".sql")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OLDEST = """
    SELECT min(created_at) AS oldest FROM (
      SELECT created_at FROM conversations UNION ALL SELECT created_at FROM messages)
    WHERE created_at >= make_timestamptz(?, 1, 1, 0, 0, 0)"""


def refresh_calendars(writer: Writer, settings: Settings) -> None:
    """Write `calendars` and `business_hours`, and mark conversations whose hours changed as dirty.

    Years from the oldest conversation to three years from now are covered. Call inside a transaction.
    """
    rows = schedule_rows(writer)
    marks = _marks(settings, rows)
    before = _stored(writer)
    years = _years(writer, before.get("years"))
    now = {"years": [years.start, years.stop], "marks": marks}
    if now == before:
        return
    definitions = [*of_settings(settings.calendars, years), *of_schedules(rows)]
    _write(writer, definitions, years)
    _mark(writer, before.get("marks", {}), marks)
    remember(writer, KEY, json.dumps(now))


def _marks(settings: Settings, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What the calendars of the settings (under an empty name) and of each source are made from, hashed."""
    told: dict[str, list[str]] = {}
    for one in settings.calendars:
        told.setdefault("", []).append(one.model_dump_json())
    if any(one.holidays for one in settings.calendars):
        told[""].append(version("holidays"))
    for row in rows:
        told.setdefault(row["source_id"], []).append(repr(sorted(row.items())))
    return {name: hashlib.sha256("\n".join(lines).encode()).hexdigest() for name, lines in told.items()}


def _stored(writer: Writer) -> dict[str, Any]:
    return dict(json.loads(recall(writer, KEY) or "{}"))


def _years(writer: Writer, before: Sequence[int] | None) -> range:
    """Whole years to cover; those that were covered stay when they are enough."""
    this_year = clock.now().year
    found = writer.query(_OLDEST, [max(this_year - BACK_YEARS, EVER)])["oldest"][0].as_py()
    first = min(this_year - 1, found.astimezone(UTC).year - 1 if found else this_year)
    wanted = range(first, this_year + AHEAD_YEARS + 1)
    if before and before[0] <= wanted.start and before[1] >= wanted.stop:
        return range(*before)
    return wanted


def _write(writer: Writer, definitions: Sequence[Definition], years: range) -> None:
    import pyarrow as pa

    writer.execute("DELETE FROM calendars")
    writer.execute("DELETE FROM business_hours")
    if definitions:
        told = ("calendar", "source_id", "schedule_id", "title", "zone", "reason")
        columns = {name: pa.array([getattr(one, name) for one in definitions], pa.string()) for name in told}
        writer.insert("calendars", pa.table({**columns, "is_usable": [not d.reason for d in definitions]}))
    for one in definitions:
        if one.reason:
            logger.warning("a calendar is not used", extra={"calendar": one.calendar, "because": one.reason})
        else:
            writer.insert("business_hours", _hours(one, years))


def _hours(definition: Definition, years: range) -> pa.Table:
    """Stretches of one calendar, between an empty one where its hours begin to be known and one where they end."""
    import pyarrow as pa

    begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (years.start, years.stop))
    begin = max(begin, definition.versions[0].since or begin)
    end = min(end, definition.versions[-1].until or end)
    found = stretches(definition.versions, begin, end) if begin < end else []
    if begin < end:
        found = [*([(begin, begin)] * (not found or found[0][0] > begin)), *found, (end, end)]
    starts, ends, before = [], [], [0]
    for start, stop in found:
        starts.append(_micros(start))
        ends.append(_micros(stop))
        before.append(before[-1] + ends[-1] - starts[-1])
    instants = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "calendar": pa.array([definition.calendar] * len(starts), pa.string()),
            "starts_at": pa.array(starts, instants), "ends_at": pa.array(ends, instants),
            "worked_before_us": pa.array(before[:-1], pa.int64()),
        }
    )  # fmt: skip


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _mark(writer: Writer, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Conversations whose calendar is another now: all when the settings changed, else those of the sources."""
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    writer.execute(
        "INSERT INTO dirty_conversations SELECT source_id, conversation_id FROM conversations "
        "WHERE list_contains(?, '') OR list_contains(?, source_id)",
        [changed, changed],
    )


def name_calendars(writer: Writer, settings: Settings) -> None:
    """The temporary table `batch_calendars` of the conversations in `batch`: whose hours each follows, and when.

    Columns: source_id, conversation_id, from_at ('-infinity' in the first row), to_at (NULL in the last), calendar,
    worked_before_us. The working time of a conversation until t is that of the calendar in force at t, plus
    worked_before_us. A conversation without a calendar has no row. Needs `batch_conversations` and the events of `batch` in
    `batch_events`.
    """
    import pyarrow as pa

    text = pa.list_(pa.string())
    rules = _rules(settings)
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE calendar_rules "
        "(place INTEGER, calendar VARCHAR, sources VARCHAR[], teams VARCHAR[], rank INTEGER)"
    )
    if rules:
        columns = [pa.array(list(column)) for column in zip(*rules, strict=True)]
        columns[2:4] = [column.cast(text) for column in columns[2:4]]
        names = ["place", "calendar", "sources", "teams", "rank"]
        writer.insert("calendar_rules", pa.table(columns, names))
    writer.execute(SQL.read_text(encoding="utf-8"))


def _rules(settings: Settings) -> list[tuple[int, str, list[str], list[str], int]]:
    """Calendars of the settings with whom they are for; the lowest rank wins, a source's own schedule has 3."""
    tables: dict[str, tuple[set[str], set[str]]] = {}
    for one in settings.calendars:
        sources, teams = tables.setdefault(one.name, (set(), set()))
        sources.update(one.sources)
        teams.update(one.teams)
    ranks = {(True, True): 0, (False, True): 1, (True, False): 2, (False, False): 4}
    return [
        (place, name, sorted(sources), sorted(teams), ranks[bool(sources), bool(teams)])
        for place, (name, (sources, teams)) in enumerate(tables.items())
    ]
