"""Working time until an instant, and the instant at which so much of it has passed: for whole tables.

The working time of a calendar until t is that before the last stretch that began by t, plus its part until t. Only
differences mean something. It is not known (NULL) before the calendar's hours hold, after they end, and for a
calendar that is not usable. Times are microseconds. All of these read `business_hours`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer

LONGEST_US = 1000 * 366 * 86_400 * 1_000_000
_KNOWN = "known AS (SELECT calendar, max(starts_at) AS known_until FROM business_hours GROUP BY calendar)"


def _count(moment: str, hours: str = "h", known: str = "k") -> str:
    return (
        f"CASE WHEN {moment} <= {known}.known_until THEN {hours}.worked_before_us "
        f"+ epoch_us(least({moment}, {hours}.ends_at)) - epoch_us({hours}.starts_at) END"
    )


def _in_force(moment: str) -> str:
    """A filter after a plain join: joins by time take minutes where many conversations have a few rows each."""
    return f"c.from_at IS NULL OR ({moment} >= c.from_at AND (c.to_at IS NULL OR {moment} < c.to_at))"


def worked(writer: Writer, table: str) -> None:
    """The temporary table `batch_worked` (source_id, conversation_id, moment, worked_us).

    `table` has columns source_id, conversation_id and moment; equal rows become one, NULL is left out. worked_us is
    the working time of the conversation until then, by the calendars of `batch_calendars`, each in its time.
    """
    writer.execute(f"""
        CREATE OR REPLACE TEMP TABLE batch_worked AS
        WITH {_KNOWN},
        moments AS (SELECT DISTINCT source_id, conversation_id, moment FROM {table} WHERE moment IS NOT NULL),
        placed AS (
          SELECT m.*, c.calendar, c.worked_before_us
          FROM moments m
          LEFT JOIN batch_calendars c ON c.source_id = m.source_id AND c.conversation_id = m.conversation_id
          WHERE {_in_force("m.moment")})
        SELECT p.source_id, p.conversation_id, p.moment, p.worked_before_us + {_count("p.moment")} AS worked_us
        FROM placed p
        ASOF LEFT JOIN business_hours h ON h.calendar = p.calendar AND p.moment >= h.starts_at
        LEFT JOIN known k ON k.calendar = p.calendar""")


def worked_single(writer: Writer, table: str) -> None:
    """The temporary table `batch_worked_single` (source_id, conversation_id, starts, ends, worked_us).

    `table` has columns source_id, conversation_id, start and "end". The calendar in force at the end counts for the
    whole, as Zendesk does for replies and solves. NULL where the end lies before the start.
    """
    writer.execute(f"""
        CREATE OR REPLACE TEMP TABLE batch_worked_single AS
        WITH {_KNOWN},
        pairs AS (
          SELECT DISTINCT source_id, conversation_id, "start" AS starts, "end" AS ends FROM {table}
          WHERE "start" IS NOT NULL AND "end" IS NOT NULL),
        placed AS (
          SELECT p.*, c.calendar
          FROM pairs p
          LEFT JOIN batch_calendars c ON c.source_id = p.source_id AND c.conversation_id = p.conversation_id
          WHERE {_in_force("p.ends")}),
        begun AS (
          SELECT p.*, {_count("p.starts")} AS start_us
          FROM placed p
          ASOF LEFT JOIN business_hours h ON h.calendar = p.calendar AND p.starts >= h.starts_at
          LEFT JOIN known k ON k.calendar = p.calendar)
        SELECT p.source_id, p.conversation_id, p.starts, p.ends,
          CASE WHEN p.starts <= p.ends THEN {_count("p.ends")} - p.start_us END AS worked_us
        FROM begun p
        ASOF LEFT JOIN business_hours h ON h.calendar = p.calendar AND p.ends >= h.starts_at
        LEFT JOIN known k ON k.calendar = p.calendar""")


def worked_in(writer: Writer, table: str) -> None:
    """The temporary table `batch_worked_in` (source_id, conversation_id, calendar, moment, worked_us).

    `table` has the first four columns; equal rows become one. Without a calendar all time counts.
    """
    writer.execute(f"""
        CREATE OR REPLACE TEMP TABLE batch_worked_in AS
        WITH {_KNOWN},
        moments AS (SELECT DISTINCT source_id, conversation_id, calendar, moment FROM {table})
        SELECT m.source_id, m.conversation_id, m.calendar, m.moment,
          CASE WHEN m.calendar IS NOT NULL THEN {_count("m.moment")}
            WHEN isfinite(m.moment) THEN epoch_us(m.moment) END AS worked_us
        FROM moments m
        ASOF LEFT JOIN business_hours h ON h.calendar = m.calendar AND m.moment >= h.starts_at
        LEFT JOIN known k ON k.calendar = m.calendar""")


def due(writer: Writer, table: str) -> None:
    """The temporary table `batch_due` (source_id, conversation_id, id, due_at): when needed_us have passed.

    `table` has columns source_id, conversation_id, id, calendar, start_at and needed_us; without a calendar all time
    counts. Each row is answered. The earliest such instant is taken: the start itself when nothing is needed, the end
    of a stretch rather than the beginning of the next. NULL when the known hours do not reach that far.
    """
    writer.execute(f"""
        CREATE OR REPLACE TEMP TABLE batch_due AS
        WITH {_KNOWN},
        asked AS (SELECT t.*, row_number() OVER () AS place FROM {table} t WHERE true),
        wanted AS (
          SELECT a.*, {_count("a.start_at")} + a.needed_us AS goal_us
          FROM (FROM asked WHERE calendar IS NOT NULL AND needed_us BETWEEN 1 AND {LONGEST_US}) a
          ASOF LEFT JOIN business_hours h ON h.calendar = a.calendar AND a.start_at >= h.starts_at
          LEFT JOIN known k ON k.calendar = a.calendar),
        open_hours AS (FROM business_hours WHERE ends_at > starts_at),
        reached AS (
          SELECT w.place, h.starts_at + to_microseconds(w.goal_us - h.worked_before_us) AS due_at, h.ends_at
          FROM wanted w
          ASOF JOIN open_hours h ON h.calendar = w.calendar AND w.goal_us > h.worked_before_us)
        SELECT a.source_id, a.conversation_id, a.id, CASE
            WHEN a.needed_us <= 0 THEN a.start_at
            WHEN a.calendar IS NULL AND a.needed_us <= {LONGEST_US} THEN a.start_at + to_microseconds(a.needed_us)
            WHEN r.due_at <= r.ends_at THEN r.due_at END AS due_at
        FROM asked a LEFT JOIN reached r ON r.place = a.place""")
