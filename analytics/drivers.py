"""What goes with an outcome: how much more often it happens with a value than without, and with all else equal.

Says what goes together, and never what causes what. See docs/drivers.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from analytics import dimensions, driver_rows, outcomes, ratios
from analytics.compute import ask
from analytics.driver_model import Effect, Model
from analytics.driver_rows import WORD, Cases
from analytics.outcomes import Outcome
from analytics.periods import default_period
from core import numbers
from core.filters import NONE, Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from store.reader import Reader

MINIMUM = 20  # rows with a value, and as many without, before anything is said about it
EXPECTED = 3.0  # hits among them, were they like all others
DAYS = 365  # without a period: small effects need many conversations
FALSE = 0.05  # of what is called clear, the share that may be chance


@dataclass(frozen=True, slots=True)
class Driver:
    """One value of a dimension, or a word, beside everything else.

    `ratio` and `difference` compare the `rate` with that of the rest (`rest_rate`), as counted. `adjusted` is the
    ratio when the other dimensions are held constant; None where nothing is left to compare. Every `_low` and `_high`
    is the end of a 95 % interval. `q` is the share of false ones among all that are as clear as this; `is_clear` says
    whether it is at most 5 %. `impact` is what the value adds to the rate of all, in points of a hundred: the rate of
    all minus that of all without it; `adjusted_impact` the part of it that goes with the value alone. `where` is the
    filter that opens its conversations; `told` ends a sentence about the outcome, and `words` is the whole of it.
    `also` are words that stand in the same conversations.
    """

    dimension: str
    title: str
    value: str
    n: int
    hits: int
    rate: float
    rest_rate: float
    ratio: float | None
    ratio_low: float
    ratio_high: float
    difference: float
    difference_low: float
    difference_high: float
    adjusted: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    q: float | None
    is_clear: bool
    impact: float
    adjusted_impact: float | None
    where: tuple[tuple[str, tuple[str, ...]], ...]
    told: str
    words: str = ""
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is, for a table: words with those that come with them."""
        if self.dimension != WORD:
            return f"{self.title}: {self.value}"
        more = f" (and {len(self.also) - 1} more)" if len(self.also) > 1 else ""
        return " + ".join(f"“{word}”" for word in (self.value, *self.also[:1])) + more

    @property
    def best(self) -> float:
        """The ratio to go by: adjusted where there is one."""
        return self.adjusted if self.adjusted is not None else (self.ratio or 1.0)

    @property
    def is_more(self) -> bool:
        """Whether it goes with more of the outcome."""
        return self.best >= 1


@dataclass(frozen=True, slots=True)
class DriverReport:
    """Drivers of an outcome: the clear ones with more of it first, then those with less, then what is not clear.

    Within each the surest first: by the end of the adjusted interval that is nearer to 1. `n` of `counts` (conversations,
    targets), `hits` of them with the outcome. `threshold_s`: of slow outcomes, the seconds from which one is slow.
    `held` are the dimensions that are held constant. `tested` values and words; `too_few` had less than `minimum`.
    """

    outcome: str
    title: str
    description: str
    metric: str
    filters: Filters
    period: Period
    n: int
    counts: str
    hits: int
    rate: float | None
    threshold_s: float | None
    drivers: tuple[Driver, ...]
    held: tuple[str, ...]
    tested: int
    clear: int
    too_few: int
    minimum: int
    notes: tuple[str, ...]
    generation: int


def drivers(
    reader: Reader,
    name: str,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    by: tuple[str, ...] = (),
    minimum: int = MINIMUM,
) -> DriverReport:
    """What goes with an outcome, in the rows that the viewer may see. Without a period: the last year.

    `by` names the dimensions to look at ("word" for the words of first messages); the others are held constant all
    the same. Raises QuestionError for an outcome or dimension that does not exist, or one that is a consequence.
    """
    outcome = outcomes.find(name)
    for dimension in by:
        outcomes.check_beforehand(outcome, dimension)
    if filters.period is None:
        last = default_period(reader, settings).end
        filters = replace(filters, period=Period(last - timedelta(days=DAYS - 1), last))
    held = tuple(dict.fromkeys((*outcome.dimensions, *(one for one in by if one != WORD))))
    asked = ask(reader, outcome.metric, filters, settings=settings, viewer=viewer, by=held)
    frame = replace(asked.question.frame, earlier_start=None, earlier_until=None)
    words = (WORD,) if not by or WORD in by else ()
    question = replace(asked.question, frame=frame, by=(*held, *words))
    cases = driver_rows.read(reader, question, viewer=viewer, minimum=minimum)
    hits, threshold = _hits(outcome, cases)
    found, too_few = _found(outcome, cases, hits, by or (*held, WORD), minimum)
    return DriverReport(
        outcome=name, title=outcome.title, description=outcome.description, metric=outcome.metric,
        filters=filters.over(asked.period), period=asked.period, n=len(cases), counts=question.metric.rows,
        hits=int(hits.sum()), rate=float(hits.mean()) if len(cases) else None, threshold_s=threshold,
        drivers=found, held=tuple(one.name for one in cases.dimensions if len(one.values) > 1),
        tested=sum(one.q is not None for one in found), clear=sum(one.is_clear for one in found), too_few=too_few,
        minimum=minimum, notes=_notes(outcome, asked.coverage.lacking, len(cases), hits, minimum),
        generation=reader.number,
    )  # fmt: skip


def _hits(outcome: Outcome, cases: Cases) -> tuple[NDArray[np.bool_], float | None]:
    """Where it happened; and from which value on, where that is a matter of how long."""
    if outcome.hit == "slow":
        if not len(cases):
            return np.zeros(0, dtype=np.bool_), None
        threshold = float(np.quantile(cases.measures, outcomes.SLOW))
        return cases.measures > threshold, threshold
    return cases.measures == (1 if outcome.hit == "yes" else 0), None


def _notes(
    outcome: Outcome, lacking: object, n: int, hits: NDArray[np.bool_], minimum: int
) -> tuple[str, ...]:
    notes = ["What goes together need not be cause and effect."]
    if lacking:
        notes.append("Sources that cannot tell this outcome are not in it.")
    if n < 2 * minimum or not hits.any() or hits.all():
        notes.append("Too little happened in this period, or nothing else did: there is nothing to compare.")
    elif outcome.hit == "slow":
        notes.append("Conversations that are still waiting are not in it.")
    return tuple(notes)


def _found(
    outcome: Outcome, cases: Cases, hits: NDArray[np.bool_], looked_at: tuple[str, ...], minimum: int
) -> tuple[tuple[Driver, ...], int]:
    """The drivers in order, and how many values were too rare."""
    if len(hits) < 2 * minimum or not hits.any() or hits.all():
        return (), 0
    model = Model(
        hits, cases.dimensions, minimum, inflation=max(1.0, len(cases) / max(1, cases.conversations))
    )
    every = list(_values(outcome, cases, model, looked_at))
    if WORD in looked_at:
        every += _words(outcome, cases, model)
    enough = [(one, effect) for one, effect in every if _is_enough(one, len(hits), hits.mean(), minimum)]
    chances = {at: ratios.two_sided(effect.z) for at, (_, effect) in enumerate(enough) if effect is not None}
    qs = dict(zip(chances, ratios.false_discovery(list(chances.values())), strict=True))
    found = [_judged(one, effect, qs.get(at), len(hits)) for at, (one, effect) in enumerate(enough)]
    return tuple(sorted(found, key=_order)), len(every) - len(enough)


def _is_enough(one: Driver, n: int, rate: float, minimum: int) -> bool:
    return one.n >= minimum and n - one.n >= minimum and min(rate, 1 - rate) * one.n >= EXPECTED


def _values(
    outcome: Outcome, cases: Cases, model: Model, looked_at: tuple[str, ...]
) -> Iterator[tuple[Driver, Effect | None]]:
    for one in cases.dimensions:
        if one.name not in looked_at:
            continue
        n = np.bincount(one.codes, minlength=len(one.values))
        hits = np.bincount(one.codes, weights=model.hits, minlength=len(one.values))
        effects = model.effects(one.name)
        for code, value in enumerate(one.values):
            if value != NONE and n[code] < len(cases):
                yield (
                    _counted(outcome, cases, model, one.name, value, int(n[code]), int(hits[code])),
                    effects.get(code),
                )


def _words(outcome: Outcome, cases: Cases, model: Model) -> Iterator[tuple[Driver, Effect | None]]:
    if cases.words is None:
        return
    n = np.asarray(cases.words.sum(axis=0)).ravel()
    hits = model.hits.astype(np.float64) @ cases.words
    for at, effect in enumerate(model.effects_of_words(cases.words)):
        word, *also = cases.vocabulary[at]
        one = _counted(outcome, cases, model, WORD, word, int(n[at]), int(hits[at]))
        yield replace(one, also=tuple(also)), effect


def _counted(
    outcome: Outcome, cases: Cases, model: Model, dimension: str, value: str, n: int, hits: int
) -> Driver:
    """A value as counted, before anything is held constant."""
    rest, rest_hits = len(cases) - n, int(model.hits.sum()) - hits
    ratio, ratio_low, ratio_high = ratios.risk_ratio(hits, n, rest_hits, rest)
    apart, apart_low, apart_high = ratios.difference(hits, n, rest_hits, rest)
    return Driver(
        dimension=dimension, title=dimensions.find(dimension).title, value=value, n=n, hits=hits, rate=hits / n,
        rest_rate=rest_hits / rest, ratio=ratio if np.isfinite(ratio) else None, ratio_low=ratio_low,
        ratio_high=ratio_high, difference=apart, difference_low=apart_low, difference_high=apart_high, adjusted=None,
        adjusted_low=None, adjusted_high=None, q=None, is_clear=False, impact=100 * n / len(cases) * apart,
        adjusted_impact=None, where=((dimension, (value,)),), told=outcome.told,
    )  # fmt: skip


def _judged(one: Driver, effect: Effect | None, q: float | None, n: int) -> Driver:
    if effect is None or q is None:
        return replace(one, words=sentence(one))
    alone = 100 * one.n / n * one.rate * (1 - 1 / effect.ratio) if effect.ratio else None
    one = replace(
        one, adjusted=effect.ratio, adjusted_low=effect.low, adjusted_high=effect.high, q=q, is_clear=q <= FALSE,
        adjusted_impact=alone,
    )  # fmt: skip
    return replace(one, words=sentence(one))


def _order(one: Driver) -> tuple[int, float, str, str]:
    if not one.is_clear:
        return 2, -(one.adjusted_low or 0.0), one.dimension, one.value
    surest = one.adjusted_low if one.is_more else 1 / max(one.adjusted_high or 1.0, 1e-9)
    return 0 if one.is_more else 1, -(surest or 0.0), one.dimension, one.value


def sentence(one: Driver) -> str:
    """What a driver says, in words: that it goes with more or less of the outcome, all else equal."""
    name = f"{one.name} in the first message" if one.dimension == WORD else one.name
    counted = (
        f"{numbers.percent(one.rate)} of {numbers.count(one.n)}, elsewhere {numbers.percent(one.rest_rate)}"
    )
    if one.adjusted is None or not one.is_clear:
        return f"{name}: no clear difference in how many are {one.told} ({counted})."
    times = (
        f"{one.adjusted:.1f} times as many" if one.is_more else f"fewer, {one.adjusted:.2f} times as many,"
    )
    return f"{name} goes with {times} {one.told}, all else equal ({counted})."
