"""Happiness score of three-point ratings."""

from analytics.base import Metric, at
from analytics.catalogue import add
from analytics.metrics._values import balance, only
from analytics.ratings import GOOD

HAPPINESS = add(
    Metric(
        name="happiness",
        title="Happiness score",
        unit="points",
        better="higher",
        kind="mean",
        words=("happiness", "happiness score", "great ratings", "not good ratings"),
        description="% of ratings that are great minus % that are not good, from -100 to 100, "
        "of ratings with three choices (great, okay, not good).",
        population_text="Counted conversations whose last rating is on a three-point scale.",
        bucket="csat_local",
        counted_on="the rating",
        measure=lambda facts: only(
            facts.csat_kind == "3",
            balance(facts.csat_score, facts.csat_score >= GOOD, facts.csat_score <= 0.25),
        ),
        null_when="nobody rated on a three-point scale",
        missing="not rated on a three-point scale",
        source="Help Scout: happiness score, developer.helpscout.com user happiness report",
        needs=("csat",),
        attribution=at("the rating", "csat"),
    )
)
