"""What an incident goes with: slices, each with the conversations that show it. Never a word without those."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analytics.anomalies.incidents import Incident
from analytics.anomalies.judging import BASE_DAYS, chances
from analytics.anomalies.reading import CUTS, Panel, Where, read
from analytics.contributions import Side
from analytics.rootcause import counts, means
from analytics.rootcause.evidence import Evidence, gather
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader


@dataclass(frozen=True, slots=True)
class Cause:
    """A slice that a change goes with. Of a count `actual` and `expected` conversations, of a mean the parts by
    `rate` and `mix` (of a duration in natural logarithms); `share` is its part of the whole change;
    `shared` values of other dimensions most of its conversations have."""

    where: Where
    share: float | None
    n: int
    evidence: Evidence
    actual: float | None = None
    expected: float | None = None
    rate: float | None = None
    mix: float | None = None
    shared: Where = ()


def causes_of(
    reader: Reader,
    incident: Incident,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    left_out: frozenset[date] = frozenset(),
    shown: bool = True,
) -> tuple[tuple[Cause, ...], bool]:
    """The causes of an incident that have conversations, and whether it is spread evenly instead.

    Not to be `shown`, their evidence is none, and of what fell away they are kept by what was expected alone.
    """
    narrowed = behind(filters, incident)
    by = tuple(cut for cut in CUTS if not narrowed.values(cut))
    if incident.unit == "count":
        found = counts.of_day(
            reader, incident.metric, narrowed, incident.peak, settings=settings, viewer=viewer, by=by,
            left_out=left_out, span=incident.span,
        )  # fmt: skip
        evenly = any(not one.where for one, _ in found)
        told = [
            Cause(one.where, one.share, int(one.actual), _NOTHING, one.actual, one.expected, shared=common)
            for one, common in found
            if one.where and (one.change > 0) == incident.is_above
        ]
        # A part of a cause that rose even more is read in its conversations.
        told = [one for one in told if not any(set(other.where) < set(one.where) for other in told)]
    else:
        told, evenly = _of_mean(reader, incident, narrowed, by, settings, viewer)
    if not told and incident.where and not evenly:
        told = [Cause((), 1.0, incident.n, _NOTHING, incident.actual, incident.expected)]
    told = [replace(one, where=(*incident.where, *one.where)) for one in told]
    if not shown:
        return tuple(one for one in told if one.n or one.expected), evenly
    found_of = [_shown(reader, one, incident, filters, settings, viewer) for one in told]
    return tuple(one for one in found_of if one.evidence.n), evenly


_NOTHING = Evidence((), (), 0)


def slice_of(filters: Filters, where: Where) -> Filters:
    """The filters narrowed to a slice."""
    for dimension, value in where:
        filters = filters.narrowed(dimension, value)
    return filters


def behind(filters: Filters, incident: Incident, where: Where | None = None) -> Filters:
    """The filters narrowed to what an incident counts: its slice, or a cause's, and of a burst its hours."""
    return slice_of(filters, incident.where if where is None else where).narrowed("hour", *hours_of(incident))


def hours_of(incident: Incident) -> tuple[str, ...]:
    """The hours of the day in which a burst came, as filters name them; none of anything else."""
    if not incident.is_burst or incident.hours is None:
        return ()
    return tuple(f"{hour:02}" for hour in range(incident.hours[0], incident.hours[1] + 1))


def days_of(incident: Incident, cause: Cause | None = None) -> Period:
    """The days whose conversations show it; of what fell away to nothing, those before."""
    if cause is not None and cause.actual is not None and cause.actual < 1 and incident.unit == "count":
        last = incident.peak - timedelta(days=incident.span)
        return Period(last - timedelta(days=27), last)
    return Period(incident.peak - timedelta(days=incident.span - 1), incident.peak)


def _shown(
    reader: Reader, cause: Cause, incident: Incident, filters: Filters, settings: Settings, viewer: Viewer
) -> Cause:
    # Of the list of what was created in a period the hour is no filter; of the metric's it is.
    of = "" if incident.metric == "volume" and not incident.is_burst else incident.metric
    evidence = gather(
        reader,
        behind(filters, incident, cause.where),
        days_of(incident, cause),
        of=of,
        settings=settings,
        viewer=viewer,
    )
    return replace(cause, evidence=evidence)


def _of_mean(
    reader: Reader,
    incident: Incident,
    filters: Filters,
    by: tuple[str, ...],
    settings: Settings,
    viewer: Viewer,
) -> tuple[list[Cause], bool]:
    first = incident.peak - timedelta(days=incident.span + BASE_DAYS - 1)
    panel = read(
        reader,
        incident.metric,
        filters.over(Period(first, incident.peak)),
        settings=settings,
        viewer=viewer,
        cuts=by,
    )
    told = chances(panel, incident.span)
    sides = {one.where: _sides(panel, at, incident.span) for at, one in enumerate(panel.series)}
    whole = told.get((), 1.0)
    found = means.causes(sides, told, whole=whole)
    causes = [Cause(one.where, one.share, one.n, _NOTHING, rate=one.rate, mix=one.mix) for one in found]
    return causes, not causes and whole < means.CHANCE and not incident.where


def _sides(panel: Panel, at: int, span: int) -> tuple[Side, Side]:
    one = panel.series[at]
    n, total = one.n, one.total
    return (
        Side(float(n[:-span].sum()), float(total[:-span].sum())),
        Side(float(n[-span:].sum()), float(total[-span:].sum())),
    )
