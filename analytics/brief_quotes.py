"""What customers wrote of a topic, in their own words: the beginning of the conversations that fit it best."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.rootcause.evidence import latest
from core.filters import Filters
from core.settings import Settings
from core.viewer import Viewer
from store.spoken import spoken

if TYPE_CHECKING:
    from store.reader import Reader

SHOWN = 2
LONGEST, SHORTEST = 160, 20  # characters
_ALIKE = 40  # letters: what begins alike is one text sent twice, whatever number it names
_NO_LETTERS = re.compile(r"[\W\d_]+")
_SAID = f"""
    SELECT m.source_id, m.conversation_id, any_value(t.fit) AS fit,
      arg_min(coalesce(e.clean_text, m.body_text), (m.created_at, m.message_id)) AS said
    FROM {{messages}} m
    LEFT JOIN {{message_enrichment}} e USING (source_id, message_id)
    LEFT JOIN {{conversation_topics}} t ON t.source_id = m.source_id AND t.conversation_id = m.conversation_id
    WHERE m.conversation_id IN (SELECT unnest(?::VARCHAR[]))
      AND {spoken("m")} AND coalesce(m.author_role, 'unknown') IN ('customer', 'unknown')
    GROUP BY ALL ORDER BY fit DESC NULLS LAST, m.source_id, m.conversation_id"""


@dataclass(frozen=True, slots=True)
class Quote:
    """The first words of a conversation's customer, masked as the reader may see them."""

    source: str
    conversation_id: str
    text: str


def quotes(
    reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer, mask: Callable[[str], str]
) -> tuple[Quote, ...]:
    """Up to SHOWN of the conversations created in the period, no two that begin alike."""
    among = {(one.source, one.conversation_id) for one in latest(reader, filters, "", settings, viewer)}
    rows = reader.query(_SAID, [[key for _, key in among]], viewer=viewer).to_pylist()
    found: dict[str, Quote] = {}
    for row in rows:
        key = row["source_id"], row["conversation_id"]
        text = shortened(mask(row["said"] or ""))
        if key in among and len(text) >= SHORTEST:
            found.setdefault(_beginning(text), Quote(*key, text))
        if len(found) == SHOWN:
            break
    return tuple(found.values())


def _beginning(text: str) -> str:
    """The first letters of a text, without the numbers and signs between them."""
    return _NO_LETTERS.sub(" ", text.casefold()).strip()[:_ALIKE]


def shortened(text: str) -> str:
    """A text in one line, cut after a word where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else f"{flat[:LONGEST].rpartition(' ')[0] or flat[:LONGEST]}…"
