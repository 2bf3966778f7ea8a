"""What an account is set up with: fields, statuses, brands, forms, teams, targets, hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors._zendesk_table import as_json, instant, micros, native_id, text
from connectors._zendesk_zones import iana_zone
from core.stream import Reject

Row = dict[str, Any]
# Fields that a ticket has anyway; they are no attributes of their own.
_OWN = frozenset(
    "subject description status tickettype type priority basic_priority group assignee custom_status".split()
)
_TARGETS = {
    "first_reply_time": "first_reply", "next_reply_time": "next_reply", "total_resolution_time": "resolution",
}  # fmt: skip


@dataclass
class Names:
    """What numbers in tickets stand for."""

    fields: dict[str, str] = field(default_factory=dict)  # field id to the key of the attribute
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)  # id to (category, label)
    brands: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)


def field_keys(rows: Sequence[Row], known: Mapping[str, str]) -> dict[str, str]:
    """Field id to attribute key: the title a field had when it was first seen, made unique by its id.

    A key stays when the field is renamed, so that one attribute does not become two.
    """
    keys = dict(known)
    taken = set(keys.values())
    for row in rows:
        number = str(row.get("id"))
        if number in keys or row.get("type") in _OWN:
            continue
        title = (text(row.get("title")) or "").strip() or f"field {number}"
        keys[number] = title if title not in taken else f"{title} ({number})"
        taken.add(keys[number])
    return keys


def field_definitions(rows: Iterable[Row], keys: Mapping[str, str]) -> list[Row]:
    """Rows of field_definitions."""
    return [
        {
            "field_key": keys[str(row["id"])], "native_id": str(row["id"]), "title": text(row.get("title")),
            "type": row.get("type"), "options": as_json(_options(row)), "active": bool(row.get("active", True)),
        }
        for row in rows if str(row.get("id")) in keys
    ]  # fmt: skip


def _options(row: Row) -> list[dict[str, str]]:
    found = row.get("custom_field_options") or []
    return [{"name": str(one.get("name")), "value": str(one.get("value"))} for one in found]


def status_names(rows: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """Custom status id to its category (which is one of Zendesk's own statuses) and label."""
    return {
        str(row.get("id")): (
            str(row.get("status_category") or ""),
            text(row.get("agent_label")) or str(row.get("status_category") or ""),
        )
        for row in rows
    }


def labels(rows: Iterable[Row]) -> dict[str, str]:
    """Id to name."""
    return {str(row.get("id")): text(row.get("name")) or str(row.get("id")) for row in rows}


def team_rows(groups: Iterable[Row]) -> list[Row]:
    """Groups are our teams."""
    return [
        {
            "team_id": native_id(row.get("id")), "name": text(row.get("name")),
            "source_version": micros(row.get("updated_at")), "is_deleted": bool(row.get("deleted")),
        }
        for row in groups
    ]  # fmt: skip


def member_rows(memberships: Iterable[Row]) -> list[Row]:
    """Who is in which team, since when."""
    return [
        {
            "team_id": native_id(row.get("group_id")), "person_id": native_id(row.get("user_id")),
            "valid_from": instant(row.get("created_at")), "source_version": micros(row.get("updated_at")),
        }
        for row in memberships
    ]  # fmt: skip


def organization_rows(organizations: Iterable[Row]) -> list[Row]:
    """Organizations with their domains."""
    return [
        {
            "organization_id": native_id(row.get("id")), "name": text(row.get("name")),
            "domains": [str(text(domain)) for domain in row.get("domain_names") or []],
            "custom_fields": as_json(kept(row.get("organization_fields"))),
            "source_version": micros(row.get("updated_at")), "is_deleted": bool(row.get("deleted_at")),
        }
        for row in organizations
    ]  # fmt: skip


def kept(fields: Any) -> dict[str, Any]:
    """Attributes that hold something."""
    found = fields if isinstance(fields, Mapping) else {}
    return {str(k): v for k, v in found.items() if v is not None and v != "" and v != []}


def sla_rows(policies: Iterable[Row], names: Names) -> list[Row]:
    """One row for each policy, metric and priority, in the order in which the account tries them."""
    return [
        {
            "policy_id": f"{policy.get('id')}:{metric.get('metric')}:{metric.get('priority')}",
            "name": text(policy.get("title")), "metric": _TARGETS.get(str(metric.get("metric")), metric.get("metric")),
            "priority": metric.get("priority"), "target_seconds": _seconds(metric),
            "business_hours": bool(metric.get("business_hours")), "filter": as_json(_by_name(policy.get("filter"), names)),
            "position": policy.get("position") if isinstance(policy.get("position"), int) else None,
            "valid_from": instant(policy.get("created_at")), "source_version": micros(policy.get("updated_at")),
        }
        for policy in policies for metric in policy.get("policy_metrics") or []
    ]  # fmt: skip


def _by_name(conditions: Any, names: Names) -> Any:
    """Conditions on brands and forms speak of their names, as the tickets do."""
    if not isinstance(conditions, Mapping):
        return conditions
    return {
        kind: [_named(one, names) for one in told] if isinstance(told, list) else told
        for kind, told in conditions.items()
    }


def _named(one: Any, names: Names) -> Any:
    field_name = one.get("field") if isinstance(one, Mapping) else None
    for known, our_name, labelled in (
        ("brand_id", "brand", names.brands), ("ticket_form_id", "custom:Ticket form", names.forms)
    ):  # fmt: skip
        label = labelled.get(str(one.get("value"))) if field_name == known else None
        if label is not None:
            return {**one, "field": our_name, "value": label}
    return one


def _seconds(metric: Row) -> int | None:
    seconds, minutes = metric.get("target_in_seconds"), metric.get("target")
    if seconds is not None:
        return int(seconds)
    return None if minutes is None else int(minutes) * 60


def schedule_rows(
    schedules: Iterable[Row], holidays: Mapping[str, Sequence[Row]]
) -> tuple[list[Row], list[Reject]]:
    """Business hours, with a note for each whose zone nobody knows: its hours are kept, unused."""
    rows: list[Row] = []
    notes: list[Reject] = []
    for row in schedules:
        number, zone = str(row.get("id")), iana_zone(row.get("time_zone"))
        if zone is None:
            notes.append(_unknown_zone(row))
        rows.append(
            {
                "schedule_id": number, "name": text(row.get("name")), "iana_tz": zone,
                "native_tz": text(row.get("time_zone")),
                "intervals": as_json([[i.get("start_time"), i.get("end_time")] for i in row.get("intervals") or []]),
                "holidays": as_json([_holiday(day) for day in holidays.get(number, [])]),
                "source_version": micros(row.get("updated_at")),
            }
        )  # fmt: skip
    return rows, notes


def _holiday(row: Row) -> dict[str, Any]:
    return {"name": text(row.get("name")), "from": row.get("start_date"), "to": row.get("end_date")}


def _unknown_zone(row: Row) -> Reject:
    return Reject(
        "schedules",
        f"row kept: its time zone {row.get('time_zone')!r} is not known, so its hours are not used",
        native_id=str(row.get("id")),
        field="iana_tz",
        sample=text(row.get("time_zone")),
    )
