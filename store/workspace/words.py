"""Words that people write, made fit to be kept: bounded, and without characters that act instead of reading."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.errors import InputError

NAME: Final = 120  # characters of a name or title
PROSE: Final = 2_000  # characters of a note
DEFINITION: Final = 20_000  # characters of JSON
# They turn the direction of everything after them, in other people's screens too.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(text: str, *, what: str, most: int = NAME) -> str:
    """One line: spaces around and line breaks within are gone. Raises InputError when empty or too long."""
    return _bounded(" ".join(readable(text).split()), what, most)


def prose(text: str, *, what: str, most: int = PROSE, may_be_empty: bool = False) -> str:
    """Several lines. Raises InputError when too long, or empty where it may not be."""
    kept = readable(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return "" if may_be_empty and not kept else _bounded(kept, what, most)


def exact(text: str, *, what: str, most: int) -> str:
    """An id, which may not be changed. Raises InputError for one that cannot be kept as it is."""
    if not text or len(text) > most or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise InputError(
            f"the {what} cannot be kept: it is empty, longer than {most} characters, or not text.",
            hint="Take it from the address of a conversation.",
        )
    return text


def one_of(kind: str, kinds: Sequence[str], *, what: str) -> str:
    """A kind that there is. Raises InputError."""
    if kind not in kinds:
        raise InputError(
            f"there is no kind of {what} called {kind[:40]!r}.", hint=f"Known: {', '.join(kinds)}."
        )
    return kind


def definition(told: Mapping[str, Any], *, what: str, most: int = DEFINITION) -> dict[str, Any]:
    """What a card or a rule asks for, as JSON reads it again. Raises InputError when it is none, or too long."""
    try:
        text = json.dumps(dict(told), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the {what} cannot be kept: {error}.", hint="Make it anew; its numbers have to be numbers."
        ) from None
    if len(text) > most:
        raise InputError(
            f"the {what}'s definition has {len(text):,} characters.",
            hint=f"At most {most:,}: choose fewer metrics or filters.",
        )
    kept: dict[str, Any] = json.loads(text)
    return kept


def readable(text: str) -> str:
    """The text without characters that act instead of reading."""
    return "".join(
        letter if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs") else " "
        for letter in text
        if letter not in _TURNING
    )


def _bounded(text: str, what: str, most: int) -> str:
    if not text:
        raise InputError(f"the {what} is empty.", hint="Write at least one word.")
    if len(text) > most:
        raise InputError(f"the {what} has {len(text):,} characters.", hint=f"At most {most:,} are kept.")
    return text
