"""Values of closed days as they were told: recorded when first known, and again when they changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from core.filters import NONE
from core.viewer import EVERYTHING
from store.kept_values import recall, remember

if TYPE_CHECKING:
    import duckdb

    from store.reader import Reader
    from store.writer import Writer

KeptGrain = Literal["day", "month"]
_ZONE = "ledger:zone"


@dataclass(frozen=True, slots=True)
class Kept:
    """One metric to keep: a SELECT of its rows (at, measure, team, channel) within closed days, and its rule.

    `value` is SQL of the number over `measure`. Of `grains` the days, and months where they cannot be put
    together from days. `closed` is the first day that is not over.
    """

    metric: str
    rows: str
    value: str
    grains: tuple[KeptGrain, ...]
    closed: date


@dataclass(frozen=True, slots=True)
class Then:
    """A bucket of a segment as it was told at some time."""

    day: date
    segment: str
    value: float | None
    n: int


def record(writer: Writer, kept: Kept, *, now: datetime, today: datetime) -> int:
    """Record the values that changed since they were recorded last; gives how many.

    Only days whose rows changed are computed. What was recorded earlier on the same day (`today`: when it began,
    as an instant) is replaced, so the ledger answers by the day and does not grow with the number of refreshes.
    """
    con = writer.con
    with writer.transaction():
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE ledger_days AS
                SELECT "at"::DATE AS day, (sum(hash(team, channel, measure)) % 18446744073709551615)::UBIGINT AS fingerprint
                FROM ({kept.rows}) GROUP BY 1"""
        )
        con.execute(
            """CREATE OR REPLACE TEMP TABLE ledger_changed AS SELECT day FROM ledger_days n
               FULL JOIN (SELECT day, fingerprint FROM metric_ledger_days WHERE metric = ?) o USING (day)
               WHERE n.fingerprint IS DISTINCT FROM o.fingerprint""",
            [kept.metric],
        )
        if not con.execute("SELECT count(*) FROM ledger_changed").fetchall()[0][0]:
            return 0
        told = sum(_record_grain(con, kept, grain, now, today) for grain in kept.grains)
        con.execute(
            "DELETE FROM metric_ledger_days WHERE metric = ? AND day IN (FROM ledger_changed)", [kept.metric]
        )
        con.execute(
            "INSERT INTO metric_ledger_days SELECT ?, day, fingerprint FROM ledger_days WHERE day IN (FROM ledger_changed)",
            [kept.metric],
        )
    return told


def _record_grain(
    con: duckdb.DuckDBPyConnection, kept: Kept, grain: KeptGrain, now: datetime, today: datetime
) -> int:
    over = [kept.closed]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE ledger_buckets AS
            SELECT DISTINCT date_trunc('{grain}', day)::DATE AS day FROM ledger_changed
            WHERE (date_trunc('{grain}', day) + INTERVAL 1 {grain})::DATE <= ?""",
        over,
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE ledger_values AS
            WITH r AS (SELECT date_trunc('{grain}', "at")::DATE AS day, measure,
              coalesce(nullif(team, ''), '{NONE}') AS team, coalesce(nullif(channel, ''), '{NONE}') AS channel
              FROM ({kept.rows}) WHERE date_trunc('{grain}', "at")::DATE IN (FROM ledger_buckets))
            SELECT day, CASE WHEN grouping(team) = 0 THEN 'team' WHEN grouping(channel) = 0 THEN 'channel'
              ELSE 'total' END AS dimension, coalesce(team, channel, '') AS segment,
              ({kept.value})::DOUBLE AS value, count(*) AS n
            FROM r GROUP BY GROUPING SETS ((day), (day, team), (day, channel))"""
    )
    key = [kept.metric, grain]
    con.execute(
        """DELETE FROM metric_ledger WHERE metric = ? AND grain = ? AND recorded_at >= ?
           AND day IN (FROM ledger_buckets)""",
        [*key, today],
    )
    row = con.execute(
        """INSERT INTO metric_ledger
           SELECT $1, $2, day, dimension, segment, v.value, coalesce(v.n, 0), $3::TIMESTAMPTZ
           FROM ledger_values v FULL JOIN (
             SELECT day, dimension, segment, arg_max({value, n}, recorded_at) AS last FROM metric_ledger
             WHERE metric = $1 AND grain = $2 AND day IN (FROM ledger_buckets) GROUP BY ALL) l
             USING (day, dimension, segment)
           WHERE v.value IS DISTINCT FROM l.last.value OR coalesce(v.n, 0) <> coalesce(l.last.n, 0)""".replace(
            "{value, n}", "{'value': value, 'n': n}"
        ),
        [*key, now],
    ).fetchone()
    return int(row[0]) if row else 0


def follow_zone(writer: Writer, zone: str) -> None:
    """Begin anew where days were those of another reporting zone."""
    if recall(writer, _ZONE) == zone:
        return
    with writer.transaction():
        for table in ("metric_ledger", "metric_ledger_days"):
            writer.execute(f"DELETE FROM {table}")
        remember(writer, _ZONE, zone)


def known_at(
    reader: Reader, metric: str, grain: KeptGrain, dimension: str, start: date, end: date, at: datetime
) -> list[Then]:
    """The buckets from `start` to `end` as the ledger knew them at an instant, by day and segment."""
    rows = reader.query(
        """SELECT day, segment, arg_max({'value': value, 'n': n}, recorded_at) AS last FROM {metric_ledger}
           WHERE metric = ? AND grain = ? AND dimension = ? AND day BETWEEN ? AND ? AND recorded_at < ?
           GROUP BY ALL ORDER BY ALL""",
        [metric, grain, dimension, start, end, at],
        viewer=EVERYTHING,
    )
    return [Then(r["day"], r["segment"], r["last"]["value"], r["last"]["n"]) for r in rows.to_pylist()]


def first_told(reader: Reader, metric: str | None, day: date | None = None) -> datetime | None:
    """When the ledger began to hold a metric (None: any), or its days from `day` on."""
    rows = reader.query(
        """SELECT min(recorded_at) AS at FROM {metric_ledger} WHERE grain = 'day'
           AND (?::VARCHAR IS NULL OR metric = ?) AND (?::DATE IS NULL OR day >= ?)""",
        [metric, metric, day, day],
        viewer=EVERYTHING,
    ).to_pylist()
    found: datetime | None = rows[0]["at"]
    return found


def last_day(reader: Reader, metric: str | None, at: datetime) -> date | None:
    """The last day that was closed and known at an instant: of a metric, or of any."""
    rows = reader.query(
        "SELECT max(day) AS day FROM {metric_ledger} WHERE grain = 'day' AND recorded_at < ? "
        "AND (?::VARCHAR IS NULL OR metric = ?)",
        [at, metric, metric],
        viewer=EVERYTHING,
    ).to_pylist()
    found: date | None = rows[0]["day"]
    return found
