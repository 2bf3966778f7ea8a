"""What people said of incidents, and what that changes: thresholds of slices, suppressed incidents, new baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from analytics.anomalies.incidents import QUIET, Incident
from analytics.anomalies.reading import Panel, Where
from analytics.anomalies.tidy import Numbers

if TYPE_CHECKING:
    from store.workspace import AnomalyVerdict
    from store.workspace.anomaly_verdicts import Saying

STEP: Final = 1.15  # what one "noise" raises a slice's threshold by, and one "useful" lowers it
MOST: Final = 2.0
DECAYS: Final = 60  # days in which a step loses its hold
CALLED: Final = "called noise"  # how the reason of what was called noise itself begins


class Days(NamedTuple):
    """The first and last day of something unusual, and whether it was not over when it was looked at."""

    first: date
    last: date
    is_open: bool

    def shares_most(self, other: Days) -> bool:
        """Whether at least half of the longer is shared. Of what goes on beyond one that was not over, nothing is asked."""
        early, late = sorted((self, other), key=lambda one: one.last)
        last = early.last if early.is_open else late.last
        shared = (early.last - max(early.first, late.first)).days + 1
        longer = max(early.last - early.first, last - late.first).days + 1
        return 2 * shared >= longer


class _Seen(NamedTuple):
    """What tells one incident from another; None where it is not known."""

    key: str
    metric: str
    where: Where | None
    is_above: bool | None
    is_burst: bool | None
    days: Days

    def is_one_with(self, other: _Seen) -> bool:
        """Whether it is the same incident: by its key, or looked at over another period by its slice, kind, way and days."""
        if _differ(self.is_above, other.is_above):
            return False
        if self.key == other.key:
            return True
        same = self.metric == other.metric and self.where is not None and _is_same(self.where, other.where)
        return same and not _differ(self.is_burst, other.is_burst) and self.days.shares_most(other.days)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody (`by`) said of an incident: of its metric and whole slice, on a day; the incident's days.

    `is_above`: whether it was above what was expected; None where it was said before that was kept.
    """

    key: str
    metric: str
    where: Where
    word: Saying
    on: date
    start: date
    end: date
    by: str = ""
    is_above: bool | None = None

    @property
    def opened(self) -> date:
        """The day on which its incident opened, with which the key ends; of another key its first day."""
        with suppress(ValueError):
            return date.fromisoformat(self.key.rpartition("|")[2].partition("T")[0])
        return self.start

    @property
    def seen(self) -> _Seen:
        """The incident that it was said of. Keys that are as old as verdicts without a way do not tell bursts from days."""
        has_hours = "T" in self.key.rpartition("|")[2]
        is_burst = has_hours if has_hours or self.is_above is not None else None
        days = Days(self.opened, self.end, (self.on - self.end).days <= QUIET)
        return _Seen(self.key, self.metric, self.where, self.is_above, is_burst, days)

    def is_of(self, incident: Incident) -> bool:
        """Whether it was said of this incident.

        Looked at over another period, the same incident may open some days earlier or later: its slice, whether it is a
        burst, which way it went and its days tell.
        """
        days = Days(incident.opened, incident.end, incident.is_open)
        return self.seen.is_one_with(
            _Seen(incident.key, incident.metric, incident.whole, incident.is_above, incident.is_burst, days)
        )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All verdicts, the earliest first, as they are heard where filters keep a slice, `scope`; None: they keep none."""

    all: tuple[Verdict, ...] = ()
    scope: Where | None = ()

    def under(self, scope: Where | None) -> Verdicts:
        """The same where filters keep this slice."""
        return replace(self, scope=scope)

    def here(self, verdict: Verdict) -> Where | None:
        """What its slice is called under the filters; None where it is of more than they keep, or of something else."""
        if self.scope is None or not set(self.scope) <= set(verdict.where):
            return None
        return tuple(pair for pair in verdict.where if pair not in self.scope)

    def steps(self, metric: str, days: Sequence[date]) -> Mapping[Where, Numbers]:
        """How far the thresholds of slices are raised (noise) or lowered (useful) on each day: 1 is as it is.

        A saying counts from its day on: what was told before it stays told.
        """
        on = np.array([day.toordinal() for day in days])
        found: dict[Where, Numbers] = {}
        for one in self.all:
            where = self.here(one)
            if where is None or one.metric != metric or one.word not in ("noise", "useful"):
                continue
            age = on - one.on.toordinal()
            left = np.where(age < 0, 0.0, np.maximum(0.0, 1 - age / DECAYS))
            by = STEP if one.word == "noise" else 1 / STEP
            found[where] = found.get(where, 1.0) * by**left
        return {where: np.clip(by, 1 / STEP, MOST) for where, by in found.items()}

    def since(self, metric: str) -> Mapping[Where, date]:
        """The first day of the last new normal of each slice that has one."""
        return {
            where: one.start
            for one in self.all
            if one.metric == metric and one.word == "new_normal" and (where := self.here(one)) is not None
        }

    def rebased(self, panel: Panel) -> Panel:
        """The panel with what is usual of each slice beginning anew on the first day of its new normal."""
        since = self.since(panel.metric.name)
        series = tuple(
            replace(one, begins=sum(day < since[one.where] for day in panel.days))
            if one.where in since
            else one
            for one in panel.series
        )
        return replace(panel, series=series) if since else panel

    def along(self, incidents: Sequence[Incident]) -> Verdicts:
        """With a new normal of each slice that shifted with everything, where that of everything was accepted.

        `incidents` are those of one metric, found without any new normal.
        """
        more = []
        for said in self.all:
            if said.word != "new_normal" or self.here(said) != ():
                continue
            near = [one for one in incidents if one.metric == said.metric and one.is_shift
                    and one.start <= said.end and one.end >= said.start]  # fmt: skip
            whole = [one for one in near if not one.where]
            more += [
                replace(said, where=(*said.where, *one.where), start=one.start, end=one.end)
                for one in near
                if one.where and any(one.is_above == other.is_above for other in whole)
            ]
        own = {(one.metric, frozenset(one.where)) for one in self.all if one.word == "new_normal"}
        more = [one for one in more if (one.metric, frozenset(one.where)) not in own]
        return replace(self, all=(*self.all, *more))

    def sorted_out(
        self, incidents: Sequence[Incident], holidays: Mapping[date, str]
    ) -> tuple[list[Incident], list[Incident]]:
        """Incidents to tell, and those that are not, each with the reason.

        One that is suppressed already stays so, unless people called it useful.
        """
        kept, left = [], []
        for one in incidents:
            reason = self._reason(one, holidays)
            if reason:
                left.append(replace(one, status="suppressed", reason=reason))
            else:
                kept.append(replace(one, status="alert", reason=""))
        return kept, left

    def _reason(self, incident: Incident, holidays: Mapping[date, str]) -> str:
        if not incident.is_above and incident.unit == "count" and incident.peak in holidays:
            return f"few are expected: {holidays[incident.peak]}"
        for one in self.all:
            same = one.metric == incident.metric and _covers(one.where, incident)
            near = one.start <= incident.end and one.end >= incident.start
            if same and near and one.word == "expected_event":
                return f"somebody expected it: the event of {one.start:%-d %b}"
            if same and near and one.word == "new_normal":
                return f"accepted as the new normal on {one.on:%-d %b}"
        noise, is_useful = self.opinion(incident)
        if noise and not incident.reason:
            return f"{CALLED} on {noise.on:%-d %b}"
        return "" if is_useful else incident.reason

    def opinion(self, incident: Incident) -> tuple[Verdict | None, bool]:
        """What called an incident noise and still holds, and whether useful was the last word instead."""
        noise, is_useful = None, False
        for one in self.all:
            if one.word in ("useful", "noise") and one.is_of(incident):
                is_useful = one.word == "useful"
                noise = None if is_useful else noise or one
        return noise, is_useful

    def precision(self) -> tuple[int, int]:
        """How many incidents were called useful, of how many that were called useful or noise; the last word counts."""
        last: list[Verdict] = []
        for one in reversed(self.all):
            if one.word in ("useful", "noise") and not any(
                one.seen.is_one_with(later.seen) for later in last
            ):
                last.append(one)
        return sum(one.word == "useful" for one in last), len(last)


NO_VERDICTS = Verdicts()


def told_by(said: Sequence[AnomalyVerdict], zone: tzinfo) -> Verdicts:
    """Verdicts from what the workspace keeps; the day on which one was said is that of the zone."""
    return Verdicts(
        tuple(
            Verdict(
                one.key,
                one.metric,
                one.where,
                one.saying,
                one.at.astimezone(zone).date(),
                one.from_day,
                one.to_day,
                one.viewer,
                one.is_above,
            )
            for one in said
        )
    )


def _is_same(one: Where, other: Where | None) -> bool:
    return other is not None and set(one) == set(other)


def _differ(one: bool | None, other: bool | None) -> bool:
    return one is not None and other is not None and one != other


def _covers(where: Where, incident: Incident) -> bool:
    """Whether what was said of a slice holds for an incident: of the same slice, or of a part of it.

    What was said of everything holds for everything alone. Of filters that are no slice, the part that is one tells.
    """
    if where and set(where) <= set(incident.where if incident.whole is None else incident.whole):
        return True
    return _is_same(where, incident.whole)
