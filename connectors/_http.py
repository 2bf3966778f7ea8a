"""One HTTP session for the connectors that speak to an API themselves: bounded, and to one host only.

No proxies or credentials of the environment, redirects to the same host only, a limit to every wait and to
every body. What goes wrong is raised as one of core.errors, so that the retry loop can ask the class.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from connectors.base import ReadContext
from core import clock
from core.access import LOOPBACK
from core.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    PermissionRefused,
    RateLimited,
    SourceDataError,
    SourceNotFound,
    SourceUnavailable,
)  # fmt: skip

if TYPE_CHECKING:
    import requests

# Worth another try besides 429; each was seen by others as a passing fault (520 and 524: the edge).
TRY_AGAIN = frozenset({408, 409, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
TOO_MUCH = frozenset({502, 504})  # often said of a page that took too long: a smaller one may do
MAX_BYTES = 256 * 2**20
MAX_REDIRECTS = 3
_CHUNK = 64 * 1024


def base_url(text: str, *, source: str) -> str:
    """An address without its trailing slash. Raises ConfigError unless it is https (or this machine)."""
    parts = urlsplit(text.strip())
    local = parts.hostname in LOOPBACK
    if parts.scheme not in ("https", "http") or not parts.hostname:
        problem = f"{text!r} is not a web address"
    elif parts.scheme == "http" and not local:
        problem = "the address is not encrypted (http)"
    elif parts.username or parts.password:
        problem = "the address holds a user name or password"
    elif parts.query or parts.fragment:
        problem = "the address has more than a host and a path"
    else:
        return text.strip().rstrip("/")
    raise ConfigError(f"{problem}.", hint="Write it as https://host.", source=source)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def sent_at(self) -> datetime | None:
        """The server's own clock when it answered."""
        return _http_date(self.headers.get("date"))

    def json(self, *, source: str) -> Any:
        """The body as data. Raises AuthError for a web page, SourceUnavailable for a body cut short."""
        start = self.body[:200].lstrip().lower()
        if start.startswith((b"<!doctype", b"<html")) or "text/html" in self.headers.get("content-type", ""):
            raise AuthError(
                "the server sent a web page, probably its sign-in page, where data was expected.",
                hint="Check the address and the credentials.",
                source=source,
            )
        try:
            return json.loads(self.body.decode("utf-8", "replace"))
        except ValueError:
            raise SourceUnavailable(
                "the server sent an answer that is cut short or no JSON.",
                hint="It is asked again; if it stays so, check the address.",
                source=source,
            ) from None


def ignore(answer: Answer) -> str:
    """Says nothing about a refusal."""
    return ""


class HttpSession:
    """Reads from one server. `explain` turns a refusal's body into words; it never sees a 429's."""

    def __init__(
        self,
        base: str,
        context: ReadContext,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_bytes: int = MAX_BYTES,
        explain: Callable[[Answer], str] = ignore,
    ) -> None:
        import requests

        self.context, self.explain = context, explain
        self.base = base_url(base, source=context.source_id)
        self.timeout_s, self.max_bytes = timeout_s, max_bytes
        self.last_status: int | None = None  # of the last answer; None when there was none
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"Accept": "application/json", **headers})

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def json(self, path: str, params: Mapping[str, Any] | None = None) -> tuple[Any, Answer]:
        """GET a path below the base as data. Raises ConnectorError of the class that fits the refusal."""
        answer = self.get(path, params)
        return answer.json(source=self.context.source_id), answer

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """GET a path below the base. Raises ConnectorError of the class that fits the refusal."""
        url = f"{self.base}/{path.lstrip('/')}"
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send(url, params)
            if answer.status not in (301, 302, 303, 307, 308):
                break
            url, params = self._onward(url, answer), None
        else:
            raise self._error(SourceNotFound, "the server sends every request on to another address.")
        if answer.status != 200:
            raise self.refusal(answer)
        return answer

    def refusal(self, answer: Answer) -> ConnectorError:
        """The error that an answer means."""
        status = answer.status
        if status == 429:
            return RateLimited(
                "the server asks for fewer requests.",
                retry_at=_retry_at(answer),
                hint="The refresh waits and goes on.",
                source=self.context.source_id,
            )
        told = self.explain(answer)
        said = f": {told}" if told else ""
        if status == 401:
            return self._error(AuthError, f"the credentials were refused{said}.", "Check user name and key.")
        if status == 403:
            return self._error(
                PermissionRefused, f"the account may not read this{said}.", "Ask its administrator."
            )
        if status in (404, 410):
            return self._error(SourceNotFound, f"there is nothing at this address{said}.", "Check it.")
        if status in TRY_AGAIN:
            return self._error(SourceUnavailable, f"the server failed (status {status}).", "Try again later.")
        return self._error(SourceDataError, f"the request was refused (status {status}){said}.")

    def _send(self, url: str, params: Mapping[str, Any] | None) -> Answer:
        import requests

        self.last_status = None
        self.context.stop_if_asked()
        self.context.note(requests=1)
        try:
            with self._session.get(
                url, params=params, timeout=self.timeout_s, stream=True, allow_redirects=False
            ) as response:
                self.last_status = response.status_code
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, self._body(response))
        except requests.exceptions.SSLError:
            raise self._error(
                ConnectorError, "the server's certificate could not be verified.", "Check the address."
            ) from None
        except requests.exceptions.Timeout:
            raise self._error(
                SourceUnavailable,
                f"the server did not answer within {self.timeout_s:g} s.",
                "Try again later.",
            ) from None
        except requests.exceptions.RequestException as error:  # its text may hold the address, never the key
            raise self._error(
                SourceUnavailable,
                f"the connection to {urlsplit(self.base).hostname} failed ({type(error).__name__}).",
                "Check the address and the network.",
            ) from None

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            self.context.stop_if_asked()
            body += chunk
            if len(body) > self.max_bytes:
                self.last_status = 504  # like a page that was too much for the server
                raise self._error(
                    SourceUnavailable, f"an answer is larger than {self.max_bytes // 2**20} MB."
                )
        self.context.note(bytes=len(body))
        return bytes(body)

    def _onward(self, url: str, answer: Answer) -> str:
        target = urljoin(url, answer.headers.get("location", ""))
        here, there = urlsplit(self.base), urlsplit(target)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise self._error(
                SourceNotFound,
                f"the server sends requests on to another one ({there.hostname or 'nowhere'}).",
                "Check the address.",
            )
        return target

    def _error(self, kind: type[ConnectorError], message: str, hint: str = "") -> ConnectorError:
        return kind(message, hint=hint, source=self.context.source_id)


def _retry_at(answer: Answer) -> datetime | None:
    """When a 429 says to come back, by our clock: what the server's clock says is taken as a distance."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.replace(".", "", 1).isdigit():
        return clock.now() + timedelta(seconds=min(float(asked), 86_400.0))
    if moment := _http_date(asked):
        return clock.now() + (moment - (answer.sent_at or clock.now()))
    reset = answer.headers.get("ratelimit-reset", "").strip()
    return clock.now() + timedelta(seconds=int(reset)) if reset.isdigit() and int(reset) < 86_400 else None


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
