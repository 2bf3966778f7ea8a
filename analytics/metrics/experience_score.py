"""One score of how a conversation went, with its three parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import Metric, Scope, Variant, at
from analytics.catalogue import add
from analytics.metrics._values import only, yes

if TYPE_CHECKING:
    import ibis.expr.types as ir

DAYS = 7
WEIGHTS = {"resolution": 0.4, "sentiment": 0.35, "service": 0.25}


def _with_misses(facts: ir.Table, scope: Scope) -> ir.Table:
    """The facts with is_late: whether a target was missed, or one that still runs is overdue."""
    import ibis

    overdue = facts.open_due_local < ibis.timestamp(scope.known.isoformat(" "))
    return facts.mutate(is_late=(facts.missed_targets > 0) | overdue.fill_null(False))


def _judged(facts: ir.Table, part: ir.Column) -> ir.Column:
    return only((facts.customer_messages > 0) & (facts.agent_replies > 0), part)


def _resolution(facts: ir.Table) -> ir.Column:
    """2 solved and stayed so for 7 days, 1 solved with a reopen or a new contact, 0 not solved."""
    soon = facts.next_contact_s <= DAYS * 86_400
    stayed = (facts.reopens == 0) & ~soon.fill_null(False)
    solved = 1 + yes(stayed)
    return _judged(facts, facts.is_solved.isnull().ifelse(None, facts.is_solved.ifelse(solved, 0)))


def _sentiment(facts: ir.Table) -> ir.Column:
    """-2 to 2: the mood of the customer's last words that show any."""
    return _judged(facts, facts.sentiment_end * 2)


def _service(facts: ir.Table) -> ir.Column:
    """2, minus 1 for a missed target, minus 1 for two handoffs or more."""
    return _judged(facts, 2 - yes(facts.is_late) - yes(facts.handoffs >= 2))


def _score(facts: ir.Table) -> ir.Column:
    """1 to 5; NULL where a part is."""
    resolution, service = _resolution(facts).cast("float64"), _service(facts).cast("float64")
    parts = WEIGHTS["resolution"] * resolution / 2 + WEIGHTS["sentiment"] * (_sentiment(facts) + 2) / 4
    value: ir.Column = 1 + 4 * (parts + WEIGHTS["service"] * service / 2)
    return value


EXPERIENCE_SCORE = add(
    Metric(
        name="experience_score",
        title="Experience score",
        unit="number",
        better="higher",
        kind="mean",
        words=("experience score", "customer experience", "cx score", "experience"),
        description="From 1 to 5: 40 % whether it was solved and stayed so, 35 % the mood of the customer's "
        "last words, 25 % service without missed targets and handoffs. The parts are in the audit. "
        "Questions that had to be repeated are not known and cost nothing.",
        population_text="Counted conversations with a message by the customer and a reply by an agent, "
        "7 days after their last message or solve.",
        bucket="last_activity_local",
        counted_on="the last message or solve",
        measure=_score,
        null_when="less than 7 days ago, no reply, no mood, or the source tells no statuses or no handoffs",
        missing="less than 7 days ago, not replied to, or one of the three parts is unknown",
        source="Supportlens, after Intercom: CX score (resolution, sentiment, service), with open weights",
        needs=("status_history", "roles", "agent_replies", "messages", "handoffs"),
        ripe_days=DAYS,
        attribution=at("the last solve", "last_solve"),
        variants=(
            Variant("resolution", "2 solved and stayed so for 7 days, 1 solved with a reopen or a new contact, "
                    "0 not solved after 7 days.", "Supportlens", _resolution),
            Variant("sentiment", "The mood of the customer's last words, from -2 to 2.", "Supportlens", _sentiment),
            Variant("service", "2, minus 1 for a missed target, minus 1 for two handoffs or more.",
                    "Supportlens", _service),
        ),
        extend=_with_misses,
    )
)  # fmt: skip
