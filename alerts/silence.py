"""The alarm of last resort: no refresh has succeeded for a set time. Told once, and once more when one has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from alerts.words import Message, base_url, one_line
from core import clock, numbers
from core.home import Home
from core.schedule import seconds_of
from core.settings import Settings
from core.viewer import EVERYTHING
from store.runs import Run, RunLog
from store.workspace import Delivery, Outgoing, Workspace

ALARM: Final = "silence"
OVER: Final = "silence over"


def watch(home: Home, settings: Settings, workspace: Workspace) -> int:
    """Queue the alarm when it is due, or its end when a refresh has succeeded since; how many words that are.

    Each is queued once, whoever looks and however often. Does nothing without `schedule.alarm_after`.
    """
    if settings.schedule.alarm_after is None:
        return 0
    log, now = RunLog(home), clock.now()
    last = log.last_success()
    since = last or log.first_start()
    if since is None:  # nobody has tried yet
        return 0
    if now - since > timedelta(seconds=seconds_of(settings.schedule.alarm_after)):
        return _sound(settings, workspace, since, last, next(iter(log.recent(1)), None))
    return _end(settings, workspace, last) if last else 0


def _sound(
    settings: Settings, workspace: Workspace, since: datetime, last: datetime | None, run: Run | None
) -> int:
    silent = numbers.duration((clock.now() - since).total_seconds())
    lines = [("Last success", _moment(settings, last) if last else "never")]
    if run is not None:
        reason = f": {one_line(run.error_message, 300)}" if run.error_message else ""
        lines.append(("Last refresh", f"{_moment(settings, run.started_at)}, {run.status}{reason}"))
    lines.append(("Alert when", f"no refresh succeeds for {settings.schedule.alarm_after}"))
    word = _message(settings, f"No refresh has succeeded for {silent}", lines, since)
    return sum(
        _queue(workspace, channel, word, f"{ALARM}/{since.isoformat()}/{channel}", ALARM)
        for channel in settings.schedule.alarm_channels
    )


def _end(settings: Settings, workspace: Workspace, last: datetime) -> int:
    """Say to everybody who heard the last alarm that it is over; one that nobody has heard is dropped."""
    queued = 0
    heard = workspace.deliveries(event=ALARM, limit=len(settings.schedule.alarm_channels))
    for alarm in heard:
        if _since(alarm) >= last or workspace.drop_delivery(alarm.id, "a refresh has succeeded meanwhile."):
            continue
        if alarm.status != "dropped":
            lines = [
                ("Succeeded", _moment(settings, last)),
                ("Silent since", _moment(settings, _since(alarm))),
            ]
            word = _message(settings, "Refreshes succeed again", lines, last)
            queued += _queue(workspace, alarm.channel, word, f"{OVER}/{alarm.id}", OVER)
    return queued


def _queue(workspace: Workspace, channel: str, word: dict[str, Any], key: str, event: str) -> int:
    """1 when it was queued, 0 when it was before."""
    outgoing = Outgoing(channel, word, clock.now())
    return int(workspace.queue_delivery(outgoing, key=key, owner=EVERYTHING.name, event=event) is not None)


def _message(settings: Settings, title: str, lines: list[tuple[str, str]], since: datetime) -> dict[str, Any]:
    base = base_url(settings)
    data = {"kind": ALARM, "since": since.isoformat()}
    return Message(title, tuple(lines), f"{base}/data_jobs" if base else None, data).plain()


def _since(alarm: Delivery) -> datetime:
    return datetime.fromisoformat(alarm.message["data"]["since"])


def _moment(settings: Settings, at: datetime) -> str:
    return f"{numbers.moment(at.astimezone(settings.workspace.zone))} ({settings.workspace.reporting_zone})"
