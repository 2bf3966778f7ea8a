"""SQL for one column of a file: text in, canonical value out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.stream import ColumnRead
from store.sql import identifier, literal

# What an unknown native value becomes; the native one is kept beside it.
UNKNOWN: Mapping[str, str] = {"status": "unknown", "priority": "none", "channel": "other"}
# Instants outside are placeholders such as 9999-12-31, not times.
EARLIEST, LATEST = "1970-01-01", "2100-01-01"
_HAS_ZONE = r"(?i)(z|utc|gmt|[+-]\d{2}(:?\d{2})?)$"
_TRUE = ("true", "t", "yes", "y", "1", "on", "ja", "oui", "si", "sí", "public")
_FALSE = ("false", "f", "no", "n", "0", "off", "nein", "non", "private", "internal")


def json_of(texts: Mapping[str, str]) -> str:
    """A SQL object of the texts, by their keys, that are not empty; NULL when all are."""
    pairs = ", ".join(f"{literal(key)}, {expression}" for key, expression in texts.items())
    return f"nullif(json_merge_patch('{{}}', json_object({pairs})), '{{}}')"


def listed(values: Iterable[str]) -> str:
    """A SQL list of string literals, without brackets."""
    return ", ".join(literal(value) for value in values)


def raw(read: ColumnRead) -> str:
    """The native text, trimmed; NULL when empty."""
    if read.constant is not None:
        return literal(read.constant)
    return f"nullif(trim({identifier(read.column or '')}), '')"


def value(canonical: str, read: ColumnRead, kind: str) -> str:
    """The SQL expression of a canonical column of DuckDB type `kind`."""
    if read.constant is not None:
        return f"CAST({literal(read.constant)} AS {kind})"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return instant(read)
    text = _mapped(canonical, read) if read.values or canonical in UNKNOWN else raw(read)
    if kind == "BOOLEAN":
        lower = f"lower({text})"
        no = f"WHEN {lower} IN ({listed(_FALSE)}) THEN false"
        return f"CASE WHEN {lower} IN ({listed(_TRUE)}) THEN true {no} END"
    if kind == "JSON":
        return (
            f"CASE WHEN json_valid({text}) THEN {text}::JSON WHEN {text} IS NOT NULL THEN to_json({text}) END"
        )
    if kind == "VARCHAR[]":
        return tag_list(text, ",")
    if kind != "VARCHAR":
        return (
            f"TRY_CAST(replace({text}, ',', '.') AS {kind})"
            if kind == "DOUBLE"
            else f"TRY_CAST({text} AS {kind})"
        )
    if canonical in ("body_text", "body_html", "comment"):
        # DuckDB keeps NUL in text, but most of what reads it later does not.
        body = identifier(read.column or "")
        return f"CASE WHEN contains({body}, chr(0)) THEN replace({body}, chr(0), '') ELSE {body} END"
    return text


def _mapped(canonical: str, read: ColumnRead) -> str:
    default = UNKNOWN.get(canonical)
    if not read.values:
        return f"coalesce(lower({raw(read)}), {literal(default)})" if default else raw(read)
    cases = " ".join(f"WHEN {literal(native)} THEN {literal(ours)}" for native, ours in read.values)
    return f"CASE lower({raw(read)}) {cases} ELSE {literal(default) if default else raw(read)} END"


def instant(read: ColumnRead) -> str:
    """Text to TIMESTAMPTZ; NULL when no format fits. `plausible` then removes placeholder years."""
    parts = [_parsed(raw(read), form, read.zone) for form in read.formats or ("iso",)]
    return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"


def version(column: str) -> str:
    """A row's version as the source tells it."""
    text = raw(ColumnRead(column))
    return f"coalesce(TRY_CAST({text} AS BIGINT)::HUGEINT, TRY_CAST({text} AS HUGEINT))"


def plausible(column: str) -> str:
    """A parsed instant, NULL outside the years that a support system can have seen."""
    return f"CASE WHEN {column} >= '{EARLIEST}' AND {column} < '{LATEST}' THEN {column} END"


def _parsed(text: str, form: str, zone: str) -> str:
    if form in ("epoch_s", "epoch_ms"):
        factor = 1_000_000 if form == "epoch_s" else 1_000
        return f"make_timestamptz(TRY_CAST(TRY_CAST({text} AS DOUBLE) * {factor} AS BIGINT))"
    if form == "iso":
        if zone == "UTC":
            return f"TRY_CAST({text} AS TIMESTAMPTZ)"
        return (
            f"CASE WHEN regexp_matches({text}, {literal(_HAS_ZONE)}) AND length({text}) > 10 "
            f"THEN TRY_CAST({text} AS TIMESTAMPTZ) ELSE timezone({literal(zone)}, TRY_CAST({text} AS"
            f" TIMESTAMP)) END"
        )
    if "%z" in form:
        return f"timezone('UTC', CAST(try_strptime({text}, {literal(form)}) AS TIMESTAMP))"
    return f"timezone({literal(zone)}, CAST(try_strptime({text}, {literal(form)}) AS TIMESTAMP))"


def tag_list(text: str, separator: str) -> str:
    """Text to a list of trimmed, distinct, non-empty tags."""
    bare = f"regexp_replace({text}, '^[\\[({{]|[\\])}}]$', '', 'g')"
    parts = f"list_transform(string_split({bare}, {literal(separator)}), lambda x: trim(trim(x), ' \"'''))"
    return f"list_distinct(list_filter({parts}, lambda x: x <> ''))"
