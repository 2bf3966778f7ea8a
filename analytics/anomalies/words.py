"""What a card says, in sentences whose numbers all come from it."""

from __future__ import annotations

from analytics.anomalies.causes import Cause
from analytics.anomalies.grouping import Card
from analytics.anomalies.incidents import Incident
from analytics.anomalies.reading import Where
from core import numbers

_MOST_NAMED = 6


def sentences(card: Card) -> list[str]:
    """What happened, what it goes with, what else belongs to it, and what to decide."""
    said = [headline(card.headline), *card.headline.context]
    said += [cause_sentence(card.headline, cause) for cause in card.causes]
    if card.spread_evenly and card.causes:
        said.append("What is left of it is spread evenly.")
    elif card.spread_evenly:
        said.append("It is spread evenly: no single slice stands out.")
    elif not card.causes:
        said.append("No slice of it stands out beyond chance.")
    if card.others:
        said.append(_others(card))
        said += _known_of_others(card)
    if card.asks_new_normal:
        said.append("It has lasted for a week or more: is this the new normal?")
    return said


def _others(card: Card) -> str:
    """The other incidents of the card: their slices, each number named once."""
    told = []
    for title in dict.fromkeys(one.title for one in card.others):
        slices = dict.fromkeys(part_words(one) for one in card.others if one.title == title)
        told.append(f"{title.lower()} of {', '.join(list(slices)[:_MOST_NAMED])}")
    return f"On the same days too: {'; '.join(told)}."


def _known_of_others(card: Card) -> list[str]:
    """What is known of the days of the others and was not said of the headline, each once and with whose it is."""
    said, told = set(card.headline.context), []
    for one in card.others:
        told += [f"Of {part_words(one)}: {known}" for known in one.context if known not in said]
        said.update(one.context)
    return told


def headline(one: Incident) -> str:
    """The number beside the expected one, with what it rests on."""
    of = f" {slice_words(one.where)}" if one.where else ""
    actual, usual = (_value(value, one) for value in (one.actual, one.expected))
    text = f"{one.title}{of}, {when(one)}: {actual} where about {usual} would be usual"
    such = "hours" if one.is_burst else "days"
    text += f" (95 of 100 such {such}: {_value(one.low, one)} to {_value(one.high, one)}"
    alike = ", compared channel by channel" if one.unit == "seconds" else ""
    text += ")" if one.unit == "count" else f"; n = {numbers.count(one.n)}{alike})"
    if one.weekday_norm is not None and one.span == 1:
        text += f"; the mean of the weekday is {_value(one.weekday_norm, one)}"
    if one.hours is not None and not one.is_burst:
        text += f"; most of it {hour_words(one)}"
    return text + "."


def cause_sentence(incident: Incident, cause: Cause) -> str:
    """What a slice brought, in the words of "goes with"."""
    name = slice_words(cause.where)
    if incident.unit == "count" and cause.actual is not None and cause.expected is not None:
        text = f"It goes with {name}: {numbers.count(round(cause.actual))} where about {_few(cause.expected)} would be usual"
    elif cause.rate is None or cause.mix is None:
        text = f"It is of {name} alone (n = {numbers.count(cause.n)})"
    elif abs(cause.mix) > abs(cause.rate):
        text = f"It goes with the mix: {name} has another share than before (n = {numbers.count(cause.n)})"
    else:
        text = f"It goes with {name}, whose own number changed (n = {numbers.count(cause.n)})"
    if cause.share is not None and 0 < cause.share <= 1.5 and cause.rate is not None:
        text += f", {numbers.percent(min(cause.share, 1.0))} of the change"
    if cause.shared:
        text += f"; most of them are {slice_words(cause.shared)}"
    if cause.evidence.terms:
        text += f"; words that rose: {', '.join(term.word for term in cause.evidence.terms[:5])}"
    return text + "."


def slice_words(where: Where) -> str:
    """A slice as people say it."""
    return " and ".join(f"{name} {value}" for name, value in where)


def part_words(one: Incident) -> str:
    """What an incident is of: its slice or everything, and of a burst its hours."""
    of = slice_words(one.where) or "everything"
    return f"{of} {hour_words(one)}" if one.is_burst else of


def hour_words(one: Incident) -> str:
    """The hours that an incident names; nothing where it names none."""
    return f"between {one.hours[0]:02}:00 and {one.hours[1] + 1:02}:00" if one.hours else ""


def when(one: Incident) -> str:
    """The day of an incident, or how many days up to it; of a burst its hours too."""
    if one.is_burst:
        return f"{one.peak:%-d %b %Y}, {hour_words(one)}"
    if one.span == 1:
        return f"{one.peak:%-d %b %Y}"
    return f"the {one.span} days up to {one.peak:%-d %b %Y}"


def _value(value: float, one: Incident) -> str:
    return _few(value) if one.unit == "count" else numbers.value(value, one.unit, max(one.n, 5))


def _few(value: float) -> str:
    """A count; with a digit where it is small."""
    return f"{value:.1f}" if value < 10 and value != round(value) else numbers.count(round(value))
