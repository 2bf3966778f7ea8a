"""Whether a source is well, in one word and one reason, from what its last runs say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from core import clock
from core.home import Home
from core.settings import Settings
from core.timer import every_of, next_due
from core.viewer import Viewer
from store.horizon import kept_since, loaded_back_to
from store.lock import TIMER, holder
from store.runs import GOOD, Run, RunLog

if TYPE_CHECKING:
    from store.reader import Reader

Level = Literal["ok", "warn", "fail", "never"]
MANY_REJECTED = 0.05  # of the rows of a run: more than that is worth a look
LATE_FACTOR = 3  # so many missed turns of the timer make a source late
LATE_AT_LEAST = timedelta(hours=1)
_FAILED = ("failed", "interrupted")


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is. `level` is green, yellow, red, or not known yet; `word` and `reason` say it."""

    level: Level
    word: str
    reason: str
    next_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    history_back_to: datetime | None = None
    reading: bool = False


def sources_health(
    home: Home, settings: Settings, *, reader: Reader | None, viewer: Viewer, log: RunLog | None = None
) -> dict[str, Health]:
    """The health of every configured source. A next reading is named only while a timer runs."""
    log = log or RunLog(home)
    runs, successes = log.of_sources(), log.last_ended()
    back = loaded_back_to(reader, viewer=viewer) if reader is not None else {}
    kept = kept_since(reader, viewer=viewer) if reader is not None else {}
    now, timed = clock.now(), holder(home, TIMER) is not None
    found = {}
    for source in settings.sources:
        own = runs.get(source.name, [])
        due = next_due(settings, source, now=now, last_started_at=own[0].started_at if own else None)
        found[source.name] = source_health(
            own, now=now, enabled=source.enabled, every=every_of(settings, source) if timed else None,
            next_due=due if timed else None, history_back_to=back.get(source.name),
            kept_since=kept.get(source.name), last_success_at=successes.get(source.name),
        )  # fmt: skip
    return found


def source_health(
    runs: Sequence[Run],
    *,
    now: datetime,
    enabled: bool = True,
    every: timedelta | None = None,
    next_due: datetime | None = None,
    history_back_to: datetime | None = None,
    kept_since: datetime | None = None,
    last_success_at: datetime | None = None,
) -> Health:
    """The health of one source.

    `runs` are its own, newest first; `every` is how often the timer reads it (None: nobody promised to);
    `next_due` when the timer reads it next; `history_back_to` is set while old history is still being loaded,
    `kept_since` where retention took older conversations out; `last_success_at` may be older than all of `runs`.
    """
    ended = [run for run in runs if run.status != "running"]
    success = last_success_at or next(
        (run.finished_at or run.started_at for run in ended if run.status in GOOD), None
    )
    current = runs[0] if runs and runs[0].status == "running" else None
    level, word, reason = _judged(ended, success, now, every)
    if not enabled:
        level, word, reason = "never", "paused", "it is switched off; its data stays"
    elif current is not None:
        word = "waiting" if current.next_attempt_at else "reading"
        reason = current.progress_text or "a refresh is under way"
    elif level == "ok" and history_back_to is not None:
        reason = f"older history is still to come: loaded back to {history_back_to:%-d %b %Y}"
    elif level == "ok" and kept_since is not None:
        reason += f"; conversations without activity since {kept_since:%-d %b %Y} were removed"
    waiting = current.next_attempt_at if current else None
    retry = ended[0].next_attempt_at if ended else None
    return Health(
        level, word, reason, waiting or _earlier(retry, next_due) if enabled else None, success,
        history_back_to, current is not None,
    )  # fmt: skip


def _judged(
    ended: Sequence[Run], success: datetime | None, now: datetime, every: timedelta | None
) -> tuple[Level, str, str]:
    if not ended:
        return "never", "not read yet", "no refresh has read it"
    last = ended[0]
    told = (last.error_message or "").rstrip(".")
    if last.status in _FAILED:
        return "fail", "failing", told or "the last refresh failed"
    if last.status == "partial":
        return "warn", "needs a look", told or "a part of it could not be read"
    if last.status == "cancelled":
        return "warn", "stopped", "the last refresh was stopped before its end"
    if every is not None and success is not None and now - success > max(LATE_FACTOR * every, LATE_AT_LEAST):
        return "warn", "late", f"the last successful refresh was {_ago(now - success)} ago"
    if last.rows_rejected > MANY_REJECTED * max(last.rows_read, 1):
        share = last.rows_rejected / max(last.rows_read, 1)
        return "warn", "needs a look", f"{share:.0%} of its rows were set aside"
    return "ok", "healthy", "everything was read"


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment is not None]
    return min(known) if known else None


def _ago(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{span.days} days" if hours >= 48 else f"{hours:.0f} hours"
