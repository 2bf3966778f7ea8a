"""How much agents reply while they do."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import counted_if

REPLIES_PER_AGENT_HOUR = add(
    Metric(
        name="replies_per_agent_hour",
        title="Replies per active agent hour",
        unit="number",
        better="neutral",
        kind="ratio",
        words=("replies per hour", "replies per agent hour", "replies an hour", "productivity", "agent load"),
        description="Replies divided by the hours in which their agents replied: an agent and an hour of the day "
        "with at least one reply count once. It is load, not occupancy: when agents are at work is not known.",
        population_text="Replies with a known author in counted conversations.",
        table="replies",
        bucket="replied_local",
        counted_on="the reply",
        measure=lambda replies: counted_if(replies.is_reply & replies.agent.notnull()),
        null_when="no reply, or the source does not tell who wrote a message",
        missing="a further message of a chat session, or the author is unknown",
        source="Supportlens; occupancy needs the agents' working times (Genesys: occupancy)",
        needs=("roles", "agent_replies"),
        per=("agent_hour",),
        per_hour=True,
        attribution=Attribution("the reply", OF_THE_ROW),
    )
)
