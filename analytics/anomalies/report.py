"""Everything unusual of a period: incidents that belong together as one card, each with what it goes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from analytics import periods
from analytics.anomalies import bursts, hourly, quiet
from analytics.anomalies.causes import causes_of, slice_of
from analytics.anomalies.context import Told, about, context_of, holidays_of
from analytics.anomalies.grouping import Card, budgeted, group, together
from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import Judged, daily, judge
from analytics.anomalies.readiness import judged_series, missing
from analytics.anomalies.reading import Panel, as_slice, read
from analytics.anomalies.similar import similar
from analytics.anomalies.verdicts import NO_VERDICTS, Verdicts
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

METRICS = ("volume", "first_reply_median", "sentiment_negative_share", "csat_score")
DAYS = 90  # that are looked at without a period
HISTORY = 250  # days before them that are read


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a metric over everything: its number, what was expected, and the band of usual days."""

    day: date
    value: float | None
    expected: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Line:
    """The days of one metric."""

    metric: str
    title: str
    unit: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class AnomalyReport:
    """Cards, the most unlikely first; what was found and is not told, with the reason; and the lines behind them.

    `again` is the one of what noise keeps quiet that this month shows, of days of the period or before it; no alert.
    `judged` are the series of which a day of the period could be judged; where there is none, `missing` says why in a
    sentence. `useful` of `verdicts` were called useful by people.
    """

    period: Period
    metrics: tuple[str, ...]
    cards: tuple[Card, ...]
    again: Card | None
    suppressed: tuple[Incident, ...]
    lines: tuple[Line, ...]
    judged: int
    useful: int
    verdicts: int
    notes: tuple[str, ...]
    zone: str
    generation: int
    missing: str = ""


def anomalies(
    reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer, metrics: Sequence[str] = METRICS,
    events: Sequence[Told] = (), verdicts: Verdicts = NO_VERDICTS, shown: bool = True,
) -> AnomalyReport:  # fmt: skip
    """What was unusual in the period of the filters, or in the last 90 days. Raises QuestionError.

    `events` are what people said happened, told of the incidents whose metric and slice they concern; `verdicts` what
    they said of earlier incidents. Not to be `shown`, causes come without conversations and words, and cards without
    earlier weeks like theirs; that is most of the time.
    """
    period = filters.period or _latest(reader, settings)
    reach = Period(period.start - timedelta(days=HISTORY), period.end)
    past: list[Incident] = []
    by_day: dict[str, tuple[Panel, Judged]] = {}
    lines, notes, series = [], [], 0
    for name in metrics:
        panel, judged, incidents = _watched(reader, name, filters, reach, settings, viewer, verdicts)
        series += judged_series(panel, judged, period)
        past += incidents
        # A count is judged day by day as it is.
        by_day[name] = (panel, judged if panel.kind == "count" else daily(panel))
        lines.append(_line(*by_day[name], period))
        notes += _too_short(panel)
    holidays = holidays_of(settings, reach)
    known = partial(_known_of, events, filters)
    past = [replace(one, context=context_of(one, holidays, known(one))) for one in past]
    found = [one for one in past if one.end >= period.start]
    kept, suppressed = verdicts.sorted_out(found, holidays)
    back = _kept_quiet(past, verdicts, holidays, period, periods.default_period(reader, settings).end)
    caused = partial(
        _with_causes, reader, filters=filters, settings=settings, viewer=viewer, found=found, shown=shown
    )
    cards = budgeted(_merged([caused(card) for card in group(kept)]))
    again = [caused(card) for card in back if shown]
    if shown:
        alike = partial(_with_similar, by_day=by_day, known=known, holidays=holidays)
        cards, again = [alike(card) for card in cards], [alike(card) for card in again]
    useful, of = verdicts.precision()
    why = "" if series else missing([panel for panel, _ in by_day.values()], period)
    return AnomalyReport(
        period, tuple(metrics), tuple(cards), again[0] if again else None, tuple(suppressed), tuple(lines), series, useful, of,
        () if why else tuple(notes), settings.workspace.reporting_zone, reader.number, why,
    )  # fmt: skip


def _known_of(events: Sequence[Told], filters: Filters, one: Incident) -> tuple[Told, ...]:
    """The events that concern an incident: its metric, and its slice of what the filters keep."""
    return about(events, one.metric, slice_of(filters, one.where))


def _watched(
    reader: Reader, name: str, filters: Filters, reach: Period, settings: Settings, viewer: Viewer, verdicts: Verdicts
) -> tuple[Panel, Judged, list[Incident]]:  # fmt: skip
    """A metric's panel, how likely its days are, and its incidents with those that raised thresholds keep quiet."""
    panel = read(reader, name, filters.over(reach), settings=settings, viewer=viewer)
    verdicts = verdicts.under(as_slice(filters, panel.kind))
    steps, since = verdicts.steps(name, panel.days), verdicts.since(name).get(())
    rebased = verdicts.along(find(panel, judge(panel))) if since else verdicts
    panel = rebased.rebased(panel)
    judged = judge(panel)
    incidents = find(panel, judged, steps)
    kept_quiet = quiet.below(panel, judged, incidents, verdicts)
    if name == "volume":
        hours = hourly.bursts(
            reader, filters, reach, settings=settings, viewer=viewer, since=since, steps=steps.get(())
        )
        incidents = bursts.added(incidents, [one for one in hours if not one.is_quiet], panel)
        below = bursts.added([], [one for one in hours if one.is_quiet], panel)
        kept_quiet += quiet.raised(below, [*incidents, *kept_quiet], verdicts)
    return panel, judged, [*incidents, *kept_quiet]


def _latest(reader: Reader, settings: Settings) -> Period:
    end = periods.default_period(reader, settings).end
    return Period(end - timedelta(days=DAYS - 1), end)


def _with_causes(
    reader: Reader,
    card: Card,
    filters: Filters,
    settings: Settings,
    viewer: Viewer,
    found: Sequence[Incident],
    shown: bool,
) -> Card:
    """A card with its causes, and whether it is spread evenly."""
    odd = frozenset(one.peak for one in found if one.metric == card.headline.metric and one.span == 1)
    causes, evenly = causes_of(
        reader,
        card.headline,
        filters,
        settings=settings,
        viewer=viewer,
        left_out=odd - {card.headline.peak},
        shown=shown,
    )
    return replace(card, causes=causes, spread_evenly=evenly)


def _kept_quiet(
    past: Sequence[Incident], verdicts: Verdicts, holidays: Mapping[date, str], period: Period, today: date
) -> list[Card]:
    """The card of this month of what noise keeps quiet, where the period reaches into this month."""
    if period.end < today.replace(day=1):
        return []
    found = quiet.shown_again(verdicts.sorted_out(past, holidays)[1], verdicts, today)
    return [Card(found)] if found else []


def _with_similar(
    card: Card,
    by_day: Mapping[str, tuple[Panel, Judged]],
    known: Callable[[Incident], tuple[Told, ...]],
    holidays: Mapping[date, str],
) -> Card:
    panel, judged = by_day[card.headline.metric]
    return replace(
        card, similar=similar(panel, judged, card.headline, events=known(card.headline), holidays=holidays)
    )


def _merged(cards: Sequence[Card]) -> list[Card]:
    """Cards that overlap in time and share an element of their causes are one."""
    return together(cards, _elements)


def _elements(card: Card) -> frozenset[tuple[str, str]]:
    """Every (dimension, value) that a card speaks of."""
    slices = [*(cause.where for cause in card.causes), *(one.where for one in card.incidents)]
    return frozenset(pair for where in slices for pair in where)


def _line(panel: Panel, judged: Judged, period: Period) -> Line:
    """The days of the period, over everything."""
    import numpy as np

    points = []
    for at, day in enumerate(panel.days):
        if not period.start <= day <= period.end:
            continue
        told = [float(one[at, 0]) for one in (judged.actual, judged.expected, judged.low, judged.high)]
        value, usual, low, high = (None if np.isnan(one) else one for one in told)
        n = int(panel.series[0].n[at])
        if panel.kind != "count" and judged.n[at, 0] == 0:
            value = usual = low = high = None
        points.append(Point(day, value, usual, low, high, n))
    return Line(panel.metric.name, panel.metric.title, panel.metric.unit, tuple(points))


def _too_short(panel: Panel) -> list[str]:
    from analytics.anomalies.tidy import FEWEST

    seen = int((panel.series[0].n[panel.series[0].begins :] > 0).sum())
    if seen >= FEWEST:
        return []
    return [
        f"{panel.metric.title}: nothing is called unusual before {FEWEST} days with data; there are {seen}."
    ]
