"""Which conversations hold all the words of a search: every one of them, for a list, not the best few.

A word is found in a subject, an id, the requester's name, or what was said. The keyword index answers for what was
said in public while it holds the reader's generation; otherwise, and for private notes, the messages are read.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.home import Home
from core.viewer import Viewer
from rag.index import holds
from rag.keywords import NUMBER_SQL, STOP, WORD, Keywords

if TYPE_CHECKING:
    import pyarrow as pa

    from store.reader import Reader

MOST_TERMS = 8
SHORTEST_BEGINNING = 3  # shorter words are looked for whole: too many begin with two letters
FEW = 20_000  # up to so many chunks are looked up one by one; for more, those of the generation are numbered
_TERM = re.compile(r'"([^"]+)"?|(\S+)')
_WITHIN = """
, inside AS (
  SELECT term, source_id, conversation_id FROM said
  UNION ALL
  SELECT t.term, f.source_id, f.conversation_id FROM {conversation_facts} f, lookup_terms t
  WHERE contains(lower(f.conversation_id), t.text) OR contains(lower(coalesce(f.subject, '')), t.text)
    OR contains(lower(coalesce(f.requester, '')), t.text))
SELECT k.source_id, k.conversation_id FROM (
  SELECT source_id, conversation_id FROM inside GROUP BY ALL
  HAVING count(DISTINCT term) = (SELECT count(*) FROM lookup_terms)) k
SEMI JOIN {conversation_facts} f ON f.source_id = k.source_id AND f.conversation_id = k.conversation_id
"""
# An id is <source>:<conversation>#<number>; the name of a source has no colon.
_BY_ID = """WITH said AS (
  SELECT term, regexp_extract(id, '^([^:]*):', 1) AS source_id, regexp_extract(id, '(?s)^[^:]*:(.*)#[0-9]+$', 1)
    AS conversation_id FROM lookup_hits)"""
_BY_NUMBER = f"""WITH said AS (
  SELECT h.term, c.source_id, c.conversation_id FROM lookup_hits h
  JOIN (SELECT source_id, conversation_id, {NUMBER_SQL} AS n FROM {{chunks}}) c ON c.n = h.n)"""
_BY_READING = """WITH said AS (
  SELECT t.term, m.source_id, m.conversation_id FROM {messages} m, lookup_terms t
  WHERE NOT coalesce(m.is_deleted, false) AND contains(lower(m.body_text), t.text))"""


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
    import pyarrow as pa

    wanted = terms(text)
    asked = pa.table(
        {"term": pa.array(range(len(wanted)), pa.int32()), "text": pa.array(wanted, pa.string())}
    )
    queries = [_query(term) for term in wanted]
    if notes or not all(queries) or not holds(home, reader):
        rows = reader.query(_BY_READING + _WITHIN, viewer=viewer, tables={"lookup_terms": asked})
        return Found(rows, by_index=False)
    sql, hits = _hits(home, queries)
    rows = reader.query(sql + _WITHIN, viewer=viewer, tables={"lookup_terms": asked, "lookup_hits": hits})
    return Found(rows, by_index=True)


def _query(term: str) -> str:
    """The term for the index: its words in a row, the last of which may go on; '' where it has none."""
    words = WORD.findall(term)
    if not words:
        return ""
    goes_on = " *" if len(words[-1]) >= SHORTEST_BEGINNING else ""
    return f'"{" ".join(words)}"{goes_on}'


def _hits(home: Home, queries: list[str]) -> tuple[str, pa.Table]:
    """The chunks that hold each term: by their ids while they are few, else by their numbers."""
    import pyarrow as pa

    with closing(Keywords(home)) as words:
        found = [words.matching(query) for query in queries]
        terms = [term for term, numbers in enumerate(found) for _ in numbers]
        numbers = [n for part in found for n in part]
        if len(numbers) > FEW:
            return _BY_NUMBER, pa.table(
                {"term": pa.array(terms, pa.int32()), "n": pa.array(numbers, pa.int64())}
            )
        names = words.names(numbers)
    ids = [names.get(n) for n in numbers]
    return _BY_ID, pa.table({"term": pa.array(terms, pa.int32()), "id": pa.array(ids, pa.string())})
