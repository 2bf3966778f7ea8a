"""The Monday brief: the last closed week in at most eight checked sentences, each with the page that proves it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from analytics import brief_words as words
from analytics import catalogue, due, periods
from analytics.brief_sections import Asked, Section, added, sections, sentence_of
from analytics.brief_words import Figure, Key, Made, Piece, Sentence
from analytics.changes import what_changed
from analytics.usual import FEWEST, WEEKS, Usual
from core import clock
from core.errors import NotEnoughData, QuestionError
from core.filters import NONE, Filters, Period
from core.numbers import SMALL_N
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from analytics.anomalies.context import Told
    from analytics.changes import ChangeReport, Segment
    from store.reader import Reader

logger = logging.getLogger(__name__)

METRICS = (
    "volume", "solved", "backlog", "first_reply_median", "resolution_median", "sla_compliance", "csat_share",
    "sentiment_negative_share",
)  # fmt: skip
MOST = 8
MOST_TOPICS = 2
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Brief:
    """A week in short. `week` is None where no week is closed yet; `refused` are sentences that did not hold.

    `sections` follow the sentences: what they go with, what rises, what is coming. One with nothing to say is left out.
    """

    week: Period | None
    title: str
    sentences: tuple[Sentence, ...]
    refused: tuple[str, ...]
    zone: str
    generation: int
    published_at: datetime
    sections: tuple[Section, ...] = ()


def brief(
    reader: Reader,
    *,
    settings: Settings,
    viewer: Viewer,
    filters: Filters | None = None,
    week: date | None = None,
    at: datetime | None = None,
    mask: Callable[[str], str] = str,
    events: Sequence[Told] = (),
) -> Brief:
    """The last closed week, or the closed one that holds the day `week`; the period of the filters is not looked at.

    What is at risk and what is coming is told of the last closed week only, as of `at` (UTC; now). What customers wrote
    goes through `mask`. Forecasts know of `events`. Raises QuestionError for a week that is not closed or before the data.
    """
    asked = Asked(reader, (filters or Filters()).over(None), settings, viewer, mask, tuple(events))
    last = _last_closed(reader, settings)
    chosen = _chosen(week, last, reader, settings)
    told = (settings.workspace.reporting_zone, reader.number, reader.generation.published_at)
    if chosen is None:
        return Brief(None, "No week is closed yet", (), (), *told)
    made = _made(asked, chosen, at or clock.now(), with_ahead=chosen == last)
    sentences, refused = checked(_written(asked, made), made)
    made, found = added(asked, made, sentences, with_coming=chosen == last), []
    for name, written in sections(asked, made):
        kept, more = checked(written, made)
        refused += more
        if kept:
            found.append(Section(name, tuple(kept)))
    title = f"Week of {words.written_week(chosen)}"
    return Brief(chosen, title, tuple(sentences), tuple(refused), *told, tuple(found))


def checked(sentences: Iterable[Sentence], made: Made) -> tuple[list[Sentence], list[str]]:
    """The sentences whose every number is read again from what they were made from, and why others are left out."""
    kept, refused = [], []
    for sentence in sentences:
        found = words.faults(sentence, made)
        if found:
            logger.error("a sentence of the brief is left out: %s", "; ".join(found))
            refused.extend(found)
        else:
            kept.append(sentence)
    return kept, refused


def _last_closed(reader: Reader, settings: Settings) -> Period | None:
    """The last week from Monday to Sunday that lies wholly in the data."""
    first = periods.first_day(reader, settings)
    end = periods.bucket_start(periods.known_until(reader, settings), "week").date()
    if first is None or end <= first:
        return None
    return Period(end - timedelta(days=7), end - timedelta(days=1))


def _chosen(week: date | None, last: Period | None, reader: Reader, settings: Settings) -> Period | None:
    if week is None or last is None:
        return last
    monday = week - timedelta(days=week.weekday())
    chosen = Period(monday, monday + timedelta(days=6))
    first = periods.first_day(reader, settings) or monday
    if chosen.end > last.end or chosen.end < first:
        raise QuestionError(
            f"the week of {monday} is not a closed week of the data.",
            hint=f"The first day is {first}, the last closed week begins on {last.start}.",
        )
    return chosen


def _since(asked: Asked, week: Period) -> date:
    """The Monday of the first earlier week that can be compared: within the data, and loaded."""
    starts = [week.start - timedelta(weeks=WEEKS)]
    if first := periods.first_day(asked.reader, asked.settings):
        starts.append(first)
    if loaded := periods.loaded_since(asked.reader, asked.settings, asked.viewer, asked.filters):
        at = loaded[1]
        starts.append(at.date() if at == periods.midnight(at.date()) else at.date() + timedelta(days=1))
    since = max(starts)
    return min(since + timedelta(days=-since.weekday() % 7), week.start)


def _made(asked: Asked, week: Period, at: datetime, *, with_ahead: bool) -> Made:
    """Everything that sentences are made from."""
    span = Period(_since(asked, week), week.end)
    wanted = dict.fromkeys((*METRICS, *(target.metric for target in asked.settings.targets)))
    names = [name for name in wanted if name in catalogue.names(asked.settings)]
    made = Made(
        week, {name: asked.computed(name, span) for name in names}, asked.computed("volume", span, ("topic",))
    )
    reports = {}
    for name in names:
        found = made.judged((name, ""))
        report = _report(asked, name, week) if found and found.side else None
        if report is not None:
            reports[name] = report
    made = replace(made, changes=reports)
    if not with_ahead:
        return made
    whole, teams = (
        due.due_within(
            asked.reader, asked.filters, at, SOON, by=by, settings=asked.settings, viewer=asked.viewer
        )
        for by in (None, "team")
    )
    return replace(made, due=whole, due_by_team=teams)


def _report(asked: Asked, name: str, week: Period) -> ChangeReport | None:
    try:
        return what_changed(
            asked.reader, name, asked.filters.over(week), settings=asked.settings, viewer=asked.viewer
        )
    except (NotEnoughData, QuestionError):
        return None  # nothing the week before, or one number over another, which has no parts


def _written(asked: Asked, made: Made) -> list[Sentence]:
    """At most eight sentences: what left its usual range, targets that were missed, and what runs out."""
    judged = {name: made.judged((name, "")) for name in made.results}
    if not any(judged.values()):
        said = [_too_little(asked, made)]
    else:
        moved = _moved(asked, made, judged)
        calm = [] if moved else [_nothing(asked, made)]
        targets = [_missed(asked, made, name) for name, one in judged.items() if not (one and one.side)]
        said = [*moved, *calm, *(sentence for sentence in targets if sentence)]
    last = _ahead(asked, made)
    return [*said[: MOST - 1], last] if last else said[:MOST]


def _moved(asked: Asked, made: Made, judged: dict[str, Usual | None]) -> list[Sentence]:
    """What left its usual range, the farthest first; of topics the two that moved most."""
    whole = [((name, ""), found) for name, found in judged.items() if found and found.side]
    topics = sorted({row.group[0] for row in made.topics.rows} - {NONE, ""}) if made.topics else []
    parts = [
        (key, found) for topic in topics if (found := made.judged(key := ("volume", topic))) and found.side
    ]
    parts.sort(key=lambda item: (-item[1].distance, item[0]))
    order = {name: place for place, name in enumerate(judged)}
    both = sorted(
        [*whole, *parts[:MOST_TOPICS]],
        key=lambda item: (-item[1].distance, order[item[0][0]], item[0][1]),
    )
    return [_unusual(asked, made, key, one) for key, one in both]


def _unusual(asked: Asked, made: Made, of: Key, found: Usual) -> Sentence:
    result = made.results[of[0]]
    pieces = words.unusual(result, of, found)
    report = None if of[1] else (made.changes or {}).get(of[0])
    mover = _mover(report, found.side) if report else None
    if report and mover:
        pieces += words.because(report, mover)
    if not of[1]:
        pieces += words.missed(result, found.row, of, whole=False)
    good = None if result.better == "neutral" else (found.side > 0) == (result.better == "higher")
    where = (("topic", of[1]),) if of[1] else ()
    made_of = sentence_of(asked, made, "unusual", pieces, of[0], where)
    return replace(made_of, value=found.row.value, n=found.row.n, low=found.low, high=found.high, good=good)


def _mover(report: ChangeReport, side: int) -> Segment | None:
    """The part that moved unlike the rest, the same way as the number; none where it came from elsewhere."""
    now, before = report.now.value, report.before.value
    if now is None or before is None or (now - before) * side <= 0 or report.change * side <= 0:
        return None
    told = (
        one
        for one in report.movers
        if one.contribution * side > 0
        and one.value not in (NONE, "")
        and max(one.n_before, one.n_now) >= SMALL_N
    )
    return next(told, None)


def _missed(asked: Asked, made: Made, name: str) -> Sentence | None:
    row = made.rows((name, ""))[-1]
    pieces = words.missed(made.results[name], row, (name, ""), whole=True)
    if not pieces:
        return None
    return replace(sentence_of(asked, made, "target", pieces, name), value=row.value, n=row.n, good=False)


def _nothing(asked: Asked, made: Made) -> Sentence:
    count = sum(made.judged((name, "")) is not None for name in made.results)
    pieces: list[Piece] = [
        "Nothing unusual: all of the ", Figure(str(count), "judged"),
        " numbers that could be judged are within their usual range",
    ]  # fmt: skip
    return sentence_of(asked, made, "usual", pieces)


def _too_little(asked: Asked, made: Made) -> Sentence:
    """No number has a usual range: too few weeks before, or too few conversations."""
    earlier = len(made.rows(("volume", ""))) - 1
    if earlier >= FEWEST:
        pieces: list[Piece] = ["There are too few conversations to say what is usual"]
    else:
        weeks = Figure(str(earlier), "weeks", ("volume", ""))
        pieces = ["There is too little history to say what is usual: closed weeks before this one: ", weeks,
                  ", and it takes four"]  # fmt: skip
    return sentence_of(asked, made, "history", pieces)


def _ahead(asked: Asked, made: Made) -> Sentence | None:
    if not made.due or not made.due[0].soon:
        return None
    whole = made.due[0]
    found = sentence_of(asked, made, "ahead", words.ahead(whole, made.due_by_team), "sla_compliance")
    page = words.address("live", asked.filters)
    return replace(found, address=page, value=float(whole.soon), n=whole.open, good=False)
