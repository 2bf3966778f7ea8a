"""What stands in a text for what was masked: `[email]`, or `[email 1]` where one conversation shall stay readable."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

KINDS = ("email", "phone", "card", "iban", "ip", "secret", "name")
_NUMBERED = r" \d{1,6}"
# What may be one, an own pattern's included: nothing in it is masked again.
PLACEHOLDER = re.compile(rf"\[[a-z][a-z0-9_-]{{0,30}}(?:{_NUMBERED})?\]")
_LONGEST_KEY = 200
_LETTERS = re.compile(r"[^\w+]|_")

Put = Callable[[str, str], str]


def standing_for(kinds: Iterable[str]) -> str:
    """A pattern of the placeholders of these kinds, numbered or not."""
    return rf"\[(?:{'|'.join(kinds)})(?:{_NUMBERED})?\]"


# What surely is one, for who reads words: a number or a joined name tells those of own patterns. "[urgent]" before a
# subject stays a word, and so do code ("rows[i-1]"), numbers of faults ("[e404]") and what a link is called.
MASKED = re.compile(
    rf"{standing_for(KINDS)}|\[[a-z][a-z0-9_-]{{0,30}}{_NUMBERED}\]"
    r"|(?<!\w)\[(?=[a-z0-9]{1,30}[_-])[a-z][a-z0-9_-]{1,30}\](?!\()"
)


class Placeholders:
    """Makes placeholders and keeps account of them. Numbered, the same thing has the same number every time.

    Take one for each conversation (or prompt): numbers mean nothing beyond it.
    """

    def __init__(self, *, numbered: bool = False) -> None:
        self.masked: Counter[str] = Counter()
        self._numbered = numbered
        self._known: dict[str, dict[str, int]] = {}

    def __call__(self, kind: str, original: str) -> str:
        """The placeholder for something of a kind."""
        self.masked[kind] += 1
        if not self._numbered:
            return f"[{kind}]"
        known = self._known.setdefault(kind, {})
        key = _same(kind, original[:_LONGEST_KEY])
        number = known.get(key) or self._by_part(kind, key, known) or len(set(known.values())) + 1
        known[key] = number
        return f"[{kind} {number}]"

    @staticmethod
    def _by_part(kind: str, key: str, known: dict[str, int]) -> int | None:
        """Anna is Anna Schmidt, where only one of them was spoken of."""
        if kind != "name":
            return None
        words = set(key.split())
        found = {
            number
            for name, number in known.items()
            if words <= set(name.split()) or set(name.split()) <= words
        }
        return found.pop() if len(found) == 1 else None

    def report(self) -> dict[str, dict[str, int]]:
        """For each kind how many places were masked, and how many different things stood there: of numbered ones."""
        return {
            kind: {"masked": n, "different": len(set(self._known[kind].values()))}
            for kind, n in sorted(self.masked.items())
        }


def _same(kind: str, original: str) -> str:
    """A form in which the same thing written differently is equal."""
    if kind in ("phone", "card"):
        return "".join(char for char in original if char.isdigit())[-9 if kind == "phone" else 0 :]
    if kind == "iban":
        return "".join(char for char in original if char.isalnum()).upper()
    if kind == "name":
        return " ".join(_LETTERS.sub(" ", original).casefold().split())
    return original.casefold() if kind in ("email", "ip") else original
