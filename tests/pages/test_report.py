"""The report of a page: what is on screen, as a file that asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any

import plotly.graph_objects as go
import pytest

from analytics.compute import compute
from core import numbers
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui import navigation, report, sheet
from ui.charts import Chart
from ui.report import figures, parts

MONTH = Period(date(2026, 10, 17), date(2026, 11, 15))
LOADING = {"src", "href", "srcset", "data", "action", "poster", "background", "formaction", "cite", "ping"}


@dataclass
class Read(HTMLParser):
    """A file as a reader takes it in: tables, scripts, headings, and everything that would load something."""

    tables: list[list[list[str]]] = field(default_factory=list)
    scripts: list[tuple[dict[str, str | None], str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    meta: list[dict[str, str | None]] = field(default_factory=list)
    styles: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.loads += [
            f"{tag} {name}={value}" for name, value in attrs if name in LOADING or name.startswith("on")
        ]
        if tag == "meta":
            self.meta.append(found)
            return
        self._open.append((tag, found))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag == "script":
            self.scripts.append((found, ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, f"{tag} is closed where it is not open"

    def handle_data(self, text: str) -> None:
        inside = {tag for tag, _ in self._open}
        if "script" in inside:
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + text)
        elif "style" in inside:
            self.styles += text
        else:
            self.words.append(text)
            if inside & {"td", "th"}:
                self.tables[-1][-1][-1] += text

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(text: str) -> Read:
    found = Read()
    found.feed(text)
    found.close()
    return found


def source(**settings: Any) -> report.Source:
    at = datetime.fromisoformat("2026-11-16T09:00:00+00:00")
    return report.Source(
        Settings(workspace={"reporting_zone": "Europe/London"}, **settings), 1, at, None, 1, 1
    )


def drawn(app: Any, home: Home, page: str = "", **parameters: Any) -> tuple[sheet.Sheet, Read]:
    test = app(home, page, **parameters)
    assert not test.exception
    paper = test.session_state[sheet.KEY]
    return paper, read(report.page(paper, source()))


def safe(found: Read, text: str) -> None:
    """Nothing loads, nothing runs that is not ours, and the policy would stop it."""
    assert found.loads == [] and not {"link", "iframe", "img", "object", "base", "form"} & set(found.tags)
    assert "url(" not in found.styles and "@import" not in found.styles
    policy = next(
        str(one["content"]) for one in found.meta if one.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy and "http" not in policy
    code = [words for attributes, words in found.scripts if attributes.get("type") != "application/json"]
    for words in code:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()}'" in policy
    assert policy.count("sha256-") == len(code)
    assert text.startswith('<!doctype html>\n<html lang="en">')


def test_the_overview_holds_its_numbers_charts_and_tables(app: Any, sample_home: Home) -> None:
    paper, found = drawn(app, sample_home, channel=["email", "chat"])
    asked = Filters.of(MONTH, {"channel": ["email", "chat"]})
    shown = [part for _, part in paper.parts.values() if isinstance(part, sheet.Number)]
    rows = {row[0]: row for row in found.tables[0]}
    assert list(rows)[1:] == [one.label for one in shown] and len(shown) >= 10
    for one in shown:
        result = compute(
            open_reader(sample_home), one.result.name, asked, settings=Settings(workspace={"reporting_zone": "Europe/London"}),
            viewer=EVERYTHING, compare="previous",
        )  # fmt: skip
        total, before = result.total, result.previous
        assert before is not None
        cells = [
            numbers.value(total.value, result.unit, total.n), numbers.interval(total.low, total.high, total.n) or "–",
            numbers.count(total.n, exact=True), numbers.value(before.value, result.unit, before.n),
        ]  # fmt: skip
        assert rows[one.label][1:5] == cells, one.label
        assert result.description in found.text
    assert "channel is chat or email" in found.text and "2026-10-17 to 2026-11-15" in found.text
    assert "Europe/London" in found.text and "2026-11-16 09:00 UTC" in found.text
    charts = [part.chart for _, part in paper.parts.values() if isinstance(part, sheet.Drawn)]
    specs = [words for attributes, words in found.scripts if str(attributes.get("id")).startswith("figure-")]
    assert len(charts) == len(specs) >= 3 and found.tags.count("figcaption") == len(charts)
    for chart, spec in zip(charts, specs, strict=True):
        assert chart.words in found.text
        assert len(json.loads(spec)["data"]) == len(chart.figure.data)
        cells = [[parts.text(cell) for cell in row.values()] for row in chart.rows]
        assert cells in [table[1:] for table in found.tables]
    verdict = next(part for _, part in paper.parts.values() if isinstance(part, sheet.Verdict))
    assert f"{verdict.word}. {verdict.sentence}" in found.text


# The start page and one without charts at every run, the others with the slow tests.
OFTEN = ("overview", "settings")


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, id=entry.slug, marks=() if entry.slug in OFTEN else pytest.mark.slow)
        for entry in navigation.MENU
    ],
)
def test_every_page_is_a_file_that_loads_nothing(
    app: Any, sample_home: Home, entry: navigation.Entry
) -> None:
    test = app(sample_home, "" if entry is navigation.MENU[0] else entry.path)
    assert not test.exception
    paper = test.session_state[sheet.KEY]
    text = report.page(paper, source())
    found = read(text)
    safe(found, text)
    assert paper.title == entry.title and f"<title>{entry.title.replace('&', '&amp;')} · " in text
    assert any(button.proto.label == "Report" for button in test.get("download_button"))
    if any(isinstance(part, sheet.Drawn) for _, part in paper.parts.values()):
        assert len(text) > 4_000_000, "plotly is in the file"
    else:
        assert len(text) < 1_000_000, "and only where it draws"


def test_a_matrix_is_in_words_as_on_screen(app: Any, sample_home: Home) -> None:
    paper, found = drawn(app, sample_home, "pages/understand/team.py", period="90d")
    matrix = next(table for table in found.tables if table[0][:2] == ["Agent", "Replies"])
    place = matrix[0].index("First reply")
    judged = [row[place] for row in matrix[1:] if row[place] != "–"]
    assert len(judged) > 3 and all(re.fullmatch(r"\d+ [smhd]( \d+ [smh])?", cell) for cell in judged)
    assert any(cell.endswith(" %") for row in matrix[1:] for cell in row)
    compared = next(
        one.result.previous_period for _, one in paper.parts.values() if isinstance(one, sheet.Number)
    )
    assert f"Compared with {compared}" in found.text


@pytest.mark.parametrize(
    ("value", "words"),
    [(38810.0, "38,810"), (681.5, "681.5"), (0.0, "0"), (0.25, "0.25"), (0.0123, "0.012"), (-2.0, "-2")],
)
def test_real_numbers_have_no_exponent(value: float, words: str) -> None:
    assert parts.text(value) == words


def test_no_placeholder_of_a_colour_is_left(app: Any, sample_home: Home) -> None:
    paper, found = drawn(app, sample_home)
    palettes = json.loads(
        next(words for attributes, words in found.scripts if attributes.get("id") == "palettes")
    )
    specs = [figures.spec(part.chart) for _, part in paper.parts.values() if isinstance(part, sheet.Drawn)]
    assert len(specs) >= 3
    for mode in figures.MODES:
        for spec in specs:
            assert '"#000001"' in spec
            for placeholder, color in palettes[mode].items():
                spec = spec.replace(f'"{placeholder}"', f'"{color}"')
            assert re.findall(r'"#0000[0-4]\d"', spec) == []
    assert palettes["light"]["#000001"] == "#0072B2" and palettes["dark"]["#000001"] == "#56B4E9"


def test_hostile_texts_stay_texts(now: datetime) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&\"'"
    paper = sheet.Sheet(evil)
    paper.section = evil
    figure = go.Figure(go.Bar(x=[evil], y=[1]), layout={"title": evil})
    paper.add("v", sheet.Verdict(evil, evil))
    paper.add("c", sheet.Drawn(Chart(figure, evil, [{evil: evil, "Open": "https://example.com/x"}])))
    paper.add("t", sheet.Rows(({"a": evil, "b": None, "c": True, "d": 1234.5},), evil))
    paper.add("s", sheet.Said(f":orange[:material/x: **{evil}**] \\[kept\\]"))
    text = report.page(paper, replace(source(), settings=Settings(workspace={"name": evil})))
    found = read(text)
    safe(found, text)
    assert found.tables[0] == [[evil], [evil]], "an address back into the dashboard is left out"
    assert found.tables[1][1] == [evil, "–", "yes", "1,234.5"]
    assert evil in found.text and "[kept]" in found.text and "material" not in found.text
    spec = next(words for attributes, words in found.scripts if attributes.get("id") == "figure-1-spec")
    assert json.loads(spec)["data"][0]["x"] == [evil], "the figure has the text as it was"


def test_what_fails_is_said_and_the_rest_is_there(
    app: Any, sample_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.errors import StoreError
    from ui import data

    real = data.metric

    def broken(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "reopen_rate":
            raise StoreError("the file cannot be read.", hint="Run the refresh again.")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(data, "metric", broken)
    _, found = drawn(app, sample_home)
    assert "Reopened: The file cannot be read. Run the refresh again." in found.text
    assert "Satisfaction (CSAT)" in [row[0] for row in found.tables[0]]


def test_a_table_that_is_open_below_its_chart_is_there_once(app: Any, sample_home: Home) -> None:
    test = app(sample_home)
    before = list(test.session_state[sheet.KEY].parts)
    next(toggle for toggle in test.toggle if toggle.key == "overview_flow_table").set_value(True)
    test.run()
    assert not test.exception and list(test.session_state[sheet.KEY].parts) == before


def test_a_part_that_is_drawn_again_stays_in_its_place() -> None:
    paper = sheet.Sheet("x", section="one")
    for key in ("a", "b"):
        paper.add(key, sheet.Said(key))
    paper.section = ""
    paper.add("a", sheet.Said("new"))
    assert list(paper.parts.items()) == [("a", ("one", sheet.Said("new"))), ("b", ("one", sheet.Said("b")))]


def test_a_page_with_nothing_says_so(now: datetime) -> None:
    text = report.page(sheet.Sheet("Ask"), source())
    safe(read(text), text)
    assert "This page shows nothing that a report can hold." in text
