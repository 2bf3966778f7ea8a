"""Share of solved conversations that came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import Metric, at
from analytics.catalogue import add
from analytics.metrics._values import only, yes

if TYPE_CHECKING:
    import ibis.expr.types as ir

DAYS = 7  # so that closed periods stop moving


def _was_reopened(facts: ir.Table) -> ir.Column:
    soon = facts.first_reopened_s <= DAYS * 86_400
    return only(facts.reopens.notnull(), yes(soon.fill_null(False)))


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
        missing="not solved, or the source cannot tell reopens",
        source="Supportlens, from Zendesk: reopens, developer.zendesk.com ticket metrics",
        needs=("status_history",),
        ripe_days=DAYS,
        attribution=at("the first solve", "first_solve"),
    )
)
