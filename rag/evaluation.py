"""Measures answers on golden questions: plans, numbers, citations, refusals and time. Nothing is timed in a test."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.viewer import EVERYTHING, Viewer
from rag.answer import Answer, MetricFact, QueryPlan
from rag.context import RagContext
from rag.golden_set import NONE, ROLES, Golden, second_way
from rag.text import fold

if TYPE_CHECKING:
    from llm.base import ChatModel

_LEVELS = {"high": 3, "medium": 2, "low": 1, "not in the data": 0}


@dataclass(frozen=True, slots=True)
class Marked:
    """A golden question with its answer, and what is wrong with it: "plan", "intent", "number" …, each in words."""

    item: Golden
    answer: Answer
    wrong: dict[str, str]
    numbers: int  # that were worked out a second way
    cited: int


@dataclass(frozen=True, slots=True)
class Report:
    """Shares lie between 0 and 1, seconds in `p50_s` and `p95_s`; `wrong` has a line for each miss."""

    questions: int
    unanswerable: int
    plan_exact: float | None  # time and filters
    intent_exact: float | None
    metric_exact: float | None
    numbers: int
    numbers_wrong: int
    citations: int
    citations_wrong: int
    dropped_claims: int
    refused: float | None
    false_refusals: float | None
    abstention_auroc: float | None
    p50_s: float
    p95_s: float
    wrong: tuple[str, ...]


def evaluate(
    context: RagContext,
    items: Sequence[Golden],
    *,
    provider: str | None = None,
    model: ChatModel | None = None,
) -> Report:
    """Ask every question and mark the answers. `provider` and `model` as in `rag.ask.ask`."""
    from rag.ask import ask
    from rag.follow import followed

    marked: list[Marked] = []
    plan: QueryPlan | None = None
    for item in items:
        viewer = viewer_of(item.role)
        asked = followed(context, item.question, plan, viewer) if item.follows and plan else None
        answer = ask(
            item.question, context, viewer=viewer, provider=provider, model=model, keep=False, plan=asked
        )
        plan = answer.plan
        marked.append(mark(context, item, answer, viewer))
    return _report(marked)


def viewer_of(role: str) -> Viewer:
    """Who asks: somebody who sees everything, or one team alone."""
    teams = ROLES[role]
    return EVERYTHING if teams is None else Viewer(name=role, teams=teams, role="viewer")


def mark(context: RagContext, item: Golden, answer: Answer, viewer: Viewer) -> Marked:
    """What is wrong with an answer."""
    wrong: dict[str, str] = {}
    refused = answer.confidence.level == "not in the data"
    if item.intent == NONE:
        if not refused:
            wrong["refusal"] = f"answered: {answer.text[:100]}"
        return Marked(item, answer, wrong, 0, 0)
    if refused:
        wrong["false refusal"] = " ".join(answer.confidence.reasons)
    wrong |= _plan_problems(item, answer.plan)
    numbers = 0
    for fact in answer.metrics:
        same = _same(context, fact, viewer)
        numbers += same is not None
        if same is False:
            wrong["number"] = f"{fact.name} {fact.label}: {fact.value}"
    bad = [c.conversation_id for c in answer.citations if not _holds(context, answer, c.n, viewer)]
    if bad:
        wrong["citation"] = ", ".join(bad)
    return Marked(item, answer, wrong, numbers, len(answer.citations))


def _plan_problems(item: Golden, plan: QueryPlan) -> dict[str, str]:
    wrong: dict[str, str] = {}
    filters = {name: tuple(sorted(values)) for name, values in plan.filters.items()}
    # What is looked for in words may be found by its topic as well as by its words.
    free = {} if "topic" in item.filters or item.intent not in ("lookup", "summarise") else {"topic"}
    told = {name: values for name, values in filters.items() if name not in free}
    if plan.period != item.period or told != dict(item.filters):
        wrong["plan"] = f"{plan.period}, {filters}; expected {item.period}, {dict(item.filters)}"
    if plan.intent != item.intent:
        wrong["intent"] = f"{plan.intent}, expected {item.intent}"
    if item.metric and (plan.metrics or ("volume",))[0] != item.metric:
        wrong["metric"] = f"{plan.metrics}, expected {item.metric}"
    if (
        item.group_by
        and plan.group_by[:1] != (item.group_by,)
        and (plan.group_by or item.group_by != "topic")
    ):
        wrong["group"] = f"{plan.group_by}, expected {item.group_by}"
    return wrong


def _same(context: RagContext, fact: MetricFact, viewer: Viewer) -> bool | None:
    """Whether a number equals the one of a plain query; None where there is none to compare."""
    second = second_way(fact)
    if second is None:
        return None
    value = context.reader.query(*second, viewer=viewer).column("value")[0].as_py()
    if value is None or fact.value is None:
        return value is None and fact.value is None
    return math.isclose(float(value), fact.value, rel_tol=1e-9, abs_tol=1e-9)


def _holds(context: RagContext, answer: Answer, n: int, viewer: Viewer) -> bool:
    """Whether a cited conversation can be read by the viewer and has the quoted words in that message."""
    cited = next(one for one in answer.citations if one.n == n)
    sql = "SELECT body_text FROM {messages} WHERE source_id = ? AND conversation_id = ? AND (? IS NULL OR message_id = ?)"
    keys = [cited.source_id, cited.conversation_id, cited.message_id, cited.message_id]
    bodies = context.reader.query(sql, keys, viewer=viewer).column("body_text").to_pylist()
    return bool(bodies) and (not cited.quote or any(fold(cited.quote) in fold(body or "") for body in bodies))


def _report(marked: Sequence[Marked]) -> Report:
    within = [one for one in marked if one.item.intent != NONE]
    without = [one for one in marked if one.item.intent == NONE]
    seconds = sorted(one.answer.timings["total"] for one in marked)
    return Report(
        len(marked), len(without), _right(within, "plan"), _right(within, "intent"),
        _right([one for one in within if one.item.metric], "metric"),
        sum(one.numbers for one in within), sum("number" in one.wrong for one in within),
        sum(one.cited for one in within), sum("citation" in one.wrong for one in within),
        sum(one.answer.dropped_claims for one in marked), _right(without, "refusal"),
        None if not within else 1 - (_right(within, "false refusal") or 0.0), _auroc(within, without),
        seconds[len(seconds) // 2], seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))],
        tuple(f"{one.item.question}: {kind}: {text}" for one in marked for kind, text in one.wrong.items()),
    )  # fmt: skip


def _right(marked: Sequence[Marked], kind: str) -> float | None:
    return sum(kind not in one.wrong for one in marked) / len(marked) if marked else None


def _auroc(within: Iterable[Marked], without: Iterable[Marked]) -> float | None:
    """How often an answerable question is more trusted than one that is not; ties count half."""
    good = [_LEVELS[one.answer.confidence.level] for one in within]
    bad = [_LEVELS[one.answer.confidence.level] for one in without]
    pairs = [(g > b) + 0.5 * (g == b) for g in good for b in bad]
    return sum(pairs) / len(pairs) if pairs else None
