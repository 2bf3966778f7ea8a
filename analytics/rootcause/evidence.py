"""What shows a cause: some of its conversations, and the words that came up in them more than before."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics import conversation_list
from analytics.example import Example
from analytics.list_question import ListQuestion
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer
from enrich.words import word_list
from store.spoken import is_spoken

if TYPE_CHECKING:
    from store.reader import Reader

SHOWN = 5
TERMS = 8
_READ = 200  # conversations whose words are counted, on each side
_BEFORE = 60  # days
_WORD = re.compile(r"[^\W\d_]{3,}")
_LEAST_Z = 2.0
_MOST_CHARACTERS = 2_000  # of a message


@dataclass(frozen=True, slots=True)
class Term:
    """A word: in how many conversations of the slice it is now, and in which share of them now and before."""

    word: str
    n: int
    share: float
    share_before: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Conversations of a slice and the words that rose; `of` is the list they are from, `n` how many it has."""

    examples: tuple[Example, ...]
    terms: tuple[Term, ...]
    n: int


def gather(
    reader: Reader, filters: Filters, period: Period, *, of: str, settings: Settings, viewer: Viewer
) -> Evidence:
    """The latest conversations of filters and days, and the words that are in more of them than in the 60 days before.

    `of` is the metric they count in; empty: created in the period.
    """
    now = latest(reader, filters.over(period), of, settings, viewer)
    if not now:
        return Evidence((), (), 0)
    earlier = Period(period.start - timedelta(days=_BEFORE), period.start - timedelta(days=1))
    before = latest(reader, filters.over(earlier), of, settings, viewer)
    if len(before) < SHOWN:  # the slice is new: the words of everything say what is
        before = latest(reader, Filters(period=earlier), of, settings, viewer)
    terms = risen(_words(reader, now, viewer), _words(reader, before, viewer))
    return Evidence(tuple(now[:SHOWN]), tuple(terms), len(now))


def risen(now: Sequence[set[str]], before: Sequence[set[str]]) -> list[Term]:
    """Words by how far their log odds rose, over its standard error (Monroe et al. 2008, doi:10.1093/pan/mpn018)."""
    counts, earlier = (
        Counter(w for words in now for w in words),
        Counter(w for words in before for w in words),
    )
    found = []
    for word, n in counts.items():
        m = earlier[word]
        odds = math.log((n + 0.5) / (len(now) - n + 0.5)) - math.log((m + 0.5) / (len(before) - m + 0.5))
        z = odds / math.sqrt(1 / (n + 0.5) + 1 / (m + 0.5))
        if n >= 2 and z >= _LEAST_Z and word not in word_list("stop_words"):
            found.append((-z, word, Term(word, n, n / len(now), m / len(before) if before else 0.0)))
    return [term for _, _, term in sorted(found)[:TERMS]]


def latest(reader: Reader, filters: Filters, of: str, settings: Settings, viewer: Viewer) -> list[Example]:
    """The latest conversations of filters, those whose words are read."""
    page = conversation_list.page(
        reader,
        ListQuestion(filters, of=of),
        settings=settings,
        viewer=viewer,
        size=_READ,
        columns=("subject",),
    )
    found = {
        (row["source_id"], row["conversation_id"]): Example(
            row["source_id"], row["conversation_id"], row.get("subject")
        )
        for row in page.rows
    }
    return list(found.values())


def _words(reader: Reader, examples: Sequence[Example], viewer: Viewer) -> list[set[str]]:
    """The words of each conversation's customers, as they were cleaned."""
    wanted = {
        (one.source, one.conversation_id): set(_WORD.findall((one.subject or "").lower())) for one in examples
    }
    ids = [one.conversation_id for one in examples]
    # Each table by itself: their rows are found by place, where a join would read both to their ends.
    told = reader.rows_of("message_enrichment", ("source_id", "message_id", "clean_text"), ids, viewer=viewer)
    clean = {(row["source_id"], row["message_id"]): row["clean_text"] for row in told.to_pylist()}
    columns = ("source_id", "message_id", "conversation_id", "author_role", "body_text", "is_public", "kind",
               "is_deleted")  # fmt: skip
    for row in reader.rows_of("messages", columns, ids, viewer=viewer).to_pylist():
        key = row["source_id"], row["conversation_id"]
        is_theirs = row["author_role"] in ("customer", "unknown", None) and is_spoken(row)
        if key not in wanted or not is_theirs:
            continue
        said = clean.get((row["source_id"], row["message_id"]))
        said = (row["body_text"] if said is None else said) or ""
        wanted[key] |= set(_WORD.findall(said[:_MOST_CHARACTERS].lower()))
    return list(wanted.values())
