"""When alert rules are judged, digests are due and word goes out: after every refresh, and every minute beside the timer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Any

from alerts import digests, silence
from alerts.digests import Posted
from alerts.evaluate import Evaluation, evaluate
from alerts.outbox import Delivered, deliver
from alerts.owners import owners_of
from core import clock
from core.effective import effective_settings
from core.home import Home
from core.settings import Settings, load_settings
from jobs import letters
from store.workspace import Workspace

logger = logging.getLogger(__name__)
EVERY_S = 60.0
WRITING_S = 30.0  # of a round beside the timer, for digests: what is left is written in the next one
Act = Callable[..., None]
PATIENCE_S = 30.0  # how long an ending timer waits for a message that is being sent


@dataclass(frozen=True, slots=True)
class Round:
    """One evaluation, the digests that were looked at, and what went out after it."""

    evaluation: Evaluation
    digests: tuple[Posted, ...]
    deliveries: Delivered


def round_of_alerts(
    home: Home,
    settings: Settings,
    *,
    settings_file: Path | None = None,
    every: bool = False,
    writing_s: float = inf,
) -> Round:
    """Judge what is due, then deliver what is due. Raises StoreError when the workspace cannot be used."""
    workspace, known = Workspace(home), effective_settings(home, settings)
    silence.watch(home, known, workspace)
    evaluation = evaluate(home, known, workspace, every=every)
    posted, sent = post_and_deliver(home, known, workspace, settings_file=settings_file, writing_s=writing_s)
    return Round(evaluation, posted, sent)


def post_and_deliver(
    home: Home,
    settings: Settings,
    workspace: Workspace,
    *,
    settings_file: Path | None = None,
    writing_s: float = inf,
) -> tuple[tuple[Posted, ...], Delivered]:
    """Queue the digests that are due, then send everything that is. `settings` are the effective ones."""
    posted = digests.post_due(home, settings, workspace, owners_of(home, workspace, "share"))
    sent = deliver(workspace, settings, letters.writer(home, settings, settings_file), writing_s=writing_s)
    return tuple(posted), sent


def told(posted: Sequence[Mapping[str, Any]], sent: Mapping[str, int]) -> list[str]:
    """What became of digests and deliveries as lines, from their plain form."""
    lines = [
        f"{one['name']}: {one['status']}, {one['problem'] or str(one['letters']) + ' letters'}"
        for one in posted
        if one["status"] != "not due"
    ]
    return [
        *lines,
        f"{sent['sent']} sent, {sent['later']} to try again, {sent['gave_up']} given up, {sent['unknown']} unknown",
    ]


def after_refresh(
    home: Home, settings: Settings, settings_file: Path | None = None, *, writing_s: float = inf
) -> None:
    """A round, where there is anything to do. What fails in it is logged, and the refresh is as good as it was."""
    try:
        if _is_something_to_do(home, settings):
            round_of_alerts(home, settings, settings_file=settings_file, writing_s=writing_s)
    except Exception:  # whatever it is, it must not take the refresh with it
        logger.exception("alerts could not be looked after")


def sound_alarm(
    home: Home, settings: Settings, settings_file: Path | None = None, *, writing_s: float = inf
) -> None:
    """Look for a silence alone, and send what waits: beside a dashboard without a timer."""
    if settings.schedule.alarm_after is None:
        return
    workspace, known = Workspace(home), effective_settings(home, settings)
    silence.watch(home, known, workspace)
    if workspace.has_unfinished_deliveries(clock.now()):
        deliver(workspace, known, letters.writer(home, known, settings_file), writing_s=writing_s)


def _is_something_to_do(home: Home, settings: Settings) -> bool:
    workspace, now = Workspace(home), clock.now()
    return (
        settings.schedule.alarm_after is not None
        or any(rule.enabled for rule in workspace.alert_rules())
        or any(kept.enabled and digests.is_due(kept, now) for kept in workspace.digests())
        or workspace.has_unfinished_deliveries(now)
    )


class AlertClock:
    """A thread beside the timer: a round every minute, however long a refresh takes. Settings are read anew.

    `act` is what a round is: `after_refresh`, or `sound_alarm`.
    """

    def __init__(
        self, home: Home, settings_file: Path | None, *, every_s: float = EVERY_S, act: Act | None = None
    ) -> None:
        self._home, self._file, self._every_s = home, settings_file, every_s
        self._act = act or after_refresh
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_on, name="alerts", daemon=True)

    def __enter__(self) -> AlertClock:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)

    def _keep_on(self) -> None:
        while not self._stop.is_set():
            try:
                settings = load_settings(self._home, self._file)
                self._act(self._home, settings, self._file, writing_s=WRITING_S)
            except Exception as error:  # settings that cannot be read now may be readable in a minute
                logger.error("alerts wait for valid settings: %s", error)
            self._stop.wait(self._every_s)
