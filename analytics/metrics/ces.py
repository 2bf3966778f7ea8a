"""Customer effort score."""

from analytics.base import Metric
from analytics.catalogue import add

CES = add(
    Metric(
        name="ces",
        title="Customer effort score (CES)",
        unit="number",
        better="higher",
        kind="mean",
        words=("ces", "customer effort", "customer effort score", "effort score", "ease"),
        description="The mean answer, from 1 to 7, to whether it was easy to get help; 7 is the easiest. "
        "The last answer of a conversation counts.",
        population_text="Counted conversations with an answer between 1 and 7.",
        bucket="ces_local",
        counted_on="the answer",
        measure=lambda facts: facts.ces_score,
        null_when="nobody answered",
        missing="no answer",
        source="Nicereply: Customer effort score 2.0, agreement from 1 to 7, nicereply.com",
        needs=("ces",),
    )
)
