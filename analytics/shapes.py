"""Questions of one shape have one SQL text: Ibis writes it once, and every other question puts its own values in.

Two questions have one shape when they differ in nothing but moments, the values that are filtered by, the seconds
that values are compared with, and the key that a viewer's pseudonyms are made with. To write a statement takes a
hundred times as long as to put values into a written one.

The shape of a question is the question itself with stand-ins for these values: moments of a far year, in the order
of the real ones, and marked texts. Where a stand-in comes back in the text as it went in, its place is known. Where
one comes back as something else, that would be another thing for another value: then the question itself is written.
Tests hold every metric to it: filled in, the text is the one that Ibis writes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from importlib.metadata import version
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import ref

from analytics import levels
from analytics.base import Metric, TableOf
from analytics.catalogue import METRICS
from analytics.periods import Frame
from analytics.question import Question
from core.conditions import Condition
from core.errors import AppError
from core.filters import NONE, Filters
from core.home import PROJECT
from core.viewer import Viewer
from store.statements import Statements
from store.visible import outline

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

Asked = TypeVar(
    "Asked"
)  # a Question, or a frozen dataclass with one as its `question`, or with `filters` alone
KEPT = 1024
# No bucket begins at a stand-in, so what is cut to a day, an hour or a week in Python does not come back as it went in.
FIRST = datetime.fromisoformat("1801-03-12T13:47:23.250000")
APART = timedelta(days=401, hours=5, minutes=11)
JUST_BEFORE = timedelta(microseconds=-1)
SECONDS = 18010312.5
MARK = "\u2063"
SECRET = f"{MARK}key{MARK}"
_STAND_IN = re.compile(
    r"MAKE_TIMESTAMP\((?P<day>18[01]\d, \d+, \d+), (?P<time>\d+, \d+, [\d.]+)\)"
    rf"|'{MARK}(?P<text>\d+){MARK}'|(?P<secret>'{SECRET}')|(?P<seconds>{re.escape(str(SECONDS))})"
)
_LEFT_OVER = re.compile(rf"{MARK}|MAKE_\w+\(18[01]\d,|18[01]\d-\d")


@dataclass(frozen=True, slots=True)
class Values:
    """What tells questions of one shape apart: moments in order, texts as they are named, seconds; and who asks."""

    moments: tuple[datetime, ...]
    texts: tuple[str, ...]
    seconds: float | None
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value goes into a text: which of its kind, and for a moment how far beside it."""

    kind: str
    number: int = 0
    shift: timedelta = timedelta()

    def filled(self, values: Values) -> str:
        """The value that goes here, as DuckDB reads it."""
        if self.kind in ("text", "secret"):
            text = values.texts[self.number] if self.kind == "text" else values.secret
            return "'" + text.replace("'", "''") + "'"
        if self.kind == "seconds":
            return str(values.seconds)
        at = values.moments[self.number] + self.shift
        second = at.second + at.microsecond / 1e6
        return f"MAKE_TIMESTAMP({at.year}, {at.month}, {at.day}, {at.hour}, {at.minute}, {second})"


Template = tuple[str | Place, ...]
Build = Callable[[TableOf, Any], "ir.Table"]


class _Tables:
    """A reader's tables for a viewer: the same thing for every generation whose tables have the same columns.

    The viewer's key is a secret, so a stand-in for it is in what is kept.
    """

    def __init__(self, reader: Reader, viewer: Viewer) -> None:
        self._reader = ref(reader)  # a text that is kept does not keep a generation open
        self.viewer = replace(outline(viewer), alias_key=SECRET if viewer.alias_key else "")
        self.layout = reader.layout

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Tables) and (self.layout, self.viewer) == (other.layout, other.viewer)

    def __hash__(self) -> int:
        return hash((self.layout, self.viewer))

    def __call__(self, name: str) -> ir.Table:
        return self.reader.table(name, self.viewer)

    @property
    def reader(self) -> Reader:
        """Whose tables they are, while somebody asks."""
        reader = self._reader()
        if reader is None:  # who asks holds it, so this cannot be
            raise ReferenceError("the reader is closed")
        return reader


def sql_of(build: Callable[[TableOf, Asked], ir.Table], reader: Reader, asked: Asked, viewer: Viewer) -> str:
    """The SQL of what `build` makes of a question, for `reader.select`. Raises what `build` raises."""
    from store.reader import compiled

    values = replace(_values(asked), secret=viewer.alias_key)
    template = _template(build, _shape(asked, values), _Tables(reader, viewer))
    if template is None:
        return compiled(build(partial(reader.table, viewer=viewer), asked))
    return "".join(part if isinstance(part, str) else part.filled(values) for part in template)


@lru_cache(maxsize=KEPT)
def _template(build: Build, shape: Any, tables: _Tables) -> Template | None:
    """The text of a shape with its places; None where a value decides more than what stands in its place."""
    key = _key(build, shape, tables)
    if key is None:
        return _written(build, shape, tables)
    kept = Statements(tables.reader.home, edition())
    with suppress(ValueError, TypeError):
        return _read(kept.get(key) or "")
    template = _written(build, shape, tables)
    kept.put(key, _told(template))
    return template


def _written(build: Build, shape: Any, tables: _Tables) -> Template | None:
    from store.reader import compiled

    question = _question(shape)
    if question is not None and levels.reads_every_bucket(question):
        return None
    try:
        sql = compiled(build(tables, shape))
    except AppError:
        return None  # the question itself says what is wrong with it
    parts: list[str | Place] = []
    end = 0
    for found in _STAND_IN.finditer(sql):
        place = _place(found)
        if place is None:
            return None
        parts += [sql[end : found.start()], place]
        end = found.end()
    parts.append(sql[end:])
    left = "".join(part for part in parts if isinstance(part, str))
    return None if _LEFT_OVER.search(left) else tuple(parts)


def _key(build: Build, shape: Any, tables: _Tables) -> str | None:
    """What tells a shape from all others in every process; None for what is of this process alone.

    Metrics of the settings and those that were changed have functions of their own.
    """
    question = _question(shape)
    is_catalogued = question is None or METRICS.holds(question.metric.name, question.metric)
    is_named = getattr(sys.modules[build.__module__], build.__qualname__, None) is build
    if not is_catalogued or not is_named:
        return None
    told = (build.__module__, build.__qualname__, tables.layout, _parts(tables.viewer), _parts(shape))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _parts(shape: Any) -> Any:
    """A shape as plain values whose `repr` is the same everywhere, with its metric by name."""
    if isinstance(shape, Metric):
        return shape.name
    if isinstance(shape, frozenset):
        return sorted(shape)
    if is_dataclass(shape):
        return [(field.name, _parts(getattr(shape, field.name))) for field in fields(shape)]
    return shape


@cache
def edition() -> str:
    """The state of everything that decides how a question is written."""
    digest = hashlib.sha256(
        repr([version(name) for name in ("ibis-framework", "sqlglot", "duckdb")]).encode()
    )
    for room in ("analytics", "core", "store"):
        for file in sorted((PROJECT / room).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _told(template: Template | None) -> str:
    """A template as text."""
    if template is None:
        return json.dumps(None)
    return json.dumps(
        [
            part
            if isinstance(part, str)
            else [part.kind, part.number, part.shift // timedelta(microseconds=1)]
            for part in template
        ]
    )


def _read(text: str) -> Template | None:
    """What `_told` wrote. Raises ValueError, TypeError for anything else."""
    parts = json.loads(text)
    if parts is None:
        return None
    return tuple(part if isinstance(part, str) else _place_of(*part) for part in parts)


def _place_of(kind: str, number: int, shift: int) -> Place:
    return Place(kind, number, timedelta(microseconds=shift))


def _place(found: re.Match[str]) -> Place | None:
    if found["text"]:
        return Place("text", int(found["text"]))
    if found["seconds"] or found["secret"]:
        return Place("seconds" if found["seconds"] else "secret")
    *whole, second = f"{found['day']}, {found['time']}".split(", ")
    year, month, day, hour, minute = map(int, whole)
    at = datetime(year, month, day, hour, minute) + timedelta(seconds=float(second))  # noqa: DTZ001 - wall-clock
    number = round((at - FIRST) / APART)
    shift = at - FIRST - number * APART
    return Place("moment", number, shift) if shift in (JUST_BEFORE, timedelta()) else None


def _question(asked: Any) -> Question | None:
    return asked if isinstance(asked, Question) else getattr(asked, "question", None)


def _values(asked: Any) -> Values:
    question = _question(asked)
    filters: Filters = (question or asked).filters
    moments = _moments(question) if question else set()
    return Values(tuple(sorted(moments)), tuple(_texts(filters)), getattr(asked, "slower_than", None))


def _moments(question: Question) -> set[datetime]:
    frame = question.frame
    found = (frame.start, frame.until, frame.earlier_start, frame.earlier_until, question.known)
    return {at for at in found if at is not None}


def _texts(filters: Filters) -> Iterator[str]:
    for _, values in filters.where:
        yield from (value for value in values if value != NONE)
    for group in filters.groups:
        for condition in group:
            yield from (value for value in condition.values if value != NONE)


def _shape(asked: Asked, values: Values) -> Asked:
    """What is asked with stand-ins for its values: equal for all of its shape."""
    question = _question(asked)
    held: Any = asked
    if question is None:
        return replace(held, filters=_marked(held.filters))  # type: ignore[no-any-return]
    stands = {at: FIRST + number * APART for number, at in enumerate(values.moments)}
    shape = replace(
        question,
        filters=_marked(question.filters),
        frame=_far(question.frame, stands),
        known=question.known and stands[question.known],
    )
    if asked is question:
        return shape  # type: ignore[return-value]
    seconds = {"slower_than": SECONDS} if values.seconds is not None else {}
    return replace(held, question=shape, **seconds)  # type: ignore[no-any-return]


def _marked(filters: Filters) -> Filters:
    numbers = count()

    def marked(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text if text == NONE else f"{MARK}{next(numbers)}{MARK}" for text in texts)

    where = tuple((name, marked(texts)) for name, texts in filters.where)
    groups = tuple(
        tuple(Condition(one.dimension, marked(one.values), one.is_not) for one in group)
        for group in filters.groups
    )
    return replace(filters, where=where, groups=groups)


def _far(frame: Frame, stands: Mapping[datetime, datetime]) -> Frame:
    return Frame(
        stands[frame.start],
        stands[frame.until],
        False,  # in no text
        frame.earlier_start and stands[frame.earlier_start],
        frame.earlier_until and stands[frame.earlier_until],
    )
