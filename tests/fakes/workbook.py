"""Excel workbooks written by hand, part by part, so that a test decides every cell.

python -m tests.fakes.workbook FILE.xlsx writes one with messages to try a source with.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
# Styles by place: general, date and time, date.
_STYLES = f'<styleSheet {_MAIN}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="14"/></cellXfs></styleSheet>'
Sheet = Sequence[Sequence[Any]]


class Formula:
    """A cell with a formula and the value that Excel computed last."""

    def __init__(self, text: str, value: float) -> None:
        self.text, self.value = text, value


def write_workbook(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """Write sheets of cells: text, numbers, booleans, datetimes, dates, Formula, or None for an empty cell."""
    names = list(sheets)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        main = _MACRO if path.suffix == ".xlsm" else _TYPE
        book.writestr("[Content_Types].xml", _content_types(main))
        office = f'<Relationship Id="b" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
        book.writestr(
            "_rels/.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{office}</Relationships>'
        )
        listed = "".join(
            f'<sheet name={quoteattr(n)} sheetId="{i}" r:id="s{i}"/>' for i, n in enumerate(names, 1)
        )
        book.writestr(
            "xl/workbook.xml", f'<workbook {_MAIN} xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>'
        )
        parts = "".join(
            f'<Relationship Id="s{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(names) + 1)
        )
        parts += f'<Relationship Id="st" Type="{_REL}/styles" Target="styles.xml"/>'
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{parts}</Relationships>',
        )
        book.writestr("xl/styles.xml", _STYLES)
        for i, name in enumerate(names, 1):
            book.writestr(f"xl/worksheets/sheet{i}.xml", _sheet(sheets[name]))


def _content_types(main: str) -> str:
    kinds = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    kinds += '<Default Extension="xml" ContentType="application/xml"/>'
    kinds += f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{kinds}</Types>'


def _sheet(rows: Sheet) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{_letters(n)}{number}", value) for n, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f"<worksheet {_MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>"


def _letters(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cell(place: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Formula):
        return f'<c r="{place}"><f>{escape(value.text)}</f><v>{value.value}</v></c>'
    if isinstance(value, datetime):
        return f'<c r="{place}" s="1"><v>{_serial(value)!r}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="2"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _serial(moment: datetime) -> float:
    """Days since Excel's zero; an aware instant is written in UTC, because cells know no zone."""
    bare = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return (bare - datetime(1899, 12, 30)).total_seconds() / 86_400  # noqa: DTZ001


if __name__ == "__main__":
    head = ["conversation_id", "created_at", "author", "text"]
    first = ["c1", datetime(2026, 1, 5, 10, tzinfo=UTC), "ann", "Where is my parcel?"]
    second = ["c1", datetime(2026, 1, 5, 10, 5, tzinfo=UTC), "ben", "It leaves today."]
    write_workbook(Path(sys.argv[1]), {"Messages": [head, first, second]})
