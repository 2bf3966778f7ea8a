"""Which conversations a target is for, as SQL over the rows `s` of their states (see sla_applications.sql).

Columns of a state: channel, native_channel, type, product, brand, language, organization, organization_id, tags
(lower case), custom_fields, priority and the team of that moment (team, team_id). Capitals make no difference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.conditions import CUSTOM

# Dimension to the columns that may hold its value: a name, and the source's own word or id.
COLUMNS: dict[str, tuple[str, ...]] = {
    "channel": ("channel", "native_channel"),
    "team": ("team", "team_id"),
    "brand": ("brand",),
    "product": ("product",),
    "type": ("type",),
    "organization": ("organization", "organization_id"),
    "language": ("language",),
    "priority": ("priority",),
}
TAGS = "s.tags"
# What helpdesks call the fields in the conditions of their policies.
FIELDS = {
    "group": "team", "group_id": "team", "team_id": "team", "organization_id": "organization", "brand_id": "brand",
    "tags": "tag", "current_tags": "tag", "via": "channel", "via_id": "channel", "current_via_id": "channel",
    "ticket_type": "type",
}  # fmt: skip
_VIA = {"mail": "email", "web_form": "web", "web form": "web"}
_FIELD_PREFIXES = ("ticket_fields_", "custom_fields_")


class Unreadable(Exception):
    """A condition that cannot be evaluated; says which."""


def sql_text(text: str) -> str:
    """A literal. DuckDB knows no escapes but the doubled quote; a NUL would end the statement."""
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def of_settings(sources: Sequence[str], where: Mapping[str, Sequence[str]]) -> str:
    """The condition of a target in the settings: values of one dimension are alternatives."""
    parts = [f"s.source_id IN ({', '.join(map(sql_text, sources))})"] if sources else []
    parts += [_any_of(_values_of(dimension), values) for dimension, values in sorted(where.items())]
    return " AND ".join(parts) or "true"


def of_policy(text: str | None, fields: Mapping[str, str]) -> str:
    """The condition of a source's policy: JSON {all: [{field, operator, value}], any: [...]}.

    `fields` leads from a custom field's own id to its key. Raises Unreadable.
    """
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        raise Unreadable("its filter is not JSON") from None
    told = {} if told is None else told
    if not isinstance(told, dict) or not told.keys() <= {"all", "any"}:
        raise Unreadable('its filter is not {"all": [...], "any": [...]}')
    every = [_condition(one, fields) for one in _list(told.get("all"))]
    some = [_condition(one, fields) for one in _list(told.get("any"))]
    if some:
        every.append(f"({' OR '.join(some)})")
    return " AND ".join(every) or "true"


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable("its conditions are not a list")
    return value


def _condition(one: Any, fields: Mapping[str, str]) -> str:
    if not isinstance(one, dict) or not isinstance(one.get("field"), str):
        raise Unreadable("one of its conditions names no field")
    name, operator = one["field"], str(one.get("operator") or "is")
    dimension = _dimension(name, fields)
    held = _values_of(dimension)
    values = _texts(one.get("value"), dimension, name)
    if operator in ("present", "not_present") or (operator in ("is", "is_not") and not values):
        empty = f"len({held}) = 0"
        return empty if operator in ("is", "not_present") else f"NOT {empty}"
    if operator in ("is", "includes", "is_not", "not_includes") and values:
        found = _any_of(held, values)
        return found if operator in ("is", "includes") else f"NOT {found}"
    raise Unreadable(f"the condition {name} {operator}")


def _dimension(name: str, fields: Mapping[str, str]) -> str:
    for prefix in _FIELD_PREFIXES:
        if name.startswith(prefix):
            number = name.removeprefix(prefix)
            if number not in fields:
                raise Unreadable(f"a condition on the unknown field {name}")
            return CUSTOM + fields[number]
    dimension = FIELDS.get(name, name)
    if dimension not in COLUMNS and dimension != "tag" and not dimension.startswith(CUSTOM):
        raise Unreadable(f"a condition on {name}")
    return dimension


def _texts(value: Any, dimension: str, name: str) -> list[str]:
    """The values of a condition as texts; tags come as words."""
    given = value if isinstance(value, list) else [] if value in (None, "") else [value]
    if any(isinstance(one, dict | list) for one in given):
        raise Unreadable(f"the value of the condition on {name}")
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in given]
    if dimension == "tag":
        return [word for text in texts for word in text.replace(",", " ").split()]
    if dimension == "channel":
        if any(text.isdecimal() for text in texts):
            raise Unreadable(f"a condition on {name} by number")
        return [_VIA.get(text.lower(), text) for text in texts]
    return texts


def _values_of(dimension: str) -> str:
    """SQL: the list of values that a state has in a dimension, in lower case, without empty ones."""
    if dimension == "tag":
        return f"coalesce({TAGS}, [])"
    if dimension.startswith(CUSTOM):
        return _custom_values(dimension.removeprefix(CUSTOM))
    columns = ", ".join(f"lower(s.{column})" for column in COLUMNS[dimension])
    return f"list_filter([{columns}], lambda v: coalesce(v, '') <> '')"


def _custom_values(key: str) -> str:
    """A field of several choices holds a list. The key is a JSON pointer, so that any text can be one."""
    place = sql_text("/" + key.replace("~", "~0").replace("/", "~1"))
    many = f"""from_json(json_extract(s.custom_fields, {place}), '["VARCHAR"]')"""
    one = f"[json_extract_string(s.custom_fields, {place})]"
    told = f"CASE json_type(s.custom_fields, {place}) WHEN 'ARRAY' THEN {many} ELSE {one} END"
    return f"list_filter(list_transform({told}, lambda v: lower(v)), lambda v: coalesce(v, '') <> '')"


def _any_of(held: str, values: Sequence[str]) -> str:
    wanted = ", ".join(f"lower({sql_text(value)})" for value in values)
    return f"list_has_any({held}, [{wanted}])"
