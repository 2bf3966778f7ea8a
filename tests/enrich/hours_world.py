"""A small warehouse whose calendars can be asked for working time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from core.home import Home
from core.settings import Settings
from enrich import calendars, working_time
from tests.enrich.hours_reference import Interval
from tests.enrich.world import World

INSTANT = pa.timestamp("us", tz="UTC")


class Hours(World):
    """Conversations, schedules and moves between them; answers by the product's own functions."""

    def __init__(self, home: Home, **settings: Any) -> None:
        super().__init__(home)
        self.use(**settings)

    def use(self, **settings: Any) -> None:
        """Take other settings."""
        self.settings = Settings(**settings)

    def schedule(self, key: str, week: Sequence[Interval], zone: str | None = "UTC", **columns: Any) -> None:
        """A schedule that the source brings; `closed` holds (first, last) days."""
        closed = [
            {"name": "closed", "from": a.isoformat(), "to": b.isoformat()}
            for a, b in columns.pop("closed", ())
        ]
        self.rows(
            "schedules",
            {"schedule_id": key, "name": key, "iana_tz": zone, "intervals": json.dumps([list(i) for i in week]),
             "holidays": json.dumps(closed)} | columns,
        )  # fmt: skip

    def move(
        self, key: str, moment: datetime, new: str | None, old: str | None = None, **columns: Any
    ) -> None:
        """A conversation follows another schedule from `moment` on."""
        self._serial += 1
        self.rows(
            "conversation_events",
            {"conversation_id": key, "event_id": f"e{self._serial:06d}", "seq": self._serial, "occurred_at": moment,
             "field": "schedule", "old_value": old, "new_value": new} | columns,
        )  # fmt: skip
        self.dirty(key)

    def refresh(self) -> None:
        """Calendars anew, and whose hours each conversation follows."""
        with self.writer.transaction():
            calendars.refresh_calendars(self.writer, self.settings)
        self.writer.execute(
            "CREATE OR REPLACE TEMP TABLE batch AS SELECT source_id, conversation_id FROM conversations"
        )
        self.writer.execute("CREATE OR REPLACE TEMP TABLE batch_conversations AS FROM conversations")
        self.writer.execute(
            "CREATE OR REPLACE TEMP TABLE batch_events AS FROM conversation_events WHERE NOT coalesce(is_deleted, false)"
        )
        calendars.name_calendars(self.writer, self.settings)

    def follows(self, key: str) -> list[str | None]:
        """The calendars of a conversation in their order."""
        rows = self.writer.query(
            "SELECT calendar FROM batch_calendars WHERE conversation_id = ? ORDER BY from_at", [key]
        )
        return list(rows["calendar"].to_pylist())

    def asked(self, **columns: Any) -> str:
        """A temporary table `asked` with these columns."""
        self.writer.execute("DROP TABLE IF EXISTS asked")
        types = {
            "moment": INSTANT, "start": INSTANT, "end": INSTANT, "start_at": INSTANT, "calendar": pa.string(),
            "id": pa.int64(), "needed_us": pa.int64(),
        }  # fmt: skip
        many = len(next(iter(columns.values())))
        keys = {"source_id": ["s"] * many, "conversation_id": ["c"] * many} | columns
        table = pa.table(
            {name: pa.array(values, types.get(name, pa.string())) for name, values in keys.items()}
        )
        shape = ", ".join(
            f'"{name}" {"TIMESTAMPTZ" if types.get(name) == INSTANT else "BIGINT" if name in ("id", "needed_us") else "VARCHAR"}'
            for name in keys
        )
        self.writer.execute(f"CREATE TEMP TABLE asked ({shape})")
        self.writer.insert("asked", table)
        return "asked"

    def minutes(self, start: datetime, end: datetime, key: str = "c") -> float | None:
        """Working minutes of a conversation from `start` to `end`, each part by the hours in force then."""
        table = self.asked(conversation_id=[key, key], moment=[start, end])
        working_time.worked(self.writer, table)
        rows = self.writer.query("SELECT moment, worked_us FROM batch_worked").to_pylist()
        told = {row["moment"]: row["worked_us"] for row in rows}
        assert set(told) == {start, end}
        return None if None in (told[start], told[end]) else (told[end] - told[start]) / 60_000_000

    def minutes_single(self, start: datetime, end: datetime, key: str = "c") -> float | None:
        """The same by the hours in force at the end."""
        working_time.worked_single(self.writer, self.asked(conversation_id=[key], start=[start], end=[end]))
        (row,) = self.writer.query("FROM batch_worked_single").to_pylist()
        assert (row["starts"], row["ends"]) == (start, end)
        return None if row["worked_us"] is None else row["worked_us"] / 60_000_000

    def minutes_in(self, calendar: str | None, start: datetime, end: datetime) -> float | None:
        """Working minutes of a named calendar."""
        working_time.worked_in(self.writer, self.asked(calendar=[calendar] * 2, moment=[start, end]))
        rows = self.writer.query("SELECT moment, worked_us FROM batch_worked_in").to_pylist()
        told = {row["moment"]: row["worked_us"] for row in rows}
        return None if None in (told[start], told[end]) else (told[end] - told[start]) / 60_000_000

    def due(self, calendar: str | None, start: datetime, minutes: float) -> datetime | None:
        """When so many working minutes have passed."""
        needed = round(minutes * 60_000_000)
        table = self.asked(id=[7], calendar=[calendar], start_at=[start], needed_us=[needed])
        working_time.due(self.writer, table)
        (row,) = self.writer.query("FROM batch_due").to_pylist()
        assert row["id"] == 7
        found: datetime | None = row["due_at"]
        return found

    def marked(self) -> set[tuple[str, str]]:
        """Conversations that wait to be computed again."""
        rows = self.writer.query("SELECT DISTINCT * FROM dirty_conversations").to_pylist()
        return {(row["source_id"], row["conversation_id"]) for row in rows}


def office(name: str = "office", **columns: Any) -> dict[str, Any]:
    """A calendar of the settings: Monday to Friday, nine to half past five, in London."""
    return {"name": name, "zone": "Europe/London", "hours": {"mon-fri": "09:00-17:30"}} | columns


def day(text: str) -> date:
    """A date."""
    return date.fromisoformat(text)


WEEKDAYS = tuple((n * 1440 + 540, n * 1440 + 1020) for n in range(1, 6))  # nine to five


MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def conversation(hours: Hours, key: str = "c", **columns: Any) -> None:
    hours.rows("conversations", {"conversation_id": key, "created_at": MONDAY} | columns)


def worked_hours(hours: Hours, first: str, last: str, calendar: str = "office") -> float | None:
    found = hours.minutes_in(calendar, utc(first), utc(last))
    return None if found is None else found / 60
