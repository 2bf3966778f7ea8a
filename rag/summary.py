"""A conversation in five lines: asked, done, where it stands, what it names, what comes next.

No model is needed. Words of people are exact sentences of a message, in the language they were written in; the rest
is said by code from the computed facts. Every line leads to the message that it rests on.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from analytics.mentions import text_of
from enrich.intents import intent
from enrich.sentiment import score as mood_of
from rag.answer import Part, Usage
from rag.summary_state import next_step, standing
from rag.summary_words import (
    is_courtesy,
    is_deed,
    is_frame,
    is_handed_on,
    is_personal,
    is_promise,
    is_question,
)
from rag.text import fold, gives_orders, has_markup, sentences
from store.spoken import is_spoken

if TYPE_CHECKING:
    from analytics.dossier import Dossier

VERSION = 2  # raise it when the rules below change: what was kept is made anew
MOST_MESSAGES = 200  # of a conversation, from its beginning, and as many from its end
MOST_SENTENCES = 40  # that are weighed for one line
FIRST_MESSAGES = 4  # of the customer, in which the matter is looked for
MOST_NAMES = 6
KEPT = 1000
NAMED_AS = {"email": "e-mail"}
# What an intent adds; of any other 0.55. A complaint alone tells a mood, not a matter.
_INTENTS = {"thanks": -0.8, "complaint": 0.1, "question": 0.3, "request": 0.35}

Kind = Literal["asked", "done", "stands", "names", "next"]
TITLES: dict[Kind, str] = {
    "asked": "Asked", "done": "Done", "stands": "Stands", "names": "Names", "next": "Next",
}  # fmt: skip


class Cited(Part):
    """A message that a line rests on: its place from 1 (0 is the subject), and its id."""

    message: int
    message_id: str | None


class SummaryLine(Part):
    """One line. With `is_quote` the text stands word for word in the message; else code, or a model, says it."""

    kind: Kind
    text: str
    is_quote: bool
    cited: tuple[Cited, ...]
    by_model: bool = False  # worded by a language model, and checked


class Summary(Part):
    """The five lines of one conversation. `set_aside` counts messages that read like orders to a model.

    `writer` is "extracted", or provider and model; `failed` counts their lines that did not pass the checks and stand
    here extracted; `because` says why a chosen model wrote nothing.
    """

    source_id: str
    conversation_id: str
    language: str | None
    lines: tuple[SummaryLine, ...]
    set_aside: int
    writer: str
    key: str  # changes when anything that the lines rest on does
    failed: int = 0
    because: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    message: int
    order: int  # among those that are weighed
    turn: int  # of the messages that are looked at


_kept: OrderedDict[str, Summary] = OrderedDict()
_guard = threading.Lock()


def summarise(opened: Dossier, products: Sequence[str] = ()) -> Summary:
    """The five lines of a conversation as its reader may see it: a masked dossier gives a masked summary.

    `products` are the names that the warehouse knows. Lines are kept by what they rest on.
    """
    key = key_of(opened, products)
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _made(opened, products, key)
    with _guard:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def key_of(opened: Dossier, products: Sequence[str] = ()) -> str:
    """A hash of everything that the lines rest on, masking included."""
    facts = opened.facts
    rests = [
        VERSION,
        facts["source_id"],
        facts["conversation_id"],
        facts["subject"],
        *products,
        standing(opened),
    ]
    rests += [
        (m["message_id"], m["author_role"], m["is_public"], m["kind"], text_of(m)) for m in opened.messages
    ]
    # The state is told from more than the words: moods, times, who waits.
    rests += [next_step(opened, _promise_of(opened))]
    return hashlib.sha256(repr(rests).encode()).hexdigest()


def _made(opened: Dossier, products: Sequence[str], key: str) -> Summary:
    asked, done = _asked(opened), _done(opened)
    stands, following = standing(opened), next_step(opened, _promise_of(opened))
    lines = [
        asked, done, _line(opened, "stands", *stands), _names(opened, products), _line(opened, "next", *following),
    ]  # fmt: skip
    return Summary(
        source_id=opened.facts["source_id"], conversation_id=opened.facts["conversation_id"],
        language=opened.facts.get("language"), lines=tuple(lines), writer="extracted", key=key,
        set_aside=sum(gives_orders(text_of(m)) for m in opened.messages if is_spoken(m)),
    )  # fmt: skip


def _asked(opened: Dossier) -> SummaryLine:
    """The customer's sentence that says best what the matter is; else their first words, else the subject."""
    theirs = [(n, m) for n, m in _said_by(opened, "customer", "unknown")][:FIRST_MESSAGES]
    subject = opened.facts["subject"] or ""
    found = _quotable(theirs)
    if found:
        near = _closeness(found, " ".join([subject, *(one.text for one in found)]))
        best = max(zip(found, near, strict=True), key=lambda pair: _matter(pair[0], pair[1]))[0]
        return _quoted(opened, "asked", best.text, best.message)
    for number, message in theirs:
        words = fold(text_of(message))
        if words and len(words) <= 240 and not has_markup(words) and not gives_orders(words):
            return _quoted(opened, "asked", words, number)
    if subject and not gives_orders(subject) and not has_markup(subject):
        return _quoted(opened, "asked", subject, 0)
    if theirs:
        return _line(
            opened, "asked", "What the customer wrote cannot be quoted: read the message", theirs[0][0]
        )
    return _line(opened, "asked", "The customer wrote nothing", 1 if opened.messages else 0)


def _matter(one: _Sentence, near: float) -> float:
    """What is nearest to the whole and says what is wanted; early, and neither courtesy nor mood alone."""
    wanted = intent(one.text)
    score = near + (_INTENTS.get(wanted.name, 0.55) if wanted else 0.0) - 0.1 * one.order - 0.12 * one.turn
    if wanted is None or wanted.name not in ("cancel", "refund", "return"):
        score -= 0.4 * abs(mood_of(one.text, "en") or 0.0)
    score -= 0.9 if is_courtesy(one.text) else 0.0
    score -= 0.5 if is_personal(one.text) or is_frame(one.text) else 0.0
    return score - (0.1 if len(one.text) < 30 else 0.0)


def _done(opened: Dossier) -> SummaryLine:
    """What an agent says was done, the latest deed before what was only handed on or asked."""
    theirs = _said_by(opened, "agent")
    found = [one for one in _quotable(theirs) if not is_courtesy(one.text)]
    if found:
        near = _closeness(found, opened.facts["subject"] or " ".join(one.text for one in found))
        last = max(one.message for one in found)
        best = max(zip(found, near, strict=True), key=lambda pair: _deed(pair[0], pair[1], last))[0]
        if is_question(best.text):
            return _line(opened, "done", f"An agent asked back: “{best.text}”", best.message)
        return _quoted(opened, "done", best.text, best.message)
    if theirs:
        return _line(opened, "done", "An agent answered; nothing in it tells of a deed", theirs[-1][0])
    bots = _said_by(opened, "bot")
    if bots:
        return _line(opened, "done", "Only a bot has answered", bots[-1][0])
    return _line(opened, "done", "No agent has answered", _last(opened))


def _deed(one: _Sentence, near: float, last: int) -> float:
    score = 0.4 * near + 0.5 * one.message / max(last, 1)
    if is_question(one.text):
        return score - 1.2
    if is_promise(one.text):
        return score - 0.3
    if is_handed_on(one.text):
        return score + 0.1
    return score + (1.0 if is_deed(one.text) else 0.2)


def _names(opened: Dossier, products: Sequence[str]) -> SummaryLine:
    """What is named, each with the first message that names it; no web address, and nothing of a message with orders."""
    from analytics.mentions import told

    found = told(opened.messages, products, subject=opened.facts["subject"] or "").mentions
    told_of = [one for one in found if one.kind != "url" and not _orders(opened, one.message)]
    shown = told_of[:MOST_NAMES]
    if not shown:
        return _line(opened, "names", "No order, version, code, date or product", 1 if opened.messages else 0)
    words = [f"{NAMED_AS.get(one.kind, one.title.lower())} {one.value}" for one in shown]
    more = f", and {len(told_of) - len(shown)} more" if len(told_of) > len(shown) else ""
    cited = tuple(_cited(opened, n) for n in dict.fromkeys(one.message for one in shown))
    return SummaryLine(kind="names", text=", ".join(words) + more, is_quote=False, cited=cited)


def _orders(opened: Dossier, number: int) -> bool:
    return gives_orders(text_of(opened.messages[number - 1]))


def _promise_of(opened: Dossier) -> tuple[str, int] | None:
    """The last promise of an agent that no later message of an agent follows."""
    theirs = _said_by(opened, "agent")
    for one in reversed(_quotable(theirs[-1:])):
        if is_promise(one.text) and not is_courtesy(one.text):
            return one.text, one.message
    return None


def _quotable(messages: Sequence[tuple[int, dict[str, Any]]]) -> list[_Sentence]:
    """Sentences that may be quoted, of the messages with their places; none of a message that gives orders."""
    found: list[_Sentence] = []
    for turn, (number, message) in enumerate(messages):
        words = text_of(message)
        if gives_orders(words):
            continue
        for sentence in sentences(words):
            if not has_markup(sentence):
                found.append(_Sentence(sentence, number, len(found), turn))
    return found[-MOST_SENTENCES:] if len(found) > MOST_SENTENCES else found


def _closeness(found: Sequence[_Sentence], aim: str) -> list[float]:
    """How near each sentence is to what the conversation is about, by the built-in embedder."""
    from llm.embed import local_embedder

    vectors = local_embedder().embed([*(one.text for one in found), aim[:2000] or " "])
    near: list[float] = (vectors[:-1] @ vectors[-1]).tolist()
    return near


def _said_by(opened: Dossier, *roles: str) -> list[tuple[int, dict[str, Any]]]:
    """Public messages of these authors with their places from 1; of a very long thread both ends."""
    found = [
        (n, m) for n, m in enumerate(opened.messages, start=1)
        if (m["author_role"] or "unknown") in roles and is_spoken(m)
    ]  # fmt: skip
    return found if len(found) <= 2 * MOST_MESSAGES else found[:MOST_MESSAGES] + found[-MOST_MESSAGES:]


def public_words(message: dict[str, Any]) -> str:
    """What a message says in public; nothing of a private note or an event."""
    return text_of(message) if is_spoken(message) else ""


def _last(opened: Dossier) -> int:
    return len(opened.messages)


def _cited(opened: Dossier, number: int) -> Cited:
    return Cited(message=number, message_id=opened.messages[number - 1]["message_id"] if number else None)


def _quoted(opened: Dossier, kind: Kind, text: str, number: int) -> SummaryLine:
    return SummaryLine(kind=kind, text=text, is_quote=True, cited=(_cited(opened, number),))


def _line(opened: Dossier, kind: Kind, text: str, number: int) -> SummaryLine:
    return SummaryLine(kind=kind, text=text, is_quote=False, cited=(_cited(opened, number),))
