"""Agent wait time."""

from analytics.base import at
from analytics.durations import duration
from analytics.metrics._values import only

AGENT_WAIT = duration(
    stem="agent_wait",
    title="Agent wait time",
    faster="solved conversations took less",
    words=("agent wait time", "time pending", "waiting for the customer"),
    description="How long a solved conversation was pending: the team waited for the customer."
    " The times in these statuses are added up.",
    population_text="Counted conversations whose present status is solved or closed.",
    bucket="last_status_local",
    counted_on="the last change of status",
    measure=lambda facts: only(facts.is_solved, facts.agent_wait_s),
    business=lambda facts: only(facts.is_solved, facts.agent_wait_business_s),
    null_when="not solved, or the source tells no status changes",
    missing="not solved, or the source tells no status changes",
    source="Zendesk: Agent wait time, handbook.gitlab.com, Zendesk metric definitions",
    needs=("status_changes",),
    attribution=at("the last solve", "last_solve"),
)
