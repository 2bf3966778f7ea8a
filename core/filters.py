"""Periods and filters: frozen values that travel from the page to the query and key the cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from core import conditions
from core.conditions import Condition, Groups

Grain = Literal["hour", "day", "week", "month", "quarter", "year"]
Hours = Literal["calendar", "business"]
Compare = Literal["previous", "year"]  # with the period before, or with the same one a year ago
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month", "quarter", "year")
NONE = "(none)"  # as a value of a dimension: of what has no value there
# Kinds of conversations that no number counts unless `Filters.include` names them.
NOT_COUNTED = ("outbound", "merged", "spam", "deleted", "test", "automatic", "duplicate")

# What the bar of a page keeps beside dimensions, in its order; the address and pinned cards know it by these names.
BESIDE = ("period", "dates", "compare", "grain", "hours", "include", "click", "any")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included, in the workspace's reporting zone."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        """Length in days, both ends included."""
        return (self.end - self.start).days + 1

    @property
    def until(self) -> date:
        """The first day after the period: the open end for half-open comparisons."""
        return self.end + timedelta(days=1)

    def previous(self) -> Period:
        """The period of the same length that ends the day before this one starts."""
        return Period(self.start - timedelta(days=self.days), self.start - timedelta(days=1))

    def clipped(self, last_day: date) -> Period:
        """This period cut at `last_day`, so that an open period is compared by elapsed days."""
        return Period(self.start, min(self.end, last_day)) if last_day >= self.start else self

    def __str__(self) -> str:
        return f"{self.start} to {self.end}" if self.start != self.end else str(self.start)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a question is about. Values of one dimension are alternatives; dimensions combine with AND.

    `where` holds (dimension, values) pairs, sorted, so that equal filters are equal cache keys. `hours` chooses
    the clock of durations. `include` names kinds of conversations to count that are left out by default
    (outbound, automatic, …). `groups` are further conditions: beside all of `where`, every condition of at least
    one group has to hold.
    """

    period: Period | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hours: Hours = "calendar"
    include: tuple[str, ...] = ()
    groups: Groups = ()

    @classmethod
    def of(
        cls,
        period: Period | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
        *,
        hours: Hours = "calendar",
        include: Sequence[str] = (),
        groups: Sequence[Sequence[Condition]] = (),
    ) -> Filters:
        """Filters from a plain mapping; empty value lists are dropped."""
        pairs = sorted((k, tuple(sorted(set(v)))) for k, v in (where or {}).items() if v)
        return cls(period, tuple(pairs), hours, tuple(sorted(set(include))), conditions.ordered(groups))

    def values(self, dimension: str) -> tuple[str, ...]:
        """The values chosen for a dimension, or none."""
        return dict(self.where).get(dimension, ())

    def admits(self, dimension: str, value: str) -> bool:
        """Whether anything with this value of a dimension can pass, as far as this dimension decides."""
        chosen = self.values(dimension)
        return (not chosen or value in chosen) and conditions.admits(self.groups, dimension, value)

    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that the filters speak of, each once."""
        grouped = (condition.dimension for group in self.groups for condition in group)
        return tuple(dict.fromkeys((*(name for name, _ in self.where), *grouped)))

    def over(self, period: Period | None) -> Filters:
        """The same filters over another period."""
        return replace(self, period=period)

    def narrowed(self, dimension: str, *asked: str) -> Filters:
        """These filters where a dimension has one of these values as well; no values narrow nothing.

        What was chosen before goes on holding: of tags a conversation has to have both, of teams the one on both lists.
        """
        values = conditions.both(dimension, self.values(dimension), asked)
        if values is None:
            return self.also(Condition.of(dimension, asked))
        return self._with(dimension, values)

    def also(self, *more: Condition) -> Filters:
        """These filters where further conditions hold, whichever alternative does."""
        return replace(self, groups=conditions.ordered(conditions.narrowed(self.groups, more)))

    def without(self, dimension: str) -> Filters:
        """These filters without the values chosen for a dimension; its conditions stay."""
        return self._with(dimension, ())

    def _with(self, dimension: str, values: Sequence[str]) -> Filters:
        where = {**dict(self.where), dimension: values}
        return Filters.of(self.period, where, hours=self.hours, include=self.include, groups=self.groups)
