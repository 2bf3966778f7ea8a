"""Who is looking. Every read takes a viewer; the store turns it into one predicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Right = Literal["export", "correct", "share", "refresh", "alerts", "agent_names", "unmasked", "manage"]
RIGHTS: frozenset[Right] = frozenset(get_args(Right))


@dataclass(frozen=True, slots=True)
class Viewer:
    """A reader of the warehouse, the part of it that they may see, and what they may do.

    `sources`, `teams` and `tags` are None when there is no limit; an empty tuple sees nothing. `alias_key` is
    what pseudonyms are made with, for a viewer who may not see the names of agents or customers.
    """

    name: str = "everyone"
    sources: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    role: str = "admin"
    rights: frozenset[Right] = RIGHTS
    alias_key: str = ""

    def may(self, right: Right) -> bool:
        """Whether the viewer has a right."""
        return right in self.rights

    def knows(self, source: str) -> bool:
        """Whether the viewer may see conversations of a source at all."""
        return self.sources is None or source in self.sources

    @property
    def is_limited(self) -> bool:
        """Whether there are conversations that the viewer may not see."""
        return not (self.sources is None and self.teams is None and self.tags is None)

    @property
    def sees_everything(self) -> bool:
        """Whether the warehouse looks to the viewer as it is: every row, and everybody by name."""
        return not self.is_limited and self.may("agent_names") and self.may("unmasked")


EVERYTHING = Viewer()
