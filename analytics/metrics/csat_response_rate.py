"""Share of surveys that were answered."""

from analytics.base import NOW, Metric
from analytics.catalogue import add
from analytics.metrics._values import only, yes

CSAT_RESPONSE_RATE = add(
    Metric(
        name="csat_response_rate",
        title="Survey response rate",
        unit="share",
        better="higher",
        kind="share",
        words=("survey response rate", "csat response rate", "surveys answered", "survey answers"),
        description="Share of the conversations with a satisfaction survey that were rated.",
        population_text="Counted conversations for which a survey was sent.",
        bucket="surveyed_local",
        counted_on="the first survey",
        measure=lambda facts: only(facts.surveyed_at.notnull(), yes(facts.csat_score.notnull())),
        null_when="no survey was sent, or the source does not tell which",
        missing="no survey",
        source="Chatwoot: CSAT response rate, responses / surveys sent",
        needs=("surveys",),
        attribution=NOW,
    )
)
