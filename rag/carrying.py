"""The sentences that carry the moods of a period: the strongest of the strongest messages, one a conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from analytics.compute import ask
from analytics.moods import scorer
from analytics.rows import chosen
from core.filters import Filters
from core.keys import KEYS
from core.settings import Settings
from core.viewer import Viewer
from enrich.base import Text
from rag.text import fold, gives_orders, has_markup, sentences
from store.spoken import spoken_rows

if TYPE_CHECKING:
    from store.reader import Reader

LOOKED_AT: Final = 300  # messages; many say the same
MOST_CHARACTERS: Final = 4_000
_METRICS: Final = {"negative": "sentiment_negative_share", "positive": "sentiment_positive_share"}
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Carrying:
    """A sentence, its own score, and where it stands. `at` is of the reporting zone.

    `like_it` counts further messages, of those looked at, that say the same, numbers aside.
    """

    source: str
    conversation_id: str
    message_id: str
    subject: str | None
    topic: str | None
    at: datetime
    text: str
    score: float
    like_it: int = 0


def carrying(
    reader: Reader, mood: str, filters: Filters, *, settings: Settings, viewer: Viewer, limit: int = 6
) -> list[Carrying]:
    """Sentences of customers in the period's conversations of that mood, the strongest first."""
    sign = -1 if mood == "negative" else 1
    found: dict[str, Carrying] = {}
    like: dict[str, int] = {}
    used: set[tuple[str, str]] = set()
    rows = _messages(reader, mood, filters, settings, viewer, sign)
    for row, (sentence, score) in zip(rows, _strongest(reader, rows, sign), strict=True):
        if not sentence or score * sign <= 0:
            continue
        same, key = _DIGITS.sub("0", sentence.casefold()), (row["source_id"], row["conversation_id"])
        if same in found:
            like[same] = like.get(same, 0) + 1
        elif key not in used and len(found) < limit:
            used.add(key)
            found[same] = Carrying(
                *key,
                row["message_id"],
                row["subject"],
                row["topic"],
                row["at"],
                sentence,
                score,
            )
    return [_with(one, like.get(same, 0)) for same, one in found.items()]


def _with(one: Carrying, like_it: int) -> Carrying:
    from dataclasses import replace

    return replace(one, like_it=like_it)


def _messages(
    reader: Reader, mood: str, filters: Filters, settings: Settings, viewer: Viewer, sign: int
) -> list[dict[str, Any]]:
    """The strongest messages of customers in those conversations."""
    tables = partial(reader.table, viewer=viewer)
    question = ask(reader, _METRICS[mood], filters, settings=settings, viewer=viewer).question
    rows = chosen(tables, question, (), *KEYS, "subject", "topic", "sentiment", both=False)
    rows = rows.filter(rows.sentiment == mood)
    told = tables("message_enrichment").select(
        "source_id", "conversation_id", "message_id", "clean_text", "sentiment_score"
    )
    told = told.filter(told.sentiment_score * sign > 0)
    said = tables("messages")
    said = said.filter(
        spoken_rows(said),
        said.author_role.fill_null("unknown").isin(["customer", "unknown"]),
    ).select("source_id", "message_id", "body_text")
    both = rows.inner_join(told, KEYS).inner_join(said, ["source_id", "message_id"])
    strongest = both.order_by(
        [(both.sentiment_score * sign).desc(), both["at"].desc(), both.message_id]
    ).limit(LOOKED_AT)
    strongest = strongest.mutate(body=strongest.clean_text.fill_null(strongest.body_text))
    wanted = (*KEYS, "message_id", "subject", "topic", "at", "body")
    return list(reader.run(strongest.select(*wanted)).to_pylist())


def _strongest(reader: Reader, rows: Sequence[dict[str, Any]], sign: int) -> list[tuple[str, float]]:
    """Of each message the sentence that leans furthest, with its score; none where a message gives orders."""
    options = []
    for row in rows:
        body = (row["body"] or "")[:MOST_CHARACTERS]
        safe = "" if gives_orders(body) else body
        options.append([fold(one) for one in sentences(safe) if not has_markup(one)])
    flat = [one for found in options for one in found]
    # A sentence has the language of its message: too short to tell, and not asked again.
    scores = iter(scorer(reader).enrich([Text(one) for one in flat]))
    best = []
    for found in options:
        told = [(one, float(next(scores)[0] or 0.0)) for one in found]
        best.append(max(told, key=lambda pair: pair[1] * sign, default=("", 0.0)))
    return best
