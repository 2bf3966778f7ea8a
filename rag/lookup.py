"""Which conversations hold all the words of a search: every one of them, for a list, not the best few.

A word is found in a subject, an id, the requester's name, or what was said. The keyword index answers for what was
said in public while it holds the reader's generation; otherwise, and for private notes, the messages are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.memo import per_reader
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from rag.index import holds
from rag.keywords import NUMBER_SQL, STOP, WORD, Keywords

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from store.reader import Reader

MOST_TERMS = 8
SHORTEST_BEGINNING = 3  # shorter words are looked for whole: too many begin with two letters
FEW = 20_000  # up to so many chunks are looked up one by one; for more, the places of all chunks are kept in memory
_TERM = re.compile(r'"([^"]+)"?|(\S+)')

# A conversation in one number: a million of them are joined in a fraction of the time that their ids take.
_KEY = "hash(source_id, conversation_id)"
_PLACES = f"SELECT {NUMBER_SQL} AS n, {_KEY} AS k FROM {{chunks}} ORDER BY n"
# Of `said` each row is a conversation: its number, and a bit for each term that somebody said in it.
_BY_NUMBER = "WITH said AS (SELECT k, bit_or(bits) AS bits FROM lookup_hits GROUP BY k)"
# An id is <source>:<conversation>#<number>; the name of a source has no colon.
_BY_ID = f"""WITH said AS (
  SELECT {_KEY} AS k, bit_or(bits) AS bits FROM (
    SELECT bits, regexp_extract(id, '^([^:]*):', 1) AS source_id,
      regexp_extract(id, '(?s)^[^:]*:(.*)#[0-9]+$', 1) AS conversation_id FROM lookup_hits)
  GROUP BY k)"""
_BY_READING = f"""WITH said AS (
  SELECT {_KEY} AS k, bit_or(BITS) AS bits FROM (
    SELECT m.source_id, m.conversation_id, lower(coalesce(e.clean_text, m.body_text)) AS words
    FROM {{messages}} m LEFT JOIN {{message_enrichment}} e ON e.source_id = m.source_id AND e.message_id = m.message_id
    WHERE NOT coalesce(m.is_deleted, false))
  GROUP BY k)"""
_SAID = "CASE WHEN contains(words, ${place}) THEN {bit} ELSE 0 END"
_FOUND = f"""
SELECT source_id, conversation_id FROM {{conversation_facts}} f LEFT JOIN said ON said.k = {_KEY}
WHERE """
_HELD = """(coalesce(said.bits, 0) & {bit} > 0 OR contains(lower(f.conversation_id), ${place})
  OR contains(lower(coalesce(f.subject, '')), ${place}) OR contains(lower(coalesce(f.requester, '')), ${place}))"""


@dataclass(frozen=True, slots=True)
class Found:
    """The conversations with all the words (columns source_id, conversation_id), and whether the index was asked."""

    keys: pa.Table
    by_index: bool


def terms(text: str) -> tuple[str, ...]:
    """What must be there: words in lower case, and what stands in quotes as it stands; common words only alone."""
    found = [(quoted.strip().lower(), plain.lower()) for quoted, plain in _TERM.findall(text)]
    every = [quoted or plain for quoted, plain in found if quoted or plain]
    kept = [quoted or plain for quoted, plain in found if quoted or (plain and plain not in STOP)]
    return tuple(dict.fromkeys(kept or every))[:MOST_TERMS]


def lookup(home: Home, reader: Reader, text: str, *, viewer: Viewer, notes: bool = False) -> Found:
    """The conversations in which every term of the text is found; with `notes`, in private notes too."""
    wanted = terms(text)
    queries = [_query(term) for term in wanted]
    held = _FOUND + (_each(_HELD, len(wanted), " AND ") or "false")
    if notes or not all(queries) or not holds(home, reader):
        said = _BY_READING.replace("BITS", _each(_SAID, len(wanted), " | ") or "0")
        return Found(reader.query(said + held, wanted, viewer=viewer), by_index=False)
    said, hits = _hits(home, reader, queries)
    return Found(
        reader.query(said + held, wanted, viewer=viewer, tables={"lookup_hits": hits}), by_index=True
    )


def _each(sql: str, count: int, between: str) -> str:
    """The SQL for each term: its bit, and its place among the parameters."""
    return between.join(sql.format(bit=1 << term, place=term + 1) for term in range(count))


def _query(term: str) -> str:
    """The term for the index: its words in a row, the last of which may go on; '' where it has none."""
    words = WORD.findall(term)
    if not words:
        return ""
    goes_on = " *" if len(words[-1]) >= SHORTEST_BEGINNING else ""
    return f'"{" ".join(words)}"{goes_on}'


def _hits(home: Home, reader: Reader, queries: Sequence[str]) -> tuple[str, pa.Table]:
    """What holds each term: chunks by their ids while they are few, else the numbers of their conversations."""
    import numpy as np
    import pyarrow as pa

    with closing(Keywords(home)) as words:
        found = [words.matching(query) for query in queries]
        bits = np.repeat(2 ** np.arange(len(found), dtype=np.int32), [len(part) for part in found])
        numbers = np.concatenate([*found, np.zeros(0, np.int64)])
        if len(numbers) > FEW:
            keys, here = _keys(reader, numbers)
            return _BY_NUMBER, pa.table({"bits": bits[here], "k": keys})
        names = words.names(numbers.tolist())
    ids = [names.get(n) for n in numbers.tolist()]
    return _BY_ID, pa.table({"bits": bits, "id": pa.array(ids, pa.string())})


def _keys(reader: Reader, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the conversations of these chunks, and which of the chunks this generation has."""
    import numpy as np

    known, keys = _places(reader)
    at = np.minimum(np.searchsorted(known, numbers), max(len(known) - 1, 0))
    here = known[at] == numbers if len(known) else np.zeros(len(numbers), dtype=bool)
    return keys[at[here]], here


@per_reader
def _places(reader: Reader) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of all chunks in order, and the number of the conversation of each: 16 bytes a chunk."""
    rows = reader.query(_PLACES, viewer=EVERYTHING)
    return rows["n"].to_numpy(), rows["k"].to_numpy()
