"""Which attributes of customers there are, and which of them numbers can be split by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import floor, log10
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from store.writer import Writer

Kind = Literal["text", "number", "month", "year"]
MOST_ATTRIBUTES = 30
MOST_VALUES = 100  # a filter list longer than this is no filter any more
FEW_VALUES = 12  # so many different values are a choice, whatever they look like
SIGNED_UP = "signed_up"
# Numbers that name something instead of measuring it.
_NAMES_SOMETHING = re.compile(
    r"(^|_)(id|ids|code|zip|postcode|postal|plz|phone|mobile|fax|vat|iban|number|no|nr)(_|$)"
)
_PERSONAL = r"@|^\+?[0-9][0-9 ()/.-]{7,}$|^https?://"
# Columns of the facts and words of the address line that an attribute must not hide.
_TAKEN = frozenset(
    "source channel team agent priority status product topic language sentiment tag organization requester brand "
    "type period dates compare grain parts page text name day custom q moved uncounted refresh summary".split()
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `edges` are where the bands of a number begin; `reason` says why it is no dimension."""

    name: str
    title: str
    kind: Kind
    holders: int
    distinct_values: int
    is_dimension: bool
    reason: str = ""
    edges: tuple[float, ...] = ()

    def sql(self, value: str) -> str:
        """SQL of the text that is shown for a native value."""
        if self.kind == "month":
            return f"left({value}, 7)"
        if self.kind == "year":
            return f"left({value}, 4)"
        if self.kind == "number" and self.edges:
            number = f"TRY_CAST({value} AS DOUBLE)"
            bands = [
                f"WHEN {number} < {edge!r} THEN '{_band(self.edges, i)}'" for i, edge in enumerate(self.edges)
            ]
            return f"CASE {' '.join(bands)} ELSE '{_band(self.edges, len(self.edges))}' END"
        return value


@cache
def name_of(title: str) -> str:
    """The name of an attribute: its title in lower case, one underscore between words.

    A name that is taken by something else is prefixed: the plan type of a CRM is `customer_type`.
    """
    bare = re.sub(r"[^\w]+", "_", unicodedata.normalize("NFKC", title).casefold()).strip("_")[:60]
    return f"customer_{bare}" if bare in _TAKEN else bare


def collect(writer: Writer) -> list[Attribute]:
    """What all holders say, and the temporary table `attribute_values` of it, as it is shown.

    Needs the temporary table `talking`. An attribute's kind and bands follow from all holders, whoever asks.
    """
    _read(writer)
    rows = writer.query(_STATISTICS).to_pylist()
    found = [_judged(row) for row in rows]
    usable = sorted((a for a in found if a.is_dimension), key=lambda a: (-a.holders, a.name))
    for extra in usable[MOST_ATTRIBUTES:]:
        found[found.index(extra)] = _without(extra, f"there are {MOST_ATTRIBUTES} that more customers have")
    _write(writer, [a for a in found if a.is_dimension])
    return found


_EACH = """
  SELECT h.source_id, '{holder}' AS holder, h.{id} AS id, e.key AS title,
    nullif(trim(json_extract_string(e.value, '$')), '') AS value
  FROM {table} h, json_each(h.custom_fields) e
  WHERE NOT coalesce(h.is_deleted, false) AND json_type(h.custom_fields) = 'OBJECT'
    AND e.type NOT IN ('OBJECT', 'ARRAY', 'NULL'){also}"""
# Of the people of a source without conversations the creation date is the day on which they became customers.
_SINCE = f"""
  SELECT source_id, 'person', person_id, '{SIGNED_UP}', created_at::DATE::VARCHAR
  FROM people WHERE created_at IS NOT NULL AND NOT coalesce(is_deleted, false) AND source_id NOT IN (FROM talking)"""


def _read(writer: Writer) -> None:
    """The temporary table `attribute_raw`: one row a holder and field."""
    no_staff = " AND coalesce(h.kind, 'customer') NOT IN ('agent', 'bot')"
    people = _EACH.format(holder="person", id="person_id", table="people", also=no_staff)
    organizations = _EACH.format(holder="organization", id="organization_id", table="organizations", also="")
    writer.execute(
        f"CREATE OR REPLACE TEMP TABLE attribute_told AS {people} UNION ALL {organizations} UNION ALL {_SINCE}"
    )
    titles = writer.query("SELECT DISTINCT title FROM attribute_told ORDER BY 1")["title"].to_pylist()
    writer.execute("CREATE OR REPLACE TEMP TABLE attribute_names (title VARCHAR, name VARCHAR)")
    for title in titles:
        if name_of(title):
            writer.execute("INSERT INTO attribute_names VALUES (?, ?)", [title, name_of(title)])
    # Two titles that are one name: the first in the alphabet counts.
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE attribute_raw AS
        SELECT source_id, holder, id, name, arg_min(value, title) AS value, min(title) AS title
        FROM attribute_told JOIN attribute_names USING (title) WHERE value IS NOT NULL
        GROUP BY source_id, holder, id, name""")


_NUMBER = "CASE WHEN isfinite(TRY_CAST(value AS DOUBLE)) THEN TRY_CAST(value AS DOUBLE) END"
_DAY = "CASE WHEN regexp_matches(value, '^\\d{4}-\\d{2}-\\d{2}([ T]|$)') THEN TRY_CAST(left(value, 10) AS DATE) END"
_STATISTICS = f"""
  SELECT name, min(title) AS title, count(*) AS holders, count(DISTINCT value) AS distinct_values,
    count({_NUMBER}) AS numbers, count({_DAY}) AS days, min({_DAY}) AS first_day, max({_DAY}) AS last_day,
    bool_or(regexp_matches(value, '^0[0-9]')) AS has_zeros, max(length(value)) AS longest,
    count(*) FILTER (regexp_matches(value, '{_PERSONAL}')) AS personal,
    min({_NUMBER}) AS least, quantile_disc({_NUMBER}, [0.25, 0.5, 0.75, 0.9, 0.98]) AS quantiles
  FROM attribute_raw GROUP BY name ORDER BY name"""


def _judged(row: Mapping[str, Any]) -> Attribute:
    n, distinct, name = row["holders"], row["distinct_values"], row["name"]

    def attribute(kind: Kind, reason: str = "", edges: tuple[float, ...] = ()) -> Attribute:
        return Attribute(name, row["title"], kind, n, distinct, not reason, reason, edges)

    if row["days"] == n:
        near = (row["last_day"] - row["first_day"]).days <= 731
        return attribute("month" if near else "year")
    measures = row["numbers"] == n and not row["has_zeros"] and not _NAMES_SOMETHING.search(name)
    if measures and distinct > FEW_VALUES:
        return attribute("number", edges=_edges(row["quantiles"], row["least"]))
    if row["personal"] * 2 >= n and not measures:
        return attribute("text", "its values are addresses or telephone numbers")
    if row["longest"] > 80 or distinct > MOST_VALUES or (distinct > FEW_VALUES and distinct * 2 > n):
        return attribute("text", f"{distinct} different values in {n} are free text")
    return attribute("text")


def _without(attribute: Attribute, reason: str) -> Attribute:
    return Attribute(attribute.name, attribute.title, attribute.kind, attribute.holders,
                     attribute.distinct_values, False, reason, attribute.edges)  # fmt: skip


def _edges(quantiles: list[float], least: float) -> tuple[float, ...]:
    """Quartiles moved to the nearest 1, 2 or 5 times a power of ten, so that new customers rarely move them.

    Where most values are the least one, the largest tenth decides.
    """
    return tuple(sorted({edge for q in quantiles if (edge := _round(q)) > least})[:3])


def _round(number: float) -> float:
    if number == 0:
        return 0.0
    power = 10.0 ** floor(log10(abs(number)))
    step = min((1, 2, 5, 10), key=lambda s: (abs(abs(number) / power - s), s))
    return float(f"{(step * power if number > 0 else -step * power):.12g}")


def _band(edges: tuple[float, ...], position: int) -> str:
    if position == 0:
        return f"under {_short(edges[0])}"
    low = _short(edges[position - 1])
    return f"{low} to under {_short(edges[position])}" if position < len(edges) else f"{low} and more"


def _short(number: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def _write(writer: Writer, usable: list[Attribute]) -> None:
    cases = " ".join(f"WHEN '{a.name}' THEN {a.sql('value')}" for a in usable)
    names = ", ".join(f"'{a.name}'" for a in usable) or "''"
    writer.execute(f"""
        CREATE OR REPLACE TEMP TABLE attribute_values AS
        SELECT source_id, holder, id, name, {f"CASE name {cases} END" if cases else "value"} AS value
        FROM attribute_raw WHERE name IN ({names})""")
