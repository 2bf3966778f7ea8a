"""Lets a language model word the answer: it may only arrange what was computed and quoted.

It gets the numbers as slots and the conversations as data between marks that only this request knows.
It has no tools, its output is a schema, and every sentence passes the same checks as the templates'.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import LLMError, QuestionError
from llm.base import Form
from rag.answer import Intent, QueryPlan
from rag.chips import checked
from rag.evidence import Pack
from rag.model_calls import material, new_mark
from rag.numbers import Numbers, shown
from rag.prompts import prompt
from rag.verify import Draft, check
from rag.vocabulary import Vocabulary

if TYPE_CHECKING:
    from llm.base import ChatModel, Hear
    from rag.kept_words import Shelf

MOST_SENT, MOST_EACH = 24_000, 1_200  # characters of customers' words, of all and of one conversation
Cut = Callable[[str, int], str]
FORMS: dict[Form, str] = {"schema": "structured output", "tools": "tools", "text": "plain text"}
_CLAIMS, _JSON = re.compile(r'"claims"\s*:\s*\['), json.JSONDecoder()


class Claims(BaseModel):
    """The wording of an answer."""

    model_config = ConfigDict(extra="forbid")

    claims: list[Draft] = Field(description="Sentences in reading order.")


class Wording(Claims):
    """The claims that held, how many did not, and in which form they were asked for (`instead`: why not the first)."""

    dropped: int = 0
    form: Form | None = None
    instead: str = ""

    @property
    def by(self) -> str:
        """The form in words: "tools, because openai refuses structured output"."""
        told = FORMS[self.form] if self.form else "words"
        return f"{told}, because {self.instead}" if self.instead else told


class PlanWords(BaseModel):
    """What a model may add to a plan; dates and values stay with the parser."""

    model_config = ConfigDict(extra="forbid")

    intent: Intent | None = None
    metrics: list[str] = Field(default_factory=list)
    group_by: list[str] = Field(default_factory=list)


def improve_plan(
    model: ChatModel, question: str, plan: QueryPlan, words: Vocabulary, shelf: Shelf
) -> QueryPlan:
    """The parser's plan with the gaps that the model could fill; asked only where it names no number.

    Unknown names are left out, and the parser wins.
    """
    if plan.metrics:
        return plan
    known = {"metrics": sorted(words.titles), "dimensions": sorted(words.splits)}
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
    return _filled(plan, said, words)


def _filled(plan: QueryPlan, said: PlanWords, words: Vocabulary) -> QueryPlan:
    metrics = tuple(name for name in said.metrics if name in words.titles)
    groups = tuple(name for name in said.group_by if name in words.splits)
    filled = plan.model_copy(
        update={
            "metrics": metrics,
            "group_by": plan.group_by or groups,
            "intent": said.intent if said.intent and plan.intent == "lookup" else plan.intent,
            "recognised": plan.recognised or bool(metrics or groups),
        }
    )
    try:
        return checked(filled, words)
    except QuestionError:
        return plan


def write_claims(
    model: ChatModel, question: str, plan: QueryPlan, numbers: Numbers, pack: Pack, shelf: Shelf,
    tell: Callable[[list[Draft]], None], cut: Cut,
) -> Wording:  # fmt: skip
    """The claims that hold, after one repair; kept ones are checked like new ones. Raises LLMError.

    `tell` gets those that hold as the answer comes, fewer again when it is begun anew. `cut` shortens what is masked later.
    """
    facts = numbers.by_id()
    rests_on = _message(question, plan, numbers, pack, cut, mark="") + plan.model_dump_json(
        exclude={"follows"}
    )
    earlier = shelf.get("claims", rests_on, Wording)
    if earlier and not any(verdict.problems for verdict in check(earlier.claims, facts, pack, plan)):
        shelf.reused = True
        return earlier
    user = _message(question, plan, numbers, pack, cut, mark=new_mark())
    best = Wording(claims=[])
    for _ in range(2):
        try:
            reply = model.complete(
                prompt("writer").text, user, Claims, heard=_hearing(tell, numbers, pack, plan)
            )
        except LLMError:
            if not best.claims:
                raise
            break  # what held before the repair stands
        drafts = reply.parsed.claims if isinstance(reply.parsed, Claims) else []
        verdicts = check(drafts, facts, pack, plan)
        kept = [verdict.draft for verdict in verdicts if not verdict.problems]
        made = Wording(claims=kept, dropped=len(verdicts) - len(kept), form=reply.form, instead=reply.instead)
        best = max(made, best, key=lambda one: (len(one.claims), -one.dropped))
        if kept and not made.dropped:
            break
        wrong = [{"claim": v.draft.text, "problems": v.problems} for v in verdicts if v.problems]
        user += f"\n\n{prompt('repair').text}\n{json.dumps(wrong, ensure_ascii=False)}"
    if best.claims:
        shelf.put("claims", rests_on, best)
    return best


def _hearing(tell: Callable[[list[Draft]], None], numbers: Numbers, pack: Pack, plan: QueryPlan) -> Hear:
    """Listens to an answer and tells the claims that are whole and hold."""
    whole = 0

    def heard(text: str) -> None:
        nonlocal whole
        drafts = whole_claims(text)
        if len(drafts) != whole:
            whole = len(drafts)
            verdicts = check(drafts, numbers.by_id(), pack, plan)
            tell([verdict.draft for verdict in verdicts if not verdict.problems])

    return heard


def whole_claims(text: str) -> list[Draft]:
    """The claims of an answer that came as far as this; what is no claim is passed over."""
    begun = _CLAIMS.search(text)
    at = text.find("{", begun.end()) if begun else -1
    found: list[Draft] = []
    while at >= 0:
        try:
            one, end = _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        with suppress(ValidationError):
            found.append(Draft.model_validate(one))
        at = text.find("{", end)
    return found


def _message(question: str, plan: QueryPlan, numbers: Numbers, pack: Pack, cut: Cut, *, mark: str) -> str:
    """Question, plan, metrics as slots, and the conversations between marks of this request."""
    metrics = [
        {"id": f.id, "title": f.title, "of": f.label, "value": f.text, "n": f.n, "baseline": shown(f, "baseline"),
         "delta": shown(f, "delta"), "compared_with": f.baseline_label}
        for f in numbers.facts
    ]  # fmt: skip
    head = {"question": question, "intent": plan.intent, "period": str(numbers.period), "metrics": metrics}
    blocks, room = [], min(MOST_EACH, MOST_SENT // max(len(pack.whole), 1))
    for item in pack.whole:
        about = {"id": item.id, "kind": item.kind, "channel": item.channel, "product": item.product}
        text = cut(" ".join(pack.bodies.get(item.id, [])), room)
        blocks.append(material(mark, about, text))
    return json.dumps(head, ensure_ascii=False) + "\n\n" + "\n".join(blocks)
