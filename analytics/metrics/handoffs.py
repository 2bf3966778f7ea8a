"""How often a solved conversation changed hands."""

from analytics.base import Metric, at
from analytics.catalogue import add
from analytics.metrics._values import only

HANDOFFS = add(
    Metric(
        name="handoffs",
        title="Handoffs per conversation",
        unit="number",
        better="lower",
        kind="mean",
        words=("handoffs", "handovers", "handoffs per conversation", "changed hands", "transfers"),
        description="How often, on average, a solved conversation went from one agent or team to another. "
        "A change of both at once is one.",
        population_text="Counted conversations whose present status is solved or closed.",
        bucket="last_solved_local",
        counted_on="the last solve",
        measure=lambda facts: only(facts.is_solved, facts.handoffs),
        null_when="not solved, or the source tells no changes of assignee or team",
        missing="not solved, or the source tells no changes of assignee or team",
        source="Supportlens, from Zendesk: group and assignee stations, developer.zendesk.com ticket metrics",
        needs=("status_history", "handoffs"),
        attribution=at("the last solve", "last_solve"),
    )
)
