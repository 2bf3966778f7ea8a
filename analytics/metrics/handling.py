"""Time that people spent on a conversation, as far as it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import Variant
from analytics.durations import duration
from analytics.metrics._values import only

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _found_by(kind: str) -> Variant:
    words = {
        "tracked": "Only times that people or the telephone recorded.",
        "average": "Only times from the settings: minutes of the channel for each reply.",
        "gaps": "Only chats: the gaps before an agent's messages, each at most 15 minutes.",
    }

    def measure(facts: ir.Table) -> ir.Column:
        return only(facts.handling_kind == kind, facts.handling_s)

    return Variant(kind, words[kind], "Supportlens", measure)


HANDLING = duration(
    stem="handling",
    title="Handling time (estimate)",
    faster="handled conversations took less",
    words=("handling time", "aht", "time spent", "agent effort", "handling"),
    description="An estimate of the time that people spent: what was tracked where the source has it, else "
    "the average of the channel from the settings, else for chats the gaps before an agent's messages. "
    "The audit shows each kind apart.",
    population_text="Counted conversations whose handling time is tracked or can be estimated.",
    bucket="last_activity_local",
    counted_on="the last message or solve",
    measure=lambda facts: facts.handling_s,
    null_when="nothing tracked, no average for the channel, and no chat",
    missing="nothing tracked, no average for the channel, and no chat",
    source="Supportlens; Intercom: handling time, intercom.com article 7022438",
    needs=("handling",),
    variants=tuple(_found_by(kind) for kind in ("tracked", "average", "gaps")),
    mean_words=("average handling time", "average handle time"),
)
