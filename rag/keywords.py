"""The keyword half of the index, and its memory: which chunk is indexed with which text.

One SQLite file in the index folder. `chunk` says what both halves hold; a row is written only after
the dense half has it, so a crash leaves work to repeat and never a hole. Numbers of chunks are 63-bit
hashes of their ids, which the warehouse computes in the same way (`NUMBER_SQL`).
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from core.home import Home

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)

ID_SQL = "source_id || ':' || conversation_id || '#' || chunk_no"
NUMBER_SQL = f"(md5_number_lower({ID_SQL}) >> 1)::BIGINT"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS chunk (n INTEGER PRIMARY KEY, id TEXT NOT NULL, hash TEXT NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(body, tokenize = 'porter unicode61 remove_diacritics 2');
"""
WORD = re.compile(r"\w+", re.UNICODE)
_EXACT = re.compile(
    r'"[^"]{3,}"|\b(?=\w*\d)(?=\w*[A-Za-z])\w{3,}\b|\b\d{4,}\b|\b[A-Z]{2,}[-_]\w+|\b\w+_\w+\b|0x\w+'
)
_QUOTED = re.compile(r'"([^"]{3,})"')
_APOSTROPHE = re.compile("['\u2019]")
_MAX_TERMS = 32
MOST_ROWS = 30_000  # chunks that one query scores: about 60 ms
NARROW = 5_000  # up to so many chunks of a filter are handed over to be scored alone
_REMEMBERED = 20_000  # terms
_VARIABLES = 5_000  # of one statement; SQLite takes many more
STOP = frozenset(
    """a about after all also am an and any are as at be because been but by can could did do does for from get
    got had has have he her here him his how i if in into is it its just like me more my no not of on or our
    out over please she so some than that the their them then there these they this to too up us was we were
    what when where which who why will with would you your und der die das ich nicht ist ein eine es mit auf
    el la los las de que y en un una no es por para le les des et du est je pas dans""".split()
)


def number(chunk_id: str) -> int:
    """The chunk's number: 63 bits of the md5 of its id."""
    return int.from_bytes(hashlib.md5(chunk_id.encode(), usedforsecurity=False).digest()[8:], "little") >> 1


class Keywords:
    """The open keyword file."""

    def __init__(self, home: Home, *, write: bool = False) -> None:
        path = home.index / "keywords.sqlite"
        self._place = str(path)
        if write:
            home.index.mkdir(parents=True, exist_ok=True)
            self._con = sqlite3.connect(path, timeout=30)
            self._con.execute("PRAGMA journal_mode = WAL")
            self._con.execute("PRAGMA synchronous = NORMAL")
            self._con.executescript(_SCHEMA)
        else:
            # Beside a file that others write, SQLite keeps a shared one: not where nothing may be written.
            way = "mode=ro" if os.access(path.parent, os.W_OK) else "immutable=1"
            self._con = sqlite3.connect(f"file:{path}?{way}", uri=True, timeout=30, check_same_thread=False)

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def meta(self, key: str) -> str | None:
        """A remembered fact about the index."""
        row = self._con.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return None if row is None else str(row[0])

    def remember(self, **facts: str) -> None:
        """Write facts about the index."""
        with self._con:
            self._con.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def count(self) -> int:
        """Chunks that both halves hold."""
        return int(self._con.execute("SELECT count(*) FROM chunk").fetchone()[0])

    def want(self, chunks: Iterable[tuple[int, str]]) -> None:
        """Say what the index should hold: (number, content hash) of every chunk of a generation."""
        self._con.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (n INTEGER PRIMARY KEY, hash TEXT)")
        with self._con:
            self._con.execute("DELETE FROM wanted")
            self._con.executemany("INSERT OR IGNORE INTO wanted VALUES (?, ?)", chunks)

    def missing(self) -> list[int]:
        """Numbers of wanted chunks that are absent or have another text, after `want`."""
        sql = "SELECT w.n FROM wanted w LEFT JOIN chunk c ON c.n = w.n WHERE c.hash IS NOT w.hash"
        return [row[0] for row in self._con.execute(sql)]

    def unwanted(self) -> list[tuple[int, str]]:
        """(number, id) of held chunks that the generation does not have, after `want`."""
        return list(self._con.execute("SELECT n, id FROM chunk WHERE n NOT IN (SELECT n FROM wanted)"))

    def ids(self) -> list[tuple[int, str]]:
        """(number, id) of everything held."""
        return list(self._con.execute("SELECT n, id FROM chunk"))

    def names(self, numbers: Sequence[int]) -> dict[int, str]:
        """Id by number of these chunks, as far as they are held."""
        found: dict[int, str] = {}
        for start in range(0, len(numbers), _VARIABLES):
            part = numbers[start : start + _VARIABLES]
            marks = ",".join("?" * len(part))
            found.update(self._con.execute(f"SELECT n, id FROM chunk WHERE n IN ({marks})", part))
        return found

    def hashes(self) -> dict[int, str]:
        """Content hash by number of everything held."""
        return dict(self._con.execute("SELECT n, hash FROM chunk"))

    def put(self, rows: Sequence[tuple[int, str, str, str]]) -> None:
        """Hold chunks (number, id, hash, body), replacing older texts, in one transaction."""
        rows = sorted(rows)  # the text index flushes whenever numbers go down
        with self._con:
            self._con.executemany("DELETE FROM words WHERE rowid = ?", self._held([row[0] for row in rows]))
            self._con.executemany(
                "INSERT INTO words (rowid, body) VALUES (?, ?)", [(r[0], r[3]) for r in rows]
            )
            self._con.executemany("INSERT OR REPLACE INTO chunk VALUES (?, ?, ?)", [r[:3] for r in rows])

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget chunks, in one transaction."""
        with self._con:
            self._con.executemany("DELETE FROM words WHERE rowid = ?", self._held(sorted(numbers)))
            self._con.executemany("DELETE FROM chunk WHERE n = ?", [(n,) for n in numbers])

    def _held(self, numbers: Sequence[int]) -> list[tuple[int]]:
        found = "SELECT 1 FROM chunk WHERE n = ?"
        return [(n,) for n in numbers if self._con.execute(found, [n]).fetchone()]

    def matching(self, query: str) -> np.ndarray:
        """Numbers of all chunks that match, in no order."""
        import numpy as np

        # One text for all: a row of each takes twice as long to hand over.
        sql = "SELECT group_concat(rowid) FROM words WHERE words MATCH ?"
        told = self._con.execute(sql, [query]).fetchone()[0]
        return np.fromstring(told or "", dtype=np.int64, sep=",")

    def scored(self, text: str, within: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of chunks with words of the text, and their BM25 scores, higher is better, in no order.

        `within` limits them to these numbers, which are sorted.
        """
        import numpy as np

        terms = self._chosen(search_terms(text))
        if not terms:
            return np.zeros(0, dtype="int64"), np.zeros(0)
        query = " OR ".join(f'"{term}"' for term in terms)
        if within is not None and len(within) <= NARROW:
            return _columns(self._scored_within(query, within))
        numbers, scores = _columns(self._con.execute(_SCORED, [query, MOST_ROWS]).fetchall())
        if within is None:
            return numbers, scores
        inside = within[np.minimum(np.searchsorted(within, numbers), len(within) - 1)] == numbers
        return numbers[inside], scores[inside]

    def _scored_within(self, query: str, within: np.ndarray) -> list[tuple[int, float]]:
        """Only chunks of the filter are scored, however many others match."""
        with closing(self._con.cursor()) as cursor:
            cursor.execute("CREATE TEMP TABLE IF NOT EXISTS allowed (n INTEGER PRIMARY KEY)")
            cursor.execute("DELETE FROM allowed")
            cursor.executemany("INSERT OR IGNORE INTO allowed VALUES (?)", [(n,) for n in within.tolist()])
            sql = (
                "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? "
                "AND +rowid IN (SELECT n FROM allowed)"
            )
            return cursor.execute(sql, [query]).fetchall()

    def _chosen(self, terms: Sequence[str]) -> list[str]:
        """The terms that fewest chunks hold, as far as what is scored stays bounded; those that none holds fall out.

        What nearly everybody writes decides little and costs most. In a small index every word is asked for.
        """
        held = sorted((self._held_by(term), at) for at, term in enumerate(terms))
        is_small = self.count() <= MOST_ROWS  # no query can match more than there is
        chosen: list[str] = []
        rows = 0
        for n, at in held:
            if n and (not chosen or is_small or rows + n <= MOST_ROWS):
                chosen.append(terms[at])
                rows += n
        return chosen[:_MAX_TERMS]

    def _held_by(self, term: str) -> int:
        """How many chunks hold the term; counted no further than decides."""
        state = (self._place, self.meta("fingerprint") or "")
        known = _held_by.setdefault(state, {})
        if term not in known:
            while len(_held_by) > 4:
                _held_by.pop(next(iter(_held_by)))
            sql = "SELECT count(*) FROM (SELECT rowid FROM words WHERE words MATCH ? LIMIT ?)"
            n = int(self._con.execute(sql, [f'"{term}"', MOST_ROWS + 1]).fetchone()[0])
            if not state[1] or len(known) >= _REMEMBERED:
                return n  # an index that is being written changes under the count
            known[term] = n
        return known[term]


def shred(home: Home) -> None:
    """Leave no text of chunks that were dropped in the keyword file's free room, nor words of theirs in its index."""
    if (path := home.index / "keywords.sqlite").is_file():
        with closing(sqlite3.connect(path, isolation_level=None)) as con:
            con.execute("INSERT INTO words (words) VALUES ('optimize')")
            con.execute("VACUUM")
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def open_keywords(home: Home) -> Keywords | None:
    """The keyword file to read; None where there is none, and for a damaged one (logged: the next refresh mends it)."""
    if not (home.index / "keywords.sqlite").is_file():
        return None
    words = Keywords(home)
    try:
        words.meta("generation")
    except sqlite3.DatabaseError as error:
        words.close()
        logger.warning("the keyword index cannot be read", extra={"error": str(error)[:200]})
        return None
    return words


_SCORED = "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? LIMIT ?"
# Of one state of an index: in how many chunks a term stands.
_held_by: dict[tuple[str, str], dict[str, int]] = {}


def _columns(rows: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    return (
        np.fromiter((row[0] for row in rows), dtype="int64", count=len(rows)),
        np.fromiter((row[1] for row in rows), dtype="float64", count=len(rows)),
    )


def search_terms(text: str) -> list[str]:
    """What free text is looked for by: its words, and as phrases what stands in quotes and compounds as ERR-5021."""
    phrases = [*_QUOTED.findall(text), *(token for token in text.split() if _is_compound(token))]
    joined = [" ".join(WORD.findall(phrase)).lower() for phrase in phrases]
    return list(dict.fromkeys(term for term in [*joined, *(w.lower() for w in WORD.findall(text))] if term))


def _is_compound(token: str) -> bool:
    """Whether a token is several words in a row; the apostrophe of "what's" joins none that matter."""
    return len(WORD.findall(token)) > 1 and not _APOSTROPHE.search(token)


def names_something_exact(text: str) -> bool:
    """Whether the text holds an id, a code or a quoted phrase, where the very word matters."""
    return bool(_EXACT.search(text))
