"""First reply time."""

from analytics.base import Variant, at
from analytics.durations import duration

FIRST_REPLY = duration(
    stem="first_reply",
    title="First reply time",
    faster="first replies came faster",
    words=("first reply time", "first response time", "response time", "frt", "time to first reply"),
    description="From creation to the first public message by a human agent; "
    "bots, private notes and automatic acknowledgements never count.",
    population_text="Counted conversations that have a first reply.",
    bucket="first_reply_local",
    counted_on="the first reply",
    measure=lambda facts: facts.first_reply_s,
    business=lambda facts: facts.first_reply_business_s,
    null_when="no reply yet, or the source does not tell who wrote a message",
    missing="no reply by an agent yet",
    source="Zendesk: First reply time, support.zendesk.com articles 4408834848154 and 4408821871642",
    needs=("roles", "agent_replies"),
    attribution=at("the first reply", "first_reply"),
    variants=(
        Variant(
            "zendesk",
            "Where an agent began the conversation, until the second public message by an agent. "
            "Such conversations are outbound: they count with --include outbound.",
            "Zendesk: First reply time, support.zendesk.com article 4408834848154",
            lambda facts: facts.first_reply_zendesk_s,
        ),
    ),
    median_words=("slower", "slowest", "slow", "faster", "fastest", "fast"),
    p90_words=("slowest first replies",),
    mean_words=("average response time", "average first response time"),
)
