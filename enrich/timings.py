"""Facts per conversation from messages and the event log: times, replies, reopens, mood, open stretches.

The SQL is in enrich/facts, one file a matter, in the order of STEPS.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings
from enrich import attributes, calendars, sla, working_time
from enrich.base import Enricher
from enrich.sentiment import NEGATIVE_UP_TO, POSITIVE_FROM
from store.spoken import public
from store.sql import literal

if TYPE_CHECKING:
    from store.writer import Writer

FOLDER = Path(__file__).with_name("facts")
# Looked up before the conversations' working time is known, and after.
STEPS = ("talk", "history", "replies", "ratings", "mood", "moments")
THEN = ("waits",)
BUSINESS = {"intervals": "business", "zendesk_single": "business_single"}
LAST = ("found",)
WRITTEN = ("rows", "stretches")

# Columns that are an instant seen in the reporting zone: <name>_local is <name>_at.
LOCAL: dict[str, tuple[str, ...]] = {
    "conversation_facts": (
        "created", "last_activity", "first_reply", "reopened_reply", "first_solved", "first_reopened",
        "last_solved", "last_status", "waiting_since", "last_customer", "surveyed", "nps", "ces", "open_due",
    ),
    "open_spans": ("opened", "closed"),
    "replies": ("replied",),
    "solves": ("solved", "reopened"),
    "sla_instances": ("due", "ended", "breached"),
}  # fmt: skip


class Timings(Enricher):
    """The facts table, open stretches, replies and solves."""

    name = "facts"
    version = 3
    builds_on = ("language", "sentiment", "thanks", "topics")


# Half of the range of a hash, as other engines know no unsigned numbers.
_AGENT_HOUR = "CASE WHEN {0} IS NOT NULL THEN (hash({0}, date_trunc('hour', replied_local)) >> 1)::BIGINT END"


def gather(writer: Writer, settings: Settings) -> None:
    """Find out everything about the conversations in the temporary table `batch`, in temporary tables.

    Needs the temporary tables `acknowledgements`, `source_abilities` and `requester_columns`, and the macro of
    sieve.lay_sieve. Call outside a transaction: the planner knows nothing about the size of tables that an open one
    has made.
    """
    values = _values(writer, settings)
    _run(writer, STEPS, values)
    calendars.name_calendars(writer, settings)
    working_time.worked(writer, "batch_instants")
    _run(writer, THEN, values)
    if settings.counting.business_hours == "zendesk_single":
        working_time.worked_single(writer, "batch_single_pairs")
    _run(writer, (BUSINESS[settings.counting.business_hours], "joined"), values)
    sla.gather(writer, settings)
    _run(writer, LAST, values)


def fill(writer: Writer, settings: Settings) -> None:
    """Rewrite facts, open stretches, replies and solves of `batch` from what `gather` found.

    Call inside a transaction.
    """
    _run(writer, WRITTEN, _values(writer, settings))
    sla.fill(writer, settings.workspace.reporting_zone)


def _run(writer: Writer, steps: tuple[str, ...], values: Mapping[str, str]) -> None:
    for step in steps:
        text = (FOLDER / f"{step}.sql").read_text(encoding="utf-8")
        for mark, value in values.items():
            text = text.replace(mark, value)
        writer.execute(text)


def _values(writer: Writer, settings: Settings) -> dict[str, str]:
    """What stands in the SQL for the settings, longer marks first."""
    known, counting = attributes.columns(writer), settings.counting
    joins = "LEFT JOIN requester_columns x ON x.source_id = j.source_id AND x.person_id = j.requester_id"
    return {
        ":attributes": "".join(f', x."{column}"' for column in known),
        ":attribute_join": joins if known else "",
        ":public": public("m"),
        ":zone": settings.workspace.reporting_zone,
        ":agent_hour": _AGENT_HOUR.format("r.agent"),
        ":version": str(Timings.version),
        ":negative": repr(NEGATIVE_UP_TO),
        ":positive": repr(POSITIVE_FROM),
        ":chat_channels": ", ".join(literal(channel) for channel in ("", *counting.chat_channels)),
        ":chat_silence_min": str(counting.chat_silence_min),
        ":handling_minutes": ", ".join(
            f"({literal(channel)}, {float(minutes)!r}::DOUBLE)"
            for channel, minutes in ({"": 0.0} | counting.handling_minutes).items()
        ),
    }


def move_to_zone(writer: Writer, zone: str) -> None:
    """Recompute the wall-clock columns alone, for a changed reporting zone."""
    for table, names in LOCAL.items():
        changes = [f"{name}_local = timezone('{zone}', {name}_at)" for name in names]
        if table == "conversation_facts":
            changes.append(f"csat_local = timezone('{zone}', csat_rated_at)")
        writer.execute(f"UPDATE {table} SET {', '.join(changes)}")
    writer.execute("""
        UPDATE open_spans SET created_local = f.created_local, last_activity_local = f.last_activity_local,
          last_customer_local = f.last_customer_local
        FROM conversation_facts f
        WHERE f.source_id = open_spans.source_id AND f.conversation_id = open_spans.conversation_id""")
    writer.execute(f"UPDATE replies SET agent_hour = {_AGENT_HOUR.format('agent')}")
