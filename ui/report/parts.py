"""Parts of a report as HTML: numbers with their comparison and interval, tables, sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from core import numbers
from ui import words
from ui.sheet import Number, Part, Rows, Said

if TYPE_CHECKING:
    from analytics.result import MetricResult

Cells = Mapping[str, Any]  # a row of a table by its columns
_HEAD = ("Number", "Value", "95 % interval", "n", "Period before", "Change", "Target")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_COLORED = re.compile(r":\w+(?:-\w+)?\[((?:[^\[\]\\]|\\.)*)\]")
_ICON = re.compile(r":material/\w+:\s*")
_SIGN = re.compile(r"\\(&lt;|&gt;|[\\`*_{}\[\]#+\-!|~$:])")


def numbers_table(shown: Sequence[Number]) -> str:
    """Cards as a table: value, interval, n, the period before, the change and whether it is a good one."""
    rows = "".join(
        f'<tr><th scope="row">{escape(one.label)}</th>{"".join(f"<td>{cell}</td>" for cell in _cells(one.result))}</tr>'
        for one in shown
    )
    return _framed("Numbers", "".join(f'<th scope="col">{name}</th>' for name in _HEAD), rows)


def _cells(result: MetricResult) -> list[str]:
    from analytics.targets import told

    total = result.total
    change = words.change(result)
    judged = {True: "better", False: "worse", None: ""}[words.judged(result)]
    moved = f'{escape(change)} <span class="{judged}">{judged}</span>' if change else numbers.MISSING
    return [
        escape(words.value(result)),
        escape(numbers.interval(total.low, total.high, total.n)) or numbers.MISSING,
        numbers.count(total.n, exact=True),
        escape(words.value(result, result.previous)) if result.previous else numbers.MISSING,
        moved,
        escape(" · ".join(told(line, result) for line in result.targets)) or numbers.MISSING,
    ]


def other(part: Part) -> str:
    """A table or a sentence."""
    if isinstance(part, Rows):
        return f"<p>{escape(part.words)}</p>{table(part.rows, part.words)}"
    return f"<p>{said(part.text)}</p>" if isinstance(part, Said) else ""


def table(rows: Sequence[Cells], caption: str) -> str:
    """Rows as a table; columns that only lead back into the dashboard are left out."""
    names = columns(rows)
    if not rows or not names:
        return "<p>No rows.</p>"
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in names)
    body = "".join(f"<tr>{''.join(_cell(row.get(name)) for name in names)}</tr>" for row in rows)
    return _framed(caption, head, body)


def columns(rows: Sequence[Cells]) -> list[str]:
    """Names of the columns, but for those that only lead back into the dashboard."""
    return [
        name for name in dict.fromkeys(name for row in rows for name in row) if not _leads_back(rows, name)
    ]


def _leads_back(rows: Sequence[Cells], name: str) -> bool:
    cells = [row.get(name) for row in rows if row.get(name) is not None]
    return bool(cells) and all(
        isinstance(cell, str) and cell.startswith(("/", "http://", "https://")) for cell in cells
    )


def _cell(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (
        f'<td class="number">{escape(text(value))}</td>' if is_number else f"<td>{escape(text(value))}</td>"
    )


def text(value: Any) -> str:
    """A cell as it is read."""
    if value is None or value != value:  # a missing number of pandas is not equal to itself
        return numbers.MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int | float):
        return numbers.count(value, exact=True) if isinstance(value, int) else _real(value)
    return str(value)


def _real(value: float) -> str:
    """Two decimals, more where the number is smaller than that; never an exponent in between."""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.1 or not value else f"{value:.2g}"


def pairs(lines: Mapping[str, str]) -> str:
    """Names with their texts."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(told)}</dd></div>" for name, told in lines.items()
    )
    return f"<dl>{items}</dl>"


def said(markdown: str) -> str:
    """Our own sentence: its bold words stay bold, its icons and colours go, and all else is text."""
    told = markdown.removeprefix("- ").lstrip("#").strip()
    told = _COLORED.sub(r"\1", _ICON.sub("", told))
    return _SIGN.sub(r"\1", _BOLD.sub(r"<strong>\1</strong>", escape(told, quote=False))).replace(
        "\u2060", ""
    )


def _framed(caption: str, head: str, body: str) -> str:
    """A table that scrolls by itself where it is wider than the page."""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
