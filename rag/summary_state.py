"""Where a conversation stands and what comes next: said by code from the computed facts, never guessed from words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics.mentions import text_of
from analytics.ratings import GOOD
from core import numbers
from enrich.thanks import is_thanks
from rag.summary_words import is_settled
from store.spoken import is_spoken

if TYPE_CHECKING:
    from analytics.dossier import Dossier

UNHAPPY = -0.3  # a score of mood (-1 to 1) below it

Told = tuple[str, int]  # what is said, and the message from 1 that it rests on; 0 where there is none


def standing(opened: Dossier) -> Told:
    """Status with its duration, who waits, targets missed, reopens and rating; at the message that decided it."""
    facts = opened.facts
    parts = [_status(opened)]
    is_open = facts["is_solved"] is False  # None where no status is told
    if is_open and facts["waiting_since_local"]:
        waited = numbers.duration(_seconds(facts["waiting_since_local"], opened.known))
        parts.append(f"the customer has waited {waited} for a reply")
    if is_open and not facts["agent"]:
        parts.append("nobody holds it")
    missed = sum(target["state"] == "breached" for target in opened.targets)
    if missed:
        parts.append(f"{missed} target{'s' if missed > 1 else ''} missed")
    if facts["reopens"]:
        parts.append("reopened once" if facts["reopens"] == 1 else f"reopened {facts['reopens']:,} times")
    if facts["csat_score"] is not None:
        parts.append(f"rated {numbers.percent(facts['csat_score'])}")
    at = _at(opened, "agent", facts["last_solved_local"]) if facts["is_solved"] else 0
    return ", ".join(parts), at or len(opened.messages)


def _status(opened: Dossier) -> str:
    facts = opened.facts
    status = str(facts["status"] or ("solved" if facts["is_solved"] else "open"))
    word = "On hold" if status == "hold" else status.capitalize()
    if facts["is_solved"]:
        took = facts["full_resolution_s"]
        return word + (f" after {numbers.duration(took)}" if took is not None else "")
    created = facts["created_local"]
    return word + (f" for {numbers.duration(_seconds(created, opened.known))}" if created else "")


def next_step(opened: Dossier, promise: Told | None) -> Told:
    """What is to be done, by who spoke last and how it stands; `promise` is what an agent said would come."""
    if not opened.messages:
        return "Nothing was written: look at its source", 0
    return _when_solved(opened, promise) if opened.facts["is_solved"] else _while_open(opened, promise)


def _while_open(opened: Dossier, promise: Told | None) -> Told:
    facts = opened.facts
    number, last = _last_public(opened)
    who = "" if facts["agent"] else "Assign it to somebody, then "
    if last is None or last["author_role"] in ("customer", "unknown", None):
        first = _first_unanswered(opened) or number or 1
        return _starting(f"{who}reply to the customer, whose message is unanswered"), first
    if promise:
        return _starting(f"{who}keep what was promised: “{promise[0]}”"), promise[1]
    if facts["status"] == "hold":
        return _starting(f"{who}see whether what it waits for has come"), number
    if last["author_role"] == "agent":
        return _starting(f"{who}wait for the customer, who was answered last"), number
    return _starting(f"{who}give it a first answer by a person"), _first_unanswered(opened) or number


def _when_solved(opened: Dossier, promise: Told | None) -> Told:
    facts = opened.facts
    number, last = _last_public(opened)
    if facts["csat_score"] is not None and facts["csat_score"] < GOOD:
        return "Ask the customer what went wrong: the rating is bad", _at(opened, "customer", None) or number
    if last is not None and last["author_role"] == "customer":
        if is_thanks(text_of(last)) or is_settled(text_of(last)):
            if (last.get("sentiment_score") or 0.0) < UNHAPPY:
                return "Nothing to mend, but the customer's last words are unhappy", number
            return "Nothing: the customer's last words say that it is fine", number
        return "Check the customer's last message: nobody answered it", number
    if promise:
        return f"Check that this was kept: “{promise[0]}”", promise[1]
    return "Nothing, unless the customer writes again", number or len(opened.messages)


def _starting(text: str) -> str:
    return text[:1].upper() + text[1:]


def _last_public(opened: Dossier) -> tuple[int, dict[str, Any] | None]:
    """The last public message of a customer, an agent or a bot, with its place from 1."""
    for number in range(len(opened.messages), 0, -1):
        message = opened.messages[number - 1]
        if is_spoken(message) and message["author_role"] != "system":
            return number, message
    return 0, None


def _first_unanswered(opened: Dossier) -> int | None:
    """The first of the customer's messages that no agent has answered."""
    answered = max((n for n, m in _public(opened) if m["author_role"] == "agent"), default=0)
    return next((n for n, m in _public(opened) if m["author_role"] == "customer" and n > answered), None)


def _public(opened: Dossier) -> list[tuple[int, dict[str, Any]]]:
    return [(n, m) for n, m in enumerate(opened.messages, start=1) if is_spoken(m)]


def _at(opened: Dossier, role: str, by: datetime | None) -> int:
    """The last public message of a role, up to a moment where one is given; 0 where there is none."""
    found = [
        n for n, m in _public(opened)
        if m["author_role"] == role and (by is None or (m["created_local"] or by) <= by)
    ]  # fmt: skip
    return found[-1] if found else 0


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
