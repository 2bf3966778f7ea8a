"""Which SLA policy Zendesk applied to a ticket and when: the export of ticket metric events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors._zendesk_api import Api, Row
from connectors._zendesk_export import Export, Marks
from connectors._zendesk_table import MICROSECONDS, batches, instant, micros, native_id
from core.stream import Item, Progress

STREAM = "ticket_metric_events"


def target_events(api: Api, state: Mapping[str, Mapping[str, Any]], start_at: int) -> Export:
    """The export, read like that of ticket events."""

    def take(data: Row, rows: list[Row]) -> Iterator[Item]:
        yield from batches({"conversation_events": applied_rows(rows)})

    def settle() -> Iterator[Item]:
        # A second with more events than a page cannot be read by time, and no ticket tells its own.
        while export.marks.crowded:
            second = export.marks.crowded.pop(0)
            export.marks.uncrowded.append(second)
            yield Progress(f"SLA events of {instant(second)} are left out: there are more than a page holds")

    export = Export(
        api, STREAM, f"incremental/{STREAM}.json", STREAM, "zendesk_time", Marks.read(state.get(STREAM)), take, _time,
        settle, start_at=start_at,
    )  # fmt: skip
    return export


def applied_rows(rows: list[Row]) -> list[Row]:
    """The events that apply a policy; clocks that start, stop and run out follow from it and are left out."""
    return [
        {
            "event_id": f"sla:{row.get('id')}", "conversation_id": native_id(row.get("ticket_id")),
            "occurred_at": instant(row.get("time")), "actor_role": "system", "field": "sla",
            "new_value": _policy(row), "is_derived": False, "source_version": micros(row.get("time")),
        }
        for row in rows
        if row.get("type") == "apply_sla" and row.get("ticket_id") is not None and _policy(row) is not None
    ]  # fmt: skip


def _policy(row: Row) -> str | None:
    applied = row.get("sla")
    policy = applied.get("policy") if isinstance(applied, Mapping) else None
    return native_id(policy.get("id")) if isinstance(policy, Mapping) else None


def _time(row: Row) -> int | None:
    moment = micros(row.get("time"))
    return None if moment is None else moment // MICROSECONDS
