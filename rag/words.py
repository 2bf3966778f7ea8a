"""Lets a language model word the answer: it may only arrange what was computed and quoted.

It gets the numbers as slots and the conversations as data between marks that only this request knows.
It has no tools, its output is a schema, and every sentence passes the same checks as the templates'.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from rag.answer import Intent, QueryPlan
from rag.evidence import Pack
from rag.numbers import Numbers, shown
from rag.prompts import prompt
from rag.verify import Draft, check
from rag.vocabulary import Vocabulary

if TYPE_CHECKING:
    from llm.base import ChatModel
    from rag.kept_words import Shelf


class Claims(BaseModel):
    """The wording of an answer."""

    model_config = ConfigDict(extra="forbid")

    claims: list[Draft] = Field(description="Sentences in reading order.")


class KeptClaims(Claims):
    """The claims of an earlier answer that held, and how many did not."""

    dropped: int = 0


class PlanWords(BaseModel):
    """What a model may add to a plan; dates and values stay with the parser."""

    model_config = ConfigDict(extra="forbid")

    intent: Intent | None = None
    metrics: list[str] = Field(default_factory=list)
    group_by: list[str] = Field(default_factory=list)
    search_text: str = ""


def improve_plan(
    model: ChatModel, question: str, plan: QueryPlan, words: Vocabulary, shelf: Shelf
) -> QueryPlan:
    """The parser's plan with the gaps that the model could fill. Unknown names are rejected; the parser wins."""
    from analytics.dimensions import DIMENSIONS

    dimensions = sorted({*DIMENSIONS, *words.dimensions.values()})
    numbers = sorted({name for names in words.metrics.values() for name in names})
    known = {"metrics": numbers, "dimensions": dimensions}
    ask = json.dumps(
        {"question": question, "parsed": plan.model_dump(mode="json"), "known": known}, default=str
    )
    said = shelf.get("plan", ask, PlanWords)
    if said is None:
        parsed = model.complete(prompt("planner").text, ask, PlanWords).parsed
        if not isinstance(parsed, PlanWords):
            return plan
        said = parsed
        shelf.put("plan", ask, said)
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
    model: ChatModel, question: str, plan: QueryPlan, numbers: Numbers, pack: Pack, shelf: Shelf
) -> tuple[list[Draft], int]:
    """The claims that hold, after one repair, and how many were dropped; kept ones are checked like new ones."""
    facts = numbers.by_id()
    rests_on = _message(question, plan, numbers, pack, mark="") + plan.model_dump_json(exclude={"follows"})
    earlier = shelf.get("claims", rests_on, KeptClaims)
    if earlier and not any(verdict.problems for verdict in check(earlier.claims, facts, pack, plan)):
        shelf.reused = True
        return earlier.claims, earlier.dropped
    user = _message(question, plan, numbers, pack, mark=secrets.token_hex(8))
    kept: list[Draft] = []
    dropped = 0
    for round_ in range(2):
        reply = model.complete(prompt("writer").text, user, Claims)
        drafts = reply.parsed.claims if isinstance(reply.parsed, Claims) else []
        verdicts = check(drafts, facts, pack, plan)
        kept = [verdict.draft for verdict in verdicts if not verdict.problems]
        dropped = len(verdicts) - len(kept)
        if not dropped and kept:
            break
        if round_ == 0:
            wrong = [{"claim": v.draft.text, "problems": v.problems} for v in verdicts if v.problems]
            user += f"\n\n{prompt('repair').text}\n{json.dumps(wrong, ensure_ascii=False)}"
    if kept:
        shelf.put("claims", rests_on, KeptClaims(claims=kept, dropped=dropped))
    return kept, dropped


def _message(question: str, plan: QueryPlan, numbers: Numbers, pack: Pack, *, mark: str) -> str:
    """Question, plan, metrics as slots, and the conversations between marks of this request."""
    metrics = [
        {"id": f.id, "title": f.title, "of": f.label, "value": f.text, "n": f.n, "baseline": shown(f, "baseline"),
         "delta": shown(f, "delta"), "compared_with": f.baseline_label}
        for f in numbers.facts
    ]  # fmt: skip
    head = {"question": question, "intent": plan.intent, "period": str(numbers.period), "metrics": metrics}
    blocks = []
    for item in pack.items:
        about = {"id": item.id, "kind": item.kind, "channel": item.channel, "product": item.product}
        text = " ".join(pack.bodies.get(item.id, []))[:1_200]
        text = text.replace(mark, "") if mark else text
        blocks.append(f"<<DATA {mark} {json.dumps(about)}\n{text}\nDATA {mark}>>")
    return json.dumps(head, ensure_ascii=False) + "\n\n" + "\n".join(blocks)
