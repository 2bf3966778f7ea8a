"""Checks a line that a language model worded for one conversation. No model: messages, quotes, numbers, words, status.

The checks of answers (`rag.verify`) hold for them too; what an answer's numbers are there, the messages that a line cites
are here, and what code computed from the facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from enrich.placeholders import PLACEHOLDER
from rag.answer import QueryPlan
from rag.figures import spelled
from rag.quotes import HELD
from rag.summary_words import is_courtesy
from rag.support import support_problems
from rag.text import fold
from rag.verify import wording
from rag.vocabulary import words_of

if TYPE_CHECKING:
    from analytics.dossier import Dossier
    from rag.summary import SummaryLine
    from rag.summary_wording import WordedLine

LONGEST = 300  # signs of a line
_DIGITS = re.compile(r"\w*\d[\w.,:/-]*")
_DENIES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|without|cannot|un(?:able|answered|solved|resolved)|nicht|kein\w*|nie|niemand|ohne|"
    r"nunca|sin|nadie|jamais|sans|pas|aucune?|personne|non|nessun\w*|mai|não|niet|geen|nooit)\b|n['’]t\b",
    re.IGNORECASE,
)
_SOLVED = re.compile(
    r"\b(?<!not )(?<!un)(?:solved|resolved|closed|settled|fixed|gelöst|résolue?s?|resuelt[oa]s?)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:open|pending|waiting|waits|unsolved|unresolved|unanswered|offen|wartet|ouverte?|en attente|abiert[oa]|pendiente)\b",
    re.IGNORECASE,
)
_ASKING, _DOING = ("customer", "unknown"), ("agent", "bot")
# Where a model may only arrange what code computed.
COMPUTED = frozenset({"stands", "names", "next"})


def line_problems(
    line: WordedLine, computed: SummaryLine, readable: Mapping[int, str], opened: Dossier
) -> tuple[str, ...]:
    """What is wrong with a line; nothing means that it holds.

    `computed` is the line of the same kind that code made, `readable` the folded texts that the model was given, by the
    place of their message.
    """
    texts = [readable[n] for n in dict.fromkeys(line.messages) if n in readable]
    return tuple(_problems(line, computed, readable, opened, texts))


def _problems(
    line: WordedLine,
    computed: SummaryLine,
    readable: Mapping[int, str],
    opened: Dossier,
    texts: Sequence[str],
) -> Iterable[str]:
    yield from (f"there is no message {n} to read" for n in line.messages if n not in readable)
    if not texts:
        yield "it cites no message"
    if not line.text.strip() or len(line.text) > LONGEST:
        yield f"it is empty or longer than {LONGEST} signs"
    if "{" in line.text or "[c:" in line.text:
        yield "it has slots, which nothing fills here"
    if is_courtesy(line.text):
        yield "it is a courtesy"
    yield from _role_problems(line, opened)
    known = [*texts, fold(computed.text)] if line.kind in COMPUTED else [*texts]
    names = {
        fold(str(opened.facts[name]))
        for name in ("subject", "product", "agent", "team")
        if opened.facts.get(name)
    }
    rest, found = wording(line.text, texts, names)
    yield from found
    rest = PLACEHOLDER.sub(" ", rest)  # the number of [email 1] counts nothing
    yield from _number_problems(rest, known)
    yield from _claim_problems(line, rest, known, opened)


def _role_problems(line: WordedLine, opened: Dossier) -> Iterable[str]:
    """What a customer asked stands in a customer's words (or the subject), what was done in an agent's."""
    wanted = {"asked": _ASKING, "done": _DOING}.get(line.kind)
    if wanted is None:
        return
    for number in line.messages:
        if not 0 <= number <= len(opened.messages) or (number == 0 and line.kind == "asked"):
            continue
        if number == 0 or (opened.messages[number - 1]["author_role"] or "unknown") not in wanted:
            yield f"message {number} is by nobody who can tell what was {line.kind}"


def _number_problems(rest: str, known: Sequence[str]) -> Iterable[str]:
    """Digits, numbers in words and multiples that stand in nothing it rests on."""
    held = {part.strip(".,:/-").lower() for text in known for part in _DIGITS.findall(text)}
    for found in _DIGITS.findall(rest):
        if found.strip(".,:/-").lower() not in held:
            yield f"the number {found} stands in nothing it rests on"
    said = " ".join(known).lower()
    for words in spelled(rest):
        if words.lower() not in said:
            yield f"the number {words} stands in nothing it rests on"


def _claim_problems(line: WordedLine, rest: str, known: Sequence[str], opened: Dossier) -> Iterable[str]:
    """Words that nothing it rests on has, a denial of one's own, and a status that is not the conversation's."""
    plain = rest.replace(HELD, " ")
    yield from support_problems(plain, [], known, QueryPlan(intent="lookup"), is_shown=False)
    if HELD not in rest and not {*words_of(plain)} & {
        word for word in words_of(" ".join(known)) if len(word) > 3
    }:
        yield "it has no word of what it rests on"
    if _DENIES.search(plain) and not any(_DENIES.search(text) for text in known):
        yield "it denies what nothing it rests on denies"
    if line.kind in ("stands", "next"):
        wrong = _OPEN if opened.facts["is_solved"] else _SOLVED
        if (found := wrong.search(plain)) and not wrong.search(fold(" ".join(known[-1:]))):
            yield f"the conversation is not {found[0].lower()}"
