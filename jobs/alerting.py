"""When alert rules are judged and word goes out: after every refresh, and every minute beside the timer."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from alerts.evaluate import Evaluation, evaluate
from alerts.outbox import Delivered, deliver
from core import clock
from core.effective import effective_settings
from core.home import Home
from core.settings import Settings, load_settings
from store.workspace import Workspace

logger = logging.getLogger(__name__)
EVERY_S = 60.0
PATIENCE_S = 30.0  # how long an ending timer waits for a message that is being sent


@dataclass(frozen=True, slots=True)
class Round:
    """One evaluation, and what went out after it."""

    evaluation: Evaluation
    deliveries: Delivered


def round_of_alerts(home: Home, settings: Settings, *, every: bool = False) -> Round:
    """Judge what is due, then deliver what is due. Raises StoreError when the workspace cannot be used."""
    workspace, known = Workspace(home), effective_settings(home, settings)
    evaluation = evaluate(home, known, workspace, every=every)
    return Round(evaluation, deliver(workspace, known))


def after_refresh(home: Home, settings: Settings) -> None:
    """A round of alerts, where there are any. What fails in it is logged, and the refresh is as good as it was."""
    try:
        if _is_something_to_do(home):
            round_of_alerts(home, settings)
    except Exception:  # whatever it is, it must not take the refresh with it
        logger.exception("alerts could not be looked after")


def _is_something_to_do(home: Home) -> bool:
    workspace = Workspace(home)
    return any(rule.enabled for rule in workspace.alert_rules()) or workspace.has_unfinished_deliveries(
        clock.now()
    )


class AlertClock:
    """A thread beside the timer: a round every minute, however long a refresh takes. Settings are read anew."""

    def __init__(self, home: Home, settings_file: Path | None, *, every_s: float = EVERY_S) -> None:
        self._home, self._file, self._every_s = home, settings_file, every_s
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
                after_refresh(self._home, load_settings(self._home, self._file))
            except Exception as error:  # settings that cannot be read now may be readable in a minute
                logger.error("alerts wait for valid settings: %s", error)
            self._stop.wait(self._every_s)
