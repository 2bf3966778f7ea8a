"""Share of conversations that passed from one agent to another."""

from analytics.base import Metric, Variant
from analytics.catalogue import add
from analytics.metrics._values import only, yes

REASSIGNED_RATE = add(
    Metric(
        name="reassigned_rate",
        title="Reassigned",
        unit="share",
        better="lower",
        kind="share",
        words=("reassigned", "reassigned rate", "reassignment", "reassignments", "passed on"),
        description="Share of the conversations with an assignee that had more than one, one after the other.",
        population_text="Counted conversations that were ever assigned to an agent.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: only(facts.agent_stations > 0, yes(facts.agent_stations > 1)),
        null_when="never assigned, or the source tells no changes of assignee",
        missing="never assigned, or the source tells no changes of assignee",
        source="Zendesk: Reassigned tickets, assignee stations > 1, support.zendesk.com article 4408827693594",
        needs=("assignee_history",),
        variants=(
            Variant(
                "teams",
                "More than one team instead of more than one assignee.",
                "Zendesk: group stations, developer.zendesk.com ticket metrics",
                lambda facts: only(facts.team_stations > 0, yes(facts.team_stations > 1)),
            ),
        ),
    )
)
