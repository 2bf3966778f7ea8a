"""Incidents that belong together, told once: one card a group, and at most so many alerts a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from analytics.anomalies.causes import Cause
from analytics.anomalies.incidents import BUDGET, Incident
from analytics.anomalies.similar import Similar

_SHORT = 7  # days: incidents of at most so many are alike

Elements = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Card:
    """Incidents told as one: the one that says most, and the others. `causes` are what it goes with, `similar` earlier
    weeks that went like the one of the headline.
    """

    headline: Incident
    others: tuple[Incident, ...] = ()
    causes: tuple[Cause, ...] = ()
    spread_evenly: bool = False
    similar: tuple[Similar, ...] = ()

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """All of them."""
        return (self.headline, *self.others)

    @property
    def asks_new_normal(self) -> bool:
        """Whether it lasts so long that it may be how things are now."""
        return self.headline.is_shift


def group(incidents: Sequence[Incident]) -> list[Card]:
    """Cards of incidents of one metric that overlap in time: parts of a whole, and slices of one change."""
    cards: list[Card] = []
    for metric in dict.fromkeys(one.metric for one in incidents):
        own = sorted((one for one in incidents if one.metric == metric), key=lambda one: one.opened)
        while own:
            first, *rest = own
            inside: list[Incident] = [first]
            left: list[Incident] = []
            for one in rest:
                touching = any(_overlap(one, other) and one.is_above == other.is_above for other in inside)
                (inside if touching else left).append(one)
            cards.append(_card(inside))
            own = left
    return cards


def together(cards: Sequence[Card], elements: Callable[[Card], Elements]) -> list[Card]:
    """Cards that overlap in time and share an element are one, under the more unlikely of them."""
    left, found = list(cards), []
    while left:
        group_ = [left.pop(0)]
        grown = True
        while grown:
            near = [
                c
                for c in left
                if any(_overlap(c.headline, o.headline) and elements(c) & elements(o) for o in group_)
            ]
            group_ += near
            left = [card for card in left if card not in near]
            grown = bool(near)
        best = min(group_, key=lambda card: card.headline.p)
        others = tuple(one for card in group_ for one in card.incidents if one is not best.headline)
        found.append(replace(best, others=others))
    return sorted(found, key=lambda card: (card.headline.p, card.headline.opened))


def budgeted(cards: Sequence[Card]) -> list[Card]:
    """The cards; of each day the most unlikely are alerts, up to the budget, and the others go into the digest."""
    told: dict[date, int] = {}
    found = []
    for card in cards:
        day = card.headline.opened
        told[day] = told.get(day, 0) + 1
        if told[day] > BUDGET:
            over = f"{BUDGET} others of {day:%-d %b} are more unlikely"
            card = replace(card, headline=replace(card.headline, status="digest", reason=over))
        found.append(card)
    return found


def _card(inside: list[Incident]) -> Card:
    """Everything says most, where it is among them, and its days more than their hours; else what is most unlikely."""
    best = min(inside, key=lambda one: (bool(one.where), one.is_burst, one.p))
    return Card(best, tuple(one for one in sorted(inside, key=lambda one: one.p) if one is not best))


def _overlap(one: Incident, other: Incident) -> bool:
    """Whether two incidents share days, and are of a like length: a month is not a part of a day."""
    if _first(one) <= other.peak and _first(other) <= one.peak and max(one.span, other.span) <= _SHORT:
        return True
    if not (one.start <= other.end and other.start <= one.end):
        return False
    lengths = sorted(((one.end - one.start).days + 1, (other.end - other.start).days + 1))
    return lengths[1] <= _SHORT or lengths[0] * 3 >= lengths[1]


def _first(one: Incident) -> date:
    """The first of the days that the peak is of."""
    return one.peak - timedelta(days=one.span - 1)
