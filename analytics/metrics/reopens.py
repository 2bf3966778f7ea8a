"""Solves that were undone."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import counted_if

REOPENS = add(
    Metric(
        name="reopens",
        title="Reopens",
        unit="count",
        better="lower",
        kind="count",
        words=("number of reopens", "reopen count", "how many reopens", "undone solves"),
        description="How often solved conversations went back to an unsolved status. Thanks alone is no reopen.",
        population_text="Solves of counted conversations that were undone by more than thanks.",
        table="solves",
        bucket="reopened_local",
        counted_on="the reopen",
        measure=lambda solves: counted_if(~solves.reopened_by_thanks),
        null_when="the source has no status history",
        missing="not reopened",
        source="Zendesk: reopens, developer.zendesk.com ticket metrics; repeated statuses are collapsed first",
        needs=("status_history",),
        attribution=Attribution("the solve that was undone", OF_THE_ROW),
    )
)
