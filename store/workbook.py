"""An Excel workbook written row by row: never more of it in memory than one batch of rows."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from core.errors import QuestionError
from store.export_cells import harmless

MOST_ROWS = 1_048_576  # of a sheet, its header included
_MOST_BYTES = 2**31 - 1  # of a sheet's XML: a larger one needs a kind of zip that Excel wants to repair
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Styles by place: general; date and time; date; bold.
_STYLES = f"""{_HEAD}<styleSheet {_MAIN}><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="2"><font/><font><b/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/>\
<xf numFmtId="164" applyNumberFormat="1" xfId="0"/><xf numFmtId="165" applyNumberFormat="1" xfId="0"/>\
<xf fontId="1" applyFont="1" xfId="0"/></cellXfs></styleSheet>"""


def write_workbook(
    path: Path, header: Sequence[str], rows: Iterable[Iterable[str]], about: Sequence[tuple[str, str]]
) -> None:
    """A workbook with the sheets Data and About. `rows` gives batches of finished <row> elements.

    Raises QuestionError when a sheet grows larger than a workbook can hold.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        _frame(book)
        with book.open("xl/worksheets/sheet1.xml", "w") as stream:
            size = stream.write(_sheet_start(frozen=True) + row_of(header, style=3).encode())
            for batch in rows:
                size += stream.write("".join(batch).encode())
                if size > _MOST_BYTES:
                    raise QuestionError(
                        "these rows are more than a workbook can hold: 2 GB of a sheet.",
                        hint="Narrow the period or the filters, or export parquet or csv.",
                    )
            stream.write(b"</sheetData></worksheet>")
        lines = "".join(row_of(pair) for pair in about)
        book.writestr(
            "xl/worksheets/sheet2.xml", _sheet_start() + lines.encode() + b"</sheetData></worksheet>"
        )


def row_of(cells: Iterable[str], style: int = 0) -> str:
    """A <row> of texts, made harmless."""
    text = "".join(
        f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_clean(cell)}</t></is></c>'
        for cell in cells
    )
    return f"<row>{text}</row>"


def _clean(text: str) -> str:
    kept = "".join(c if c >= " " or c in "\t\n" else "�" for c in harmless(text))
    return escape(kept.encode("utf-16", "replace").decode("utf-16"))


def _sheet_start(*, frozen: bool = False) -> bytes:
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' if frozen else ""
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f"{_HEAD}<worksheet {_MAIN}>{view}<sheetData>".encode()


def _frame(book: zipfile.ZipFile) -> None:
    """Everything of the workbook but its two sheets."""
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_PART}.worksheet+xml"/>'
        for n in (1, 2)
    )
    book.writestr(
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_PART}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_PART}.styles+xml"/>{sheets}</Types>',
    )
    book.writestr("_rels/.rels", _relations([("r1", "officeDocument", "xl/workbook.xml")]))
    book.writestr(
        "xl/workbook.xml",
        f'{_HEAD}<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="Data" sheetId="1" r:id="r1"/>'
        '<sheet name="About" sheetId="2" r:id="r2"/></sheets></workbook>',
    )
    parts = [(f"r{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in (1, 2)]
    book.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("r3", "styles", "styles.xml")]))
    book.writestr("xl/styles.xml", _STYLES)


def _relations(parts: Sequence[tuple[str, str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, kind, target in parts
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'
