"""Fields of the sources' own that numbers can be filtered and split by: those with a list of what they can be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.viewer import Viewer
from store.reader import Reader

MOST_VALUES = 50  # a field with more is no list to choose from
LONGEST = 60  # characters; longer ones are somebody's words
MOST_FIELDS = 40  # of which values are counted
LOOKED_AT = 20_000  # conversations in which a field shows first that it has too many values
_SAID = """
  SELECT unnest(?::VARCHAR[]) AS field_key, nullif(unnest(json_extract_string(custom_fields, ?::VARCHAR[])), '') AS value
  FROM (SELECT custom_fields FROM {conversations} WHERE is_deleted IS NOT TRUE AND custom_fields IS NOT NULL LIMIT ?)"""


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field and what it can be: (value, conversations), the most frequent first.

    Where its source tells what it can be, that, in the source's order and without numbers (0).
    """

    key: str
    title: str
    values: tuple[tuple[str, int], ...]


def known_fields(reader: Reader, *, viewer: Viewer) -> dict[str, str]:
    """Every field that a source sends, also of free text: key to title."""
    return {key: title for key, (title, _) in _defined(reader, viewer).items()}


def own_fields(reader: Reader, *, viewer: Viewer) -> list[OwnField]:
    """Fields with a list of what they can be, by title: told by the source, or few values in what the viewer may see.

    Fields of free text have none, and to who may not see names of customers neither has one that holds addresses.
    """
    defined = _defined(reader, viewer)
    told = {key: _choices(options) for key, (_, options) in defined.items() if options}
    found = _counted(reader, [key for key in defined if not told.get(key)], viewer)
    fields = [
        OwnField(key, title, tuple((value, 0) for value in told.get(key, ())) or found.get(key, ()))
        for key, (title, _) in defined.items()
    ]
    return [field for field in fields if field.values]


def _defined(reader: Reader, viewer: Viewer) -> dict[str, tuple[str, str | None]]:
    """Key to title and options, by title; a column that nobody gave a title is called like its key."""
    rows = reader.query(
        """SELECT field_key, any_value(coalesce(title, field_key)) AS title, any_value(options)::VARCHAR AS options
           FROM {field_definitions} WHERE active IS NOT FALSE GROUP BY field_key ORDER BY field_key""",
        viewer=viewer,
    ).to_pylist()
    found = {row["field_key"]: (_title(row["field_key"], row["title"]), row["options"]) for row in rows}
    return dict(sorted(found.items(), key=lambda field: field[1][0].lower()))


def _title(key: str, title: str) -> str:
    return key.replace("_", " ").capitalize() if title == key else title


def _choices(options: str) -> tuple[str, ...]:
    """Values of a field's options, which come as texts or as objects with a value."""
    told = json.loads(options)
    values = (one.get("value") if isinstance(one, dict) else one for one in told if one is not None)
    return tuple(dict.fromkeys(str(value) for value in values if value not in (None, "")))


def _counted(reader: Reader, keys: Sequence[str], viewer: Viewer) -> dict[str, tuple[tuple[str, int], ...]]:
    """The values of fields that have few, by key. All conversations are read only for fields that look like it."""
    chosen = _with_few(reader, [key for key in keys if '"' not in key], viewer)
    if not chosen:
        return {}
    sql = f"""SELECT field_key, value, count(*) AS n FROM ({_SAID}) WHERE value IS NOT NULL GROUP BY field_key, value
              QUALIFY count(*) OVER (PARTITION BY field_key) <= {MOST_VALUES} ORDER BY n DESC, value"""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in reader.query(sql, [*_asked(chosen), None], viewer=viewer).to_pylist():
        found.setdefault(row["field_key"], []).append((row["value"], row["n"]))
    return {key: tuple(values) for key, values in found.items() if _is_a_list(values, viewer)}


def _with_few(reader: Reader, keys: Sequence[str], viewer: Viewer) -> list[str]:
    """The fields that have few short values in some conversations, those most often filled in; unseen ones too."""
    if not keys:
        return []
    sql = f"""SELECT field_key, count(*) AS n, count(DISTINCT value) AS values, max(length(value)) AS longest
              FROM ({_SAID}) WHERE value IS NOT NULL GROUP BY field_key"""
    seen = {
        row["field_key"]: row
        for row in reader.query(sql, [*_asked(keys), LOOKED_AT], viewer=viewer).to_pylist()
    }
    few = [
        key for key in keys
        if key not in seen or (seen[key]["values"] <= MOST_VALUES and seen[key]["longest"] <= LONGEST)
    ]  # fmt: skip
    return sorted(few, key=lambda key: -seen[key]["n"] if key in seen else 0)[:MOST_FIELDS]


def _asked(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    return list(keys), [f'$."{key}"' for key in keys]


def _is_a_list(values: Sequence[tuple[str, int]], viewer: Viewer) -> bool:
    """Whether these are values to choose from: short, and at least one of them said more than once."""
    is_short = all(len(value) <= LONGEST for value, _ in values)
    names_somebody = not viewer.may("unmasked") and any("@" in value for value, _ in values)
    return is_short and not names_somebody and any(n > 1 for _, n in values)
