"""Share of solved conversations after which the requester did not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import Metric, Variant, at
from analytics.catalogue import add
from analytics.metrics._values import only, yes

if TYPE_CHECKING:
    import ibis.expr.types as ir

HOURS = 168


def _stayed_solved(facts: ir.Table, came_back: str = "next_contact_s") -> ir.Column:
    """1 when there was no reopen and no new conversation within 168 hours of the last solve."""
    soon = facts[came_back] <= HOURS * 3600
    known = facts.is_solved & facts.requester_id.notnull() & facts.reopens.notnull()
    return only(known, yes((facts.reopens == 0) & ~soon.fill_null(False)))


FCR_RATE = add(
    Metric(
        name="fcr_rate",
        title="First contact resolution (FCR)",
        unit="share",
        better="higher",
        kind="share",
        words=("fcr", "first contact resolution", "resolved on first contact", "first call resolution"),
        description="Share of the solved conversations that were never reopened and whose requester began "
        "no new conversation in the same source within 168 hours of the last solve.",
        population_text="Counted, solved conversations with a known requester, 7 days or more after the solve.",
        bucket="last_solved_local",
        counted_on="the last solve",
        measure=_stayed_solved,
        null_when="not solved, solved less than 7 days ago, requester unknown, or no status changes told",
        missing="not solved, solved less than 7 days ago, or the requester or reopens are unknown",
        source="Supportlens, after Intercom: First contact resolution, intercom.com article 7022438; "
        "a follow-up is a new contact",
        needs=("status_history", "requester"),
        ripe_days=7,
        attribution=at("the last solve", "last_solve"),
        variants=(
            Variant(
                "same_topic",
                "Only a new conversation about the same topic counts as coming back.",
                "Supportlens",
                lambda facts: _stayed_solved(facts, "next_contact_same_topic_s"),
            ),
        ),
    )
)
