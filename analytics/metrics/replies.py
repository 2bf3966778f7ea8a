"""Public replies by people."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import counted_if

REPLIES = add(
    Metric(
        name="replies",
        title="Replies by agents",
        unit="count",
        better="neutral",
        kind="count",
        words=("number of replies", "replies sent", "agent replies", "how many replies", "public replies"),
        description="Public messages by human agents that answer a conversation. "
        "The message that began it is none, and the messages of one chat session are one.",
        population_text="Replies in counted conversations.",
        table="replies",
        bucket="replied_local",
        counted_on="the reply",
        measure=lambda replies: counted_if(replies.is_reply),
        null_when="the source does not tell who wrote a message",
        missing="a further message of a chat session",
        source="Zendesk: replies, developer.zendesk.com ticket metrics",
        needs=("roles", "agent_replies"),
        attribution=Attribution("the reply", OF_THE_ROW),
    )
)
