"""Example questions made from the data, so that each of them has an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from analytics.result import Row
    from store.reader import Reader

ENOUGH = 8  # conversations that a day needs before it is called bad
LOOK_BACK_DAYS = 60


def questions(reader: Reader, settings: Settings, viewer: Viewer) -> list[str]:
    """Up to five questions: about the worst day, the slowest team, a product, a topic, the trend."""
    from analytics.compute import compute, default_period, dimension_values

    period = default_period(reader, settings)
    found: list[str] = []
    mood = compute(
        reader,
        "sentiment_negative_share",
        Filters(_look_back(period)),
        settings=settings,
        viewer=viewer,
        grain="day",
    )
    worst = max((row for row in mood.rows if row.n >= ENOUGH), key=lambda row: row.value or 0, default=None)
    if worst is not None and worst.bucket is not None:
        found.append(f"Why was sentiment negative on {worst.bucket:%b} {worst.bucket.day}?")
    slow = compute(
        reader, "first_reply_median", Filters(period), settings=settings, viewer=viewer, by=("team",)
    )
    team = _largest(slow.groups)
    if team:
        found.append(f"How long does {team} take to reply first, compared with the month before?")
    for dimension, text in (
        ("product", "What do customers of {} complain about?"),
        ("topic", "How did the number of conversations about {} develop?"),
    ):
        named = [
            value
            for value, _ in dimension_values(reader, dimension, viewer=viewer, limit=5)
            if value[:1] != "("
        ]
        if named:
            found.append(text.format(named[0]))
    found.append("Which channel has the most unsolved conversations?")
    return found


def _look_back(period: Period) -> Period:
    return Period(period.end - timedelta(days=LOOK_BACK_DAYS - 1), period.end)


def _largest(groups: tuple[Row, ...]) -> str | None:
    named = [row for row in groups if row.value is not None and not row.small and row.group[0][:1] != "("]
    return max(named, key=lambda row: row.value or 0).group[0] if len(named) > 1 else None
