"""Proposing what each column of a file means, and what a row of it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from connectors._dates import DateFormats, find_formats
from connectors._detect import Layout
from connectors._streams import DENOMINATORS, INSTANTS, NAMED_BY, REQUIRED, STREAM_COLUMNS
from connectors._synonyms import CONVERSATION, FILE_WORDS, MESSAGE, STREAMS
from connectors._values import ROLE, VALUE_MAPS
from core.stream import Form

# A column whose name says date may hold this share of unreadable ones; without the name, few.
_SOME, _MOST = 0.34, 0.8
_NUMBER = re.compile(r"^-?\d[\d.,]*$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$")


@dataclass(frozen=True, slots=True)
class Guess:
    """One canonical column found in a file, with how sure we are and why."""

    canonical: str
    column: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file is: its form and stream, the columns found, what is missing and what is left over."""

    form: Form
    stream: str
    guesses: tuple[Guess, ...]
    missing: tuple[str, ...]
    unmapped: tuple[str, ...]
    score: float
    reason: str
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Canonical column to header name."""
        return {g.canonical: g.column for g in self.guesses}


@cache
def plain(name: str) -> str:
    """A name in lower case without accents or punctuation, words apart by one space."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    bare = unicodedata.normalize("NFKD", spaced.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+|#", bare.lower()))


def synonyms(form: Form, stream: str) -> Mapping[str, str]:
    """Canonical columns of a kind of file and the names that mean them."""
    if form == "messages":
        return MESSAGE
    return CONVERSATION if stream == "conversations" else STREAMS[stream]


def propose(
    path: Path,
    layout: Layout,
    *,
    given: Mapping[str, str] | None = None,
    form: Form | None = None,
    stream: str | None = None,
) -> Proposal:
    """The most likely reading of a file. Settings (`given`, `form`, `stream`) are never overruled."""
    named = file_stream(path)
    candidates: list[tuple[Form, str]] = [("messages", "messages"), ("tickets", "conversations")]
    evidence = {column: Evidence.of(layout.values(column)) for column in layout.header}
    daily = DENOMINATORS in (named, stream) or _is_daily(layout, evidence)
    candidates += [("rows", s) for s in STREAMS if s != DENOMINATORS or daily]
    asked = stream or named
    if form or stream:
        wanted = stream or (
            "messages" if form == "messages" else "conversations" if form == "tickets" else None
        )
        candidates = [c for c in candidates if c[1] == wanted or (wanted is None and c[0] == form)]
    found = [_propose_as(f, s, layout, evidence, given or {}, named, asked) for f, s in candidates]
    return max(found, key=lambda p: p.score)


def file_stream(path: Path) -> str | None:
    """The stream that a file's name speaks of."""
    words = plain(path.name.split(".")[0])
    for stream, names in FILE_WORDS.items():
        for name in names.split("|"):
            if words == name or words.endswith(" " + name) or words.startswith(name + " "):
                return stream
    return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the values of a column look like."""

    count: int
    distinct: int
    dates: DateFormats | None
    emails: float
    mean_length: float
    words: frozenset[str]

    @classmethod
    def of(cls, values: Sequence[str]) -> Evidence:
        """Look at a column's sample values."""
        n = len(values)
        return cls(
            n,
            len(set(values)),
            find_formats(values, least=_SOME),
            sum(1 for v in values if _EMAIL.match(v)) / n if n else 0.0,
            sum(map(len, values)) / n if n else 0.0,
            frozenset(v.lower() for v in values[:500]),
        )


def _propose_as(
    form: Form,
    stream: str,
    layout: Layout,
    evidence: Mapping[str, Evidence],
    given: Mapping[str, str],
    named: str | None,
    asked: str | None,
) -> Proposal:
    guesses = _match(form, stream, layout, evidence, given)
    if form != "rows":
        guesses = _by_value(form, layout, evidence, guesses)
    have = {g.canonical for g in guesses}
    needed = _required(form, stream, have, by_name=asked == stream)
    missing = tuple(c for c in needed if c not in have)
    constants = _constants(stream, have, layout)
    missing = tuple(c for c in missing if c not in constants)
    used = {g.column for g in guesses}
    score = sum(g.confidence for g in guesses) / max(3, len(layout.header)) - 2.0 * len(missing)
    if form == "rows" and missing and named != stream:
        score -= 9.0  # a file that fits nothing is spoken of as messages or tickets
    score += 1.0 if named == stream else 0.0
    score += _shape(form, guesses, evidence)
    return Proposal(
        form,
        stream,
        tuple(guesses),
        missing,
        tuple(c for c in layout.header if c not in used),
        round(score, 3),
        _why(form, stream, by_name=named == stream),
        constants,
    )


def _is_daily(layout: Layout, evidence: Mapping[str, Evidence]) -> bool:
    """Whether a file is days with nothing but numbers beside them."""
    words = STREAMS[DENOMINATORS]["day"].split("|")
    days = [c for c in layout.header if plain(c) in words and evidence[c].dates is not None]
    rest = [value for c in layout.header if c not in days for value in layout.values(c)]
    return len(days) == 1 and bool(rest) and all(_NUMBER.match(value) for value in rest)


def _required(form: Form, stream: str, have: set[str], *, by_name: bool) -> tuple[str, ...]:
    if form == "messages" and "body_html" in have:
        return ("conversation_id", "created_at")
    if by_name and have & set(NAMED_BY.get(stream, ())):
        return ()
    return REQUIRED[stream]


def _why(form: Form, stream: str, *, by_name: bool) -> str:
    what = {"messages": "one message a row", "tickets": "one ticket a row"}.get(form, f"rows of {stream}")
    return f"{what}: by its columns" + (" and its file name" if by_name else "")


def _shape(form: Form, guesses: Sequence[Guess], evidence: Mapping[str, Evidence]) -> float:
    """What the values say: ids repeat in a file of messages and do not in a file of tickets."""
    columns = {g.canonical: g.column for g in guesses}
    ident = columns.get("conversation_id")
    seen = evidence.get(ident) if ident else None
    repeats = seen is not None and seen.count > 1 and seen.distinct < seen.count * 0.98
    if form == "tickets":
        return (-0.8 if repeats else 0.4) + (0.2 if "subject" in columns else 0.0)
    if form == "messages":
        own = bool({"author_id", "author_role", "author_email", "message_id"} & columns.keys())
        return (0.5 if repeats else -0.3) + (0.4 if own else -0.6)
    return -0.4


def _constants(stream: str, have: set[str], layout: Layout) -> dict[str, str]:
    names = {plain(c) for c in layout.header}
    if stream == "conversation_events" and "field" not in have:
        if names & {"assignee", "assignee id", "agent id", "agent", "assigned to"}:
            return {"field": "assignee"}
        if names & {"team", "team id", "group", "group id"}:
            return {"field": "team"}
        return {"field": "status"}
    return {}


def _match(
    form: Form,
    stream: str,
    layout: Layout,
    evidence: Mapping[str, Evidence],
    given: Mapping[str, str],
) -> list[Guess]:
    guesses = [
        Guess(c, column, 1.0, "set in the settings")
        for c, column in given.items()
        if not c.startswith("custom:")
    ]
    taken, done = set(given.values()), set(given)
    names = {column: plain(column) for column in layout.header}
    meanings = synonyms(form, stream)
    known = dict.fromkeys((*meanings, *STREAM_COLUMNS[stream]))
    exact = [(c, column) for c in known for column in layout.header if names[column] == plain(c)]
    for canonical, column in exact:
        if column not in taken and canonical not in done:
            guesses.append(Guess(canonical, column, 1.0, "the column has our name"))
            taken.add(column)
            done.add(canonical)
    options = []
    for canonical, words in meanings.items():
        if canonical in done:
            continue
        for rank, word in enumerate(words.split("|")):
            options += [(rank, canonical, c) for c in layout.header if names[c] == word]
    for rank, canonical, column in sorted(options, key=lambda o: o[0]):
        if column in taken or canonical in done:
            continue
        if objection := _objection(canonical, evidence[column]):
            if evidence[column].count:
                continue
            del objection
        confidence = max(0.6, 0.95 - rank * 0.01)
        guesses.append(Guess(canonical, column, round(confidence, 2), f"{column!r} is a known name for it"))
        taken.add(column)
        done.add(canonical)
    return guesses


def _objection(canonical: str, seen: Evidence) -> str | None:
    """Why a column cannot be what its name says."""
    if canonical in INSTANTS and seen.dates is None:
        return "its values are not dates"
    if canonical in ("status", "priority", "channel", "author_role") and seen.mean_length > 40:
        return "its values are too long"
    if (
        canonical not in INSTANTS
        and canonical not in ("conversation_id", "message_id", "seq")
        and seen.count > 3
    ):
        dates = seen.dates
        if dates and dates.share >= _MOST and dates.formats[0] not in ("epoch_s", "epoch_ms"):
            return "its values are dates"
    return None


def _by_value(
    form: Form, layout: Layout, evidence: Mapping[str, Evidence], guesses: list[Guess]
) -> list[Guess]:
    """Fill what names did not tell from the values alone, with less confidence."""
    have, taken = {g.canonical for g in guesses}, {g.column for g in guesses}
    free = [c for c in layout.header if c not in taken and evidence[c].count]
    dated = [
        c
        for c in free
        if (d := evidence[c].dates) and d.share >= _MOST and d.formats[0] not in ("epoch_s", "epoch_ms")
    ]
    added = list(guesses)

    def take(canonical: str, column: str, confidence: float, reason: str) -> None:
        added.append(Guess(canonical, column, confidence, reason))
        free.remove(column)

    if "created_at" not in have and dated:
        take("created_at", dated[0], 0.5, "the first column that holds dates")
    texts = sorted((c for c in free if evidence[c].mean_length > 30), key=lambda c: -evidence[c].mean_length)
    if "body_text" not in have and texts and evidence[texts[0]].distinct > evidence[texts[0]].count * 0.3:
        take("body_text", texts[0], 0.5, "the column with the longest texts")
    if form == "messages" and not {"author_email", "author_id"} & have:
        for column in [c for c in free if evidence[c].emails > 0.8][:1]:
            take("author_email", column, 0.5, "its values are e-mail addresses")
    if form == "messages" and "author_role" not in have:
        for column in [c for c in free if _known(evidence[c], ROLE) and evidence[c].distinct <= 8][:1]:
            take("author_role", column, 0.6, "its values are roles")
    for canonical in ("status", "priority"):
        if canonical not in have:
            for column in [c for c in free if _known(evidence[c], VALUE_MAPS[canonical])][:1]:
                take(canonical, column, 0.5, f"its values are words for {canonical}")
    return added


def _known(seen: Evidence, words: Mapping[str, str]) -> bool:
    """Whether a column has few values, most of them known words (numbers alone prove nothing)."""
    values = {w for w in seen.words if not w.isdigit()}
    return 2 <= len(values) <= 15 and sum(1 for w in values if w in words) >= len(values) * 0.6
