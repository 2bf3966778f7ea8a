"""What drivers are looked for of: each outcome, the metric that it is told by, and what was known before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.ratings import BAD_TOLD
from core.errors import QuestionError

# Nothing here may be a consequence of the outcome. Of handling only what came before the solve or rating counts; for
# answers that came late nothing of it, since whoever waits long is passed on, made urgent, and answered by others.
# Tags, status, mood and targets are left out throughout: they are set, or written, after the fact.
BEGINNING = (
    "source",
    "channel",
    "product",
    "brand",
    "type",
    "language",
    "topic",
    "created_weekday",
    "created_hours",
)
HANDLING = ("priority", "team", "agent", "early_agents", "early_replies", "early_pace")
ENTRY = ("created_team", "created_priority")
AFTERWARDS = (  # and single customers
    "tag", "status", "sentiment", "sla_state", "csat_kind", "csat_score", "weekday", "hour", "requester",
)  # fmt: skip
Hit = Literal["yes", "no", "slow"]
SLOW = 0.75  # of the answers of the period: slower than this share of them is slow


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that happens to a conversation or does not.

    `metric` gives the rows and their values. It happened (`hit`) where the value is 1 ("yes"), 0 ("no"), or among the
    slowest quarter ("slow"). `told` ends "… goes with twice as many that were".
    """

    name: str
    title: str
    told: str
    description: str
    metric: str
    hit: Hit
    dimensions: tuple[str, ...]


OUTCOMES: dict[str, Outcome] = {
    one.name: one
    for one in (
        Outcome(
            "reopened", "Reopened", "reopened", "Reopened within 7 days of the first solve; thanks alone does not count.",
            "reopen_rate", "yes", (*BEGINNING, *HANDLING),
        ),
        Outcome(
            "bad_rating", "Bad rating", "rated badly", f"The last rating is not a good one: {BAD_TOLD}.",
            "csat_share", "no", (*BEGINNING, *HANDLING),
        ),
        Outcome(
            "slow_first_reply", "Slow first reply", "slow to be answered",
            "The first reply took longer than three quarters of the period's first replies.",
            "first_reply_median", "slow", (*BEGINNING, *ENTRY),
        ),
        Outcome(
            "slow_resolution", "Slow resolution", "slow to be solved",
            "The first solve took longer than three quarters of the period's first solves.",
            "first_resolution_median", "slow", (*BEGINNING, *ENTRY),
        ),
        Outcome(
            "breached", "Missed target", "missed", "A finished SLA target that was missed.",
            "sla_compliance", "no", (*BEGINNING, *ENTRY, "sla_metric"),
        ),
        Outcome(
            "came_back", "Came back", "not solved at once",
            "Reopened, or the customer began another conversation within 7 days of the last solve.",
            "fcr_rate", "no", (*BEGINNING, *HANDLING),
        ),
    )
}  # fmt: skip


def find(name: str) -> Outcome:
    """The outcome of this name. Raises QuestionError where there is none."""
    if name not in OUTCOMES:
        raise QuestionError(f"there is no outcome called {name!r}.", hint=f"Known: {', '.join(OUTCOMES)}.")
    return OUTCOMES[name]


def check_beforehand(outcome: Outcome, name: str) -> None:
    """Raise QuestionError for a dimension that may be a consequence of the outcome, or that names single customers."""
    if name in outcome.dimensions or name == "word":
        return
    if name in (*AFTERWARDS, *HANDLING, *ENTRY):
        raise QuestionError(
            f"{name} may be a consequence of the outcome {outcome.name}, so it is no driver of it.",
            hint=f"Known before it: {', '.join((*outcome.dimensions, 'word'))}.",
        )
