"""What follows the sentences of a brief: what they go with, topics that rise, and the week that is coming."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analytics import brief_words as words
from analytics.anomalies.causes import causes_of, days_of, slice_of
from analytics.anomalies.incidents import Incident
from analytics.brief_quotes import quotes
from analytics.brief_words import Kind, Made, Piece, Sentence
from analytics.compute import compute
from analytics.rising import rising_topics
from analytics.week_ahead import WEEK, WeekAhead, weeks
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from analytics.anomalies.causes import Cause
    from analytics.anomalies.context import Told
    from analytics.example import Example
    from analytics.result import MetricResult
    from store.reader import Reader

MOST_CAUSES, MOST_NUMBERS = 3, 3
MOST_EXAMPLES = 3
MOST_RISING = 2
CAUSES, RISING, AHEAD = "What it goes with", "Topics that rise", "The week ahead"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks about what; what customers wrote goes through `mask`."""

    reader: Reader
    filters: Filters
    settings: Settings
    viewer: Viewer
    mask: Callable[[str], str] = str
    events: tuple[Told, ...] = ()

    def computed(self, name: str, span: Period, by: tuple[str, ...] = ()) -> MetricResult:
        """A metric by week."""
        return compute(
            self.reader, name, self.filters.over(span), settings=self.settings, viewer=self.viewer, grain="week", by=by
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A title and its checked sentences."""

    title: str
    sentences: tuple[Sentence, ...]


def added(asked: Asked, made: Made, sentences: Sequence[Sentence], *, with_coming: bool) -> Made:
    """What the sections are made from, beside what the sentences were."""
    how = {"settings": asked.settings, "viewer": asked.viewer}
    rising = rising_topics(asked.reader, asked.filters.over(made.week), **how)  # type: ignore[arg-type]
    found = weeks(asked.reader, asked.filters, made.week, **how, events=asked.events)  # type: ignore[arg-type]
    if not with_coming:
        found.pop("coming", None)
    return replace(
        made, causes=_causes(asked, made, sentences), rising=rising.topics[:MOST_RISING], weeks=found
    )


def sections(asked: Asked, made: Made) -> Iterator[tuple[str, list[Sentence]]]:
    """Titles with what there is to say, nothing where there is nothing."""
    yield (
        CAUSES,
        [_goes_with(asked, made, metric, one) for metric, found in made.causes.items() for one in found],
    )
    yield RISING, [_rises(asked, made, one.topic) for one in made.rising]
    yield (
        AHEAD,
        [
            *(_forecast(asked, made, "told", words.held(one)) for one in _some(made, "told") if one.is_news),
            *(_forecast(asked, made, "coming", words.coming(one)) for one in _some(made, "coming")),
        ],
    )


def _some(made: Made, name: str) -> list[WeekAhead]:
    return [made.weeks[name]] if name in made.weeks else []


def sentence_of(
    asked: Asked,
    made: Made,
    kind: Kind,
    pieces: Sequence[Piece],
    metric: str = "",
    where: tuple[tuple[str, str], ...] = (),
    period: Period | None = None,
) -> Sentence:
    """A sentence with its full stop and the page that proves it: the conversations behind, or the week itself."""
    filters = slice_of(asked.filters.over(period or made.week), where)
    page = (
        words.address("conversations", filters, of=metric)
        if metric
        else words.address("overview", filters, grain="week")
    )
    whole = (*pieces, ".")
    return Sentence(kind, words.joined(whole), whole, metric, made.week, page, where=where)


def _causes(asked: Asked, made: Made, sentences: Sequence[Sentence]) -> dict[str, tuple[Cause, ...]]:
    """Of the numbers that are told to be unusual what they go with; a slice is named once."""
    found: dict[str, tuple[Cause, ...]] = {}
    seen: set[tuple[tuple[str, str], ...]] = set()
    for metric in [one.metric for one in sentences if one.kind == "unusual" and not one.where][:MOST_NUMBERS]:
        told = [one for one in _causes_of(asked, made, metric) if one.where and one.where not in seen]
        told = told[: MOST_CAUSES - len(seen)]
        seen.update(one.where for one in told)
        if told:
            found[metric] = tuple(told)
    return found


def _causes_of(asked: Asked, made: Made, metric: str) -> tuple[Cause, ...]:
    week = _as_incident(made, metric)
    if week is None:
        return ()
    try:
        return causes_of(asked.reader, week, asked.filters, settings=asked.settings, viewer=asked.viewer)[0]
    except QuestionError:
        return ()  # a level, or one number over another: its days do not add up


def _as_incident(made: Made, metric: str) -> Incident | None:
    """The week as what is asked for its causes."""
    usual, result, week = made.judged((metric, "")), made.results[metric], made.week
    if usual is None or usual.row.value is None:
        return None
    return Incident(
        metric, result.title, result.unit, (), week.start, week.end, week.start, week.end, WEEK, usual.row.value,
        (usual.low + usual.high) / 2, usual.low, usual.high, usual.row.n, 0.0, None, is_shift=False, is_open=False,
    )  # fmt: skip


def _goes_with(asked: Asked, made: Made, metric: str, cause: Cause) -> Sentence:
    week = _as_incident(made, metric)
    days = days_of(week, cause) if week else made.week
    pieces = words.goes_with(made.results[metric].title, metric, cause)
    told = sentence_of(asked, made, "cause", pieces, metric, cause.where, days)
    examples = tuple(_masked(one, asked.mask) for one in cause.evidence.examples[:MOST_EXAMPLES])
    return replace(told, n=cause.n, examples=examples)


def _masked(one: Example, mask: Callable[[str], str]) -> Example:
    return replace(one, subject=mask(one.subject)) if one.subject else one


def _rises(asked: Asked, made: Made, topic: str) -> Sentence:
    one = next(rising for rising in made.rising if rising.topic == topic)
    where = (("topic", topic),)
    told = sentence_of(asked, made, "rising", words.rises(one), "volume", where)
    said = quotes(
        asked.reader, slice_of(asked.filters.over(made.week), where),
        settings=asked.settings, viewer=asked.viewer, mask=asked.mask,
    )  # fmt: skip
    return replace(told, value=one.share, n=one.n, quotes=said)


def _forecast(asked: Asked, made: Made, name: Kind, pieces: list[Piece]) -> Sentence:
    one = made.weeks[name]
    told = sentence_of(asked, made, name, pieces)
    address = words.address("volume", asked.filters.over(made.week))
    return replace(
        told, address=address, value=float(one.value if one.came is None else one.came), n=one.tests,
        low=float(one.low), high=float(one.high),
    )  # fmt: skip
