"""Share of solved conversations that came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import Metric, Scope
from analytics.catalogue import add

if TYPE_CHECKING:
    import ibis.expr.types as ir

DAYS = 7  # so that closed periods stop moving


def _with_reopening(facts: ir.Table, scope: Scope) -> ir.Table:
    """The facts with reopened_local: when the conversation was first open again after its first solve."""
    import ibis

    keys = ("source_id", "conversation_id")
    spans = scope.tables("open_spans")
    spans = spans.filter(spans.opened_local >= ibis.timestamp(scope.since.isoformat(" ")))
    opened = spans.group_by(keys).aggregate(
        earliest=spans.opened_local.min(), later=spans.opened_local.min(where=spans.span_no > 1)
    )
    joined = facts.left_join(opened, keys)
    # The first span begins with the conversation, unless that was solved at once.
    reopened = (opened.earliest > facts.first_solved_local).ifelse(opened.earliest, opened.later)
    return joined.select(*(facts[name] for name in facts.columns), reopened_local=reopened)


def _was_reopened(facts: ir.Table) -> ir.Column:
    import ibis

    soon = facts.reopened_local <= facts.first_solved_local + ibis.interval(days=DAYS)
    hit = (facts.reopens > 0) & soon.fill_null(False)
    return facts.reopens.isnull().ifelse(None, hit.ifelse(1, 0))


REOPEN_RATE = add(
    Metric(
        name="reopen_rate",
        title="Reopen rate",
        unit="share",
        better="lower",
        kind="share",
        words=("reopen", "reopens", "reopened", "reopen rate", "came back"),
        description="Share of the conversations first solved in the period that were reopened within 7 days. "
        "Judged 7 days after the first solve; a reopen that only says thanks does not count.",
        population_text="Counted conversations that were first solved at least 7 days ago.",
        bucket="first_solved_local",
        counted_on="the first solve",
        measure=_was_reopened,
        null_when="never solved, solved less than 7 days ago, or the source tells no status changes",
        source="Supportlens: reopens within 7 days of the first solve",
        missing="not solved, or the source cannot tell reopens",
        needs=("status_history",),
        ripe_days=DAYS,
        extend=_with_reopening,
    )
)
