"""How a value is written in a text file or a sheet: SQL of one cell, by the type of its column."""

from __future__ import annotations

from typing import Literal

from store.sql import identifier

Format = Literal["csv", "parquet", "xlsx"]
CELL_CHARACTERS = 32_767  # the most that Excel holds in one cell, in UTF-16 units
# A spreadsheet takes a text that begins so for a formula (OWASP, CSV injection), full-width forms included.
_STARTS = "=+@\t\r\n\uff1d\uff0b\uff0d\uff20-"
_INTEGERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
}
_INSTANT = "TIMESTAMP WITH TIME ZONE"
_ISO = "'%Y-%m-%dT%H:%M:%S.%f'"
# Between these Excel and everybody else agree on the number of a day.
_SHEET_FROM, _SHEET_UNTIL = "TIMESTAMP '1900-03-01'", "TIMESTAMP '10000-01-01'"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that would be begins with an apostrophe."""
    return f"'{text}" if text[:1] in _STARTS and text else text


def csv_cell(name: str, kind: str) -> str:
    """A column as it stands in a CSV file, under its own name made harmless."""
    column = identifier(name)
    if kind in _INTEGERS | {"DOUBLE", "FLOAT", "BOOLEAN", "DATE"} or kind.startswith("DECIMAL"):
        value = column
    elif kind == _INSTANT or kind.startswith("TIMESTAMP"):
        value = _iso(column, kind)
    else:
        value = _harmless(_text(column, kind))
    return f"{value} AS {identifier(harmless(name))}"


def sheet_cell(name: str, kind: str) -> str:
    """A column as an XML cell of a sheet; an empty one where there is no value."""
    column = identifier(name)
    if kind in _INTEGERS or kind.startswith("DECIMAL"):
        cell = f"'<c><v>' || {column} || '</v></c>'"
    elif kind in ("DOUBLE", "FLOAT"):
        cell = f"CASE WHEN isfinite({column}) THEN '<c><v>' || {column} || '</v></c>' END"
    elif kind == "BOOLEAN":
        cell = f"'<c t=\"b\"><v>' || {column}::INTEGER || '</v></c>'"
    elif kind == "DATE" or (kind.startswith("TIMESTAMP") and kind != _INSTANT):
        cell = _sheet_time(column, kind)
    elif kind == _INSTANT:
        cell = _inline(_iso(column, kind))
    else:
        cell = _inline(_escaped(_cut(_harmless(_text(column, kind)))))
    return f"coalesce({cell}, '<c/>')"


def is_cut(name: str, kind: str) -> str | None:
    """SQL that says whether a text is longer than a cell of a sheet; None where it cannot be."""
    if kind in _INTEGERS | {"DOUBLE", "FLOAT", "BOOLEAN", "DATE"} or kind.startswith(
        ("DECIMAL", "TIMESTAMP")
    ):
        return None
    text = _harmless(_text(identifier(name), kind))
    return f"coalesce({_cut(text)} <> {text}, false)"


def _text(column: str, kind: str) -> str:
    """Texts as they are, lists and structures as JSON."""
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))
    return f"to_json({column})::VARCHAR" if nested else f"{column}::VARCHAR"


def _harmless(text: str) -> str:
    return f"CASE WHEN contains('{_STARTS}', left({text}, 1)) AND {text} <> '' THEN '''' || {text} ELSE {text} END"


def _iso(column: str, kind: str) -> str:
    """ISO 8601: an instant in UTC with its Z, wall-clock time without; a fraction where there is one."""
    zone = "Z" if kind == _INSTANT else ""
    plain = f"strftime({column}::TIMESTAMP, {_ISO})"
    return f"regexp_replace({plain}, '\\.000000$', '') || '{zone}'"


def _sheet_time(column: str, kind: str) -> str:
    """A day number of Excel, which is wall-clock time like the column; ISO text outside of its calendar."""
    at, style = f"{column}::TIMESTAMP", 2 if kind == "DATE" else 1
    number = f"(epoch_us({at}) / 86400000000.0 + 25569)"
    text = f"{column}::VARCHAR" if kind == "DATE" else _iso(column, kind)
    inside = f"{at} >= {_SHEET_FROM} AND {at} < {_SHEET_UNTIL}"
    return (
        f"CASE WHEN {inside} THEN '<c s=\"{style}\"><v>' || {number} || '</v></c>' ELSE {_inline(text)} END"
    )


def _inline(text: str) -> str:
    return f"'<c t=\"inlineStr\"><is><t xml:space=\"preserve\">' || {text} || '</t></is></c>'"


def _cut(text: str) -> str:
    # Characters outside the basic plane count twice.
    half = CELL_CHARACTERS // 2
    is_wide = f"regexp_matches({text}, '[\\x{{10000}}-\\x{{10FFFF}}]')"
    most = f"CASE WHEN {is_wide} THEN {half} ELSE {CELL_CHARACTERS} END"
    return f"CASE WHEN length({text}) > {half} THEN left({text}, {most}) ELSE {text} END"


def _escaped(text: str) -> str:
    """Text inside XML 1.0, which has no place for most control characters; _x0041_ must not become an A."""
    text = f"replace(replace(replace({text}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    text = f"regexp_replace({text}, '_(x[0-9A-Fa-f]{{4}}_)', '_x005F_\\1', 'g')"
    text = (
        f"regexp_replace({text}, '[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{{FFFE}}\\x{{FFFF}}]', chr(65533), 'g')"
    )
    return f"replace({text}, chr(13), '&#13;')"
