"""Share of solved conversations that came back."""

from analytics.base import Metric
from analytics.catalogue import add

REOPEN_RATE = add(
    Metric(
        name="reopen_rate",
        title="Reopen rate",
        unit="share",
        better="lower",
        kind="share",
        words=("reopen", "reopens", "reopened", "reopen rate", "came back"),
        description="Share of the conversations first solved in the period that were reopened. "
        "Judged 7 days after the first solve; a reopen that only says thanks does not count.",
        population_text="Counted conversations that were solved at least 7 days ago.",
        bucket="first_solved_local",
        measure=lambda facts: facts.reopens.isnull().ifelse(None, (facts.reopens > 0).ifelse(1, 0)),
        null_when="never solved, solved less than 7 days ago, or the source has no status history",
        missing="not solved, or solved less than 7 days before the end of the data",
        needs=("status_history",),
        ripe_days=7,
    )
)
