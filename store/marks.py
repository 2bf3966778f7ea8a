"""What a person is recognised by in texts of others, and those texts without it.

Marks are names, addresses and numbers, and runs of words that the person wrote. Runs are kept as hashes: where
they are found again, somebody quotes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import quote_plus, unquote, unquote_plus

ERASED = "[erased]"
LONGEST_RUN, SHORTEST_RUN = 8, 5  # words; a message of fewer words than a run is one run itself
_WORD = re.compile(r"\w+")
_APART = re.compile(r"([&=?/#\s])")


@dataclass(frozen=True)
class Marks:
    """Words as they are written anywhere, and hashes of runs of words (`runs_of`)."""

    words: tuple[str, ...] = ()
    runs: frozenset[str] = frozenset()

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The words in lower case, also as JSON, HTML and addresses write them: to look for in files."""
        found = [
            form.lower()
            for word in self.words
            for form in (word, json.dumps(word)[1:-1], escape(word), quote_plus(word))
        ]
        return tuple(dict.fromkeys(found))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.words, key=len, reverse=True)
        either = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
        return re.compile(rf"(?<![\w@+-])(?<!\w\.)(?:{either})(?![\w@-]|\.\w)", re.IGNORECASE)

    def blot(self, text: str) -> str:
        """The text without the words; a name that is a part of another one stays."""
        if not self.words:
            return text
        done = self._pattern.sub(ERASED, text)
        if done == text and ("%" in text or "+" in text):
            return "".join(map(self._of_address, _APART.split(text)))
        return done

    def _of_address(self, piece: str) -> str:
        """A piece of an address of the web; where an @ stands as it is, a plus is no blank."""
        plain = unquote(piece) if "@" in piece else unquote_plus(piece)
        return quote_plus(new) if (new := self._pattern.sub(ERASED, plain)) != plain else piece

    def blot_quotes(self, text: str) -> str:
        """The text without the words, and without runs of words that the person wrote."""
        for start, end in reversed(self._quoted(text)):
            text = text[:start] + ERASED + text[end:]
        return self.blot(text)

    def _quoted(self, text: str) -> list[tuple[int, int]]:
        """From where to where somebody quotes; stretches that meet are one."""
        found = list(_WORD.finditer(text)) if self.runs else []
        words = [match[0].lower() for match in found]
        spans: list[tuple[int, int]] = []
        for at in range(len(words)):
            for length in range(min(LONGEST_RUN, len(words) - at), SHORTEST_RUN - 1, -1):
                if _hash(words[at : at + length]) in self.runs:
                    start, end = found[at].start(), found[at + length - 1].end()
                    if spans and start <= spans[-1][1]:
                        before = spans.pop()
                        start, end = before[0], max(end, before[1])
                    spans.append((start, end))
                    break
        return spans

    def blot_value(self, value: Any, *, quotes: bool = False) -> Any:
        """The same of every text within lists and mappings, and of their keys."""
        if isinstance(value, str):
            return self.blot_quotes(value) if quotes else self.blot(value)
        if isinstance(value, list | tuple):
            return [self.blot_value(one, quotes=quotes) for one in value]
        if isinstance(value, dict):
            return {self.blot(str(key)): self.blot_value(one, quotes=quotes) for key, one in value.items()}
        return value

    def blot_json(self, text: str) -> str:
        """JSON text without the words; a text that is none is taken as it is."""
        try:
            value = json.loads(text)
        except ValueError:
            return self.blot(text)
        new = self.blot_value(value)
        return text if new == value else json.dumps(new, ensure_ascii=False)

    def plain(self) -> dict[str, list[str]]:
        """As it is kept."""
        return {"words": list(self.words), "runs": sorted(self.runs)}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Marks:
        """From what was kept."""
        return cls(tuple(kept["words"]), frozenset(kept["runs"]))


def runs_of(texts: Sequence[str]) -> frozenset[str]:
    """Hashes of the runs of words in what a person wrote."""
    return frozenset(run for text in texts for run in _runs([w.lower() for w in _WORD.findall(text)]))


def _runs(words: list[str]) -> Iterator[str]:
    length = min(LONGEST_RUN, len(words))
    if length >= SHORTEST_RUN:
        yield from (_hash(words[at : at + length]) for at in range(len(words) - length + 1))


def _hash(words: list[str]) -> str:
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).hexdigest()
