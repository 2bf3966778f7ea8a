"""What a list of conversations is asked for: its order, its filters of one click, and a place in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from analytics.population import is_open
from analytics.question import moment
from analytics.ratings import BAD_TOLD, GOOD
from core.filters import Filters

if TYPE_CHECKING:
    import ibis.expr.types as ir

Kind = Literal["moment", "number"]
Span = tuple[float | None, float | None]  # from, and up to but not including; None is no end


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of the list: what it is called, the column, and the one in working time where there is one."""

    title: str
    column: str
    descending: bool
    kind: Kind
    business: str = ""


CREATED_SORTS: dict[str, Sort] = {
    "newest": Sort("Newest first", "created_local", True, "moment"),
    "oldest": Sort("Oldest first", "created_local", False, "moment"),
    "active": Sort("Latest activity first", "last_activity_local", True, "moment"),
    "quiet": Sort("Longest without activity", "last_activity_local", False, "moment"),
    "slow_reply": Sort("Slowest first reply", "first_reply_s", True, "number", "first_reply_business_s"),
    "fast_reply": Sort("Fastest first reply", "first_reply_s", False, "number", "first_reply_business_s"),
    "slow_solve": Sort(
        "Longest resolution", "full_resolution_s", True, "number", "full_resolution_business_s"
    ),
    "fast_solve": Sort(
        "Shortest resolution", "full_resolution_s", False, "number", "full_resolution_business_s"
    ),
    "unhappy": Sort("Most negative first", "sentiment_score", False, "number"),
    "happy": Sort("Most positive first", "sentiment_score", True, "number"),
}
METRIC_SORTS: dict[str, Sort] = {
    "newest": Sort("Latest first", "at", True, "moment"),
    "oldest": Sort("Earliest first", "at", False, "moment"),
    "high": Sort("Highest value first", "value", True, "number"),
    "low": Sort("Lowest value first", "value", False, "number"),
}


@dataclass(frozen=True, slots=True)
class Quick:
    """A filter of one click: what it is called, what it means, and its rows of the facts.

    `chosen` is given the facts and how far the data is known (wall-clock time of the reporting zone).
    """

    title: str
    text: str
    chosen: Callable[[ir.Table, datetime], ir.BooleanValue]


def _is_breached(facts: ir.Table, known: datetime) -> ir.BooleanValue:
    overdue = is_open(facts) & (facts.open_due_local < moment(known)).fill_null(False)
    return (facts.missed_targets > 0).fill_null(False) | overdue


QUICK: dict[str, Quick] = {
    "open": Quick(
        "Open", "New, open, pending or on hold. What has no status is not among them.", lambda facts, known: is_open(facts),
    ),
    "unassigned": Quick(
        "Unassigned", "Open, and no agent holds it.",
        lambda facts, known: is_open(facts) & (facts.agent.fill_null("") == ""),
    ),
    "waiting": Quick(
        "Waiting for us", "Open, and the customer spoke last.",
        lambda facts, known: is_open(facts) & facts.waiting_since_at.notnull(),
    ),
    "breached": Quick("Breached", "At least one SLA target was missed, or is overdue now.", _is_breached),
    "low_rating": Quick(
        "Low rating", f"The last rating is not a good one: {BAD_TOLD}.", lambda facts, known: facts.csat_score < GOOD,
    ),
    "reopened": Quick("Reopened", "Open again after a solve, at least once.", lambda facts, known: facts.reopens > 0),
    "negative": Quick(
        "Negative", "The customer's words are negative on the whole.",
        lambda facts, known: facts.sentiment == "negative",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """What is listed. `of` is a metric, empty: conversations created in the period.

    `hits` keeps of a share only its hits (True) or only the others (False). `counted` leaves out what is in no
    number; a metric decides that itself. `quick` names filters of QUICK, all of which must hold. `span` keeps of a
    metric the rows whose value, in its unit, lies there.
    """

    filters: Filters
    of: str = ""
    hits: bool | None = None
    quick: tuple[str, ...] = ()
    counted: bool = True
    sort: str = "newest"
    span: Span | None = None

    @property
    def order(self) -> Sort:
        """Its order; the newest first where the name is not known."""
        sorts = sorts_of(self.of)
        chosen = sorts.get(self.sort, sorts["newest"])
        if self.filters.hours == "business" and chosen.business:
            return replace(chosen, column=chosen.business)
        return chosen


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in the list: its value in the list's order, then its key. `part` tells its rows apart."""

    value: datetime | float | None
    source_id: str
    conversation_id: str
    part: int = 0


def sorts_of(of: str) -> dict[str, Sort]:
    """The orders of a list: of conversations created, or behind a metric."""
    return METRIC_SORTS if of else CREATED_SORTS
