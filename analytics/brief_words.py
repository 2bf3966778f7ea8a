"""The sentences of a brief: made of words, names and figures, and refused where a figure is not what was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from analytics.result import MetricResult, Row
from analytics.usual import Usual, usual
from core import conditions, numbers
from core.filters import Filters, Period

if TYPE_CHECKING:
    from analytics.anomalies.causes import Cause
    from analytics.brief_quotes import Quote
    from analytics.changes import ChangeReport, Segment
    from analytics.due import Due
    from analytics.example import Example
    from analytics.rising import Rising
    from analytics.week_ahead import WeekAhead

Kind = Literal["unusual", "target", "usual", "history", "ahead", "cause", "rising", "told", "coming"]
What = Literal[
    "value", "n", "low", "high", "target", "moved", "part", "judged", "weeks", "open", "soon", "team", "day",
    "slice_n", "slice_usual", "rise_n", "rise_share", "rise_before", "week_came", "week_value", "week_low", "week_high",
    "week_days",
]  # fmt: skip
Key = tuple[str, str]  # a metric, and the topic whose number it is (empty: the whole)


@dataclass(frozen=True, slots=True)
class Name:
    """A word of the data or of the settings: shown escaped, and free to hold digits."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written, and what it says of which number."""

    text: str
    what: What
    of: Key = ("", "")


Piece = str | Name | Figure


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `text` is plain: names of the data are escaped by whoever shows it.

    `value`, `low` and `high` are in the metric's unit, `n` is what the number rests on. `good` is None where neither
    way is better. `where` is what the number is about beside the filters; `address` is the page that proves it, from
    the root of the dashboard, with its parameters. `examples` and `quotes` are of conversations that show it.
    """

    kind: Kind
    text: str
    pieces: tuple[Piece, ...]
    metric: str
    period: Period
    address: str
    value: float | None = None
    n: int = 0
    low: float | None = None
    high: float | None = None
    good: bool | None = None
    where: tuple[tuple[str, str], ...] = ()
    examples: tuple[Example, ...] = ()
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What sentences are made from: results by week (whole and by topic), changes, and targets that run out.

    `causes` are by metric, `weeks` the forecasts of the week that is told and of the one that is coming.
    """

    week: Period
    results: Mapping[str, MetricResult]
    topics: MetricResult | None = None
    changes: Mapping[str, ChangeReport] | None = None
    due: tuple[Due, ...] = ()
    due_by_team: tuple[Due, ...] = ()
    causes: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)
    rising: tuple[Rising, ...] = ()
    weeks: Mapping[str, WeekAhead] = field(default_factory=dict)

    def rows(self, of: Key) -> list[Row]:
        """The weeks of a number, up to and with the one that is told."""
        name, topic = of
        found = self.topics.rows if topic and self.topics else self.results[name].rows
        return [row for row in found if not topic or row.group == (topic,)]

    def judged(self, of: Key) -> Usual | None:
        """The told week against those before."""
        *earlier, row = self.rows(of)
        return usual(row, earlier, self.results[of[0]].unit)


def address(page: str, filters: Filters, **more: str) -> str:
    """A page under filters, as its filter bar writes them."""
    said: list[tuple[str, str]] = [(name, value) for name, values in filters.where for value in values]
    said += [("include", kind) for kind in filters.include]
    if filters.hours != "calendar":
        said.append(("hours", filters.hours))
    if filters.groups:
        said.append(("any", conditions.encode(filters.groups)))
    if filters.period:
        days = (filters.period.start, filters.period.end)
        said += [("period", "custom"), *(("dates", day.isoformat()) for day in days)]
    said += more.items()
    return f"{page}?{urlencode(said)}" if said else page


def conversation(source: str, conversation_id: str) -> str:
    """The page of one conversation."""
    return f"conversations?{urlencode({'conversation': f'{source}/{conversation_id}'})}"


def joined(pieces: Sequence[Piece]) -> str:
    """The sentence as it is read."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)


def faults(sentence: Sentence, made: Made) -> list[str]:
    """What is wrong with a sentence: a figure that the results do not give, a number in the words; mostly nothing."""
    found = []
    if sentence.text != joined(sentence.pieces):
        found.append(f"the text is not what it is made of: {sentence.text}")
    for piece in sentence.pieces:
        if isinstance(piece, Figure):
            again = reread(piece, made)
            if again != piece.text:
                found.append(f"{piece.what} of {' '.join(piece.of).strip()}: says {piece.text}, is {again}")
        elif isinstance(piece, str) and any(letter.isdigit() for letter in piece):
            found.append(f"a number that nothing was computed for: {piece.strip()}")
    return found


def reread(figure: Figure, made: Made) -> str | None:
    """What the results say where a figure was taken from, written anew; None where they say nothing."""
    if figure.what in ("open", "soon"):
        return numbers.count(getattr(made.due[0], figure.what)) if made.due else None
    if figure.what == "team":
        return next((numbers.count(d.soon) for d in made.due_by_team if d.group == figure.of[1]), None)
    if figure.what == "day":
        return written_week(made.week)
    if figure.what == "judged":
        return numbers.count(sum(made.judged((name, "")) is not None for name in made.results))
    if figure.what in ("moved", "part"):
        return _reread_change(figure, made)
    part, _, rest = figure.what.partition("_")
    if part in ("slice", "rise", "week"):
        return _REREAD_MORE[part](rest, figure.of, made)
    return _reread_week(figure, made)


def _reread_cause(what: str, of: Key, made: Made) -> str | None:
    found = next((one for one in made.causes.get(of[0], ()) if slice_words(one.where) == of[1]), None)
    if found is None:
        return None
    if what == "n":
        return numbers.count(found.n)
    return None if found.expected is None else numbers.count(round(found.expected))


def _reread_rising(what: str, of: Key, made: Made) -> str | None:
    found = next((one for one in made.rising if one.topic == of[1]), None)
    if found is None:
        return None
    if what == "n":
        return numbers.count(found.n)
    return numbers.percent(found.share if what == "share" else found.before_share)


def _reread_forecast(what: str, of: Key, made: Made) -> str | None:
    found = made.weeks.get(of[0])
    if found is None:
        return None
    if what == "days":
        return written_week(found.period)
    number = getattr(found, what)
    return None if number is None else numbers.count(number)


_REREAD_MORE = {"slice": _reread_cause, "rise": _reread_rising, "week": _reread_forecast}


def _reread_change(figure: Figure, made: Made) -> str | None:
    report = (made.changes or {}).get(figure.of[0])
    if report is None:
        return None
    if figure.what == "moved":
        return amount(report.unit, report.change)
    same = (
        s for split in report.splits for s in split.segments if f"{s.dimension} {s.value}" == figure.of[1]
    )
    segment = next(same, None)
    return amount(report.unit, segment.contribution) if segment else None


def _reread_week(figure: Figure, made: Made) -> str | None:
    if figure.of[0] not in made.results:
        return None
    result, row, found = made.results[figure.of[0]], made.rows(figure.of)[-1], made.judged(figure.of)
    if figure.what == "value":
        return numbers.value(row.value, result.unit, row.n)
    if figure.what == "n":
        return numbers.count(row.n)
    if figure.what == "weeks":
        return numbers.count(len(made.rows(figure.of)) - 1)
    if figure.what == "target":
        points = [point for line in result.targets for point in line.points if point.bucket == row.bucket]
        return numbers.value(points[0].value, result.unit) if points else None
    if found is None:
        return None
    return numbers.value(found.low if figure.what == "low" else found.high, result.unit)


def amount(unit: str, contribution: float) -> str:
    """A part of a change: percentage points of shares and of medians (of slower ones), else the metric's unit."""
    if unit in ("share", "seconds"):
        return numbers.points(contribution, 1 + numbers.FINE_ABOVE)
    return f"{contribution:+,.{0 if unit == 'count' else 2}f}"


def written_week(week: Period) -> str:
    """ "9 to 15 Nov 2026"; the month of the first day where it is another one."""
    begins = f"{week.start:%-d}" if week.start.month == week.end.month else f"{week.start:%-d %b}"
    return f"{begins} to {week.end:%-d %b %Y}"


def unusual(result: MetricResult, of: Key, found: Usual) -> list[Piece]:
    """What left its usual range: the number, and the range."""
    row, side = found.row, "above" if found.side > 0 else "below"
    said: list[Piece] = [Name(result.title)]
    if of[1]:
        said += [", topic ", Name(of[1])]
    said += [": ", Figure(numbers.value(row.value, result.unit, row.n), "value", of)]
    if result.unit != "count":
        said += [" (n = ", Figure(numbers.count(row.n), "n", of), ")"]
    low, high = (numbers.value(end, result.unit) for end in (found.low, found.high))
    return [*said, f", {side} its usual ", Figure(low, "low", of), " to ", Figure(high, "high", of)]


def because(report: ChangeReport, segment: Segment) -> list[Piece]:
    """How far it moved from the week before, and the part that moved unlike the rest."""
    of = f"{segment.dimension} {segment.value}"
    moved = Figure(amount(report.unit, report.change), "moved", (report.metric, ""))
    part = Figure(amount(report.unit, segment.contribution), "part", (report.metric, of))
    lead = "; against the week before "
    if report.unit == "seconds":
        lead = "; the share slower than the number of the week before moved by "
    return [lead, moved, f", {segment.dimension} ", Name(segment.value), " alone ", part]


def missed(result: MetricResult, row: Row, of: Key, *, whole: bool) -> list[Piece]:
    """That the target of the settings was missed; `whole` begins a sentence of its own."""
    points = [point for line in result.targets for point in line.points if point.bucket == row.bucket]
    if not points or points[0].reached is not False:
        return []
    target = Figure(numbers.value(points[0].value, result.unit), "target", of)
    if not whole:
        return ["; its target of ", target, " was missed"]
    value = Figure(numbers.value(row.value, result.unit, row.n), "value", of)
    return [Name(result.title), ": ", value, ", its target of ", target, " was missed"]


def goes_with(title: str, metric: str, cause: Cause) -> list[Piece]:
    """The slice that a number which left its usual range goes with: never why it is so."""
    of = (metric, slice_words(cause.where))
    said: list[Piece] = [Name(title), " goes with "]
    for place, (dimension, value) in enumerate(cause.where):
        said += [", " if place else "", f"{dimension} ", Name(value)]
    if cause.expected is None:
        return [*said, " (n = ", Figure(numbers.count(cause.n), "slice_n", of), ")"]
    usual = Figure(numbers.count(round(cause.expected)), "slice_usual", of)
    return [*said, ": ", Figure(numbers.count(cause.n), "slice_n", of), ", about ", usual, " expected"]


def rises(one: Rising) -> list[Piece]:
    """A topic with a larger share than in the weeks before."""
    of = ("", one.topic)
    now, before = (numbers.percent(share) for share in (one.share, one.before_share))
    return [
        "Topic ", Name(one.topic), ": ", Figure(numbers.count(one.n), "rise_n", of), " conversations, ",
        Figure(now, "rise_share", of), " of all; in the weeks before ", Figure(before, "rise_before", of),
    ]  # fmt: skip


def held(one: WeekAhead) -> list[Piece]:
    """Whether the forecast of the week that is told held."""
    came = Figure(numbers.count(one.came), "week_came", ("told", ""))
    verdict = "held" if one.held else "did not hold"
    return [
        "The forecast from before ",
        verdict,
        ": ",
        came,
        " conversations came, ",
        *_band(one, "told"),
        " were expected",
    ]


def coming(one: WeekAhead) -> list[Piece]:
    """What the next week brings, and its band."""
    days, value = (
        Figure(written_week(one.period), "week_days", ("coming", "")),
        Figure(numbers.count(one.value), "week_value", ("coming", "")),
    )
    return [
        "From ",
        days,
        " about ",
        value,
        " conversations are expected, in four such weeks of five ",
        *_band(one, "coming"),
    ]


def _band(one: WeekAhead, of: str) -> list[Piece]:
    low, high = (
        Figure(numbers.count(one.low), "week_low", (of, "")),
        Figure(numbers.count(one.high), "week_high", (of, "")),
    )
    return [low, " to ", high]


def slice_words(where: Sequence[tuple[str, str]]) -> str:
    """A slice by its dimensions and values."""
    return ", ".join(f"{dimension} {value}" for dimension, value in where)


def ahead(whole: Due, teams: Sequence[Due]) -> list[Piece]:
    """How many open conversations have a target that runs out soon, and the team with the most of them."""
    said: list[Piece] = [
        "Ahead: ", Figure(numbers.count(whole.soon), "soon"), " of ", Figure(numbers.count(whole.open), "open"),
        " open conversations have a target due within a day",
    ]  # fmt: skip
    ranked = sorted((team for team in teams if team.soon), key=lambda team: -team.soon)
    if ranked and ranked[0].soon > max((team.soon for team in ranked[1:]), default=0) and len(teams) > 1:
        most = Figure(numbers.count(ranked[0].soon), "team", ("", ranked[0].group))
        said += [", most in team ", Name(ranked[0].group), " (", most, ")"]
    return said
