"""What is known beside a count by day: kinds of events that people noted, incidents, and daily numbers of sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analytics.forecasting.calendars import Calendar
from analytics.rates import denominators
from core.filters import Period
from core.viewer import Viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.anomalies.context import Told
    from store.reader import Reader

RECURRING = {"release": "releases", "change": "changes", "campaign": "campaigns", "holiday": "holidays"}
LEAST_NOTED = 3  # notes of one kind in the history, from which it recurs
MOST_NUMBERS = 2  # of sources, those that most days have: each is a forecast more
LONGEST_INCIDENT = 14  # days: what lasts longer is how things are


def beside_of(
    reader: Reader, events: Sequence[Told], period: Period, horizon: int, *, viewer: Viewer, as_of: date | None = None
) -> pd.DataFrame | None:  # fmt: skip
    """Drivers by day of the period and the days ahead: 1 on noted days of a kind, and the numbers. None: there are none.

    Numbers from `as_of` on are missing: whether they were planned or came is not known.
    """
    import pandas as pd

    ahead = Period(period.start, period.end + timedelta(days=horizon))
    found = _noted(events, period, ahead) | _numbers(reader, ahead, viewer, as_of)
    if not found:
        return None
    return pd.DataFrame(found, index=pd.date_range(ahead.start, ahead.end))


def with_incidents(calendar: Calendar | None, events: Sequence[Told]) -> Calendar | None:
    """A calendar whose one-off days, which are not learnt from, are those of noted incidents."""
    days = frozenset(
        one.start + timedelta(days=at)
        for one in events
        if one.tag == "incident" and (one.end - one.start).days < LONGEST_INCIDENT
        for at in range((one.end - one.start).days + 1)
    )
    return replace(calendar or Calendar(), one_off=days) if days else calendar


def _noted(events: Sequence[Told], period: Period, ahead: Period) -> dict[str, pd.Series]:
    import pandas as pd

    found = {}
    for tag, name in RECURRING.items():
        own = [one for one in events if one.tag == tag and one.start <= ahead.end and one.end >= ahead.start]
        if sum(one.start <= period.end for one in own) < LEAST_NOTED:
            continue
        marks = pd.Series(0.0, index=pd.date_range(ahead.start, ahead.end))
        for one in own:
            marks.loc[str(one.start) : str(one.end)] = 1.0
        found[f"noted {name}"] = marks
    return found


def _numbers(reader: Reader, ahead: Period, viewer: Viewer, as_of: date | None) -> dict[str, pd.Series]:
    import pandas as pd

    found: dict[str, pd.Series] = {}
    end = ahead.end if as_of is None else min(ahead.end, as_of - timedelta(days=1))
    if end < ahead.start:
        return found
    for one in denominators(reader, viewer)[:MOST_NUMBERS]:
        rows = reader.query(
            """SELECT day, sum(value) AS value FROM {denominators}
               WHERE NOT coalesce(is_deleted, false) AND name = ? AND day BETWEEN ? AND ? GROUP BY day ORDER BY day""",
            [one.name, ahead.start, end],
            viewer=viewer,
        ).to_pylist()
        days = pd.DatetimeIndex([row["day"] for row in rows])
        values = pd.Series([row["value"] for row in rows], index=days, dtype=float)
        found[one.name.replace("_", " ")] = values
    return found
