"""The report's HTML: head, numbers, charts with their tables, tables, definitions; every text escaped.

The file asks nobody for anything: its policy forbids requests, and lets only the two scripts run that are in it.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from core import clock
from ui.report import figures, parts
from ui.sheet import Drawn, Number, Sheet, Verdict

if TYPE_CHECKING:
    from core.settings import Settings
    from ui.sheet import Part

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Source:
    """Which data a report shows. `published_at` is an instant, `data_until` wall-clock time in the reporting zone.

    `warnings` say what is not as fresh as people will think.
    """

    settings: Settings
    generation: int
    published_at: datetime
    data_until: datetime | None
    fresh: int
    sources: int
    warnings: tuple[str, ...] = ()


def page(sheet: Sheet, source: Source) -> str:
    """The whole file."""
    noted = list(sheet.parts.values())
    has_charts = any(isinstance(part, Drawn) for _, part in noted)
    scripts = [_plotly(), (HERE / "report.js").read_text(encoding="utf-8")] if has_charts else []
    workspace = source.settings.workspace.name
    body = [_head(sheet, source), *_sections(noted), _definitions(sheet, source), _foot(source)]
    return "\n".join(
        [
            "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">', '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(sheet.title)} · {escape(workspace)} · Supportlens</title>",
            f"<style>\n{_colors()}{(HERE / 'report.css').read_text(encoding='utf-8')}</style>",
            "</head>", "<body>", *body, _block("palettes", json.dumps({m: figures.palette(m) for m in figures.MODES})),
            *(f"<script>{script}</script>" for script in scripts), "</body>", "</html>", "",
        ]
    )  # fmt: skip


def _head(sheet: Sheet, source: Source) -> str:
    from analytics.about import of_results

    told = of_results(sheet.title, sheet.results(), source.settings)
    lines = {
        name: text for name, text in told.items() if isinstance(text, str) and name not in ("Title", "Texts")
    }
    lines |= {
        "Zone": source.settings.workspace.reporting_zone, "Generation": str(source.generation),
        "Published": f"{source.published_at:%Y-%m-%d %H:%M} UTC",
        "Sources": f"{source.fresh} of {source.sources} fresh",
    }  # fmt: skip
    if source.data_until:
        lines["Data until"] = f"{source.data_until:%Y-%m-%d %H:%M} {lines['Zone']}"
    verdicts = [part for _, part in sheet.parts.values() if isinstance(part, Verdict)]
    said = "".join(
        f'<p class="verdict"><strong>{escape(one.word)}.</strong> {escape(one.sentence)}</p>'
        for one in verdicts
    )
    name = f"{escape(sheet.title)} <small>{escape(source.settings.workspace.name)}</small>"
    return f"<header><h1>{name}</h1>{said}{parts.pairs(lines)}</header>\n<main>"


def _sections(noted: list[tuple[str, Part]]) -> Iterable[str]:
    """The parts by section, in their order; numbers that follow each other share a table."""
    number = 0
    for title, members in groupby(
        (one for one in noted if not isinstance(one[1], Verdict)), key=lambda one: one[0]
    ):
        yield f"<section>{f'<h2>{escape(title)}</h2>' if title else ''}"
        for is_number, run in groupby(
            (part for _, part in members), key=lambda part: isinstance(part, Number)
        ):
            if is_number:
                yield parts.numbers_table([part for part in run if isinstance(part, Number)])
                continue
            for part in run:
                number += 1
                if isinstance(part, Drawn):
                    yield _figure(part, number)
                else:
                    yield parts.other(part)
        yield "</section>"
    if not noted:
        yield "<section><p>This page shows nothing that a report can hold.</p></section>"


def _figure(part: Drawn, number: int) -> str:
    """The picture, its words, and its rows."""
    chart, name = part.chart, f"figure-{number}"
    return (
        f'<figure><div class="plot" id="{name}" role="img" aria-label="{escape(chart.words)}" '
        f'style="min-height:{chart.height}px"></div>{_block(f"{name}-spec", figures.spec(chart))}'
        f"<figcaption>{escape(chart.words)}</figcaption>"
        f"<details><summary>Show as a table</summary>{parts.table(chart.rows, chart.words)}</details></figure>"
    )


def _definitions(sheet: Sheet, source: Source) -> str:
    from analytics.about import of_results

    told = of_results(sheet.title, sheet.results(), source.settings, in_words=True)
    found = [
        f"<h3>{escape(name)}</h3>{parts.pairs({key: text for key, text in block.items() if key != 'unit'})}"
        for name, block in told.items()
        if isinstance(block, dict)
    ]
    return f"<section><h2>Definitions</h2>{''.join(found)}</section>" if found else ""


def _foot(source: Source) -> str:
    made = clock.now().astimezone(source.settings.workspace.zone)
    zone = escape(source.settings.workspace.reporting_zone)
    return f"</main><footer>Made by Supportlens on {made:%Y-%m-%d %H:%M} {zone}, from generation {source.generation}.</footer>"


def _block(name: str, text: str) -> str:
    """Data for a script: no sign in it can end the element that holds it."""
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/json" id="{name}">{safe}</script>'


def _policy(scripts: list[str]) -> str:
    """Nothing may be fetched, and no script may run but these."""
    known = " ".join(
        f"'sha256-{b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts
    )
    return (
        f"default-src 'none'; script-src {known or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _colors() -> str:
    """The appearances as variables: light at first, dark where the reader's system is dark, light on paper."""
    rules = {mode: _variables(mode) for mode in figures.MODES}
    return (
        f":root {{ {rules['light']} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {rules['dark']} }} }}\n"
    )


def _variables(mode: str) -> str:
    chosen = figures.themes()[mode]
    names = {
        "text": "textColor", "ground": "backgroundColor", "band": "secondaryBackgroundColor", "line": "borderColor",
        "quiet": "grayColor", "good": "greenColor", "bad": "redColor", "accent": "primaryColor",
    }  # fmt: skip
    return " ".join(f"--{name}: {chosen[key]};" for name, key in names.items())
