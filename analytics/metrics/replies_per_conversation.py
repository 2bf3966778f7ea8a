"""How many replies a solved conversation took."""

from analytics.base import Metric, at
from analytics.catalogue import add
from analytics.metrics._values import only

REPLIES_PER_CONVERSATION = add(
    Metric(
        name="replies_per_conversation",
        title="Replies per conversation",
        unit="number",
        better="lower",
        kind="mean",
        words=("replies per conversation", "replies per ticket", "average replies", "replies to resolution"),
        description="The mean number of replies by human agents in a solved conversation.",
        population_text="Counted conversations whose present status is solved or closed.",
        bucket="last_solved_local",
        counted_on="the last solve",
        measure=lambda facts: only(facts.is_solved, facts.agent_replies),
        null_when="not solved, or the source does not tell who wrote a message",
        missing="not solved, or the source cannot tell replies",
        source="Zendesk: replies, developer.zendesk.com ticket metrics, as a mean",
        needs=("status_history", "roles", "agent_replies"),
        attribution=at("the last solve", "last_solve"),
    )
)
