"""What a page has put on the screen, in its order: the numbers, charts, tables and sentences a report is made of.

Every part of a page notes itself here while it is drawn, so a report holds what is seen and nothing else. A part has
a key: drawn again, by a fragment, it takes the place of what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ui import state

if TYPE_CHECKING:
    from analytics.result import MetricResult
    from ui.charts import Chart

KEY = "sheet"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How things stand: in a word, and in a sentence."""

    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a card, under the card's label."""

    label: str
    result: MetricResult


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart."""

    chart: Chart


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with the words for it, and the numbers it is made of."""

    rows: tuple[Mapping[str, Any], ...]
    words: str
    results: tuple[MetricResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of our own, in markdown."""

    text: str


Part = Verdict | Number | Drawn | Rows | Said


@dataclass
class Sheet:
    """The parts of one page, each with the title of the section that holds it."""

    title: str
    parts: dict[str, tuple[str, Part]] = field(default_factory=dict)
    section: str = ""
    is_quiet: bool = False

    def add(self, key: str, part: Part) -> None:
        """Note a part. One that is drawn again stays where it was."""
        if not self.is_quiet:
            section = self.parts[key][0] if key in self.parts else self.section
            self.parts[key] = (section, part)

    def results(self) -> list[MetricResult]:
        """Every number that is shown, in order."""
        found: list[MetricResult] = []
        for _, part in list(self.parts.values()):
            if isinstance(part, Number):
                found.append(part.result)
            elif isinstance(part, Drawn):
                found += part.chart.results
            elif isinstance(part, Rows):
                found += part.results
        return found


def begin(title: str) -> Sheet:
    """An empty sheet for the page that is about to be drawn."""
    new = Sheet(title)
    state.put(KEY, new)
    return new


def current() -> Sheet:
    """The sheet of the page that is being drawn."""
    found = state.value(KEY)
    return found if isinstance(found, Sheet) else begin("")


def verdict(word: str, sentence: str) -> None:
    """Note how things stand."""
    current().add("verdict", Verdict(word, sentence))


def number(label: str, result: MetricResult) -> None:
    """Note a number of a card."""
    now = current()
    now.add(f"number {now.section} {label} {result.filters}", Number(label, result))


def chart(drawn: Chart, *, key: str) -> None:
    """Note a chart."""
    current().add(f"chart {key}", Drawn(drawn))


def table(rows: Sequence[Mapping[str, Any]], words: str, *, results: Sequence[MetricResult] = ()) -> None:
    """Note a table."""
    now = current()
    now.add(f"table {now.section} {words}", Rows(tuple(rows), words, tuple(results)))


def say(text: str) -> None:
    """Note a sentence of our own, in markdown."""
    now = current()
    now.add(f"said {now.section} {text}", Said(text))


@contextmanager
def section(title: str) -> Iterator[None]:
    """What is drawn inside belongs to this section."""
    now = current()
    before, now.section = now.section, title
    try:
        yield
    finally:
        now.section = before


@contextmanager
def quiet() -> Iterator[None]:
    """What is drawn inside is no part of the page: a drawer over it, the table of a chart."""
    now = current()
    before, now.is_quiet = now.is_quiet, True
    try:
        yield
    finally:
        now.is_quiet = before
