"""The providers' errors in our own words, without their bodies: these may repeat a key or a text."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from core import clock, log
from core.errors import LLMError, LLMRefused, LLMUnavailable
from llm.base import Usage

logger = logging.getLogger(__name__)

_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError)


class Unreadable(LLMError):
    """What came back is not of the asked form. `usage`: what it took all the same."""

    def __init__(self, message: str, *, hint: str = "", usage: Usage | None = None) -> None:
        super().__init__(message, hint=hint)
        self.usage = usage or Usage()


class FormRefused(LLMRefused):
    """The server refused the request for what it holds: another form of it may do."""


def own(error: Exception, provider: str, model: str, timeout_s: float) -> LLMError:
    """The error of a client as one of core.errors; what is worth another try is LLMUnavailable."""
    from langchain_core import exceptions as known

    status = getattr(error, "status_code", None)
    status = int(status) if isinstance(status, int) else None
    if isinstance(error, known.ModelAuthenticationError | known.ModelPermissionDeniedError) or status in (
        401,
        403,
    ):
        return LLMRefused(f"{provider} refused the key.", hint="Check llm.api_key.")
    if isinstance(error, known.ModelNotFoundError) or status == 404:
        hint = "Check llm.model and llm.base_url."
        return LLMRefused(f"{provider} has no model {model!r}, or not at this address.", hint=hint)
    if isinstance(error, known.ContextOverflowError) or status == 413:
        return LLMRefused(f"{provider} cannot read so much at once.", hint="Choose a model that reads more.")
    if isinstance(error, known.ModelTimeoutError):
        return LLMUnavailable(
            f"{provider} did not answer within {timeout_s:g} s.", hint="Raise llm.timeout_s."
        )
    if isinstance(error, known.ModelRateLimitError) or status == 429:
        return _throttled(error, provider)
    if isinstance(error, known.ModelConnectionError):
        return LLMUnavailable(f"{provider} cannot be reached.", hint="Check llm.base_url and the network.")
    if status is not None and status >= 500:
        return LLMUnavailable(
            f"{provider} failed with status {status}.",
            hint="Try again later.",
            retry_after_s=retry_after(error),
        )
    return _of_content(error, provider, status)


def _of_content(error: Exception, provider: str, status: int | None) -> LLMError:
    """What is wrong with what was sent, or with what came back."""
    from langchain_core import exceptions as known

    kind = type(error).__name__
    if isinstance(error, known.ModelInvalidRequestError) or (status is not None and status >= 400):
        return FormRefused(f"{provider} refused the request ({status or kind}).", hint="Check llm.model.")
    if kind == "LengthFinishReasonError":
        return too_long(provider)
    if isinstance(error, _UNREADABLE):
        logger.debug("unreadable answer", extra={"problem": log.blot(kind)})
        return Unreadable(f"{provider} sent something that cannot be read ({kind}).")
    return LLMUnavailable(f"{provider} broke off ({kind}).", hint="Try again.")


def too_long(provider: str) -> LLMError:
    """The answer was cut off at the longest that is allowed."""
    return LLMError(
        f"what {provider} wrote is longer than llm.max_tokens allows.", hint="Raise llm.max_tokens."
    )


def _throttled(error: Exception, provider: str) -> LLMUnavailable:
    wait_s = retry_after(error)
    asks = f"asks to wait {math.ceil(wait_s)} s" if wait_s else "asks to slow down"
    return LLMUnavailable(f"{provider} {asks}.", hint="Ask again then.", retry_after_s=wait_s)


def retry_after(error: Exception) -> float | None:
    """Seconds that the header Retry-After asks to wait: a number or a date; None where there is neither."""
    headers: Mapping[str, Any] = getattr(getattr(error, "response", None), "headers", None) or {}
    asked = str(headers.get("retry-after", "")).strip()
    try:
        seconds = float(asked)
    except ValueError:
        seconds = _until(asked)
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _until(date: str) -> float:
    """Seconds until a date as HTTP writes it, by our clock; below zero for what is none."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return -1.0
    aware: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - clock.now()).total_seconds()
