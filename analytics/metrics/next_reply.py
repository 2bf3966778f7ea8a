"""Next reply time."""

from analytics.base import OF_THE_ROW, Attribution
from analytics.durations import duration

NEXT_REPLY = duration(
    stem="next_reply",
    title="Next reply time",
    faster="later replies came faster",
    words=("next reply time", "next reply", "next response time", "follow-up reply time"),
    description="From the oldest customer message since an agent spoke to the next public message by a "
    "human agent. Thanks alone waits for nothing; who still waits is not in it.",
    population_text="Replies that answered a waiting customer, after the first, in counted conversations.",
    table="replies",
    bucket="replied_local",
    counted_on="the reply",
    measure=lambda replies: replies.waited_s,
    business=lambda replies: replies.waited_business_s,
    null_when="no customer waited, or the source does not tell who wrote a message",
    missing="nobody waited for this reply",
    source="Zendesk: Next reply time of SLA policies, handbook.gitlab.com, Zendesk metric definitions",
    needs=("roles", "agent_replies"),
    attribution=Attribution("the reply", OF_THE_ROW),
)
