"""First reply time."""

from analytics.durations import duration

FIRST_REPLY = duration(
    stem="first_reply",
    title="First reply time",
    faster="first replies came faster",
    description="From creation to the first public message by a human agent; "
    "bots, private notes and automatic acknowledgements never count.",
    population_text="Counted conversations that have a first reply.",
    bucket="first_reply_local",
    counted_on="the first reply",
    measure=lambda facts: facts.first_reply_s,
    business=lambda facts: facts.first_reply_business_s,
    null_when="no reply yet, or the source does not tell who wrote a message",
    source="Zendesk: First reply time, support.zendesk.com article 4408834848154",
    missing="no reply by an agent yet",
    needs=("roles", "agent_replies"),
    words=("first reply time", "first response time", "response time", "frt", "time to first reply"),
    median_words=("median first reply", "slower", "slowest", "slow", "faster", "fastest", "fast"),
    p90_words=("p90 first reply", "slowest first replies"),
)
