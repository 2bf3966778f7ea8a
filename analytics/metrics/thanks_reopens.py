"""Reopens that only brought thanks."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import counted_if

THANKS_REOPENS = add(
    Metric(
        name="thanks_reopens",
        title="Reopened by thanks",
        unit="count",
        better="neutral",
        kind="count",
        words=("reopened by thanks", "thank-you reopens", "thanks reopens"),
        description="How often a solved conversation was opened again by a message that only says thanks.",
        population_text="Solves of counted conversations that were undone by thanks alone.",
        table="solves",
        bucket="reopened_local",
        counted_on="the reopen",
        measure=lambda solves: counted_if(solves.reopened_by_thanks),
        null_when="the source has no status history or no messages",
        missing="not reopened, or by more than thanks",
        source="Supportlens; Zendesk counts these among the reopens, developer.zendesk.com ticket metrics",
        needs=("status_history", "messages"),
        attribution=Attribution("the solve that was undone", OF_THE_ROW),
    )
)
