"""Full resolution time, median."""

from analytics.base import Metric
from analytics.catalogue import add

RESOLUTION_MEDIAN = add(
    Metric(
        name="resolution_median",
        title="Full resolution time, median",
        unit="seconds",
        better="lower",
        kind="quantile",
        quantile=0.5,
        words=(
            "median resolution",
            "resolution time",
            "full resolution time",
            "time to resolve",
            "time to solve",
            "handle time",
        ),
        description="Half of the solved conversations took less than this. "
        "From creation to the last solve, only while the conversation is solved. Calendar time.",
        population_text="Counted conversations whose present status is solved or closed.",
        bucket="last_solved_local",
        measure=lambda facts: facts.is_solved.ifelse(facts.full_resolution_s, None),
        null_when="not solved, or the source has no status history",
        missing="not solved",
        needs=("status_history",),
        takes_dates=True,
    )
)
