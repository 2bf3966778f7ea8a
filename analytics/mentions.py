"""What a conversation names and what its customer wants, each with the message that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from enrich.entities import KINDS, Entity, entities
from enrich.intents import TITLES, intent
from store.spoken import is_spoken

MOST_MESSAGES = 200  # of a conversation, from its beginning
MOST_FIRST = 4  # messages of the customer in which the intent is looked for
_WEAK = frozenset({"question", "thanks"})  # what a later message may tell better


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that is named: `kind` and `title` of KINDS, the value, and the message (counted from 1) that says it first."""

    kind: str
    title: str
    value: str
    message: int
    role: str
    times: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the customer wants, the words that say so, and their message: 0 is the subject."""

    name: str
    title: str
    words: str
    message: int


@dataclass(frozen=True, slots=True)
class Told:
    """What one conversation tells. `wanted` is None where no rule knows it."""

    wanted: Wanted | None
    mentions: tuple[Mention, ...]


def told(messages: Sequence[Mapping[str, Any]], products: Sequence[str] = (), *, subject: str = "") -> Told:
    """From the messages of a conversation in order, as the dossier has them: what their authors wrote, without quotes.

    Nothing is stored: what a reader may not see is not in the messages that they are given.
    """
    found: dict[Entity, Mention] = {}
    for number, message in enumerate(messages[:MOST_MESSAGES], start=1):
        for one in entities(text_of(message), products):
            known = found.get(one)
            role, first = (
                (known.role, known.message) if known else (message["author_role"] or "unknown", number)
            )
            times = known.times + 1 if known else 1
            found[one] = Mention(one.kind, KINDS[one.kind], one.value, first, role, times)
    order = list(KINDS)
    return Told(
        _wanted(messages, subject),
        tuple(sorted(found.values(), key=lambda m: (order.index(m.kind), m.message))),
    )


def _wanted(messages: Sequence[Mapping[str, Any]], subject: str) -> Wanted | None:
    """Of the subject and the customer's first messages the first that says more than a question; else the first at all.

    A subject that only asks tells nothing: many are the name of a form.
    """
    weak = None
    found = intent(subject)
    if found and found.name not in _WEAK:
        return Wanted(found.name, TITLES[found.name], found.words, 0)
    theirs = [
        (n, m) for n, m in enumerate(messages, start=1) if m["author_role"] == "customer" and is_spoken(m)
    ]
    for number, message in theirs[:MOST_FIRST]:
        found = intent(text_of(message))
        if found is None:
            continue
        wanted = Wanted(found.name, TITLES[found.name], found.words, number)
        if found.name not in _WEAK:
            return wanted
        weak = weak or wanted
    return weak


def text_of(message: Mapping[str, Any]) -> str:
    """What a message says: as it was cleaned, else as it came."""
    return message["clean_text"] or message["body_text"] or ""
