"""Bringing word out: claim a delivery, send it, say how it went; try again later where it did not arrive."""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from alerts import channels
from alerts.channels import Outcome
from alerts.letters import Letter, NotForThem, Writer
from alerts.quiet import QuietHours
from alerts.words import Message, test_message
from core import clock
from core.channels import Channel
from core.errors import AppError, ConfigError
from core.settings import Settings
from store.workspace import Delivery, Outgoing, Workspace

logger = logging.getLogger(__name__)
FIRST_S, LONGEST_S = 30, 3_600  # between attempts: doubled each time, from the first to the longest
MOST_FAILURES = 3  # of one channel in a round: one that is down must not keep the others waiting
DIGEST = "digest"  # the event of what is written when it is sent
Chance = Callable[[], float]
_chance = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of deliveries did. `later` will be tried again, `lost` was left by a process that ended."""

    sent: int = 0
    later: int = 0
    gave_up: int = 0
    unknown: int = 0
    lost: int = 0


def deliver(
    workspace: Workspace,
    settings: Settings,
    write: Writer | None = None,
    *,
    writing_s: float = inf,
    chance: Chance = _chance,
) -> Delivered:
    """Send everything that is due, each by whoever claims it first. Never raises for what a channel does.

    `write` writes digests; without it they wait. They come last, and none is begun after `writing_s` seconds: the
    next round goes on with them, so that no alert waits for fifty letters.
    """
    begun = time.monotonic()
    lost = workspace.sweep_deliveries(clock.now())
    counts = {"sent": 0, "waiting": 0, "gave up": 0, "unknown": 0}
    failures: Counter[str] = Counter()
    for waiting in sorted(workspace.due_deliveries(clock.now()), key=lambda one: one.event == DIGEST):
        is_late = waiting.event == DIGEST and (write is None or time.monotonic() - begun >= writing_s)
        if failures[waiting.channel] >= MOST_FAILURES or is_late:
            continue
        ended = _deliver_one(workspace, settings, waiting, chance, write=write)
        failures[waiting.channel] += ended in ("waiting", "gave up")
        if ended in counts:
            counts[ended] += 1
    return Delivered(counts["sent"], counts["waiting"], counts["gave up"], counts["unknown"], lost)


def test(workspace: Workspace, settings: Settings, name: str, *, owner: str) -> Delivery:
    """Send a test to a channel now, by the same outbox. Raises ConfigError for a channel that is not there."""
    channels.find(settings, name)
    word = Outgoing(name, test_message(name, settings).plain(), clock.now())
    return send_now(workspace, settings, word, key="test", owner=owner, event="test")


def send_now(
    workspace: Workspace, settings: Settings, word: Outgoing, *, key: str, owner: str, event: str,
    write: Writer | None = None,
) -> Delivery:  # fmt: skip
    """Send something at once, and say how that went; it is not tried again. What `key` begins is made unique."""
    id = workspace.queue_delivery(word, key=f"{key}/{uuid.uuid4()}", owner=owner, event=event)
    waiting = workspace.delivery(id or 0)
    assert waiting is not None  # noqa: S101 - a key of its own
    _deliver_one(workspace, settings, waiting, _chance, write=write, is_last=True)
    return workspace.delivery(waiting.id) or waiting


def pause_s(attempts: int, chance: Chance = _chance) -> float:
    """Seconds until the next attempt after so many: doubled each time, up to an hour, by up to a half more or less."""
    return float(min(FIRST_S * 2 ** min(attempts - 1, 20), LONGEST_S) * (0.5 + chance()))


def quiet_until(message: Message, moment: datetime) -> datetime:
    """The first instant from `moment` on at which the message's rule lets anybody be told."""
    said, zone = message.data.get("quiet"), message.data.get("quiet_zone")
    quiet = QuietHours.of(str(said), str(zone)) if said else None
    return quiet.ends_after(moment) if quiet else moment


def _deliver_one(
    workspace: Workspace,
    settings: Settings,
    waiting: Delivery,
    chance: Chance,
    *,
    write: Writer | None = None,
    is_last: bool = False,
) -> str:
    """The state that a delivery is in afterwards; "" when another process has it."""
    message, now = Message.of(waiting.message), clock.now()
    later = quiet_until(message, now)
    if later > now:
        workspace.postpone_delivery(waiting.id, later)
        return ""
    channel, problem = _channel(settings, waiting.channel)
    is_written = waiting.event == DIGEST
    repeatable = channel is not None and channels.is_repeatable(channel)
    # A letter that is being written has not been sent: whoever ends meanwhile leaves it to the next.
    claimed = workspace.claim_delivery(waiting.id, now=now, is_repeatable=repeatable or is_written)
    if claimed is None:
        return ""
    found: Letter | Outcome = Outcome("failed", problem)
    if channel is not None:
        found = _written(claimed, message, write if is_written else None)
    if channel is not None and isinstance(found, Letter):
        if is_written and not workspace.hold_delivery(claimed, now=clock.now(), is_repeatable=repeatable):
            return ""
        found = _sent(channel, found, claimed, clock.now(), settings.notifications.timeout_s)
    assert isinstance(found, Outcome)  # noqa: S101 - a letter was sent
    if is_written and found.status in ("sent", "unknown"):
        told = {"what": DIGEST, "name": message.title, "to": message.data.get("to") or claimed.channel}
        workspace.audit("sent", viewer=claimed.owner, detail=told)
    return _note(workspace, claimed, message, found, chance, is_last=is_last)


def _written(claimed: Delivery, message: Message, write: Writer | None) -> Letter | Outcome:
    """What is to be sent, or why it cannot be."""
    try:
        return write(claimed) if write else Letter(message, message.html())
    except NotForThem as error:
        return Outcome("refused", str(error))
    except AppError as error:
        return Outcome("failed", str(error))
    except Exception as error:  # a fault of ours is this delivery's problem, and no other's
        return _fault(claimed, error)


def _sent(channel: Channel, letter: Letter, claimed: Delivery, now: datetime, timeout_s: float) -> Outcome:
    try:
        return channels.send(
            channel,
            letter,
            delivery=claimed.idempotency_id,
            event=claimed.event,
            at=now,
            timeout_s=timeout_s,
        )
    except Exception as error:
        return _fault(claimed, error)


def _fault(claimed: Delivery, error: Exception) -> Outcome:
    logger.exception("a delivery failed", extra={"delivery": claimed.id})
    return Outcome("failed", f"{type(error).__name__}; the log says more.")


def _note(
    workspace: Workspace,
    claimed: Delivery,
    message: Message,
    outcome: Outcome,
    chance: Chance,
    *,
    is_last: bool,
) -> str:
    now = clock.now()
    logger.info("delivery", extra={"delivery": claimed.id, "channel": claimed.channel, "event": claimed.event,
                                   "outcome": outcome.status})  # fmt: skip
    if outcome.status == "refused":
        workspace.finish_delivery(claimed, "dropped", outcome.problem, now=now)
        return "dropped"
    if outcome.status != "failed":
        workspace.finish_delivery(claimed, outcome.status, outcome.problem, now=now)
        return outcome.status
    problem = outcome.problem or "it failed."
    due_at = quiet_until(message, now + timedelta(seconds=pause_s(claimed.attempts, chance)))
    if is_last or due_at > claimed.until:
        workspace.finish_delivery(claimed, "gave up", problem, now=now)
        if claimed.event == DIGEST and not is_last:
            workspace.fail_digest(int(message.data["digest"]), f"a letter was given up: {problem}")
        return "gave up"
    workspace.retry_delivery(claimed, problem, due_at=due_at)
    return "waiting"


def _channel(settings: Settings, name: str) -> tuple[Channel | None, str | None]:
    try:
        return channels.find(settings, name), None
    except ConfigError as error:
        return None, str(error)
