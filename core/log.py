"""Logging to stderr: readable on a terminal, one JSON object a line in a job; secrets blotted out."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from urllib.parse import quote, quote_plus

run_id: ContextVar[str] = ContextVar("run_id", default="-")
request_id: ContextVar[str] = ContextVar("request_id", default="")
_secrets: set[str] = set()
PACKAGES = ("core", "store", "connectors", "enrich", "analytics", "rag", "alerts", "llm", "jobs", "ui")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "run"}
_CREDENTIALS_IN_URL = re.compile(r"(\w+://[^:/\s]+:)[^@/\s]+@")


def hide(secret: str) -> None:
    """Never let this text reach a log line again, nor as JSON, a repr or an address spells it."""
    if len(secret) >= 4:
        told = (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret))
        _secrets.update((secret, quote(secret, safe=""), quote_plus(secret), *(text[1:-1] for text in told)))


def blot(text: str) -> str:
    """`text` with known secrets and URL passwords replaced by stars."""
    found = [secret for secret in tuple(_secrets) if secret in text]
    for secret in sorted(found, key=len, reverse=True):  # one may be a part of another
        text = text.replace(secret, "***")
    return _CREDENTIALS_IN_URL.sub(r"\1***@", text) if "://" in text else text


def blotted(value: object) -> object:
    """A value for JSON with `blot` over every text in it, keys too: once encoded, a text may be spelled otherwise."""
    if isinstance(value, dict):
        return {blot(str(key)): blotted(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [blotted(one) for one in value]
    if value is None or isinstance(value, bool):
        return value
    text = blot(told := str(value))
    return value if isinstance(value, int | float) and text == told else text


class _Named(logging.Filter):
    """Gives a line the id of the request it belongs to: that of the context, else what `session` knows."""

    def __init__(self, session: Callable[[], str]) -> None:
        super().__init__()
        self._session = session

    def filter(self, record: logging.LogRecord) -> bool:
        if request := request_id.get() or self._session():
            record.request = request
        return True


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {k: v for k, v in record.__dict__.items() if k not in _STANDARD}


class _Readable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        named = (
            {} if (run := run_id.get()) == "-" else {"run": run.rpartition("-")[2]}
        )  # its end tells it apart
        extra = " ".join(f"{k}={blotted(v)}" for k, v in (_fields(record) | named).items())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():7} {record.getMessage()}"
        text = f"{line} {extra}".rstrip()
        return blot(text + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        row = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "run": run_id.get(),
            **_fields(record),
        }
        if record.exc_info:
            row["error"] = self.formatException(record.exc_info)
        return json.dumps(blotted(row))


def set_up(
    *, as_json: bool = False, level: int = logging.INFO, session: Callable[[], str] = lambda: ""
) -> None:
    """Send the product's log lines to stderr. stdout belongs to answers.

    `session` gives the request id of whoever is served, where the context does not know it.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Named(session))
    handler.setFormatter(_Json() if as_json else _Readable())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in PACKAGES:
        logging.getLogger(name).setLevel(level)


def is_json() -> bool:
    """Whether lines are written as JSON."""
    return any(isinstance(handler.formatter, _Json) for handler in logging.getLogger().handlers)


def write_json() -> None:
    """Write the lines to come as JSON, from the level on that was set up."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Json())
