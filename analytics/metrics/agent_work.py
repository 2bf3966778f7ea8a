"""Agent work time."""

from analytics.base import at
from analytics.durations import duration
from analytics.metrics._values import only

AGENT_WORK = duration(
    stem="agent_work",
    title="Agent work time",
    faster="solved conversations took less",
    words=("agent work time", "work time", "time in the agents' hands"),
    description="How long a solved conversation was new or open. The times in these statuses are added up.",
    population_text="Counted conversations whose present status is solved or closed.",
    bucket="last_status_local",
    counted_on="the last change of status",
    measure=lambda facts: only(facts.is_solved, facts.agent_work_s),
    business=lambda facts: only(facts.is_solved, facts.agent_work_business_s),
    null_when="not solved, or the source tells no status changes",
    missing="not solved, or the source tells no status changes",
    source="Zendesk: Agent work time of SLA policies, handbook.gitlab.com, Zendesk metric definitions; fivetran/dbt_zendesk",
    needs=("status_changes",),
    attribution=at("the last solve", "last_solve"),
)
