"""The mean rating."""

from analytics.base import Metric, at
from analytics.catalogue import add

CSAT_SCORE = add(
    Metric(
        name="csat_score",
        title="Mean satisfaction rating",
        unit="number",
        better="higher",
        kind="mean",
        words=("average rating", "mean rating", "average satisfaction", "csat score"),
        description="The mean of the last ratings, each between 0 (the worst of its scale) and 1 (the best).",
        population_text="Counted conversations with a rating.",
        bucket="csat_local",
        counted_on="the rating",
        measure=lambda facts: facts.csat_score,
        null_when="nobody rated",
        missing="not rated",
        source="Supportlens: (rating - lowest) / (highest - lowest), as Zendesk QA scales a category, "
        "support.zendesk.com article 7043701093786",
        needs=("csat",),
        attribution=at("the rating", "csat"),
    )
)
