"""Whether the data looks whole: numbers are not sent to people when a source has lost most of its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import TYPE_CHECKING, Final

from analytics import periods
from core import numbers
from core.settings import Settings
from core.viewer import EVERYTHING
from enrich.calendar_definitions import public_holidays

if TYPE_CHECKING:
    from store.reader import Reader

DAYS: Final = 2  # so many of the last closed days are looked at,
WEEKS: Final = 8  # each against the same weekday of so many weeks before;
FEWEST_WEEKS: Final = 4  # nothing is said with fewer,
USUAL: Final = 20  # nor where fewer conversations than this are usual
LEFT: Final = 0.1  # under this part of the usual number a day looks lost
SHRUNK: Final = 0.1  # a source that lost more than this part of its conversations looks broken,
LOST: Final = 20  # when it is at least so many


def sizes(reader: Reader) -> dict[str, int]:
    """How many conversations each source has."""
    rows = reader.query(
        "SELECT source_id, count(*) AS n FROM {conversation_facts} GROUP BY source_id", [], viewer=EVERYTHING
    )
    return {row["source_id"]: int(row["n"]) for row in rows.to_pylist()}


def faults(reader: Reader, settings: Settings, before: Mapping[str, int] | None = None) -> tuple[str, ...]:
    """What looks broken, a sentence a source; nothing where all is well.

    `before` are the sizes at an earlier time: a source of the settings that lost a tenth of them since is named. So is
    one that had next to nothing on one of its last closed days, where the same weekday usually brings some. Public
    holidays and days off of the calendars are no such days.
    """
    known = {source.name for source in settings.sources if source.enabled}
    now = sizes(reader)
    found = {
        source: f"{source} has {numbers.count(now.get(source, 0), exact=True)} conversations, after "
        f"{numbers.count(count, exact=True)} when this was last sent"
        for source, count in (before or {}).items()
        if source in known and count - now.get(source, 0) >= max(LOST, SHRUNK * count)
    }
    return tuple((_empty_days(reader, settings, known) | found).values())


def _empty_days(reader: Reader, settings: Settings, known: set[str]) -> dict[str, str]:
    until = periods.known_until(reader, settings)
    last = [until.date() - timedelta(days=back) for back in range(DAYS, 0, -1)]
    first = last[0] - timedelta(weeks=WEEKS)
    created = _created(reader, first, until)
    since = _since(reader)
    off = _days_off(settings, last)
    found: dict[str, str] = {}
    for source in sorted(known & set(since)):
        for day in last:
            same = [day - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
            usual = [created[source, one] for one in same if one > since[source]]
            if day in off or len(usual) < FEWEST_WEEKS or median(usual) < USUAL:
                continue
            if created[source, day] < LEFT * median(usual):
                found[source] = (
                    f"{source} has {created[source, day]} new conversations on {day:%a %-d %b}, where {median(usual):g} "
                    "are usual"
                )
    return found


def _created(reader: Reader, first: date, until: datetime) -> defaultdict[tuple[str, date], int]:
    """New conversations by source and day in the reporting zone."""
    rows = reader.query(
        """SELECT source_id, CAST(created_local AS DATE) AS day, count(*) AS n FROM {conversation_facts}
           WHERE created_local >= ? AND created_local < ? GROUP BY ALL""",
        [datetime.combine(first, time()), until],
        viewer=EVERYTHING,
    )
    return defaultdict(int, {(row["source_id"], row["day"]): int(row["n"]) for row in rows.to_pylist()})


def _since(reader: Reader) -> dict[str, date]:
    """The first day of each source: from the day after it, a day without conversations is one that had none."""
    rows = reader.query(
        """SELECT source_id, CAST(min(created_local) AS DATE) AS day FROM {conversation_facts}
           WHERE created_local IS NOT NULL GROUP BY source_id""",
        [],
        viewer=EVERYTHING,
    )
    return {row["source_id"]: row["day"] for row in rows.to_pylist()}


def _days_off(settings: Settings, days: list[date]) -> set[date]:
    years = range(days[0].year, days[-1].year + 1)
    return {day for one in settings.calendars for day in {*public_holidays(one.holidays, years), *one.closed}}
