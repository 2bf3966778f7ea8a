"""The SQL of a match: analytics/vendor.sql with the vendor's metrics written into it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from analytics.vendor_rules import CAUSES, METRICS, WAITS, VendorMetric
from core.settings import Settings
from enrich import acknowledgements
from store.spoken import public

SQL = Path(__file__).with_name("vendor.sql")
_MARK = re.compile(r"(?<!:):([a-z_]+)\b")
_ONLY = "AND (c.source_id, c.conversation_id) IN (SELECT (unnest($2), unnest($3)))"


@cache
def _template() -> str:
    return SQL.read_text(encoding="utf-8")


def statement(
    metrics: tuple[VendorMetric, ...], limit: int, settings: Settings, *, only: bool = False
) -> str:
    """The statement for these metrics: $1 is a source or NULL; with `only`, $2 and $3 are lists of sources and ids.

    Values of settings are quoted; all else comes from the rules.
    """
    # The calendar twin of a business metric is read too: whether it agrees says where a difference comes from.
    read = tuple(one for one in METRICS if one.base in {chosen.base for chosen in metrics})
    values = {
        "only": _ONLY if only else "",
        "structure": _text(_structure(read)),
        "values": ",\n    ".join(_value(one, place) for place, one in enumerate(read)),
        "names": ", ".join(f"'{one.name}'" for one in metrics),
        "compared": ", ".join(f"count(*) FILTER ({_compared(read.index(one), one)})" for one in metrics),
        "equal": ", ".join(f"count(*) FILTER ({_equal(read.index(one), one)})" for one in metrics),
        "differing": "\n  UNION ALL\n  ".join(_differing(read.index(one), one) for one in metrics),
        "metrics": ", ".join(
            f"('{m.name}', '{m.base}', {_text(m.hours)}, '{m.rule}', {m.unit_s}, '{m.moment}')" for m in METRICS
        ),
        "waits": ", ".join(f"('{base}', '{status}')" for base, held in WAITS.items() for status in held),
        "causes": ", ".join(f"('{cause.name}', {rank})" for rank, cause in enumerate(CAUSES)),
        "public": public("m"),
        "acknowledged": str(acknowledgements.CONVERSATIONS),
        "chat_channels": ", ".join(_text(one) for one in settings.counting.chat_channels) or "NULL",
        "chat_silence_min": str(settings.counting.chat_silence_min),
        "limit": str(limit),
    }  # fmt: skip
    return _MARK.sub(lambda found: values.get(found[1], found[0]), _template())


def _text(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def _structure(metrics: tuple[VendorMetric, ...]) -> str:
    """The shape in which DuckDB reads the vendor's values; what has another type is NULL."""
    shape: dict[str, Any] = {"updated_at": "VARCHAR"}
    for metric in metrics:
        *outer, last = metric.path.removeprefix("$.").split(".")
        inside = shape
        for key in outer:
            inside = inside.setdefault(key, {})
        inside[last] = "VARCHAR" if metric.unit == "instant" else "BIGINT"
    return json.dumps(shape)


def _value(metric: VendorMetric, place: int) -> str:
    told = f"t.v.{metric.path.removeprefix('$.')}"
    as_number = f"epoch(try_cast({told} AS TIMESTAMPTZ))::BIGINT" if metric.unit == "instant" else told
    fact = metric.fact if "(" in metric.fact else f"f.{metric.fact}"
    return f"{as_number} AS v{place}, {fact}::BIGINT AS o{place}"


def _compared(place: int, metric: VendorMetric) -> str:
    """Where there is something to compare; none of a thing is nothing on either side."""
    theirs, ours = f"v{place}", f"o{place}"
    if metric.rule == "wait":
        both = f"({theirs} IS NOT NULL AND {ours} IS NOT NULL)"
        return f"({both} OR coalesce({theirs}, 0) <> 0 OR coalesce({ours}, 0) <> 0)"
    if metric.rule == "count":
        return f"({theirs} IS NOT NULL AND ({ours} IS NOT NULL OR {theirs} <> 0))"
    return f"({theirs} IS NOT NULL OR {ours} IS NOT NULL)"


def _equal(place: int, metric: VendorMetric) -> str:
    return f"coalesce(excluded_because IS NULL AND v{place} = o{place} // {metric.unit_s}, false)"


def _differing(place: int, metric: VendorMetric) -> str:
    agrees = "false"
    if metric.hours == "business":
        twin = place - 1
        agrees = f"coalesce(v{twin} = o{twin} // 60, false)"
    return (
        f"SELECT '{metric.name}' AS metric, source_id, conversation_id, told_at, v{place} AS theirs, o{place} AS ours, "
        f"excluded_because, coalesce(v{place} = o{place} // {metric.unit_s}, false) AS same, "
        f"{agrees} AS calendar_agrees FROM wide WHERE {_compared(place, metric)} AND NOT {_equal(place, metric)}"
    )
