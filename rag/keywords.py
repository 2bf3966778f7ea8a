"""The keyword half of the index, and its memory: which chunk is indexed with which text.

One SQLite file in the index folder. `chunk` says what both halves hold; a row is written only after
the dense half has it, so a crash leaves work to repeat and never a hole. Numbers of chunks are 63-bit
hashes of their ids, which the warehouse computes in the same way (`NUMBER_SQL`).
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from core.home import Home

if TYPE_CHECKING:
    import numpy as np

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
_MAX_TERMS = 32
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

    def search(self, query: str, limit: int, within: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """(number, BM25 score, higher is better) of the best chunks; `within` limits them to these numbers."""
        if not query:
            return []
        if within is None:
            sql = "SELECT rowid, -rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
            return list(self._con.execute(sql, [query, limit]))
        with closing(self._con.cursor()) as cursor:
            cursor.execute("CREATE TEMP TABLE IF NOT EXISTS allowed (n INTEGER PRIMARY KEY)")
            cursor.execute("DELETE FROM allowed")
            cursor.executemany("INSERT OR IGNORE INTO allowed VALUES (?)", [(int(n),) for n in within])
            sql = (
                "SELECT rowid, -bm25(words) AS score FROM words WHERE words MATCH ? "
                "AND +rowid IN (SELECT n FROM allowed) ORDER BY score DESC LIMIT ?"
            )
            return list(cursor.execute(sql, [query, limit]))


def match_query(text: str) -> str:
    """Free text as an FTS5 query: every word quoted, common words left out, any of them may match.

    A compound such as ERR-5021 is asked for as a phrase too.
    """
    words = list(dict.fromkeys(word.lower() for word in WORD.findall(text)))
    chosen = [word for word in words if word not in STOP] or words
    phrases = [" ".join(WORD.findall(token)) for token in text.split() if len(WORD.findall(token)) > 1]
    return " OR ".join(f'"{term}"' for term in [*phrases, *chosen][:_MAX_TERMS])


def names_something_exact(text: str) -> bool:
    """Whether the text holds an id, a code or a quoted phrase, where the very word matters."""
    return bool(_EXACT.search(text))
