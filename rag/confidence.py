"""How far to trust an answer: computed from what it rests on, with every reason said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rag.answer import Confidence, MetricFact, QueryPlan
from rag.evidence import Pack

FEW = 30
LITTLE = 5
WIDE, VERY_WIDE = 0.2, 0.4  # width of a share's interval
APART = 0.5  # difference between the moods of the two kinds of evidence
NEAR = 0.35  # cosine of the built-in embedder below which the best hit is hardly about the question
_LEVELS = ("high", "medium", "low")


def judge(
    plan: QueryPlan, facts: Sequence[MetricFact], pack: Pack, *, dropped: int, kept: int, behind: int,
    last: date | None = None,
) -> Confidence:  # fmt: skip
    """The level is the worst that any reason gives. `last` is the newest day of the data, where it is known."""
    reasons: list[tuple[int, str]] = []
    main = next((fact for fact in facts if fact.name != "mentions"), None)
    if main is not None:
        reasons.append(_rests_on(main))
    if any(fact.name == "mentions" for fact in facts) and plan.intent != "lookup":
        reasons.append((1, f"“{plan.search_text}” is no value of the data; it was counted by its words."))
    if plan.intent == "lookup" and pack.items:
        reasons.append((0, f"{len(pack.items)} conversations were found and quoted."))
    for text in plan.ambiguity:
        reasons.append((1, text))
    if plan.metrics == () and plan.intent not in ("lookup", "summarise"):
        reasons.append((1, "The question names no metric; the usual one was taken."))
    if plan.search_text and pack.top_similarity is not None and pack.top_similarity < NEAR:
        reasons.append(
            (
                2 if plan.intent == "lookup" else 1,
                f"The nearest conversation is not very close ({pack.top_similarity:.2f}).",
            )
        )
    if plan.intent == "lookup" and pack.coverage < 1:
        reasons.append(
            (
                1 if pack.coverage >= 0.5 else 2,
                f"{pack.coverage * 100:.0f} % of the words sought occur in what was found.",
            )
        )
    reasons += [*_agreement(pack), *_freshness(plan, last)]
    if behind:
        reasons.append((1, f"The search index is {behind} texts behind the data."))
    if dropped:
        reasons.append(
            (1 if dropped <= kept else 2, f"{dropped} sentences did not pass the checks and were left out.")
        )
    if pack.set_aside:
        reasons.append(
            (0, f"{pack.set_aside} conversations that read like instructions to a model were set aside.")
        )
    worst = max((weight for weight, _ in reasons), default=2)
    return Confidence(level=_LEVELS[worst], reasons=tuple(text for _, text in reasons))


def _rests_on(fact: MetricFact) -> tuple[int, str]:
    if fact.unit == "count" and fact.value is not None:
        return 0, f"Counted over all conversations of the scope (n = {fact.n:,})."
    if fact.n < LITTLE:
        return 2, f"Only {fact.n} conversations."
    width = (
        ""
        if fact.low is None or fact.high is None
        else f", 95 % interval {fact.low * 100:.0f}-{fact.high * 100:.0f} %"
    )
    wide = 0.0 if fact.low is None or fact.high is None else fact.high - fact.low
    if wide >= VERY_WIDE:
        return 2, f"The interval is very wide (n = {fact.n}{width})."
    if wide >= WIDE and fact.n >= FEW:
        return 1, f"The interval is wide (n = {fact.n}{width})."
    if fact.n < FEW:
        return 1, f"Few conversations (n = {fact.n}{width})."
    return 0, f"Computed over n = {fact.n:,} conversations{width}."


def _agreement(pack: Pack) -> Iterable[tuple[int, str]]:
    """Whether what was drawn and what was found by words lean the same way."""
    if not pack.items:
        yield 1, "No conversation could be quoted."
    shares = []
    for kind in ("representative", "relevant"):
        moods = [item.sentiment for item in pack.items if item.kind == kind and item.sentiment]
        if len(moods) < 2:
            return
        shares.append(moods.count("negative") / len(moods))
    if abs(shares[0] - shares[1]) > APART:
        yield 1, "The conversations found by words lean another way than the typical ones."
    else:
        yield 0, "The conversations found by words lean the same way as the typical ones."


def _freshness(plan: QueryPlan, last: date | None) -> Iterable[tuple[int, str]]:
    if last is not None and plan.period is not None and plan.period.start <= last < plan.period.end:
        days = (plan.period.end - plan.period.start).days + 1
        lacking = (plan.period.end - last).days
        yield (
            (1 if 2 * lacking > days else 0),
            f"The data ends on {last}; the period goes on to {plan.period.end}.",
        )
