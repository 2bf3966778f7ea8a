"""A page as a letter: the same numbers, charts and tables as on screen, as mail programs show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from alerts import letter_html as mail
from core import numbers
from ui import words
from ui.report import drawing, parts
from ui.sheet import Drawn, Number, Rows, Said, Sheet, Verdict

if TYPE_CHECKING:
    from analytics.result import MetricResult
    from ui.charts import Chart
    from ui.report.html import Source
    from ui.sheet import Part

MOST_ROWS = 12  # of a table; the attached file has them all
MOST_COLUMNS = 6
LONGEST = 140  # characters of a text in a table
MOST_PICTURES = 12


@dataclass
class Letter:
    """What a page says by mail. `lines` are its numbers for chats and programs, `pictures` PNG files by name."""

    html: str
    lines: list[tuple[str, str]]
    pictures: dict[str, bytes] = field(default_factory=dict)


def letter(sheet: Sheet, source: Source, *, name: str, link: str | None, foot: Sequence[str]) -> Letter:
    """The letter called `name`. `link` opens the page, `foot` are small lines of HTML at its end."""
    from analytics.about import of_results

    told = of_results(sheet.title, sheet.results(), source.settings)
    pictures: dict[str, bytes] = {}
    body = [
        *([mail.notice(told["Attention"])] if "Attention" in told else []),
        *(mail.notice(one) for one in source.warnings),
        *_sections(list(sheet.parts.values()), pictures),
        *([mail.button("Open in the dashboard", link)] if link else []),
    ]
    under = " · ".join(
        [sheet.title, *(told[key] for key in ("Period",) if key in told), source.settings.workspace.name]
    )
    html = mail.frame(name, under, body, [*_about(told), *_fresh(source), *foot])
    return Letter(html, _lines(sheet), pictures)


def _about(told: dict[str, object]) -> list[str]:
    shown = {name: told[name] for name in ("Filters", "Compared with", "Counted also") if name in told}
    return [escape(" · ".join(f"{name}: {text}" for name, text in shown.items()))] if shown else []


def _fresh(source: Source) -> list[str]:
    zone = source.settings.workspace.reporting_zone
    until = f"Data until {numbers.moment(source.data_until)} {zone}. " if source.data_until else ""
    return [
        escape(f"{until}{source.fresh} of {source.sources} sources fresh. Generation {source.generation}.")
    ]


def _sections(noted: list[tuple[str, Part]], pictures: dict[str, bytes]) -> Iterable[str]:
    """The parts by section, in their order; numbers that follow each other share a table."""
    for title, members in groupby(noted, key=lambda one: one[0]):
        if title:
            yield mail.heading(title)
        for is_number, run in groupby(
            (part for _, part in members), key=lambda part: isinstance(part, Number)
        ):
            if is_number:
                yield _numbers([part for part in run if isinstance(part, Number)])
            else:
                yield from (_other(part, pictures) for part in run)
    if not noted:
        yield mail.paragraph("This page shows nothing that a letter can hold.")


def _numbers(shown: Sequence[Number]) -> str:
    rows = [[escape(one.label), *_cells(one.result)] for one in shown]
    return mail.table(("Number", "Value", "Change", "Before", "n"), rows)


def _cells(result: MetricResult) -> list[str]:
    from analytics.targets import told

    change = words.change(result)
    color, word = mail.TONES[words.judged(result)]
    moved = f'<span style="color:{color}">{escape(change)} {word}</span>' if change else numbers.MISSING
    goals = " · ".join(told(line, result) for line in result.targets)
    goal = f'<br><span style="color:{mail.QUIET};font-size:12px">{escape(goals)}</span>' if goals else ""
    return [
        f"<strong>{escape(words.value(result))}</strong>{goal}", moved,
        escape(words.value(result, result.previous)) if result.previous else numbers.MISSING,
        numbers.count(result.total.n, exact=True),
    ]  # fmt: skip


def _other(part: Part, pictures: dict[str, bytes]) -> str:
    if isinstance(part, Verdict):
        return mail.paragraph(part.sentence, bold=f"{part.word}.")
    if isinstance(part, Said):
        return f'<p style="margin:0 0 10px">{parts.said(part.text)}</p>'
    if isinstance(part, Rows):
        return mail.paragraph(part.words) + _table(part.rows)
    return _drawn(part.chart, pictures) if isinstance(part, Drawn) else ""


def _drawn(chart: Chart, pictures: dict[str, bytes]) -> str:
    """A chart as a picture; one that cannot be drawn as its words and rows."""
    content = drawing.png(chart) if len(pictures) < MOST_PICTURES else None
    if content is None:
        return mail.paragraph(chart.words) + _table(chart.rows)
    name = f"chart-{len(pictures) + 1}.png"
    pictures[name] = content
    return mail.picture(name, chart.words)


def _table(rows: Sequence[parts.Cells]) -> str:
    names = parts.columns(rows)[:MOST_COLUMNS]
    if not rows or not names:
        return mail.paragraph("No rows.")
    shown = [[escape(_short(parts.text(row.get(name)))) for name in names] for row in rows[:MOST_ROWS]]
    more = f"And {numbers.count(len(rows) - MOST_ROWS)} more rows." if len(rows) > MOST_ROWS else ""
    return mail.table(names, shown) + (mail.paragraph(more) if more else "")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _lines(sheet: Sheet) -> list[tuple[str, str]]:
    """How things stand and every number, with its change: what fits into a chat."""
    found = []
    for _, part in sheet.parts.values():
        if isinstance(part, Verdict):
            found.append((part.word, part.sentence))
        elif isinstance(part, Number):
            change = words.change(part.result)
            found.append((part.label, words.value(part.result) + (f" ({change})" if change else "")))
    return found
