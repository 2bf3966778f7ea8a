"""What a person is recognised by in texts of others, and those texts without it.

Marks are names, addresses and numbers, and runs of words that the person wrote. Runs are kept as hashes: where
they are found again, somebody quotes.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

ERASED = "[erased]"
LONGEST_RUN, SHORTEST_RUN = 8, 5  # words; a message of fewer words than a run is one run itself
_WORD = re.compile(r"\w+")
_APART = re.compile(r"([&=?/#\s])")
_TO_CALL = re.compile(r"(\+|\(?0)?[\d\s().\-/]+")  # a number, and how it begins
# Of a number to call: what is shorter may be a number of anything.
FEWEST_DIGITS, _FEWEST_WITHOUT_BEGINNING = 7, 10
_GAP = r"[\s().\-/\x{a0}]{0,3}"  # between two digits, as DuckDB reads it
_GAP_IN_ADDRESS = r"(?:[\s().\-/\x{a0}]|%[0-9a-f]{2}){0,3}"
_COUNTRY = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3}")
_OPENS = r"(?:\((?=[+\d\s]{1,7}\)))?"  # before a part of a number; what is around all of it stays
_APOSTROPHES = "'\u2019\u02bc`\u00b4"
# How HTML writes them, and the blank that ends no line.
_IN_HTML = {"'": ("&#x27;", "&#39;", "&apos;"), "\u2019": ("&rsquo;", "&#8217;"), "&": ("&amp;",)}
_BLANK = r"(?:\s|&nbsp;|&#160;)+"


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
            for word in self._written
            for form in (word, json.dumps(word)[1:-1], escape(word), quote_plus(word), quote(word))
        ]
        return tuple(dict.fromkeys(found))

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Expressions, of DuckDB, for those of the words that are numbers to call, however they are written."""
        return tuple(pattern for word in self.words if (pattern := _to_call(word)))

    @cached_property
    def numbers_in_addresses(self) -> tuple[str, ...]:
        """The same as addresses of the web write them too: wider than `blot`, which decides."""
        return tuple(
            number.replace(_GAP, _GAP_IN_ADDRESS).replace(r"(?:\+|", r"(?:\+|%2b|") for number in self.numbers
        )

    @cached_property
    def _written(self) -> tuple[str, ...]:
        """The words with every apostrophe, their accents as signs of their own and as parts of letters."""
        found = (
            unicodedata.normalize(form, re.sub(f"[{_APOSTROPHES}]", apostrophe, word))
            for word in self.words
            for apostrophe in _APOSTROPHES
            for form in ("NFC", "NFD")
        )
        plain = dict.fromkeys((*self.words, *found))
        in_html = (
            word.replace(sign, entity)
            for word in plain
            for sign, entities in _IN_HTML.items()
            if sign in word
            for entity in entities
        )
        return tuple(dict.fromkeys((*plain, *in_html)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._written, key=len, reverse=True)
        numbers = [_OPENS + pattern.replace(r"\x{a0}", "") for pattern in self.numbers]
        either = "|".join([*(_BLANK.join(map(re.escape, word.split())) for word in longest_first), *numbers])
        return re.compile(rf"(?<![\w@+-])(?<!\w\.)(?:{either})(?![\w@-]|\.\w)", re.IGNORECASE)

    def blot(self, text: str) -> str:
        """The text without the words; a name that is a part of another one stays."""
        if not self.words:
            return text
        done = self._pattern.sub(ERASED, text)
        if "%" in done or "+" in done:
            done = "".join(map(self._of_address, _APART.split(done)))
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


def _to_call(word: str) -> str | None:
    """An expression for a number with its country or without, in any groups; None for what is no number to call."""
    begins = _TO_CALL.fullmatch(word.strip())
    digits = re.sub(r"\D", "", word.replace("(0)", ""))
    if not begins or len(digits) < (FEWEST_DIGITS if begins[1] else _FEWEST_WITHOUT_BEGINNING):
        return None
    country, own = r"\d{1,3}?", digits.removeprefix("0")
    if begins[1] == "+" or digits.startswith("00"):
        digits = digits.lstrip("0")
        country = next((code[0] for code in _COUNTRY.finditer(digits)), "")
        own = digits.removeprefix(country).removeprefix("0")
    if len(own) < FEWEST_DIGITS - 1:
        return None
    is_without_zero = country == "1" or begins[1] is None
    abroad = rf"(?:\+|00){_GAP}{country}{_GAP}(?:\(?0\)?{_GAP})?"
    inland = rf"0{_GAP}" + (
        rf"|(?:1{_GAP})?" if is_without_zero and len(own) >= _FEWEST_WITHOUT_BEGINNING - 1 else ""
    )
    return f"(?:{abroad}|{inland}){_GAP.join(own)}"


def runs_of(texts: Sequence[str]) -> frozenset[str]:
    """Hashes of the runs of words in what a person wrote."""
    return frozenset(run for text in texts for run in _runs([w.lower() for w in _WORD.findall(text)]))


def _runs(words: list[str]) -> Iterator[str]:
    length = min(LONGEST_RUN, len(words))
    if length >= SHORTEST_RUN:
        yield from (_hash(words[at : at + length]) for at in range(len(words) - length + 1))


def _hash(words: list[str]) -> str:
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).hexdigest()
