"""What needs hands now: open conversations at an instant, how long they wait, and which are at risk, with reasons.

Open, held and waiting are as of the generation; what has passed since then is counted up to the instant asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from analytics import dimensions
from analytics.memo import per_reader
from analytics.population import counted_sql, is_counted, is_open
from analytics.shapes import sql_of
from core import numbers
from core.filters import Filters
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from analytics.base import TableOf
    from store.reader import Reader

SOON = timedelta(hours=1)  # a target due within it is about to be breached
CONTACTS, CONTACT_DAYS = 3, 14  # so many conversations of one requester within so many days
MOST = 50
Kind = Literal["risk", "waiting", "unassigned", "breaching", "breached", "open"]
# What is known of a customer's worth: a number whose top band counts, or a word for a large contract.
WORTH = frozenset({"mrr", "arr", "ltv", "clv", "revenue", "spend", "turnover", "worth", "value"})
TIERS = frozenset({"plan", "tier", "segment", "package", "edition", "account"})
LARGE = ("enterprise", "vip", "platinum", "premium", "gold", "strategic", "key account")


@dataclass(frozen=True, slots=True)
class Load:
    """What one agent (empty: nobody) holds: open conversations, and of those how many customers wait."""

    agent: str
    open: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Strip:
    """Open conversations at an instant (UTC). `longest_s` is how long the longest waiting customer waits, in seconds.

    `load` is sorted by what is held, the most first; nobody's conversations are `unassigned`. `silent` are sources
    whose conversations have no status, so that none of them is known to be open.
    """

    at: datetime
    open: int
    unassigned: int
    waiting: int
    longest_s: float | None
    breaching: int
    breached: int
    risk: int
    load: tuple[Load, ...]
    silent: tuple[str, ...] = ()

    @property
    def held_by(self) -> tuple[Load, ...]:
        """What people hold, without what is nobody's."""
        return tuple(one for one in self.load if one.agent)


@dataclass(frozen=True, slots=True)
class OpenRow:
    """One open conversation; ages in seconds, `due_s` until the next target that runs (negative: overdue)."""

    source: str
    conversation_id: str
    subject: str | None
    requester: str | None
    team: str | None
    agent: str | None
    priority: str | None
    channel: str | None
    status: str
    age_s: float
    waited_s: float | None
    due_s: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenList:
    """The first `MOST` open conversations of a kind, and how many there are in all."""

    rows: tuple[OpenRow, ...]
    total: int


def strip(reader: Reader, filters: Filters, at: datetime, *, settings: Settings, viewer: Viewer) -> Strip:
    """The numbers of an instant. The filters' period is not looked at: open is open. Raises QuestionError."""
    rows = _asked(reader, filters, _NUMBERS, at, settings, viewer)
    *agents, total = rows
    return Strip(
        at=at, longest_s=_seconds(total["longest"], at), silent=_silent(reader, viewer),
        load=tuple(Load(row["agent"], row["open"], row["waiting"]) for row in agents),
        **{name: total[name] for name in ("open", "unassigned", "waiting", "breaching", "breached", "risk")},
    )  # fmt: skip


def listed(
    reader: Reader, filters: Filters, kind: Kind, at: datetime, *, settings: Settings, viewer: Viewer
) -> OpenList:
    """Open conversations of a kind, the most urgent first. At risk: those with the most reasons. Raises QuestionError."""
    where, order = KINDS[kind]
    sql = f"SELECT * FROM told WHERE {where} ORDER BY {order}, {_TIE} LIMIT {MOST}"
    rows = _asked(reader, filters, sql, at, settings, viewer)
    total = len(rows)
    if total == MOST:  # counted apart: a count beside the rows would read every column of every row
        counting = f"SELECT count(*) AS n FROM told WHERE {where}"
        total = _asked(reader, filters, counting, at, settings, viewer)[0]["n"]
    return OpenList(tuple(_row(row, at) for row in rows), total)


def reasons(row: Mapping[str, Any], at: datetime) -> tuple[str, ...]:
    """Why an open conversation is at risk, in words; none for most.

    `row` holds sentiment, sentiment_score, contacts, worth (words or None) and open_due_at.
    """
    found = []
    if row["sentiment"] == "negative":
        score = row["sentiment_score"]
        found.append("unhappy" if score is None else f"unhappy ({numbers.score(score)})")
    if (row["contacts"] or 0) >= CONTACTS:
        found.append(f"contact {row['contacts']} in {CONTACT_DAYS} days")
    if row["worth"]:
        found.append(row["worth"])
    if row["open_due_at"] is not None and row["open_due_at"] < at + SOON:
        left = (row["open_due_at"] - at).total_seconds()
        told = numbers.duration(abs(left))
        found.append(f"target overdue by {told}" if left < 0 else f"target due in {told}")
    return tuple(found)


_TIE = "source_id, conversation_id"
_WAITS = "waiting_since_at NULLS LAST, created_at"
KINDS: dict[Kind, tuple[str, str]] = {
    "risk": ("risks > 0", f"risks DESC, {_WAITS}"),
    "waiting": ("waiting_since_at IS NOT NULL", _WAITS),
    "unassigned": ("is_unassigned", _WAITS),
    "breaching": ("is_soon", "open_due_at"),
    "breached": ("is_breached", f"open_due_at NULLS LAST, {_WAITS}"),
    "open": ("true", "created_at"),
}
_NUMBERS = """
  SELECT grouping(agent) AS is_total, agent, count(*) AS open, count(*) FILTER (is_unassigned) AS unassigned,
    count(waiting_since_at) AS waiting, min(waiting_since_at) AS longest, count(*) FILTER (is_soon) AS breaching,
    count(*) FILTER (is_breached) AS breached, count(*) FILTER (risks > 0) AS risk
  FROM told GROUP BY GROUPING SETS ((), (agent)) ORDER BY is_total, open DESC, agent"""
# What was open when the generation was made, with what an instant makes of it: the parameters are it and when targets are due soon.
_TOLD = """
  WITH told AS (
    SELECT o.* REPLACE (coalesce(o.agent, '') AS agent), f.contacts, coalesce(o.agent, '') = '' AS is_unassigned,
      coalesce(o.open_due_at >= p.at AND o.open_due_at < p.soon, false) AS is_soon,
      coalesce(o.missed_targets > 0, false) OR coalesce(o.open_due_at < p.at, false) AS is_breached,
      coalesce(o.sentiment = 'negative', false)::INT + (f.contacts IS NOT NULL)::INT + (o.worth IS NOT NULL)::INT
        + coalesce(o.open_due_at < p.soon, false)::INT AS risks
    FROM ({open}) o
    LEFT JOIN frequent_contacts f ON f.source_id = o.source_id AND f.conversation_id = o.conversation_id,
      (SELECT ?::TIMESTAMPTZ AS at, ?::TIMESTAMPTZ AS soon) p)"""
# How many conversations its requester had begun within the days up to each one: of open ones with so many.
_FREQUENT = f"""
  WITH open AS (
    SELECT source_id, conversation_id, requester_id, created_at FROM {{conversation_facts}}
    WHERE NOT is_solved AND trim(coalesce(requester_id, '')) <> ''),
  theirs AS (
    SELECT t.source_id, t.conversation_id, count(*) OVER (
      PARTITION BY t.source_id, t.requester_id ORDER BY t.created_at
      RANGE BETWEEN INTERVAL {CONTACT_DAYS} DAYS PRECEDING AND CURRENT ROW) AS contacts
    FROM {{conversation_facts}} t SEMI JOIN open o ON o.source_id = t.source_id AND o.requester_id = t.requester_id
    WHERE {counted_sql("t")} AND t.created_at >= (SELECT min(created_at) FROM open) - INTERVAL {CONTACT_DAYS} DAYS)
  SELECT source_id, conversation_id, contacts FROM theirs SEMI JOIN open USING (source_id, conversation_id)
  WHERE contacts >= {CONTACTS}"""
_SHOWN = (
    "source_id", "conversation_id", "subject", "requester_id", "requester", "team", "agent", "priority", "channel",
    "status", "created_at", "waiting_since_at", "open_due_at", "missed_targets", "sentiment", "sentiment_score",
)  # fmt: skip


def _asked(
    reader: Reader, filters: Filters, sql: str, at: datetime, settings: Settings, viewer: Viewer
) -> list[dict[str, Any]]:
    high = tuple(large(reader, viewer).items())
    include = (*filters.include, *settings.counting.include)
    wanted = _Wanted(filters.over(None), include, high)
    told = _TOLD.replace("{open}", sql_of(_open, reader, wanted, viewer))
    rows: list[dict[str, Any]] = reader.select(
        f"{told} {sql}", [at, at + SOON], {"frequent_contacts": _frequent(reader, include, viewer)}
    ).to_pylist()
    return rows


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Open conversations of some filters: what is counted by name, and which customers are of high value (`large`)."""

    filters: Filters
    include: tuple[str, ...]
    high: tuple[tuple[str, tuple[str, tuple[str, ...]]], ...]


def _open(tables: TableOf, wanted: _Wanted) -> ir.Table:
    """A row an open conversation: what is shown of it, and `worth` in words. It holds no instant."""
    filters = wanted.filters
    facts = dimensions.where(dimensions.facts(tables, dimensions.names_of(filters)), filters)
    rows = facts.filter(is_counted(facts, wanted.include), is_open(facts))
    return rows.mutate(worth=_worth(rows, dict(wanted.high))).select(*_SHOWN, "worth")


@per_reader
def _frequent(reader: Reader, include: tuple[str, ...], viewer: Viewer) -> pa.Table:
    """Open conversations of requesters who come again and again, by what counts besides; no instant decides it."""
    return reader.query(_FREQUENT, [list(include)], viewer=viewer)


def _worth(rows: ir.Table, high: Mapping[str, tuple[str, tuple[str, ...]]]) -> ir.StringColumn:
    """Words for a customer of high value: "MRR 5k and more"; NULL for all others."""
    import ibis

    words: ir.StringColumn = ibis.null("string")
    for column, (title, values) in high.items():
        named = title + " " + rows[column].cast("string")
        words = ibis.coalesce(words, rows[column].cast("string").isin(values).ifelse(named, None))
    return words


@per_reader
def large(reader: Reader, viewer: Viewer) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Attributes that tell a customer's worth: column of the facts to its title and the values that are high.

    Of a number the top band (the top quarter of customers, or the highest value where there are few); of a plan or
    tier the values that name a large one.
    """
    found = {}
    for one in reader.query("SELECT name, title, kind, edges FROM {attributes} WHERE is_dimension ORDER BY name",
                            viewer=viewer).to_pylist():  # fmt: skip
        words = {*one["name"].split("_")}
        if one["kind"] == "number" and words & WORTH:
            values = _top(reader, one["name"], viewer)
        elif one["kind"] == "text" and words & (WORTH | TIERS):
            told = _values(reader, one["name"], viewer)
            values = tuple(value for value in told if any(word in value.casefold() for word in LARGE))
            values = values or (_top(reader, one["name"], viewer) if words & WORTH else ())
        else:
            continue
        if values:
            found[dimensions.ATTRIBUTE + one["name"]] = (one["title"], values)
    return found


def _top(reader: Reader, name: str, viewer: Viewer) -> tuple[str, ...]:
    """The band that has no upper end, or the highest of a few numbers."""
    told = _values(reader, name, viewer)
    bands = tuple(value for value in told if value.endswith(" and more"))
    plain = {value: float(value) for value in told if _is_number(value)}
    return bands or ((max(plain, key=lambda value: plain[value]),) if len(plain) > 1 else ())


def _values(reader: Reader, name: str, viewer: Viewer) -> list[str]:
    rows = reader.query(
        "SELECT DISTINCT value FROM {requester_attributes} WHERE name = ? AND value IS NOT NULL ORDER BY 1",
        [name],
        viewer=viewer,
    )
    return [str(value) for value in rows["value"].to_pylist()]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@per_reader
def _silent(reader: Reader, viewer: Viewer) -> tuple[str, ...]:
    rows = reader.query(
        "SELECT source_id FROM {conversation_facts} GROUP BY 1 HAVING count(is_solved) = 0 ORDER BY 1",
        viewer=viewer,
    )
    return tuple(rows["source_id"].to_pylist())


def _row(row: Mapping[str, Any], at: datetime) -> OpenRow:
    return OpenRow(
        row["source_id"], row["conversation_id"], row["subject"], row["requester"], row["team"], row["agent"],
        row["priority"], row["channel"], row["status"], _seconds(row["created_at"], at) or 0.0,
        _seconds(row["waiting_since_at"], at), _seconds(at, row["open_due_at"]), reasons(row, at),
    )  # fmt: skip


def _seconds(earlier: datetime | None, later: datetime | None) -> float | None:
    return (later - earlier).total_seconds() if earlier and later else None
