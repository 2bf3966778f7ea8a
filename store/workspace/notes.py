"""Notes on charts: what happened on which days, shared by every chart that it concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import RowMapping, delete, insert, select, update

from core import clock, conditions
from core.errors import InputError
from core.filters import Filters, Period
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import NOTES

Tag = Literal["release", "change", "incident", "campaign", "holiday", "other"]
TAGS: Final[tuple[Tag, ...]] = get_args(Tag)
TEXT: Final = 500
MOST_DIMENSIONS, MOST_VALUES = 10, 20
Where = tuple[tuple[str, tuple[str, ...]], ...]  # as in Filters: (dimension, values), both sorted


@dataclass(frozen=True, slots=True)
class Scope:
    """What a chart shows: the metrics it draws, and the filters it is drawn with."""

    metrics: tuple[str, ...] = ()
    where: Where = ()

    @classmethod
    def of(cls, metrics: Sequence[str], filters: Filters) -> Scope:
        """Of metrics under filters; of conditions that which every alternative names counts as chosen too."""
        chosen = dict(filters.where)
        named = [_named(group) for group in filters.groups]
        for dimension in set.intersection(*map(set, named)) if named else ():
            values = tuple(dict.fromkeys(value for group in named for value in group[dimension]))
            chosen[dimension] = _both(dimension, chosen.get(dimension, ()), values)
        return cls(tuple(metrics), tuple(sorted(chosen.items())))

    def has(self, metric: str | None, only: Where) -> bool:
        """Whether all that something is limited to is chosen here: a metric, and of each dimension one of the values."""
        if metric is not None and metric not in self.metrics:
            return False
        chosen = dict(self.where)
        return all(set(values) & set(chosen.get(dimension, ())) for dimension, values in only)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened. Days are those of the reporting zone, both included.

    `metric` and `only` limit it to charts of one metric and to charts filtered to what it is about.
    """

    id: int
    from_day: date
    to_day: date
    text: str
    tag: Tag
    author: str
    metric: str | None
    only: Where
    created_at: datetime
    changed_at: datetime | None

    def concerns(self, scope: Scope) -> bool:
        """Whether a chart of this scope shows it: all that it is limited to must be chosen there."""
        return scope.has(self.metric, self.only)


def _named(group: conditions.Group) -> dict[str, tuple[str, ...]]:
    """The values that conditions which all hold ask for, by dimension."""
    found: dict[str, tuple[str, ...]] = {}
    for one in group:
        if not one.is_not:
            found[one.dimension] = _both(one.dimension, found.get(one.dimension, ()), one.values)
    return found


def _both(dimension: str, chosen: Sequence[str], values: Sequence[str]) -> tuple[str, ...]:
    """What is asked for by two lists that hold; all of both where no one list says it, as of two tags."""
    return conditions.both(dimension, chosen, values) or (*chosen, *values)


class Notes(Part):
    """Notes, of everybody for everybody; only their author changes or deletes them."""

    def add_note(
        self,
        period: Period,
        text: str,
        *,
        tag: Tag,
        author: str,
        metric: str | None = None,
        only: Mapping[str, Sequence[str]] | None = None,
    ) -> int:
        """Keep a note; returns its id. Raises InputError."""
        row = noted(period, text, tag, metric, only or {})
        row |= {"author": owner_of(author), "created_at": clock.now(), "changed_at": None}
        make = insert(NOTES).values(row).returning(NOTES.c.id)
        return self._writing(lambda con: int(con.execute(make).scalar_one()))

    def notes(
        self, period: Period | None = None, *, scope: Scope | None = None, limit: int = 500
    ) -> list[Note]:
        """Notes that touch the period, the earliest first; with a scope those that concern such a chart.

        Of more than `limit` the latest are given.
        """
        query = select(NOTES).order_by(NOTES.c.from_day.desc(), NOTES.c.id.desc())
        if period is not None:
            query = query.where(NOTES.c.from_day <= period.end, NOTES.c.to_day >= period.start)
        with self._reading() as con:
            found = [_note(row) for row in con.execute(query).mappings()]
        fitting = [note for note in found if scope is None or note.concerns(scope)]
        return fitting[:limit][::-1]

    def change_note(
        self,
        id: int,
        period: Period,
        text: str,
        *,
        tag: Tag,
        author: str,
        metric: str | None = None,
        only: Mapping[str, Sequence[str]] | None = None,
    ) -> bool:
        """Write a note of the author anew; whether there was one. Raises InputError."""
        row = noted(period, text, tag, metric, only or {}) | {"changed_at": clock.now()}
        change = update(NOTES).where(NOTES.c.id == id, NOTES.c.author == author).values(row)
        return self._writing(lambda con: bool(con.execute(change).rowcount))

    def delete_note(self, id: int, *, author: str) -> bool:
        """Forget a note of the author; whether there was one."""
        gone = delete(NOTES).where(NOTES.c.id == id, NOTES.c.author == author)
        return self._writing(lambda con: bool(con.execute(gone).rowcount))


def noted(
    period: Period, text: str, tag: str, metric: str | None, only: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """What a row says of a note, made fit to be kept. Raises InputError."""
    if tag not in TAGS:
        raise InputError(f"there is no kind of note called {tag[:40]!r}.", hint=f"Known: {', '.join(TAGS)}.")
    return {
        "from_day": period.start, "to_day": period.end, "text": words.prose(text, what="note", most=TEXT), "tag": tag,
        "metric": words.line(metric, what="metric", most=100) if metric else None, "only": _limits(only),
    }  # fmt: skip


def _limits(only: Mapping[str, Sequence[str]]) -> list[list[Any]]:
    chosen = {dimension: sorted(set(values)) for dimension, values in only.items() if values}
    if len(chosen) > MOST_DIMENSIONS or any(len(values) > MOST_VALUES for values in chosen.values()):
        raise InputError(
            "the note is limited to too many filters.",
            hint=f"At most {MOST_DIMENSIONS} dimensions with {MOST_VALUES} values each; or let it show everywhere.",
        )
    return [
        [
            words.line(dimension, what="dimension"),
            [words.exact(value, what="filter", most=300) for value in values],
        ]
        for dimension, values in sorted(chosen.items())
    ]


def _note(row: RowMapping) -> Note:
    only = tuple((dimension, tuple(values)) for dimension, values in row["only"] or ())
    return Note(**{**row, "only": only})
