"""Lets a language model word the five lines of a conversation: it may only say what messages and computed facts say.

It gets the public messages between marks that only this request knows, has no tools, and its output is a schema. A line
that fails the checks is the extracted one; so are all of them where there is no model, no budget or no answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from rag.context import RagContext, chosen_model
from rag.kept_words import Shelf, written_by
from rag.model_calls import heard, material, name_of, new_mark
from rag.prompts import prompt
from rag.spending import usage_of, within_budget
from rag.summary import Cited, Kind, Summary, SummaryLine, public_words, summarise
from rag.summary_check import COMPUTED, line_problems
from rag.text import fold, gives_orders
from rag.words import MOST_EACH, MOST_SENT, Cut

if TYPE_CHECKING:
    from analytics.dossier import Dossier
    from llm.base import ChatModel

FIRST, LAST = 10, 30  # messages that are sent of a long conversation


class WordedLine(BaseModel):
    """A line as a model hands it in."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    text: str = Field(description="One short sentence.")
    messages: list[int] = Field(
        description="Numbers of the messages that it rests on, from 1; 0 is the subject."
    )


class WordedLines(BaseModel):
    """The wording of one conversation."""

    model_config = ConfigDict(extra="forbid")

    lines: list[WordedLine] = Field(description="At most one of each kind.")


def summary_of(
    context: RagContext,
    opened: Dossier,
    products: Sequence[str] = (),
    *,
    provider: str | None = None,
    model: ChatModel | None = None,
    asks: bool = True,
) -> Summary:
    """The five lines of a conversation as its reader may see it, worded by the configured model where there is one.

    `provider` overrides the settings, `model` is a ready one instead. With `asks=False` only what is kept is used. Raises
    ConfigError for a provider that cannot be used as configured; whatever else a model does ends in extracted lines.
    """
    made = summarise(opened, products)
    readable = _readable(opened)
    chosen = (model or chosen_model(context, provider)) if any(n for n in readable) else None
    if chosen is None:
        return made
    shelf = Shelf(context.home, written_by(context, chosen, prompt("summary").mark), None)
    kept = shelf.get("summary", made.key, WordedLines)
    if kept is not None:
        return _checked(kept, made, readable, opened, chosen)
    if not asks:
        return made
    counted = within_budget(chosen, context.home, context.settings)
    message = _message(made, readable, opened, context.redaction.cut)
    said, because = heard(counted, "summary", message, WordedLines)
    if because:
        return made.model_copy(update={"because": because, "usage": usage_of(counted)})
    given = said or WordedLines(lines=[])
    done = _checked(given, made, readable, opened, chosen)
    if done.writer != made.writer:
        shelf.put("summary", made.key, given)
    return done.model_copy(update={"usage": usage_of(counted)})


def _readable(opened: Dossier) -> dict[int, str]:
    """The folded texts that may be sent and cited, by the place of their message; 0 is the subject. None gives orders."""
    said = {n: public_words(message) for n, message in enumerate(opened.messages, start=1)}
    texts = {0: opened.facts["subject"] or "", **{n: words or "" for n, words in said.items()}}
    found = [n for n, words in texts.items() if words.strip() and not gives_orders(words)]
    chosen = found if len(found) <= FIRST + LAST else [*found[:FIRST], *found[-LAST:]]
    return {n: fold(texts[n]) for n in chosen}


def _checked(
    given: WordedLines, made: Summary, readable: dict[int, str], opened: Dossier, model: ChatModel
) -> Summary:
    """The lines that hold, in the order of the extracted ones, which stand in for the others."""
    lines, failed = [], 0
    for own in made.lines:
        offered = [line for line in given.lines if line.kind == own.kind]
        held = next((line for line in offered if not line_problems(line, own, readable, opened)), None)
        failed += bool(offered) and held is None
        lines.append(_line(held, opened) if held else own)
    if not any(line.by_model for line in lines):
        return made.model_copy(update={"because": "nothing that the language model wrote passed the checks"})
    return made.model_copy(update={"lines": tuple(lines), "writer": name_of(model), "failed": failed})


def _line(held: WordedLine, opened: Dossier) -> SummaryLine:
    cited = tuple(
        Cited(message=n, message_id=opened.messages[n - 1]["message_id"] if n else None)
        for n in dict.fromkeys(held.messages)
    )
    return SummaryLine(kind=held.kind, text=fold(held.text), is_quote=False, cited=cited, by_model=True)


def _message(made: Summary, readable: dict[int, str], opened: Dossier, cut: Cut) -> str:
    """What was computed and the messages, between marks of this request."""
    mark, room = new_mark(), min(MOST_EACH, MOST_SENT // max(len(readable), 1))
    computed = {line.kind: line.text for line in made.lines if line.kind in COMPUTED}
    blocks = [material(mark, {"computed": True}, json.dumps(computed, ensure_ascii=False))]
    for number, text in readable.items():
        by = opened.messages[number - 1]["author_role"] if number else "subject"
        blocks.append(material(mark, {"message": number, "by": by or "unknown"}, cut(text, room)))
    return f'{{"language": {json.dumps(made.language)}}}\n\n' + "\n".join(blocks)
