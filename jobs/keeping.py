"""What a refresh keeps of itself in the warehouse: its finished sources, and masked samples of rejects."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from core.home import Home
from core.settings import Settings
from jobs import on_record
from store import state
from store.barred import Barred
from store.erasures import tombstones
from store.runs import RunLog
from store.writer import Writer

if TYPE_CHECKING:
    from enrich.redaction import Redaction

logger = logging.getLogger(__name__)


def masker(writer: Writer, settings: Settings) -> Callable[[str], str]:
    """Masks reject samples; the known names are collected when the first one needs them."""

    @lru_cache(maxsize=1)
    def redaction() -> Redaction:
        from enrich.redaction import known_names, redaction_of

        return redaction_of(settings.masking, known_names(writer))

    def mask(text: str) -> str:
        return redaction().mask(text)

    return mask


class Covering:
    """Masks texts before they are stored, and keeps account of what was masked, by kind."""

    def __init__(self, writer: Writer, settings: Settings) -> None:
        from enrich.placeholders import Placeholders

        self._writer, self._settings = writer, settings
        self._put = Placeholders()

    def __call__(self, names: frozenset[str]) -> Callable[[str], str]:
        """The mask for a stage that speaks of these people, with everybody known so far."""
        from enrich.redaction import known_names, redaction_of

        redaction = redaction_of(self._settings.masking, known_names(self._writer) | names)
        return lambda text: redaction.mask(text, self._put)

    def tell(self) -> None:
        """One line of the log: numbers alone."""
        if self._put.masked:
            logger.info("masked before storage", extra={"masked": dict(sorted(self._put.masked.items()))})


def before(log: RunLog) -> str:
    """What became of the newest refresh in the log, in a sentence; empty where it ended well."""
    last = next(iter(log.recent(1)), None)
    if last is None or last.status in ("ok", "running"):
        return ""
    where = f" while it was in the phase {last.phase}" if last.phase and last.status == "interrupted" else ""
    told = (
        f"the refresh before, of {last.started_at:%Y-%m-%d %H:%M} UTC, ended {last.status}{where}: "
        f"{last.error_message or 'a part of it could not be read.'}"
    )
    logger.warning(told)
    return told


def barred(home: Home) -> Barred:
    """What was erased and may not come back, also where the workspace that knew it was lost."""
    on_record.take_over(home)
    return Barred(tombstones(home))


def settle(writer: Writer) -> None:
    """After reading: what was learned of erased persons is kept, and one line of the log says that some came again."""
    if writer.barred is not None:
        writer.barred.settle(writer)
        if writer.barred.rows:
            logger.info("erased persons were kept out", extra={"rows": writer.barred.rows})


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
