"""Lets a language model say the mood of a chosen sample, for a classifier to learn from; it counts and corrects nothing.

It gets the customers' masked words between marks that only this request knows, has no tools, and its output is a schema.
Answers that are unclear, double, or about what was not asked are dropped and counted. What it says is kept as the model's,
apart from people's corrections.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.errors import InputError
from rag.answer import Usage
from rag.context import RagContext, chosen_model
from rag.model_calls import NO_MODEL, Takes, heard, material, name_of, new_mark, reckoned
from rag.mood_sample import Drawn, draw
from rag.spending import usage_of, within_budget

if TYPE_CHECKING:
    from core.keys import Key
    from llm.base import ChatModel

USUAL, MOST = 300, 2_000  # conversations of a sample
AT_ONCE, TOKENS_EACH = 10, 20  # conversations of one call; what an answer may take of the longest


class Mood(BaseModel):
    """The mood of one conversation as a model hands it in."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(description="The number of the conversation.")
    mood: Literal["negative", "neutral", "positive", "unclear"]


class Moods(BaseModel):
    """The moods of one call."""

    model_config = ConfigDict(extra="forbid")

    moods: list[Mood] = Field(description="One of each conversation.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Takes):
    """What labelling would take. Of the conversations `of_people` were corrected by people; `set_aside` are not sent."""

    conversations: int = 0
    of_people: int = 0
    set_aside: int = 0


@dataclass(frozen=True, slots=True)
class Labelling:
    """How many were labelled by mood, what was dropped by what was wrong, and why some were not asked about."""

    model: str
    labels: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    because: str = ""
    usage: Usage = field(default_factory=Usage)

    @property
    def n(self) -> int:
        """Conversations with a new label."""
        return sum(self.labels.values())


def estimate(context: RagContext, n: int = USUAL, *, model: ChatModel | None = None) -> Estimate:
    """What labelling up to `n` conversations would take; nothing is sent. Raises InputError, ConfigError."""
    _check(n)
    chosen = model or chosen_model(context)
    if chosen is None:
        return Estimate(because=NO_MODEL)
    drawn = _drawn(context, n)
    messages = map(_message, _calls(context, drawn))
    return Estimate(
        **reckoned(context, chosen, "moods", messages, Moods),
        conversations=len(drawn.texts), of_people=drawn.of_people, set_aside=drawn.set_aside,
    )  # fmt: skip


def label_moods(
    context: RagContext, n: int = USUAL, *, viewer: str, model: ChatModel | None = None
) -> Labelling:
    """Have the model label up to `n` conversations; each call's labels are kept as it comes, for the next refresh to learn from.

    `model` is a ready one instead of the configured. Raises InputError, ConfigError, StoreError; whatever else a model does
    ends with what it had said until then, and the reason.
    """
    from store.workspace import Workspace

    _check(n)
    chosen = model or chosen_model(context)
    if chosen is None:
        return Labelling("", because=NO_MODEL)
    counted, because = within_budget(chosen, context.home, context.settings), ""
    labels: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for texts in _calls(context, _drawn(context, n)):
        said, because = heard(counted, "moods", _message(texts), Moods)
        if because:
            break
        held = _held(said or Moods(moods=[]), [key for key, _ in texts], dropped)
        Workspace(context.home).keep_mood_labels(held, model=name_of(chosen), viewer=viewer)
        labels.update(held.values())
    return Labelling(name_of(chosen), dict(labels), dict(dropped), because, usage_of(counted))


def _check(n: int) -> None:
    if not 1 <= n <= MOST:
        raise InputError(f"a sample has 1 to {MOST:,} conversations, not {n:,}.", hint="Choose another size.")


def _drawn(context: RagContext, n: int) -> Drawn:
    from store.workspace import Workspace

    kept = Workspace(context.home)
    corrected = {
        (one.source_id, one.conversation_id)
        for one in kept.corrections_in_force()
        if one.field == "sentiment"
    }
    labelled = {one.key for one in kept.mood_labels_in_force()}
    return draw(context.reader, n, labelled, corrected, context.mask)


def _calls(context: RagContext, drawn: Drawn) -> list[Sequence[tuple[Key, str]]]:
    size = max(1, min(AT_ONCE, context.settings.llm.max_tokens // TOKENS_EACH))
    return [drawn.texts[at : at + size] for at in range(0, len(drawn.texts), size)]


def _message(texts: Sequence[tuple[Key, str]]) -> str:
    """The conversations by numbers of this call, between marks of this request; no id leaves the house."""
    mark = new_mark()
    blocks = [material(mark, {"number": number}, words) for number, (_, words) in enumerate(texts, start=1)]
    return json.dumps({"conversations": len(texts)}) + "\n\n" + "\n".join(blocks)


def _held(given: Moods, keys: Sequence[Key], dropped: Counter[str]) -> dict[Key, str]:
    """The answers that count, by conversation; what does not is added to `dropped`."""
    answers: dict[int, set[str]] = {}
    for one in given.moods:
        if 1 <= one.number <= len(keys):
            answers.setdefault(one.number, set()).add(one.mood)
        else:
            dropped["about no conversation that was sent"] += 1
    held: dict[Key, str] = {}
    for number, key in enumerate(keys, start=1):
        moods = answers.get(number, set())
        if not moods:
            dropped["without an answer"] += 1
        elif len(moods) > 1:
            dropped["with several answers"] += 1
        elif moods == {"unclear"}:
            dropped["unclear"] += 1
        else:
            held[key] = moods.pop()
    return held
