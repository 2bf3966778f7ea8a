"""The columns of the list: which there are, which are shown, and how a row becomes their cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from core import numbers
from core.filters import Hours
from ui import data, state
from ui.data_conversations import Behind

MOOD_COLUMNS = frozenset({"mood", "mood_score"})
SLA_NAMES = {"first_reply": "first reply", "next_reply": "next reply", "resolution": "resolution"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: its title, the fact it shows, and how: text, moment, seconds, number, share or list."""

    title: str
    fact: str
    kind: str = "text"
    business: str = ""


COLUMNS: dict[str, Column] = {
    "created": Column("Created", "created_local", "moment"),
    "subject": Column("Subject", "subject"),
    "customer": Column("Customer", "requester"),
    "channel": Column("Channel", "channel"),
    "team": Column("Team", "team"),
    "agent": Column("Agent", "agent"),
    "status": Column("Status", "status"),
    "priority": Column("Priority", "priority"),
    "topic": Column("Topic", "topic"),
    "mood": Column("Mood", "sentiment"),
    "first_reply": Column("First reply", "first_reply_s", "seconds", "first_reply_business_s"),
    "resolution": Column("Resolution", "full_resolution_s", "seconds", "full_resolution_business_s"),
    "messages": Column("Messages", "message_count", "number"),
    "activity": Column("Last activity", "last_activity_local", "moment"),
    "waiting": Column("Waiting since", "waiting_since_local", "moment"),
    "due": Column("Next target due", "open_due_local", "moment"),
    "missed": Column("Missed targets", "missed_targets", "number"),
    "rating": Column("Rating", "csat_score", "share"),
    "reopens": Column("Reopened", "reopens", "number"),
    "handoffs": Column("Handoffs", "handoffs", "number"),
    "replies": Column("Agent replies", "agent_replies", "number"),
    "mood_score": Column("Mood score", "sentiment_score", "score"),
    "organization": Column("Organization", "organization"),
    "product": Column("Product", "product"),
    "brand": Column("Brand", "brand"),
    "type": Column("Form or type", "type"),
    "language": Column("Language", "language"),
    "tags": Column("Tags", "tags", "list"),
    "source": Column("Source", "source_id"),
    "id": Column("Id", "conversation_id"),
    "excluded": Column("Not counted", "excluded_because"),
}
USUAL = (
    "created", "subject", "customer", "channel", "team", "agent", "status", "priority", "topic", "mood", "first_reply",
    "resolution",
)  # fmt: skip


def offered() -> dict[str, Column]:
    """Every column there is: the facts, then attributes of customers."""
    return {
        **COLUMNS,
        **{f"attribute_{n}": Column(t, f"attribute_{n}") for n, t in data.attributes().items()},
    }


def chosen() -> tuple[str, ...]:
    """The columns that the address names, else the usual ones; what is not counted says why where it is listed."""
    known = offered()
    named = tuple(name for name in dict.fromkeys(state.links("columns")) if name in known)
    return named or (*USUAL, *(("excluded",) if state.link("uncounted") else ()))


def extra_facts(names: tuple[str, ...]) -> tuple[str, ...]:
    """Facts of chosen columns that a row does not have by itself."""
    return tuple(name for name in names if name.startswith("attribute_"))


def kinds(names: tuple[str, ...], of: Behind | None) -> dict[str, str]:
    """Title to kind of the columns on screen, those of the metric first."""
    known = offered()
    chosen = {known[name].title: known[name].kind for name in names}
    if of is None:
        return chosen
    own = {title: kind for title, _, kind in _of_metric(of)}
    first = {title: kind for title, kind in chosen.items() if title == "Subject"}
    return {**first, **own, **chosen}


def cells(
    row: dict[str, Any],
    names: tuple[str, ...],
    of: Behind | None,
    hours: Hours,
    known: Mapping[str, Column] = COLUMNS,
) -> dict[str, Any]:
    """One row as it is shown: durations in seconds, shares from 0 to 1, moments as wall-clock times."""
    found = {title: read(row) for title, read, _ in _of_metric(of)} if of else {}
    for name in names:
        column = known[name]
        fact = column.business if hours == "business" and column.business else column.fact
        value = row.get(fact)
        if name == "subject":
            value = value or row["conversation_id"]
        elif column.kind == "list":
            value = ", ".join(value or ()) or None
        found[column.title] = value
    return found


Read = Callable[[dict[str, Any]], Any]


def _of_metric(of: Behind) -> list[tuple[str, Read, str]]:
    """What a metric's rows say themselves: title, how to read it, kind."""
    found: list[tuple[str, Read, str]] = []
    is_level = of.kind in ("level", "level_quantile")
    found.append(("Counts since" if is_level else "Counts on", lambda row: row["at"], "moment"))
    if is_level:
        found.append(("For", lambda row: row["value"], "seconds"))
    elif of.kind == "share":
        yes, no = ("met", "missed") if of.rows == "targets" else ("yes", "no")
        title = "Target" if of.rows == "targets" else "Hit"
        found.append((title, lambda row: yes if row["value"] == 1 else no, "text"))
    elif of.kind not in ("count", "rate", "ratio"):
        kind = {"seconds": "seconds", "share": "share"}.get(of.unit, "number")
        found.append((of.title, lambda row: row["value"], kind))
    if of.rows == "targets":
        found.append(("Target of", lambda row: SLA_NAMES.get(row["sla_metric"], row["sla_metric"]), "text"))
        found.append(("Allowed", lambda row: row["target_s"], "seconds"))
    if of.rows == "replies":
        found.append(("Replied by", lambda row: row.get("then_agent"), "text"))
    return found


FORMATS: dict[str, Callable[[Any], str]] = {
    "seconds": numbers.duration,
    "share": lambda value: numbers.percent(value),
    "score": numbers.score,
    "number": lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}",
}


def tells_moods(names: Collection[str]) -> bool:
    """Whether one of the columns is a mood, beside which stands who scored it."""
    return not MOOD_COLUMNS.isdisjoint(names)


def styled(rows: list[dict[str, Any]], kinds: dict[str, str]) -> Any:
    """The rows as a frame that shows durations and shares in words and sorts them by their size."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(kinds))
    formats: dict[Any, Any] = {}
    for title, kind in kinds.items():
        if kind in FORMATS:
            frame[title] = pd.to_numeric(frame[title], errors="coerce")
            formats[title] = FORMATS[kind]
    return frame.style.format(formats, na_rep=numbers.MISSING) if formats else frame


def worded(rows: list[dict[str, Any]], kinds: dict[str, str]) -> list[dict[str, Any]]:
    """The rows as the frame shows them, for a report."""
    return [{title: _word(row[title], kind) for title, kind in kinds.items()} for row in rows]


def _word(value: Any, kind: str) -> Any:
    return FORMATS[kind](value) if kind in FORMATS and value is not None else value


def config(kinds: dict[str, str]) -> dict[str, Any]:
    """How the browser shows the columns."""
    found: dict[str, Any] = {
        title: st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
        for title, kind in kinds.items() if kind == "moment"
    }  # fmt: skip
    found["Subject"] = st.column_config.TextColumn(width="medium")
    return found


def exported(value: Any, kind: str) -> Any:
    """A cell for a file: numbers as they are, moments as wall-clock times."""
    return value.replace(tzinfo=None) if kind == "moment" and isinstance(value, datetime) else value
