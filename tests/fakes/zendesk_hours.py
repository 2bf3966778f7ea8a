"""Business hours of an account, day by day: what its own metrics count in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.fakes.zendesk_shapes import Row

ZONES = {"London": "Europe/London", "Eastern Time (US & Canada)": "America/New_York", "Tokyo": "Asia/Tokyo"}
DAY_MIN = 24 * 60


def worked_seconds(start: datetime, end: datetime, schedule: Row, holidays: Sequence[Row]) -> int:
    """Seconds between two instants that lie inside a schedule and outside its holidays, rounded down."""
    zone = ZoneInfo(ZONES[schedule["time_zone"]])
    day, total = start.astimezone(zone).date(), timedelta()
    while day <= end.astimezone(zone).date():
        if not any(one["start_date"] <= day.isoformat() <= one["end_date"] for one in holidays):
            for opens, closes in _hours(day, schedule, zone):
                total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return int(total.total_seconds())


def _hours(day: date, schedule: Row, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The open stretches of one local day, as instants."""
    begins = (day.weekday() + 1) % 7 * DAY_MIN  # a schedule's minutes count from Sunday
    found = []
    for interval in schedule["intervals"]:
        opens = max(interval["start_time"], begins) - begins
        closes = min(interval["end_time"], begins + DAY_MIN) - begins
        if opens < closes:
            found.append((_instant(day, opens, zone), _instant(day, closes, zone)))
    return found


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minutes, DAY_MIN)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return wall.astimezone(UTC)
