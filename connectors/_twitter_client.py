"""Requests to the X API through tweepy: one address, one timeout, errors in our own classes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from connectors._http import base_url
from core import clock
from core.errors import (
    AuthError,
    ConfigError,
    PermissionRefused,
    QuotaExhausted,
    RateLimited,
    SourceNotFound,
    SourceUnavailable,
)

if TYPE_CHECKING:
    import requests
    import tweepy

HOST = "https://api.twitter.com"  # what tweepy asks for, whatever we want
UNSAID_WAIT_S, LONGEST_WAIT_S = 60.0, 900.0  # when X throttles without saying how long
POST_FIELDS = (
    "id,text,author_id,conversation_id,created_at,lang,in_reply_to_user_id,referenced_tweets,"
    "public_metrics,entities,edit_history_tweet_ids,attachments"
)
USER_FIELDS = "id,name,username,created_at"
MEDIA_FIELDS = "media_key,type,url"
_SHOWN = {
    "tweet_fields": POST_FIELDS, "user_fields": USER_FIELDS, "media_fields": MEDIA_FIELDS,
    "expansions": "author_id,attachments.media_keys",
}  # fmt: skip

Json = Mapping[str, Any]


class NotAccepted(ConfigError):
    """X did not accept the request; `parameters` are those it names."""

    def __init__(self, message: str, parameters: frozenset[str], *, hint: str, source: str) -> None:
        super().__init__(message, hint=hint, source=source)
        self.parameters = parameters


class Overloaded(SourceUnavailable):
    """The answer was too much for the other side: worth asking for less."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page: posts, the users and media they refer to, what was left out, and when X made it."""

    moment: datetime
    posts: Sequence[Json] = ()
    users: Sequence[Json] = ()
    media: Sequence[Json] = ()
    problems: Sequence[Json] = ()
    meta: Json = field(default_factory=dict)

    @property
    def next_token(self) -> str | None:
        """What the next page is asked with."""
        return self.meta.get("next_token")


@dataclass(frozen=True, slots=True)
class Access:
    """How X is reached. `token` is the secret itself."""

    source: str
    base_url: str
    token: str = field(repr=False)
    timeout_s: float = 30.0


class XClient:
    """The five requests that the connector makes. Every method raises ConnectorError or NotAccepted."""

    def __init__(self, access: Access, note: Callable[..., None]) -> None:
        self.access, self._note = access, note
        self._throttled = 0
        self._api = _tweepy_client(self)

    def search(self, query: str, **chosen: Any) -> Answer:
        """A page of the recent search, newest first: `since_id`, `until_id`, `next_token`, `max_results`."""
        return self._ask(lambda: self._api.search_recent_tweets(query, **_SHOWN, **chosen))

    def mentions(self, user_id: str, *, next_token: str | None = None, **chosen: Any) -> Answer:
        """A page of the posts that mention a user, newest first; at most the last 800."""
        return self._ask(
            lambda: self._api.get_users_mentions(user_id, pagination_token=next_token, **_SHOWN, **chosen)
        )

    def posts(self, ids: Sequence[str]) -> Answer:
        """Posts by their ids, at most 100; those that are gone are among the problems."""
        return self._ask(lambda: self._api.get_tweets(list(ids), **_SHOWN))

    def users(self, names: Sequence[str]) -> Answer:
        """Users by their handles, at most 100."""
        return self._ask(lambda: self._api.get_users(usernames=list(names), user_fields=USER_FIELDS))

    def send(self, forward: Callable[[], requests.Response]) -> requests.Response:
        """Send one request; gives the answer when it is one, and raises our errors when it is not."""
        self._note(requests=1)
        response = forward()
        if response.status_code == 429:
            raise self._throttle(response)
        self._throttled = 0
        if response.status_code >= 300:
            raise _refused(response, self.access.source)
        return response

    def _ask(self, call: Callable[[], requests.Response]) -> Answer:
        import requests

        source = self.access.source
        try:
            response = call()
            body = response.content
        except requests.Timeout:
            told = f"X did not answer within {self.access.timeout_s:g} seconds."
            raise SourceUnavailable(told, hint=_LATER, source=source) from None
        except requests.RequestException as error:
            told = f"X could not be reached ({type(error).__name__})."
            raise SourceUnavailable(told, hint="Check the network and base_url.", source=source) from None
        self._note(bytes=len(body))
        try:
            return _answer(json.loads(body), response)
        except (ValueError, AttributeError, TypeError):
            kind = response.headers.get("content-type", "nothing")
            raise SourceUnavailable(
                f"X answered with something that is not its JSON ({kind}).",
                hint="A proxy or a sign-in page in between looks like this; check base_url.", source=source,
            ) from None  # fmt: skip

    def _throttle(self, response: requests.Response) -> RateLimited | QuotaExhausted:
        source, problem = self.access.source, _problem(response)
        if "usage-capped" in str(problem.get("type")) or problem.get("title") == "UsageCapExceeded":
            period = str(problem.get("period") or "monthly").lower()
            return QuotaExhausted(
                f"the {period} number of posts that this X account may read is used up.",
                hint="Waiting some minutes does not help: raise the limit in X's developer console, or wait"
                " for the next period. Everything read so far stays.",
                source=source,
            )
        asked = _asked_wait_s(response)
        if asked is None:
            asked = min(UNSAID_WAIT_S * 2**self._throttled, LONGEST_WAIT_S)
            self._throttled += 1
        return RateLimited(
            "X asks for fewer requests.", retry_at=clock.now() + timedelta(seconds=asked),
            hint="The refresh waits and goes on by itself.", source=source,
        )  # fmt: skip


_LATER = "Try again later."


def _tweepy_client(client: XClient) -> tweepy.Client:
    """tweepy with our transport: its host is fixed, it has no timeout, and it logs its headers."""
    import requests
    import tweepy
    from requests.adapters import HTTPAdapter

    access = client.access
    address = base_url(access.base_url, source=access.source)

    class Transport(HTTPAdapter):
        def send(self, request: Any, *_: Any, **options: Any) -> requests.Response:
            request.url = address + request.url.removeprefix(HOST)
            # The token is added here, so that tweepy, which logs headers, never has it.
            request.headers["Authorization"] = f"Bearer {access.token}"
            options["timeout"] = access.timeout_s
            return client.send(lambda: super(Transport, self).send(request, **options))

    logging.getLogger("tweepy.client").setLevel(logging.WARNING)  # it logs whole answers
    api = tweepy.Client(bearer_token="", return_type=requests.Response)
    api.session.trust_env = False  # no proxies and no .netrc of whoever runs this
    api.session.mount(HOST, Transport())
    return api


def _answer(payload: Json, response: requests.Response) -> Answer:
    data, includes = payload.get("data") or [], payload.get("includes") or {}
    found = [data] if isinstance(data, dict) else list(data)
    people = "username" in found[0] if found else False
    return Answer(
        moment=_moment(response),
        posts=[] if people else found,
        users=found if people else list(includes.get("users") or ()),
        media=list(includes.get("media") or ()),
        problems=list(payload.get("errors") or ()),
        meta=dict(payload.get("meta") or {}),
    )


def _moment(response: requests.Response) -> datetime:
    """When the answer was made, by the clock of the other side."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return clock.now().replace(microsecond=0)


def _asked_wait_s(response: requests.Response) -> float | None:
    """How long X asks us to wait, measured on its own clock; None when it does not say."""
    reset, after = response.headers.get("x-rate-limit-reset"), response.headers.get("Retry-After")
    try:
        if reset:
            return max(float(reset) - _moment(response).timestamp(), 0.0) + 1
        if after:
            if after.strip().isdigit():
                return float(after)
            return max((parsedate_to_datetime(after) - _moment(response)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
    return None


def _problem(response: requests.Response) -> dict[str, Any]:
    """The problem that an error's body describes; nothing when it describes none."""
    import requests

    try:
        found = response.json()
    except (ValueError, requests.RequestException):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(response: requests.Response, source: str) -> Exception:
    status, problem = response.status_code, _problem(response)
    said = _said(problem)
    if status == 401:
        return AuthError(
            "X refused the bearer token.",
            hint="Make a new one in X's developer console and put it into bearer_token.", source=source,
        )  # fmt: skip
    if status == 403:
        return PermissionRefused(
            f"X does not allow this app to read it{said}.",
            hint="Attach the app to a project whose plan includes recent search, mentions and post lookup.",
            source=source,
        )
    if status == 404:
        return SourceNotFound(f"X does not know what was asked for{said}.", hint="Check the handles and"
                              " base_url.", source=source)  # fmt: skip
    if status in (502, 503, 504):
        return Overloaded(f"X is overloaded (HTTP {status}).", hint=_LATER, source=source)
    if status >= 500 or status in (408, 409) or status < 400:
        return SourceUnavailable(f"X answered with HTTP {status}.", hint=_LATER, source=source)
    named = [name for error in _errors(problem) for name in error.get("parameters") or ()]
    return NotAccepted(
        f"X did not accept the request{said}.", frozenset(named),
        hint="Check query and handles; operators that a plan lacks are refused too.", source=source,
    )  # fmt: skip


def _errors(problem: Json) -> list[Json]:
    errors = problem.get("errors")
    return [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []


def _said(problem: Json) -> str:
    """What X says about an error, shortened."""
    told = [str(e.get("message") or e.get("detail") or "") for e in _errors(problem)] or [
        str(problem.get("detail") or problem.get("title") or "")
    ]
    text = " ".join(" ".join(t.split()) for t in told if t)[:300]
    return f" ({text.rstrip('.')})" if text else ""
