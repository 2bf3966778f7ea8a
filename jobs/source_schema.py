"""What a source of a kind can be told: the settings of its connector as a list of fields that a form can draw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.base import CONNECTORS, Connector
from core.settings import Source
from core.stream import KEYS

FieldType = Literal[
    "text", "long_text", "secret", "whole", "number", "switch", "yes_no", "date", "choice", "list", "pairs", "relation", "json"
]  # fmt: skip
Group = Literal["connection", "read", "more", "advanced", "schedule"]
GROUPS: dict[Group, str] = {
    "connection": "Connection", "read": "What to read", "more": "More that it may hold",
    "schedule": "When to read it", "advanced": "Advanced",
}  # fmt: skip
_CONNECTION = re.compile(
    r"path|dsn|(base_)?url|uri|hosts?|port|user(name)?|database|dbname|account|subdomain|email|bucket|prefix|pattern|region|"
    r"endpoint_url|command|arguments|args|directory|root|folder|auth|handles?|brand_handles?|profile|server"
)
_ADVANCED = re.compile(
    r"ssl.*|tls.*|ca_.*|.*(_s|_ms|_mb|_bytes|_rows|_size|_days|_hours|_h|retries|tries|requests|parallel|overlap.*)"
)
_MAIN = ("conversations", "messages")
_UNITS = {
    "s": "seconds", "ms": "milliseconds", "mb": "MB", "days": "days", "hours": "hours", "h": "hours", "bytes": "bytes",
}  # fmt: skip
_CAPITALS = {
    word.lower(): word for word in "DSN URL URI ID TLS SSL CA CSV SQL API UTC OAuth MCP HTML SLA".split()
} | {"sslmode": "SSL mode", "sslrootcert": "SSL root certificate"}


@dataclass(frozen=True, slots=True)
class Field:
    """One input. `name` is its place in the table, nested ones with dots."""

    name: str
    title: str
    description: str
    type: FieldType
    group: Group
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class KindSchema:
    """One kind of source: what it is, its fields, and the JSON schema they were made from."""

    kind: str
    title: str
    sentence: str
    groups: dict[str, str] = field(default_factory=lambda: {str(k): v for k, v in GROUPS.items()})
    fields: tuple[Field, ...] = ()
    json_schema: dict[str, Any] = field(default_factory=dict)


def kind_schema(kind: str) -> KindSchema:
    """One kind. Raises ConfigError with the known kinds."""
    connector = CONNECTORS.get(kind)
    schema = connector.Config.model_json_schema()
    found = tuple(_fields(schema, schema, connector))
    own = [f for f in _schedule_fields() if f.name not in {one.name for one in found}]
    return KindSchema(
        kind,
        connector.title or kind.capitalize(),
        _sentence(connector),
        fields=(*found, *own),
        json_schema=schema,
    )


def all_kinds() -> list[KindSchema]:
    """Every registered kind."""
    return [kind_schema(kind) for kind in CONNECTORS.names()]


def _sentence(connector: type[Connector]) -> str:
    first = (connector.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split())


def _schedule_fields() -> Iterator[Field]:
    """Settings that every source has besides its name and kind."""
    schema = Source.model_json_schema()
    for name, about in schema.get("properties", {}).items():
        if name not in ("name", "kind", "enabled"):
            yield _field(name, _flat(about, schema), "schedule", required=False)


def _fields(
    schema: Mapping[str, Any], whole: Mapping[str, Any], connector: type[Connector]
) -> Iterator[Field]:
    operational = connector.Config.operational
    needed = set(schema.get("required", ()))
    for name, raw in schema.get("properties", {}).items():
        about = _flat(raw, whole)
        group = _group(name, about, name in operational, name in needed)
        parts = set(about.get("properties", ()))
        if {"table", "query"} <= parts:
            yield _field(name, about, "read" if name in _MAIN else "more", required=name in needed)
        elif parts:
            for inner, inner_raw in about["properties"].items():
                yield _field(f"{name}.{inner}", _flat(inner_raw, whole), group, required=False)
        else:
            yield _field(name, about, group, required=name in needed)


def _flat(about: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """A property with its reference followed and `or nothing` taken away."""
    found = dict(about)
    for choice in (*about.get("anyOf", ()), *about.get("allOf", ()), about):
        if "$ref" in choice:
            named = whole.get("$defs", {}).get(choice["$ref"].rsplit("/", 1)[-1], {})
            own = {k: v for k, v in about.items() if k in ("description", "default", "group", "title")}
            return {**{k: v for k, v in named.items() if k != "title"}, **own}
        if choice is not about and choice.get("type") != "null":
            return {**found, **choice, "optional": True}
    return found


def _group(name: str, about: Mapping[str, Any], operational: bool, needed: bool) -> Group:
    chosen = about.get("group")
    if chosen in GROUPS:
        return chosen  # type: ignore[no-any-return]
    if (needed and name not in KEYS) or _is_secret(about) or _CONNECTION.fullmatch(name):
        return "advanced" if name.endswith("_url") and about.get("default") else "connection"
    overrides = str(about.get("description", "")).startswith("Overrides")
    is_nested = bool(about.get("properties"))
    if (
        operational
        or overrides
        or _ADVANCED.fullmatch(name)
        or (_type(name, about) == "json" and not is_nested)
    ):
        return "advanced"
    return "read"


def _field(name: str, about: Mapping[str, Any], group: Group, *, required: bool) -> Field:
    return Field(
        name=name, title=_title(name, about), description=str(about.get("description", "")),
        type=_type(name, about), group=group, required=required, default=about.get("default"),
        choices=tuple(str(choice) for choice in about.get("enum", ())),
        least=about.get("minimum", about.get("exclusiveMinimum")), most=about.get("maximum"),
    )  # fmt: skip


def _is_secret(about: Mapping[str, Any]) -> bool:
    return about.get("format") == "password" or bool(about.get("writeOnly"))


_TYPES: dict[str, FieldType] = {"integer": "whole", "number": "number", "string": "text"}


def _type(name: str, about: Mapping[str, Any]) -> FieldType:
    kind = about.get("type")
    if _is_secret(about):
        return "secret"
    if {"table", "query"} <= set(about.get("properties", ())):
        return "relation"
    if about.get("enum"):
        return "choice"
    if kind == "boolean":
        return "yes_no" if about.get("optional") else "switch"
    if kind == "array" and about.get("items", {}).get("type") in ("string", "integer", "number"):
        return "list"
    values = about.get("additionalProperties")
    if kind == "object" and isinstance(values, dict) and values.get("type") == "string":
        return "pairs"
    if kind == "string" and about.get("format") == "date":
        return "date"
    if kind == "string" and (
        name in KEYS or re.search(r"\b(query|select)\b", str(about.get("description")).lower())
    ):
        return "long_text"
    return _TYPES.get(str(kind), "json")


def _title(name: str, about: Mapping[str, Any]) -> str:
    """The title that the connector gives, or the field's name as words, its unit in brackets."""
    words = re.sub(r"[._]+", " ", name).split()
    given = str(about.get("title", ""))
    if given and given.lower() != " ".join(name.rsplit(".", 1)[-1].split("_")).lower() and "." not in name:
        return given
    unit = f" ({_UNITS[words.pop()]})" if len(words) > 1 and words[-1] in _UNITS else ""
    shown = [_CAPITALS.get(word, word) for word in words]
    shown[0] = shown[0] if words[0] in _CAPITALS else shown[0].capitalize()
    return (f"{shown[0]}: {' '.join(shown[1:])}" if "." in name else " ".join(shown)) + unit
