"""Lets a language model word the answer: it may only arrange what was computed and quoted.

It gets the numbers as slots and the conversations as data between marks that only this request knows.
It has no tools, its output is a schema, and every sentence passes the same checks as the templates'.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from rag.answer import Intent, QueryPlan, Usage
from rag.evidence import Pack
from rag.numbers import Numbers, shown
from rag.prompts import prompt
from rag.verify import Draft, check
from rag.vocabulary import Vocabulary

if TYPE_CHECKING:
    from llm.base import ChatModel, Reply


class Claims(BaseModel):
    """The wording of an answer."""

    model_config = ConfigDict(extra="forbid")

    claims: list[Draft] = Field(description="Sentences in reading order.")


class PlanWords(BaseModel):
    """What a model may add to a plan; dates and values stay with the parser."""

    model_config = ConfigDict(extra="forbid")

    intent: Intent | None = None
    metrics: list[str] = Field(default_factory=list)
    group_by: list[str] = Field(default_factory=list)
    search_text: str = ""


class Meter:
    """What counts the tokens of a run."""

    usage: Usage


def improve_plan(
    model: ChatModel, question: str, plan: QueryPlan, words: Vocabulary, meter: Any
) -> QueryPlan:
    """The parser's plan with the gaps that the model could fill. Unknown names are rejected; the parser wins."""
    from analytics.dimensions import DIMENSIONS

    dimensions = sorted({*DIMENSIONS, *words.dimensions.values()})
    numbers = sorted({name for names in words.metrics.values() for name in names})
    known = {"metrics": numbers, "dimensions": dimensions}
    ask = json.dumps(
        {"question": question, "parsed": plan.model_dump(mode="json"), "known": known}, default=str
    )
    reply = model.complete(prompt("planner").text, ask, PlanWords)
    _count(meter, reply)
    said = reply.parsed
    if not isinstance(said, PlanWords):
        return plan
    metrics = tuple(name for name in said.metrics if name in known["metrics"])
    groups = tuple(name for name in said.group_by if name in known["dimensions"])
    return plan.model_copy(
        update={
            "metrics": plan.metrics or metrics[:3],
            "group_by": plan.group_by or groups[:2],
            "intent": said.intent
            if said.intent and not plan.metrics and plan.intent == "lookup"
            else plan.intent,
            "recognised": plan.recognised or bool(metrics or groups),
        }
    )


def write_claims(
    model: ChatModel, question: str, plan: QueryPlan, numbers: Numbers, pack: Pack, meter: Any
) -> tuple[list[Draft], int]:
    """The model's claims that hold, after one repair, and how many were dropped."""
    user = _message(question, plan, numbers, pack)
    facts = numbers.by_id()
    kept: list[Draft] = []
    dropped = 0
    for round_ in range(2):
        reply = model.complete(prompt("writer").text, user, Claims)
        _count(meter, reply)
        drafts = reply.parsed.claims if isinstance(reply.parsed, Claims) else []
        verdicts = check(drafts, facts, pack, plan)
        kept = [verdict.draft for verdict in verdicts if not verdict.problems]
        dropped = len(verdicts) - len(kept)
        if not dropped and kept:
            break
        if round_ == 0:
            wrong = [{"claim": v.draft.text, "problems": v.problems} for v in verdicts if v.problems]
            user += f"\n\n{prompt('repair').text}\n{json.dumps(wrong, ensure_ascii=False)}"
    meter.say("words", kept)
    return kept, dropped


def _message(question: str, plan: QueryPlan, numbers: Numbers, pack: Pack) -> str:
    """Question, plan, metrics as slots, and the conversations between marks of this request."""
    mark = secrets.token_hex(8)
    metrics = [
        {"id": f.id, "title": f.title, "of": f.label, "value": f.text, "n": f.n, "baseline": shown(f, "baseline"),
         "delta": shown(f, "delta"), "compared_with": f.baseline_label}
        for f in numbers.facts
    ]  # fmt: skip
    head = {"question": question, "intent": plan.intent, "period": str(numbers.period), "metrics": metrics}
    blocks = []
    for item in pack.items:
        about = {"id": item.id, "kind": item.kind, "channel": item.channel, "product": item.product}
        text = " ".join(pack.bodies.get(item.id, []))[:1_200].replace(mark, "")
        blocks.append(f"<<DATA {mark} {json.dumps(about)}\n{text}\nDATA {mark}>>")
    return json.dumps(head, ensure_ascii=False) + "\n\n" + "\n".join(blocks)


def _count(meter: Any, reply: Reply) -> None:
    meter.usage = Usage(
        input_tokens=meter.usage.input_tokens + reply.usage.input_tokens,
        output_tokens=meter.usage.output_tokens + reply.usage.output_tokens,
        calls=meter.usage.calls + 1,
    )
