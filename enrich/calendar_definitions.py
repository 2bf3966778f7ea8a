"""What calendars there are: `[[calendars]]` of the settings, and the schedules that sources bring."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.opening_hours import DAY_MIN, WEEK_MIN, Week, week_of
from core.settings import Calendar
from core.zones import is_zone
from enrich.stretches import Hours, instant

if TYPE_CHECKING:
    from store.writer import Writer

logger = logging.getLogger(__name__)
LONGEST_HOLIDAY_DAYS = 366
EVER = 1900
_SCHEDULES = """
    SELECT source_id, schedule_id, name, iana_tz, native_tz, intervals::VARCHAR AS intervals,
      holidays::VARCHAR AS holidays,
      CASE WHEN valid_from > TIMESTAMPTZ '1900-01-01' THEN least(valid_from, TIMESTAMPTZ '2200-01-01') END AS valid_from,
      CASE WHEN valid_to < TIMESTAMPTZ '2200-01-01' THEN greatest(valid_to, TIMESTAMPTZ '1900-01-01') END AS valid_to
    FROM schedules s
    WHERE schedule_id IS NOT NULL AND (NOT coalesce(is_deleted, false) OR NOT EXISTS (
      FROM schedules o WHERE o.source_id = s.source_id AND o.schedule_id = s.schedule_id
        AND NOT coalesce(o.is_deleted, false)))
    ORDER BY source_id, schedule_id, valid_from NULLS FIRST, intervals"""


@dataclass(frozen=True, slots=True)
class Definition:
    """One calendar with its versions in time, or the reason why its hours are not counted."""

    calendar: str
    title: str
    zone: str | None
    versions: tuple[Hours, ...] = ()
    source_id: str | None = None
    schedule_id: str | None = None
    reason: str | None = None


class _Unusable(ValueError):
    """Why a schedule's hours cannot be counted."""


def of_settings(calendars: Iterable[Calendar], years: range) -> list[Definition]:
    """Calendars of the settings in the order of their first tables; public holidays of these years."""
    tables: dict[str, list[Calendar]] = {}
    for one in calendars:
        tables.setdefault(one.name, []).append(one)
    return [_of_tables(name, found, years) for name, found in tables.items()]


def _of_tables(name: str, tables: Sequence[Calendar], years: range) -> Definition:
    ordered = sorted(tables, key=lambda one: one.valid_from or date.min)
    starts = [_start(one) for one in ordered]
    versions = tuple(
        Hours(
            one.zone, week_of(one.hours), public_holidays(one.holidays, years) | set(one.closed), since, until
        )
        for one, since, until in zip(ordered, starts, [*starts[1:], None], strict=True)
    )
    return _finished(Definition(name, name, ordered[-1].zone, versions))


def _start(table: Calendar) -> datetime | None:
    day = table.valid_from
    return None if day is None or day.year < EVER else instant(day, 0, ZoneInfo(table.zone))


def public_holidays(code: str | None, years: range) -> frozenset[date]:
    """The days on which a country, or a region such as GB-ENG, does not work."""
    if code is None:
        return frozenset()
    import holidays

    country, _, region = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=years))


def schedule_rows(writer: Writer) -> list[dict[str, Any]]:
    """Rows of `schedules` in order; a schedule that was deleted is kept, for its hours held in their time."""
    return list(writer.query(_SCHEDULES).to_pylist())


def of_schedules(rows: Iterable[dict[str, Any]]) -> list[Definition]:
    """Calendars of sources, called `<source_id>/<schedule_id>`."""
    schedules: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        schedules.setdefault((row["source_id"], row["schedule_id"]), []).append(row)
    return [_of_schedule(versions) for versions in schedules.values()]


def _of_schedule(rows: Sequence[Mapping[str, Any]]) -> Definition:
    last = rows[-1]
    source, schedule = str(last["source_id"]), str(last["schedule_id"])
    try:
        versions, reason = _versions(rows), None
    except _Unusable as error:
        versions, reason = (), str(error)
    title = str(last["name"] or schedule)
    return _finished(
        Definition(f"{source}/{schedule}", title, last["iana_tz"], versions, source, schedule, reason)
    )


def _finished(made: Definition) -> Definition:
    if made.reason is None and not any(hours.week for hours in made.versions):
        return Definition(
            made.calendar, made.title, made.zone, (), made.source_id, made.schedule_id, "it has no hours"
        )
    return made


def _versions(rows: Sequence[Mapping[str, Any]]) -> tuple[Hours, ...]:
    """Each holds until the next one does, or until its own end. Raises _Unusable."""
    return tuple(
        Hours(
            _zone(row), _week(row["intervals"]), _closed(row), _utc(row["valid_from"]),
            min(filter(None, (_utc(row["valid_to"]), _utc(after))), default=None),
        )
        for row, after in zip(rows, [*(row["valid_from"] for row in rows[1:]), None], strict=True)
    )  # fmt: skip


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC)


def _zone(row: Mapping[str, Any]) -> str:
    zone = row["iana_tz"]
    if zone is not None and is_zone(zone):
        return str(zone)
    told = row["native_tz"] or zone
    raise _Unusable(f"its time zone {told!r} is not known" if told else "its time zone is not told")


def _week(text: str | None) -> Week:
    """[[start, end], ...] in minutes of the week; an end before its start lies beyond the week's end."""
    pairs = json.loads(text) if text else []
    if not isinstance(pairs, list):
        raise _Unusable(f"its hours cannot be read: {str(text)[:80]}")
    return tuple((start, end) for start, end in map(_interval, pairs) if start < end)


def _interval(pair: Any) -> tuple[int, int]:
    """Not longer than the week, and across its end not longer than a day: more is a mistake of the source's."""
    if isinstance(pair, list) and len(pair) == 2 and all(_is_whole(n) for n in pair):
        start, end = map(int, pair)
        across = end < start and end + WEEK_MIN - start <= DAY_MIN
        if 0 <= start < WEEK_MIN and 0 <= end <= start + WEEK_MIN and (end >= start or across):
            return start, end + WEEK_MIN * across
    raise _Unusable(f"its hours cannot be read: {json.dumps(pair)[:80]}")


def _is_whole(number: Any) -> bool:
    return type(number) is int or (type(number) is float and number.is_integer())


def _closed(row: Mapping[str, Any]) -> frozenset[date]:
    """Days of holidays, first and last included; one that cannot be read is named in the log."""
    listed = json.loads(row["holidays"]) if row["holidays"] else []
    days: set[date] = set()
    for holiday in listed if isinstance(listed, list) else [listed]:
        try:
            first = date.fromisoformat(holiday["from"])
            last = date.fromisoformat(holiday.get("to") or holiday["from"])
            if not timedelta(0) <= last - first < timedelta(days=LONGEST_HOLIDAY_DAYS):
                raise ValueError
        except (TypeError, ValueError, KeyError, AttributeError):
            where = {key: row[key] for key in ("source_id", "schedule_id")}
            logger.warning("a holiday cannot be read and is a working day", extra=where)
            continue
        days |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return frozenset(days)
