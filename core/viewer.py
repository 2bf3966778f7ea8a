"""Who is looking. Every read takes a viewer; the store turns it into one predicate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """A reader of the warehouse and the part of it that they may see.

    `sources` and `teams` are None when there is no limit; an empty tuple sees nothing.
    """

    name: str = "everyone"
    sources: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None


EVERYTHING = Viewer()
