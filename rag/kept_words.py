"""What a language model worded, kept for the same question on the same data by somebody who sees the same.

The key holds everything that the words rest on, and what the viewer may see: what was worded for a wide role is
never found by a narrow one. Whatever is found is checked again by whoever reads it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import StoreError
from core.home import Home
from core.viewer import Viewer
from rag import prompts
from rag.context import RagContext

if TYPE_CHECKING:
    from llm.base import ChatModel

logger = logging.getLogger(__name__)

Kept = TypeVar("Kept", bound=BaseModel)


@dataclass
class Shelf:
    """Wordings of one question in one scope; without a home it keeps nothing. `reused`: claims were found.

    Without a generation words outlive it: their key holds all that they rest on.
    """

    home: Home | None = None
    scope: str = ""
    generation: int | None = 0
    reused: bool = False

    def get(self, kind: str, rests_on: str, schema: type[Kept]) -> Kept | None:
        """What is kept for these words, or None; also where the workspace cannot be read."""
        from store.workspace import Workspace

        if self.home is None:
            return None
        try:
            found = Workspace(self.home).kept_words(self._key(kind, rests_on))
            return schema.model_validate(found) if found is not None else None
        except (StoreError, ValidationError) as error:
            logger.warning("kept words not read", extra={"kind": type(error).__name__})
            return None

    def put(self, kind: str, rests_on: str, words: BaseModel) -> None:
        """Keep words; where that fails the answer stands all the same."""
        from store.workspace import Workspace

        if self.home is None:
            return
        try:
            Workspace(self.home).keep_words(
                self._key(kind, rests_on), words.model_dump(mode="json"), generation=self.generation
            )
        except StoreError as error:
            logger.warning("words not kept", extra={"reason": error.message})

    def _key(self, kind: str, rests_on: str) -> str:
        return hashlib.sha256(json.dumps([kind, self.scope, rests_on]).encode()).hexdigest()


def shelf_of(context: RagContext, model: ChatModel, viewer: Viewer, question: str) -> Shelf:
    """The shelf of a question as this viewer asks it of this model, prompts, masking and generation."""
    number = context.reader.number
    scope = json.dumps(
        {
            "question": question, "generation": number, "by": written_by(context, model, prompts.version()),
            "viewer": [viewer.role, viewer.sources, viewer.teams, viewer.tags, sorted(viewer.rights), viewer.alias_key],
        },
        default=str,
    )  # fmt: skip
    return Shelf(context.home, scope, number)


def written_by(context: RagContext, model: ChatModel, told: str) -> str:
    """The model, what it is told (marks of prompts) and what is masked before it sees a text: part of every key."""
    settings = context.settings
    return json.dumps(
        {
            "prompts": told,
            "model": [model.provider, model.name, settings.llm.base_url, settings.llm.max_tokens],
            "masking": settings.masking.model_dump(mode="json"),
        },
        default=str,
    )
