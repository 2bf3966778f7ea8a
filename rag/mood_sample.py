"""Draws conversations for a language model to label: as many of each mood, in each mood the languages in proportion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.viewer import EVERYTHING
from enrich.mood_words import judged_by
from rag.representative import key_of
from rag.text import fold, gives_orders

if TYPE_CHECKING:
    from core.keys import Key
    from store.reader import Reader

LETTERS, MESSAGES = 800, 5  # of a conversation that are shown
OF_PEOPLE: Final = 5  # every fifth is one that people corrected, to see how often both say the same
# By the mood as it counts now, so that none of them is rare in the sample; drawn by a hash, the same every time.
_STRATA = """
    SELECT source_id, conversation_id, mood, language, size FROM (
      SELECT source_id, conversation_id, coalesce(sentiment, 'none') AS mood, coalesce(language, 'none') AS language,
        count(*) OVER (PARTITION BY sentiment, language) AS size, row_number() OVER (
          PARTITION BY sentiment, language ORDER BY hash(source_id || conversation_id), conversation_id) AS place
      FROM {conversation_facts} WHERE is_counted)
    WHERE place <= ? OR conversation_id IN (SELECT unnest(?::VARCHAR[]))
    ORDER BY hash(source_id || conversation_id), source_id, conversation_id"""
_WORDS = judged_by(
    "wanted", "coalesce(e.clean_text, m.body_text, '') AS words",
    messages="{messages}", enrichment="{message_enrichment}",
)  # fmt: skip
_TEXTS = f"""
    WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS source_id, unnest(?::VARCHAR[]) AS conversation_id)
    SELECT source_id, conversation_id, list(words ORDER BY seq) AS words FROM ({_WORDS})
    WHERE trim(words) <> '' GROUP BY ALL"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Conversations with their masked words, in the order they were drawn; `set_aside` read like orders to a model."""

    texts: tuple[tuple[Key, str], ...]
    of_people: int
    set_aside: int


def draw(
    reader: Reader, n: int, labelled: Collection[Key], corrected: Collection[Key], mask: Callable[[str], str]
) -> Drawn:
    """Up to `n` counted conversations that no model has labelled; a fifth of them people have corrected, where so many are."""
    asked = [n + len(labelled) + len(corrected), sorted(native for _, native in corrected)]
    rows = reader.query(_STRATA, asked, viewer=EVERYTHING).to_pylist()
    rows = [row for row in rows if key_of(row) not in labelled]
    known, new = set(corrected), [row for row in rows if key_of(row) not in corrected]
    beside = _evenly([row for row in rows if key_of(row) in known], n // OF_PEOPLE)
    chosen = [*beside, *_evenly(new, n - len(beside))]
    texts, aside = _texts(reader, chosen, mask)
    theirs = {key_of(row) for row in beside}
    return Drawn(tuple(texts.items()), sum(key in theirs for key in texts), aside)


def _evenly(rows: Sequence[dict[str, Any]], n: int) -> list[dict[str, Any]]:
    """Moods take turns; within one, the language that is furthest behind its share comes next."""
    strata: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        strata.setdefault(row["mood"], {}).setdefault(row["language"], []).append(row)
    taken: dict[tuple[str, str], int] = {}
    chosen: list[dict[str, Any]] = []
    while strata and len(chosen) < n:
        for mood in sorted(strata):
            languages = strata[mood]
            # The share of a language by Sainte-Laguë: its size over twice what it has, and one.
            share = {
                name: left[0]["size"] / (2 * taken.get((mood, name), 0) + 1)
                for name, left in languages.items()
            }
            name = max(share, key=lambda one: (share[one], one))
            taken[mood, name] = taken.get((mood, name), 0) + 1
            chosen.append(languages[name].pop(0))
            if not languages[name]:
                del languages[name]
            if not languages:
                del strata[mood]
    return chosen[:n]


def _texts(
    reader: Reader, rows: Sequence[dict[str, Any]], mask: Callable[[str], str]
) -> tuple[dict[Key, str], int]:
    """The words of conversations, and how many are set aside; those without words are left out."""
    keys = [key_of(row) for row in rows]
    wanted = [[source for source, _ in keys], [native for _, native in keys]]
    said = {key_of(row): row["words"] for row in reader.query(_TEXTS, wanted, viewer=EVERYTHING).to_pylist()}
    found, aside = {}, 0
    for key in keys:
        words = fold(" … ".join(said.get(key, ())[:MESSAGES]))
        if gives_orders(words):
            aside += 1
        elif words:
            found[key] = mask(words)[:LETTERS]  # masked first: half an address would be none
    return found, aside
