"""What was so of a conversation before it was solved or rated: how it began, and how it was handled until then.

Columns that no table holds, worked out where a question speaks of them. Nothing here can be a consequence of a reopen
or a rating: handling counts up to the first solve or the rating, whichever came first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import WEEKDAYS
from core.keys import KEYS
from store.spoken import spoken_rows

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import TableOf

HOURS = ("00-05", "06-08", "09-11", "12-14", "15-17", "18-23")
PACES = ("within 15 minutes", "within 1 hour", "within 4 hours", "within 1 day", "after a day")
IN_HOURS = ("in working hours", "outside working hours")
AGENTS = ("1", "2", "3 or more")
REPLIES = ("0", "1", "2", "3", "4 or more")
CREATED_WEEKDAY, CREATED_HOURS, CREATED_IN_HOURS = "created_weekday", "created_hours", "created_in_hours"
EARLY_AGENTS, EARLY_REPLIES, EARLY_PACE, FIRST_WORDS = (
    "early_agents",
    "early_replies",
    "early_pace",
    "first_words",
)
COLUMNS = (
    CREATED_WEEKDAY,
    CREATED_HOURS,
    CREATED_IN_HOURS,
    EARLY_AGENTS,
    EARLY_REPLIES,
    EARLY_PACE,
    FIRST_WORDS,
)
_ADDRESSES = r"\S+@\S+|\w+://\S+|www\.\S+"  # of which a part is no word
_BETWEEN = r"[^\p{L}]+"
_MOST_CHARACTERS = 2000  # of a first message: what it is about is said at its beginning


def with_columns(facts: ir.Table, tables: TableOf, columns: set[str]) -> ir.Table:
    """The facts with those of COLUMNS that are among `columns`."""
    wanted = [name for name in COLUMNS if name in columns]
    if not wanted:
        return facts
    facts = facts.mutate(**{name: _OF_THE_ROW[name](facts) for name in wanted if name in _OF_THE_ROW})
    for name in wanted:
        if name in _JOINED:
            facts = _joined(facts, _JOINED[name](facts, tables), name)
    return facts


def _joined(facts: ir.Table, found: ir.Table, name: str) -> ir.Table:
    both = facts.left_join(found, KEYS)
    return both.select(*facts.columns, name)


def _until(facts: ir.Table) -> ir.Value:
    """The first solve or the rating, whichever came first; NULL while there is neither."""
    import ibis

    first: ir.Value = ibis.least(
        ibis.coalesce(facts.first_solved_at, facts.csat_rated_at),
        ibis.coalesce(facts.csat_rated_at, facts.first_solved_at),
    )
    return first


def _weekday(facts: ir.Table) -> ir.Value:
    day: ir.Value = facts.created_local.day_of_week.index().cases(*enumerate(WEEKDAYS))
    return day


def _hours(facts: ir.Table) -> ir.Value:
    import ibis

    hour = facts.created_local.hour()
    ends = ((6, HOURS[0]), (9, HOURS[1]), (12, HOURS[2]), (15, HOURS[3]), (18, HOURS[4]), (24, HOURS[5]))
    told: ir.Value = ibis.cases(*((hour < end, name) for end, name in ends))
    return told


def _in_hours(facts: ir.Table, tables: TableOf) -> ir.Table:
    """Whether it was created in the working hours of its calendar; no row where there is none, or not for that time."""
    import ibis

    hours = tables("business_hours")
    known = hours.group_by("calendar").aggregate(since=hours.starts_at.min(), until=hours.ends_at.max())
    rows = facts.select(*KEYS, "calendar", at=facts.created_at).inner_join(known, "calendar")
    rows = rows.filter(rows["at"] >= rows.since, rows["at"] < rows.until).select(*KEYS, "calendar", "at")
    at = rows["at"]
    open_then = rows.inner_join(
        hours, [rows.calendar == hours.calendar, at >= hours.starts_at, at < hours.ends_at]
    )
    inside = open_then.select(*KEYS, is_open=ibis.literal(True)).distinct()
    both = rows.left_join(inside, KEYS).select(*KEYS, "is_open")
    return both.select(*KEYS, **{CREATED_IN_HOURS: both.is_open.fill_null(False).ifelse(*IN_HOURS)})


def _pace(facts: ir.Table) -> ir.Value:
    """How fast the first reply was; NULL where there was none before the solve or rating."""
    import ibis

    waited = (facts.first_reply_at <= _until(facts)).ifelse(facts.first_reply_s, None)
    ends = zip((900, 3600, 14_400, 86_400), PACES, strict=False)
    told: ir.Value = ibis.cases(*((waited <= end, name) for end, name in ends), (waited.notnull(), PACES[-1]))
    return told


def _agents(facts: ir.Table, tables: TableOf) -> ir.Table:
    """How many agents held it by then."""
    held = _before(facts, tables("open_spans"), "opened_at", "agent", inclusive=False)
    held = held.filter(held.agent.notnull())
    n = held.group_by(KEYS).aggregate(n=held.agent.nunique())
    return n.select(*KEYS, **{EARLY_AGENTS: _up_to(n.n, AGENTS, 1)})


def _replies(facts: ir.Table, tables: TableOf) -> ir.Table:
    """How many replies it had by then, that which came with the solve included."""
    told = _before(facts, tables("replies"), "replied_at", "is_reply", inclusive=True)
    n = told.group_by(KEYS).aggregate(n=told.is_reply.fill_null(False).ifelse(1, 0).sum())
    return n.select(*KEYS, **{EARLY_REPLIES: _up_to(n.n, REPLIES, 0)})


def _before(facts: ir.Table, rows: ir.Table, at: str, what: str, *, inclusive: bool) -> ir.Table:
    """Rows of conversations up to their solve or rating; one row without a value where there is none."""
    ends = facts.select(*KEYS, until=_until(facts))
    ends = ends.filter(ends.until.notnull())
    both = ends.left_join(rows.select(*KEYS, what, at=rows[at]), KEYS).select(*KEYS, "until", "at", what)
    inside = both["at"] <= both.until if inclusive else both["at"] < both.until
    return both.mutate(**{what: inside.ifelse(both[what], None)})


def _up_to(n: ir.Value, names: tuple[str, ...], first: int) -> ir.Value:
    """A number in words; the last name stands for all from there on, NULL below the first."""
    import ibis

    told = [(n == first + place, name) for place, name in enumerate(names[:-1])]
    found: ir.Value = ibis.cases(*told, (n >= first + len(names) - 1, names[-1]))
    return found


def _first_words(facts: ir.Table, tables: TableOf) -> ir.Table:
    """The different words of the customer's first public message, in lower case, as its author wrote it."""
    import ibis

    messages = tables("messages")
    said = messages.filter(messages.author_role == "customer", spoken_rows(messages))
    firsts = said.group_by(KEYS).aggregate(message_id=said.message_id.argmin(ibis.coalesce(said.seq, 0)))
    texts = firsts.inner_join(
        said.select("source_id", "message_id", "body_text"), ["source_id", "message_id"]
    )
    cleaned = tables("message_enrichment").select("source_id", "message_id", "clean_text")
    texts = texts.left_join(cleaned, ["source_id", "message_id"]).select(*KEYS, "clean_text", "body_text")
    text = ibis.coalesce(texts.clean_text, texts.body_text, "").substr(0, _MOST_CHARACTERS)
    words = (
        text.re_replace(_ADDRESSES, " ").lower().re_split(_BETWEEN).unique().filter(lambda word: word != "")
    )
    return texts.select(*KEYS, **{FIRST_WORDS: words})


_OF_THE_ROW = {CREATED_WEEKDAY: _weekday, CREATED_HOURS: _hours, EARLY_PACE: _pace}
_JOINED = {
    CREATED_IN_HOURS: _in_hours,
    EARLY_AGENTS: _agents,
    EARLY_REPLIES: _replies,
    FIRST_WORDS: _first_words,
}
