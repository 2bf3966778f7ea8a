"""The way out: one message to one channel, and how that went in words that hold no secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from alerts.letters import Letter
from core import log, secrets
from core.channels import Channel
from core.errors import ConfigError
from core.settings import Settings, secret_value

if TYPE_CHECKING:
    import apprise

APPRISE = "apprise"
DEADLINE_S = 180  # for a message as a whole; less than the lease of a delivery
LONGEST = 500  # characters of a reason that is kept
# What apprise says when a server had the message in its hands and was not heard of again.
_UNHEARD = re.compile(
    r"read timed out|connection unexpectedly closed|connection aborted|remote (end )?(host )?closed|reset by peer",
    re.I,
)
_SENDING = "Sending email to"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went. "unknown" is one that the server may have taken, without saying so; "refused" one that
    nobody is to get.
    """

    status: Literal["sent", "failed", "unknown", "refused"]
    problem: str | None = None


def find(settings: Settings, name: str) -> Channel:
    """The channel of that name. Raises ConfigError."""
    for channel in settings.channels:
        if channel.name == name:
            return channel
    known = ", ".join(channel.name for channel in settings.channels)
    raise ConfigError(f"there is no channel called {name!r}.", hint=f"Configured: {known or 'none'}.")


def is_mail(channel: Channel, timeout_s: float) -> bool:
    """Whether what goes there can have any address and files. Raises ConfigError."""
    return channel.kind == "apprise" and _service(channel, timeout_s)[1]


def is_repeatable(channel: Channel) -> bool:
    """Whether whoever gets it twice knows that it is the same: a webhook by its delivery id."""
    return channel.kind == "webhook"


def send(
    channel: Channel, letter: Letter, *, delivery: str, event: str, at: datetime, timeout_s: float
) -> Outcome:
    """Send a letter once. `delivery` is the same at every attempt. Never raises for what the other side does."""
    try:
        if channel.kind == "webhook":
            return _post(channel, letter, delivery=delivery, event=event, at=at, timeout_s=timeout_s)
        return _notify(channel, letter, timeout_s)
    except ConfigError as error:
        return Outcome("failed", _said(str(error)))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What X-Supportlens-Signature holds: HMAC-SHA256 in hex over the timestamp, a dot and the body."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _post(
    channel: Channel, letter: Letter, *, delivery: str, event: str, at: datetime, timeout_s: float
) -> Outcome:
    import requests

    message, url, secret = letter.message, secret_value(channel.url), secret_value(channel.secret or "")
    _hide(url)
    told = {"delivery": delivery, "event": event, **message.plain(), "lines": dict(message.lines)}
    body, timestamp = json.dumps(told, ensure_ascii=False).encode(), str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json", "User-Agent": "Supportlens", "X-Supportlens-Delivery": delivery,
        "X-Supportlens-Timestamp": timestamp, "X-Supportlens-Signature": signature(secret, timestamp, body),
    }  # fmt: skip
    try:
        with requests.post(
            url, data=body, headers=headers, timeout=timeout_s, allow_redirects=False, stream=True
        ) as answer:
            if answer.ok and not answer.is_redirect:
                return Outcome("sent")
            return Outcome("failed", f"the webhook answered {answer.status_code} {answer.reason}.")
    except requests.exceptions.SSLError as error:
        return Outcome("failed", _said(f"the webhook's certificate was refused: {error}"))
    except requests.exceptions.Timeout:
        return Outcome("failed", f"the webhook did not answer within {timeout_s:g} s.")
    except (requests.exceptions.RequestException, ValueError) as error:
        return Outcome("failed", _said(f"the webhook could not be reached: {error}"))


def _notify(channel: Channel, letter: Letter, timeout_s: float) -> Outcome:
    import apprise

    service, is_mail = _service(channel, timeout_s, letter.to)
    box, message = apprise.Apprise(), letter.message
    box.add(service)
    format, body = ("html", letter.html) if is_mail else ("text", message.chat())
    title = message.title if is_mail else message.chat_title()
    with _unheard():
        result = box.notify(
            body=body,
            title=title,
            body_format=apprise.NotifyFormat(format),
            attach=_enclosed(letter) if is_mail else None,
            timeout=DEADLINE_S,
            log_level=logging.DEBUG,
        )
    if result:
        return Outcome("sent")
    heard = [one.message.removeprefix("Socket Exception: ") for one in result.logs() if _is_telling(one)]
    if result.status == apprise.AppriseResultStatus.TIMEOUT:
        return Outcome("unknown", f"the channel did not answer within {DEADLINE_S} s.")
    text = _said("; ".join(dict.fromkeys(heard)) or "the channel refused the message without a reason.")
    return Outcome("unknown" if _was_in_their_hands(heard) else "failed", text)


def _enclosed(letter: Letter) -> list[apprise.AttachBase] | None:
    from apprise.attachment.memory import AttachMemory

    made: Any = AttachMemory  # which has no types
    return [made(content=one.content, name=one.name, mimetype=one.kind) for one in letter.enclosed] or None


def _service(channel: Channel, timeout_s: float, to: str = "") -> tuple[apprise.NotifyBase, bool]:
    """The service behind an address, and whether it is mail, which goes `to` somebody else when that is said.

    Raises ConfigError for an address that is none.
    """
    import apprise
    from apprise.plugins.email.base import NotifyEmail

    url = secret_value(channel.url)
    _hide(url)
    with _unheard():
        service: Any = apprise.Apprise.instantiate(url)
    if service is None:
        raise ConfigError(
            f"the address of the channel {channel.name} is none that apprise knows.",
            hint="Its list: https://github.com/caronc/apprise/wiki",
        )
    is_mail = isinstance(service, NotifyEmail)
    if to and not is_mail:
        raise ConfigError(f"the channel {channel.name} is no mail: it cannot write to {to}.")
    if is_mail:
        service.inline = True  # pictures that a letter names stand in it
    if to:
        service.targets, service.cc, service.bcc = [(False, to)], set(), set()
    copies = len(getattr(service, "cc", ()) or ()) + len(getattr(service, "bcc", ()) or ()) if is_mail else 0
    if len(service) + copies != 1:
        raise ConfigError(
            f"the channel {channel.name} goes to {len(service) + copies} recipients.",
            hint="Give each a channel of its own, or name a list: what reached one and not another could not be "
            "tried again without reaching somebody twice.",
        )
    service.socket_connect_timeout = service.socket_read_timeout = timeout_s
    return service, is_mail


def _was_in_their_hands(heard: list[str]) -> bool:
    """Whether the other side had the message when the line broke: it may have taken it."""
    text = "\n".join(heard)
    if _SENDING in text and "timed out" in text:
        return True
    return bool(_UNHEARD.search(text)) and (_SENDING in text or "SMTP" not in text)


def _is_telling(entry: apprise.NotifyLogEntry) -> bool:
    """Whether a line of its log says why: warnings do, and the exceptions that it notes beside them."""
    return entry.level not in ("DEBUG", "INFO", "TRACE") or "Exception" in entry.message


@contextmanager
def _unheard() -> Iterator[None]:
    """Nothing of what apprise logs reaches our own log: it speaks of addresses."""
    logger = logging.getLogger(APPRISE)
    before = (logger.level, logger.propagate, logger.handlers[:])
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    try:
        yield
    finally:
        logger.setLevel(before[0])
        logger.propagate, logger.handlers[:] = before[1:]


def _hide(url: str) -> None:
    """Keep an address out of logs and reasons, and each part of it that is long enough to be a token."""
    secrets.hide(url)
    for part in re.split(r"[/?&=@:]+", url.partition("://")[2]):
        if len(part) >= 8 and "." not in part and (len(part) >= 16 or re.search(r"\d", part)):
            log.hide(part)
            log.hide(unquote(part))


def _said(text: str) -> str:
    flat = " ".join(log.blot(text).split())
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…"
