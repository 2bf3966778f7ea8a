"""What a question is asked against: a workspace, its settings and one published generation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from analytics.memo import per_reader
from core.home import Home
from core.settings import Settings

if TYPE_CHECKING:
    from enrich.redaction import Redaction
    from llm.base import ChatModel
    from llm.embed import Embedder
    from store.reader import Reader


@dataclass(frozen=True)
class RagContext:
    """A home, its effective settings and a reader. Cheap to make; heavy parts are made on first use."""

    home: Home
    settings: Settings
    reader: Reader

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder; a remote one only ever sees masked text."""
        from llm.embed import make_embedder

        return make_embedder(self.settings, mask=self.mask if self.settings.masking.enabled else None)

    @cached_property
    def redaction(self) -> Redaction:
        """What is masked: by the settings, and the names that this generation knows."""
        from enrich.redaction import redaction_of

        return redaction_of(self.settings.masking, _names(self.reader))

    @property
    def mask(self) -> Callable[[str], str]:
        """Personal data out of a text."""
        return self.redaction.mask

    @property
    def conversation_mask(self) -> Callable[[str], str]:
        """Personal data out of the texts of one conversation: the same thing has the same placeholder."""
        from enrich.redaction import conversation_mask

        return conversation_mask(self.redaction)


def chosen_model(context: RagContext, provider: str | None = None) -> ChatModel | None:
    """The configured language model, or that of another provider; None without one. It only ever sees masked text.

    Raises ConfigError for a provider that cannot be used as configured.
    """
    from llm.base import make_model

    settings = context.settings
    if provider:
        settings = settings.model_copy(update={"llm": settings.llm.model_copy(update={"provider": provider})})
    return make_model(settings, mask=context.redaction.numbered) if settings.llm.provider != "none" else None


@per_reader
def _names(reader: Reader) -> frozenset[str]:
    from enrich.redaction import known_names

    return frozenset(known_names(reader))
