"""Net promoter score."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import balance

NPS = add(
    Metric(
        name="nps",
        title="Net promoter score (NPS)",
        unit="points",
        better="higher",
        kind="mean",
        words=("nps", "net promoter score", "net promoter", "promoters", "detractors", "recommend us"),
        description="% of answers 9 or 10 minus % of answers 0 to 6, from -100 to 100. "
        "The last answer of a conversation counts.",
        population_text="Counted conversations with an answer between 0 and 10.",
        bucket="nps_local",
        counted_on="the answer",
        measure=lambda facts: balance(facts.nps_score, facts.nps_score >= 9, facts.nps_score <= 6),
        null_when="nobody answered",
        missing="no answer",
        source="Zykrr: NPS with detractors from 0 to 6, docs.zykrr.com",
        needs=("nps",),
    )
)
