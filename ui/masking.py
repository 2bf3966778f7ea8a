"""Personal data in what pages show and hand out: masked where the settings say so, before a page sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

TEXTS = frozenset(
    {"subject", "body_text", "comment", "reason", "was", "became", "organization", "url", "native_score"}
)
PEOPLE = frozenset({"requester", "customer"})


def masked(
    row: Mapping[str, Any], names: Iterable[str] = (), *, people: frozenset[str] = PEOPLE
) -> dict[str, Any]:
    """A row whose texts hold no addresses, numbers, secrets or these names, and whose people are one letter."""
    known = frozenset(name for name in names if name and len(name) >= 3)
    return {
        column: initial(value) if column in people and isinstance(value, str)
        else _text(value, known) if column in TEXTS and isinstance(value, str)
        else value
        for column, value in row.items()
    }  # fmt: skip


def initial(name: str) -> str:
    """What is left of a person's name, address or id."""
    return f"{name.strip()[:1]}…" if name.strip() else name


@lru_cache(maxsize=20_000)
def _text(value: str, names: frozenset[str]) -> str:
    from enrich.redaction import mask

    return mask(value, names)
