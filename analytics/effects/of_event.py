"""The effect of an event on a metric: of what it touched, beside what it left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.daily import LONGEST_DAYS, WHOLE, Daily, calendar_of, daily, days_of
from analytics.periods import first_day
from analytics.trends.words import ADDED
from core.conditions import SEVERAL, Condition, Groups, ordered
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.anomalies.context import Told
    from analytics.effects.measure import Measured
    from analytics.forecasting.calendars import Calendar
    from store.reader import Reader

Where = tuple[tuple[str, tuple[str, ...]], ...]
USUAL_WINDOW = 14
TOO_WIDE = 5.0  # a band in which five times as much, or a fifth, is chance tells nothing
TOUCHED, UNTOUCHED = "touched", "untouched"


@dataclass(frozen=True, slots=True)
class EffectDay:
    """A day after the event: what came, what was forecast from before it with its 95 % band, in the unit.

    A day off that is not `counted` is left out of the effect.
    """

    day: date
    actual: float | None
    expected: float | None
    low: float | None
    high: float | None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Off:
    """How far a window was off its forecast, with its 95 % band: a share of it, or of ratios a difference."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event did. `verdict` is higher, lower, none or unknown; `effect` is against the untouched, where there are
    any, else the touched `alone`; higher and lower are beyond chance, and unknown is what no band or only a very wide one is
    known of. `actual` and `expected` are the window's mean by day in the metric's unit, of durations the geometric one, so
    that the one by the other is `alone`. `kind` is count, duration or ratio; `a_day` tells counts that add up from those
    that stand. The forecast was measured alike on `placebos` windows before the event.
    """

    name: str
    title: str
    unit: str
    kind: str
    at: date
    window: int
    touched: tuple[tuple[str, tuple[str, ...]], ...]
    verdict: str
    actual: float | None
    expected: float | None
    effect: Off | None
    alone: Off | None
    untouched: Off | None
    placebos: int
    days: tuple[EffectDay, ...]
    sentences: tuple[str, ...]
    a_day: bool = False


def effect_of(
    reader: Reader, name: str, filters: Filters, at: date, *, settings: Settings, viewer: Viewer,
    touched: Mapping[str, Sequence[str]] | None = None, window: int = USUAL_WINDOW, events: Sequence[Told] = (),
) -> Effect:  # fmt: skip
    """What changed from day `at` on, in up to `window` days. Without `touched` everything is; the period is not used.
    What the filters choose of a dimension that was touched does not count: the untouched are all its other values.

    Of counts the days off of the calendars are left out, and incidents among `events`, which people noted, are not
    learnt from. No driver is asked: the event may be one of its kind, and the numbers of its days are not from before it.
    Raises QuestionError for a metric or dimension there is not, and a day before the data or too far ahead; a
    history that is too short is told.
    """
    first = first_day(reader, settings)
    if first and at < first:
        raise QuestionError(
            f"{at} is before the data, which begins on {first}.",
            hint="Ask for a later day, or load older conversations.",
        )
    where = tuple(sorted((key, tuple(sorted(values))) for key, values in (touched or {}).items()))
    dimensions.check(replace(filters, where=where), ())
    if at > date.max - timedelta(days=LONGEST_DAYS):
        raise QuestionError(f"{at} is too far ahead.", hint="Ask for a day that is over.")
    period = Period(at - timedelta(days=LONGEST_DAYS - 1), at + timedelta(days=window - 1))
    asked = around(filters.over(period), where)
    reads = {
        part: daily(reader, name, one, settings=settings, viewer=viewer)
        for part, one in _parts(asked, where).items()
    }
    calendar = calendar_of(settings, period, 0, events) if reads[TOUCHED].kind == "count" else None
    return effect_in(reads, at, window, where, calendar)


def effect_in(
    reads: Mapping[str, Daily], at: date, window: int, where: Where = (),
    calendar: Calendar | None = None,
) -> Effect:  # fmt: skip
    """The same of series that are read already: TOUCHED, and UNTOUCHED where there is one."""
    from analytics.effects import words
    from analytics.effects.measure import LEAST_AFTER, LEAST_BEFORE, measure

    read = reads[TOUCHED]
    frame = _together(reads)
    days = days_of(frame)
    event = sum(day < at for day in days)
    before = int(frame[TOUCHED].iloc[:event].notna().sum())
    after = int(frame[TOUCHED].iloc[event:].notna().sum())
    metric = read.metric
    nothing = Effect(
        metric.name,
        metric.title,
        metric.unit,
        read.kind,
        at,
        window,
        where,
        "unknown",
        None,
        None,
        None,
        None,
        None,
        0,
        (),
        (),
        metric.kind in ADDED,
    )
    if before < LEAST_BEFORE or after < LEAST_AFTER:
        return replace(nothing, sentences=(words.too_short(before, after),))
    found = measure(frame, event, min(window, len(frame) - event), read.kind, calendar)
    told = _told(nothing, found, frame, event, read.kind)
    return replace(told, sentences=words.sentences(told))


def around(filters: Filters, where: Where) -> Filters:
    """The filters of the touched and the untouched together: what they say of a dimension that was touched does not
    count, but for one of which a conversation has several values. Their conditions hold."""
    for name, _ in where:
        filters = filters if name in SEVERAL else filters.without(name)
    return filters


def within(filters: Filters, where: Where) -> Filters:
    """The filters of what was touched."""
    found = around(filters, where)
    for name, values in where:
        found = found.narrowed(name, *values)
    return found


def _parts(asked: Filters, where: Where) -> dict[str, Filters]:
    """Filters of the touched, and of everything that is not."""
    if not where:
        return {TOUCHED: asked}
    others: Groups = tuple((Condition(name, values, True),) for name, values in where)
    groups: Groups = tuple((*own, *other) for own in asked.groups or ((),) for other in others)
    return {TOUCHED: within(asked, where), UNTOUCHED: replace(asked, groups=ordered(groups))}


def _together(reads: Mapping[str, Daily]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({part: read.values[WHOLE] for part, read in reads.items()})
    if UNTOUCHED in frame and not frame[UNTOUCHED].notna().any():
        frame = frame.drop(columns=UNTOUCHED)
    if not len(frame):
        return frame
    frame = frame.reindex(pd.date_range(frame.index[0], frame.index[-1]))
    if reads[TOUCHED].kind == "count" and UNTOUCHED in frame:
        # A small part that had nothing on a day on which others came had none.
        frame[TOUCHED] = frame[TOUCHED].mask(frame[TOUCHED].isna() & frame[UNTOUCHED].notna(), 0.0)
    return frame


def _told(nothing: Effect, found: Measured, frame: pd.DataFrame, event: int, kind: str) -> Effect:
    import numpy as np

    point = found.forecast.point[TOUCHED]
    low, high = (one[TOUCHED] for one in found.forecast.interval(95))
    came = frame[TOUCHED].iloc[event : event + len(point)]
    days = []
    for place, moment in enumerate(came.index):
        actual, usual, least, most = (_known(one.iloc[place]) for one in (came, point, low, high))
        days.append(EffectDay(moment.date(), actual, usual, least, most, bool(found.counted[place])))
    both = found.counted & came.notna().to_numpy() & point.iloc[: len(came)].notna().to_numpy()
    expected = point.iloc[: len(came)]
    if kind == "duration":  # the days that the effect is of
        both &= (came > 0).to_numpy() & (expected > 0).to_numpy()
    middle = _geometric if kind == "duration" else np.mean
    effect = found.effect
    return replace(
        nothing, verdict=_verdict(found, kind), days=tuple(days), placebos=found.placebos,
        actual=float(middle(came[both])) if both.any() else None,
        expected=float(middle(expected[both])) if both.any() else None,
        effect=_off(effect, kind), alone=_off(found.alone, kind),
        untouched=_off(found.untouched, kind) if found.untouched else None,
    )  # fmt: skip


def _verdict(found: Measured, kind: str) -> str:
    import numpy as np

    value, low, high = found.effect
    if not np.isfinite(value) or not np.isfinite(low):
        return "unknown"
    if found.is_measurable:
        return "higher" if value > 0 else "lower"
    return "unknown" if kind != "ratio" and (high - low) / 2 > np.log(TOO_WIDE) else "none"


def _geometric(values: pd.Series) -> float:
    import numpy as np

    return float(np.exp(np.log(values).mean()))


def _off(found: tuple[float, float, float], kind: str) -> Off | None:
    import numpy as np

    if not np.isfinite(found[0]):
        return None
    value, low, high = (one if kind == "ratio" else float(np.expm1(min(one, 50.0))) for one in found)
    ends = (one if np.isfinite(raw) else None for one, raw in zip((low, high), found[1:], strict=True))
    return Off(value, *ends)


def _known(value: float) -> float | None:
    return float(value) if value == value else None
