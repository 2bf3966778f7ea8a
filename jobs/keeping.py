"""What a refresh keeps of itself in the warehouse: its finished sources, and masked samples of rejects."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from store import state
from store.runs import RunLog
from store.writer import Writer


def masker(writer: Writer) -> Callable[[str], str]:
    """Masks reject samples; the known names are collected when the first one needs them."""

    @lru_cache(maxsize=1)
    def names() -> frozenset[str]:
        from enrich.redaction import known_names

        return known_names(writer)

    def mask(text: str) -> str:
        from enrich import redaction

        return redaction.mask(text, names())

    return mask


def save_runs(log: RunLog, run_id: str, writer: Writer) -> None:
    """Finished sources are kept in the warehouse too."""
    logged = log.get(run_id)
    rows = [
        {
            "run_id": run_id, "source_id": part.source_id, "trigger": part.trigger, "status": part.status,
            "started_at": part.started_at, "finished_at": part.finished_at, "heartbeat_at": part.heartbeat_at,
            "phase": part.phase, "pages": part.pages, "rows_read": part.rows_read,
            "rows_inserted": part.rows_inserted, "rows_updated": part.rows_updated,
            "rows_unchanged": part.rows_unchanged, "rows_rejected": part.rows_rejected,
            "rows_deleted": part.rows_deleted, "requests": part.requests, "retries": part.retries,
            "bytes": part.bytes, "rate_limited_seconds": part.rate_limited_seconds,
            "next_attempt_at": part.next_attempt_at, "error_code": part.error_code,
            "error_message": part.error_message,
        }
        for part in (logged.sources if logged else ())
    ]  # fmt: skip
    with writer.transaction():
        state.save_runs(writer.con, rows)
