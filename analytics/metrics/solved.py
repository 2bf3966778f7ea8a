"""Conversations solved."""

from analytics.base import Metric, at
from analytics.catalogue import add

SOLVED = add(
    Metric(
        name="solved",
        title="Conversations solved",
        unit="count",
        better="higher",
        kind="count",
        words=("solved", "resolved", "closed", "completed", "solves", "resolutions"),
        description="Conversations last solved in the period that are still solved; each counts once.",
        population_text="Counted conversations whose present status is solved or closed.",
        bucket="last_solved_local",
        counted_on="the last solve",
        measure=lambda facts: facts.is_solved.ifelse(1, None),
        null_when="the source has no status history",
        missing="not solved",
        source="Zendesk: Solved tickets, support.zendesk.com article 4408827693594",
        needs=("status_history",),
        takes_dates=True,
        attribution=at("the last solve", "last_solve"),
    )
)
