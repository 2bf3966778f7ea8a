"""The contract of an enricher: a name, a version, and rows in, rows with more columns out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

Progress = Callable[[str, int, int | None], None]


class Enricher(ABC):
    """One part of the enrichment. Raising `version` re-enriches exactly this part and what builds on it."""

    name: ClassVar[str]
    version: ClassVar[int]
    builds_on: ClassVar[tuple[str, ...]] = ()

    @property
    def key(self) -> str:
        """What results depend on beside their input: another one re-enriches, as a raised version does."""
        return str(self.version)


@dataclass(frozen=True, slots=True)
class Text:
    """What a message enricher sees: the text, earlier findings, and the source's own language code."""

    body: str
    known: Mapping[str, Any] = field(default_factory=dict)
    given: str | None = None
    macros: tuple[int, ...] = ()  # numbers of the lines that many messages of agents share


class MessageEnricher(Enricher):
    """Looks at one message at a time. Results depend on the text alone, so unchanged texts are kept."""

    columns: ClassVar[tuple[str, ...]]

    @abstractmethod
    def enrich(self, texts: Sequence[Text]) -> list[tuple[Any, ...]]:
        """One tuple of `columns` a text, in order. Any text is allowed; None says "cannot tell"."""
