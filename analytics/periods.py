"""Which time a question covers: how far the data reaches, what it is compared with, its buckets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from analytics.memo import per_reader
from core import clock
from core.filters import GRAINS, Compare, Filters, Grain, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.horizon import complete_since

if TYPE_CHECKING:
    from store.reader import Reader

DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Frame:
    """Half-open spans of wall-clock time in the reporting zone: the period, and what it is compared with.

    `until` is cut where the data ends, and `earlier_until` by the same elapsed time, so that an open
    period is never compared with a full one.
    """

    start: datetime
    until: datetime
    in_progress: bool
    earlier_start: datetime | None = None
    earlier_until: datetime | None = None


@per_reader
def _edges(reader: Reader, now_local: datetime) -> tuple[datetime | None, datetime | None]:
    """First creation and last activity in the generation, ignoring rows dated in the future."""
    rows = reader.query(
        """SELECT min(created_local) AS first,
                  max(greatest(created_local, last_activity_local)) AS last
           FROM {conversation_facts} WHERE is_counted AND created_local < ?""",
        [now_local],
        viewer=EVERYTHING,
    ).to_pylist()
    first, last = rows[0]["first"], rows[0]["last"]
    return first, min(last, now_local) if last else None


def now_local(settings: Settings) -> datetime:
    """The present wall-clock time in the reporting zone, naive like the facts' *_local columns."""
    return clock.now().astimezone(settings.workspace.zone).replace(tzinfo=None)


def day_of(bucket: date | datetime) -> date:
    """The day of a bucket: an hour's own day, of the others the first."""
    return bucket.date() if isinstance(bucket, datetime) else bucket


def first_day(reader: Reader, settings: Settings) -> date | None:
    """The day of the first conversation, or None in an empty warehouse."""
    first, _ = _edges(reader, _hour(now_local(settings)))
    return first.date() if first else None


def last_day(reader: Reader, settings: Settings) -> date | None:
    """The last day with any activity, or None in an empty warehouse."""
    _, last = _edges(reader, _hour(now_local(settings)))
    return last.date() if last else None


def known_until(reader: Reader, settings: Settings) -> datetime:
    """The wall-clock time up to which the data is complete.

    The end of the data's last day, unless the refresh or the clock lies before it.
    """
    now = now_local(settings)
    published = reader.generation.published_at.astimezone(UTC)
    until = min(now, published.astimezone(settings.workspace.zone).replace(tzinfo=None))
    last = last_day(reader, settings)
    return min(until, datetime.combine(last + timedelta(days=1), time())) if last else until


def default_period(reader: Reader, settings: Settings) -> Period:
    """The 30 full days that end yesterday, or at the data's last day where that is earlier."""
    yesterday = clock.today(settings.workspace.reporting_zone) - timedelta(days=1)
    last = last_day(reader, settings)
    end = min(yesterday, last) if last else yesterday
    return Period(end - timedelta(days=DEFAULT_DAYS - 1), end)


def frame(period: Period, known: datetime, compare: Compare | None, *, ripe_days: int = 0) -> Frame:
    """The spans to read. A metric that must ripen ends `ripe_days` earlier."""
    start, full = midnight(period.start), midnight(period.until)
    horizon = known - timedelta(days=ripe_days)
    until = max(start, min(full, horizon))
    in_progress = full > horizon
    if compare is None or until == start:
        return Frame(start, until, in_progress)
    shift = timedelta(days=period.days if compare == "previous" else _years(period.days))
    return Frame(start, until, in_progress, start - shift, until - shift)


def _years(days: int) -> int:
    """How many days back a year ago is, for a period of so many days: as many years as keep the two apart.

    364 days keep the weekdays, which matter more to support than the date; in a period of a whole year all are alike,
    and it is compared with the year that ends before it.
    """
    years = -(-days // 366)
    return max(364 * years, days)


@per_reader
def horizons(reader: Reader, viewer: Viewer) -> dict[str, datetime]:
    """Sources that lack older conversations, still to come or removed, with the instant (UTC) since when all are there."""
    return complete_since(reader, viewer=viewer)


def loaded_since(
    reader: Reader, settings: Settings, viewer: Viewer, filters: Filters
) -> tuple[str, datetime] | None:
    """The source that reaches back least among those within the filters, and since when it is complete.

    The wall-clock time in the reporting zone; None when all history is loaded.
    """
    found = {n: at for n, at in horizons(reader, viewer).items() if filters.admits("source", n)}
    if not found:
        return None
    name = max(found, key=lambda source: found[source])
    return name, found[name].astimezone(settings.workspace.zone).replace(tzinfo=None)


def midnight(day: date) -> datetime:
    """The start of a day."""
    return datetime.combine(day, time())


def auto_grain(period: Period) -> Grain:
    """A grain that gives between about 12 and 100 points."""
    for days, grain in ((2, "hour"), (62, "day"), (400, "week")):
        if period.days <= days:
            return grain  # type: ignore[return-value]
    return "month"


def bucket_start(moment: datetime, grain: Grain) -> datetime:
    """The start of the bucket that holds `moment`; weeks begin on Monday."""
    if grain == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = midnight(moment.date())
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": 3 * ((day.month - 1) // 3) + 1, "year": 1}[grain]
    return day.replace(month=month, day=1)


def bucket_end(start: datetime, grain: Grain) -> datetime:
    """The start of the next bucket."""
    if grain in ("hour", "day", "week"):
        return (
            start + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[grain]
        )
    months = start.year * 12 + start.month - 1 + {"month": 1, "quarter": 3, "year": 12}[grain]
    return start.replace(year=months // 12, month=months % 12 + 1)


def buckets(start: datetime, until: datetime, grain: Grain) -> list[datetime]:
    """Starts of all buckets that touch [start, until)."""
    if grain not in GRAINS:
        raise ValueError(f"there is no grain {grain!r}; known: {', '.join(GRAINS)}")
    found, at = [], bucket_start(start, grain)
    while at < until:
        found.append(at)
        at = bucket_end(at, grain)
    return found


def _hour(moment: datetime) -> datetime:
    # Rounded up, so that the edges are read once an hour and not once a call.
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
