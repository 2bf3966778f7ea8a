"""First reply time, median."""

from analytics.base import Metric
from analytics.catalogue import add

FIRST_REPLY_MEDIAN = add(
    Metric(
        name="first_reply_median",
        title="First reply time, median",
        unit="seconds",
        better="lower",
        kind="quantile",
        quantile=0.5,
        words=(
            "median first reply",
            "first reply time",
            "first response time",
            "response time",
            "frt",
            "time to first reply",
            "slower",
            "slowest",
            "slow",
            "faster",
            "fastest",
            "fast",
        ),
        description="Half of the first replies came faster than this. "
        "From creation to the first public message by a human agent; "
        "bots, private notes and automatic acknowledgements never count. Calendar time.",
        population_text="Counted conversations that have a first reply.",
        bucket="first_reply_local",
        measure=lambda facts: facts.first_reply_s,
        null_when="no reply yet, or the source does not tell who wrote a message",
        missing="no reply by an agent yet",
        needs=("roles", "agent_replies"),
    )
)
