"""Personal data and secrets become placeholders before any text leaves the machine.

[email] [phone] [card] [iban] [ip] [secret] [name], and what the settings name. Masking twice changes nothing. Every
pattern is bounded, so that time grows with the length of the text and no faster. See docs/adr/0019.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import regex  # type: ignore[import-untyped]

from core.viewer import EVERYTHING
from enrich.masked_numbers import mask_numbers
from enrich.masked_secrets import mask_secrets
from enrich.names import mask_names
from enrich.placeholders import PLACEHOLDER, Placeholders, Put

if TYPE_CHECKING:
    from core.masking import Masking
    from store.reader import Reader
    from store.writer import Writer

_MOST_PASSES = 6
_REACH = 2_000  # characters on either side of a cut in which something that is masked may lie
_MOST_PARTS = 24  # words that it may have
_SPACES = re.compile(r"\s+")
_PATTERN_S = 1.0  # a pattern of the settings that takes longer on one text hides all of the text
# Scripts without spaces go on behind an address: what begins in Latin letters ends with them.
_AT_DOMAIN = re.compile(
    r"@(?:[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\u00c0-\u024f])|[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})"
)
_LATIN_UP_TO = "\u024f"
_AT_IN_WORDS = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?[(\[{]\s?(?:at|ät)\s?[)\]}]\s?[\w-]{1,63}(?:\s?(?:\.|[(\[{]\s?(?:dot|punkt|point|punto)\s?[)\]}])\s?[\w-]{1,63}){1,4}",
    re.IGNORECASE,
)
_LOCAL_PART = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is masked beside what is always masked: known names, and patterns of the settings (name, pattern)."""

    names: frozenset[str] = frozenset()
    patterns: tuple[tuple[str, str], ...] = ()

    def mask(self, text: str, put: Put | None = None) -> str:
        """`text` with personal data and secrets replaced by what `put` makes: plain placeholders, unless told."""
        put = put or Placeholders()
        # What stood beside a placeholder may be recognised only now: two numbers without a space between.
        for _ in range(_MOST_PASSES):
            before, text = text, self._once(text, put)
            if text == before:
                break
        return text

    def numbered(self, text: str) -> str:
        """`text` masked with numbers, so that it can still be told who is who: for one prompt or conversation."""
        return self.mask(text, Placeholders(numbered=True))

    def cut(self, text: str, most: int) -> str:
        """The first `most` characters, fewer where something that is masked would be parted.

        Half of an address or a card is known to no rule: masked after the cut, it would be sent.
        """
        if len(text) <= most:
            return text
        begun = max(0, most - _REACH)
        near = text[begun : most + _REACH]
        whole, end = self.mask(near), most - begun
        for _ in range(_MOST_PARTS):
            if whole.startswith(self.mask(near[:end])):
                return text[: begun + end]
            end = max((found.start() for found in _SPACES.finditer(near, 0, end)), default=0)
        return text[:begun]

    def _once(self, text: str, put: Put) -> str:
        for name, pattern in self.patterns:
            text = _own_pattern(text, name, pattern, put)
        text = mask_secrets(text, put)
        if "@" in text:
            text = _mask_emails(text, put)
        if "(" in text or "[" in text or "{" in text:
            text = _AT_IN_WORDS.sub(lambda found: put("email", found[0]), text)
        if _DIGIT.search(text):
            text = mask_numbers(text, put)
        return mask_names(text, self.names, put) if self.names else text


def mask(text: str, names: frozenset[str] = frozenset()) -> str:
    """`text` with personal data and secrets replaced. `names` are people known to the store."""
    return Redaction(names).mask(text)


def redaction_of(masking: Masking, names: frozenset[str]) -> Redaction:
    """What the settings want masked, and these names."""
    return Redaction(names, tuple((own.name, own.pattern) for own in masking.patterns))


def conversation_mask(redaction: Redaction) -> Callable[[str], str]:
    """A mask for the texts of one conversation: the same thing has the same placeholder in all of them."""
    put = Placeholders(numbered=True)
    return lambda text: redaction.mask(text, put)


def reported(redaction: Redaction, texts: Sequence[str]) -> tuple[list[str], dict[str, dict[str, int]]]:
    """The texts of one conversation masked, and what was masked in them by kind."""
    put = Placeholders(numbered=True)
    return [redaction.mask(text, put) for text in texts], put.report()


def known_names(store: Reader | Writer) -> frozenset[str]:
    """Names of the people of the store, authors of messages included."""
    parts = [
        "SELECT name FROM {people}",
        "SELECT handle FROM {people}",
        "SELECT DISTINCT author_name FROM {messages}",
    ]
    sql = (
        "SELECT DISTINCT trim(name) AS name FROM ("
        + " UNION ALL ".join(parts)
        + ") WHERE length(trim(name)) >= 3"
    )
    from store.reader import Reader

    if isinstance(store, Reader):
        rows = store.query(sql, viewer=EVERYTHING)
    else:
        rows = store.query(sql.replace("{", "").replace("}", ""))
    return frozenset(rows["name"].to_pylist())


def _own_pattern(text: str, name: str, pattern: str, put: Put) -> str:
    """A pattern of the settings, which we did not write: it may take a second, and never sees a placeholder."""
    pieces: list[str] = []
    done = 0
    try:
        for placed in [*PLACEHOLDER.finditer(text), None]:
            end = placed.start() if placed else len(text)
            pieces.append(
                _compiled(pattern).sub(lambda found: put(name, found[0]), text[done:end], timeout=_PATTERN_S)
            )
            if placed:
                pieces.append(placed[0])
                done = placed.end()
    except TimeoutError:
        return put(name, text)
    return "".join(pieces)


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _mask_emails(text: str, put: Put) -> str:
    """Found at the @ and widened to the left: searching for the left part first would be quadratic."""
    pieces: list[str] = []
    done = 0
    for found in _AT_DOMAIN.finditer(text):
        start = found.start()
        is_latin = text[start - 1 : start] <= _LATIN_UP_TO
        while start > done and _in_local_part(text[start - 1], is_latin=is_latin):
            start -= 1
        if start == found.start():
            continue
        pieces += [text[done:start], put("email", text[start : found.end()])]
        done = found.end()
    return "".join([*pieces, text[done:]])


def _in_local_part(char: str, *, is_latin: bool) -> bool:
    return char in _LOCAL_PART or (char.isalnum() and (char <= _LATIN_UP_TO or not is_latin))
