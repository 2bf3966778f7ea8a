"""What "noise" keeps quiet, and the one of it that each month shows again, so that people can check.

The first of a month is the one: a stronger one that comes later cannot take its place, and nothing needs to be kept to
know which it was. What was called noise waits for the month after, so that calling it noise hides it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import Judged
from analytics.anomalies.reading import Panel
from analytics.anomalies.verdicts import CALLED, Verdict, Verdicts

RAISED = "below the threshold that rose when noise was said"  # how the reason of a raised threshold begins


class _Due(NamedTuple):
    """Since when an incident may be shown again, its place among those of that day, and what keeps it quiet."""

    since: date
    place: int
    key: str
    incident: Incident
    verdict: Verdict


def below(panel: Panel, judged: Judged, found: Sequence[Incident], verdicts: Verdicts) -> list[Incident]:
    """What raised thresholds alone keep from being told, suppressed with that reason: of days of no incident `found`."""
    steps = verdicts.steps(panel.metric.name, panel.days)
    where = {where for where, by in steps.items() if (by > 1.0).any()}
    if not where:
        return []
    plain = find(panel, judged, {where: np.minimum(by, 1.0) for where, by in steps.items()})
    return raised([one for one in plain if one.where in where], found, verdicts)


def raised(incidents: Sequence[Incident], found: Sequence[Incident], verdicts: Verdicts) -> list[Incident]:
    """The incidents that "noise" of their slice keeps quiet, with that reason: of days of no incident `found`."""
    quiet = []
    for one in incidents:
        told = any(
            one.where == other.where and one.opened <= other.end and other.opened <= one.end
            for other in found
        )
        verdict = _raised_by(one, verdicts)
        if verdict and not told:
            reason = f"{RAISED} of this slice on {verdict.on:%-d %b}"
            quiet.append(replace(one, status="suppressed", reason=reason))
    return quiet


def shown_again(suppressed: Sequence[Incident], verdicts: Verdicts, today: date) -> Incident | None:
    """The one that is shown again in the month of `today`; None where there is none, or people judged it this month."""
    due = [found for one in suppressed if (found := _due(one, verdicts))]
    ours = [one for one in due if (one.since.year, one.since.month) == (today.year, today.month)]
    if not ours:
        return None
    first = min(ours, key=lambda one: one[:3])
    if any(one.is_of(first.incident) and one.on >= today.replace(day=1) for one in verdicts.all):
        return None
    what = "this" if first.incident.reason.startswith(CALLED) else "another incident of this slice"
    who, on = first.verdict.by or "somebody", f"{first.verdict.on:%-d %b %Y}"
    reason = f"Kept quiet since {who} called {what} noise on {on}; shown again once this month so that you can check"
    return replace(first.incident, status="again", reason=reason)


def _due(one: Incident, verdicts: Verdicts) -> _Due | None:
    if one.reason.startswith(RAISED):
        verdict = _raised_by(one, verdicts)
        return _Due(one.opened, len(verdicts.all), one.key, one, verdict) if verdict else None
    verdict = verdicts.opinion(one)[0]
    if verdict is None or not one.reason.startswith(CALLED):
        return None
    next_month = (verdict.on.replace(day=28) + timedelta(days=4)).replace(day=1)
    return _Due(next_month, verdicts.all.index(verdict), one.key, one, verdict)


def _raised_by(one: Incident, verdicts: Verdicts) -> Verdict | None:
    """The last "noise" of its slice by then."""
    said = [
        other for other in verdicts.all
        if other.word == "noise" and other.metric == one.metric and other.on <= one.end and one.whole is not None
        and set(other.where) == set(one.whole)
    ]  # fmt: skip
    return max(said, key=lambda other: other.on, default=None)
