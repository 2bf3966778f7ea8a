"""What X answers about an account: its posts, its limits, and the faults a test asks for."""

from __future__ import annotations

import base64
import bisect
import itertools
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.twitter_query import BadQuery, parse

EPOCH_MS = 1288834974657  # the first instant that an id can tell


PROBLEMS = "https://api.twitter.com/2/problems"


ALWAYS = ("id", "text", "edit_history_tweet_ids")


def snowflake(moment: datetime, number: int = 0) -> str:
    """The id of a post made at an instant."""
    return str(((round(moment.timestamp() * 1000) - EPOCH_MS) << 22) + number)


@dataclass
class Fault:
    """What the next request gets instead of its answer. `cut` sends half of the real answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""
    cut: bool = False
    drop: bool = False  # closes the connection without a word
    delay_s: float = 0.0
    path: str = ""  # only for requests whose path begins so


@dataclass
class Rules:
    """What may differ between plans and times. Points marked [R] are recalled, not documented."""

    window_days: float = 7.0
    mentions_most: int = 800
    query_chars: int = 512
    per_window: int = 450  # requests of one path in 15 minutes
    rate_headers: bool = True  # a 429 at the edge has none
    monthly_posts: int | None = None  # posts that may be read before the cap
    forbidden: tuple[str, ...] = ()  # beginnings of paths that the plan leaves out
    token: str | None = None  # refuses every other bearer token
    old_since_refused: bool = True  # a since_id from before the window is answered with 400
    tokens_expire: bool = False  # [R] page tokens are refused after `expire()`


class X:
    """What the server holds, and how it behaves."""

    def __init__(self, now: datetime, rules: Rules | None = None) -> None:
        self.now, self.rules = now, rules or Rules()
        self.tweets: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.log: list[str] = []
        self.served = 0
        self.lock = threading.RLock()
        self._ranks: dict[str, int] = {}
        self._order: list[dict[str, Any]] | None = None
        self._used: Counter[tuple[str, int]] = Counter()
        self._epoch = 0

    def add_user(self, native: str, username: str, **more: Any) -> None:
        """A user; `created_at` and a name are made up."""
        self.users[native] = {
            "id": native, "name": username.title(), "username": username,
            "created_at": "2015-03-01T08:00:00.000Z",
        } | more  # fmt: skip

    def add(self, *tweets: Mapping[str, Any]) -> None:
        """Hold these tweets, newer ones last. A tweet that was held before keeps its place."""
        with self.lock:
            for tweet in tweets:
                native = str(tweet["id"])
                self._order = None
                self.tweets[native] = {"edit_history_tweet_ids": [native], **tweet}
                self._ranks.setdefault(native, int(native) if native.isdigit() else len(self._ranks) + 1)

    def remove(self, *ids: str) -> None:
        """Delete tweets."""
        with self.lock:
            self._order = None
            for native in ids:
                self.tweets.pop(native, None)

    def expire(self) -> None:
        """Make every page token that was given out so far unknown (with `tokens_expire`)."""
        self._epoch += 1

    def answer(self, path: str, asked: Mapping[str, str]) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body of a GET."""
        with self.lock:
            headers = self._limit(path)
            if headers is None:
                return 429, self._rate(path, 0), {
                    "title": "Too Many Requests", "type": "about:blank", "status": 429,
                    "detail": "Too Many Requests",
                }  # fmt: skip
            if any(path.startswith(start) for start in self.rules.forbidden):
                return 403, headers, _forbidden()
            try:
                status, body = self._route(path, asked)
            except _Refused as refused:
                return 400, headers, refused.body
            if status == 200 and self._capped(body):
                return 429, headers, _capped()
            return status, headers, body

    def _route(self, path: str, asked: Mapping[str, str]) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if path == "/2/tweets/search/recent":
            return 200, self._search(asked)
        if path == "/2/tweets":
            return 200, self._lookup(asked)
        if path == "/2/users/by":
            return 200, self._users(asked["usernames"].split(","), "usernames")
        if parts[:3] == ["2", "users", "by"] and len(parts) == 5:
            found = self._users([parts[4]], "username")
            return 200, {**found, "data": found["data"][0]} if found.get("data") else found
        if parts[:2] == ["2", "users"] and parts[3:] == ["mentions"]:
            return self._mentions(parts[2], asked)
        return 404, {"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"}

    def _search(self, asked: Mapping[str, str]) -> dict[str, Any]:
        query = asked.get("query", "")
        if len(query) > self.rules.query_chars:
            raise _Refused("query", query[:20], f"query is longer than {self.rules.query_chars} characters")
        try:
            test = parse(query)
        except BadQuery as error:
            raise _Refused("query", query, str(error)) from None
        names = {native: user["username"] for native, user in self.users.items()}
        begins = self.now - timedelta(days=self.rules.window_days)
        if self.rules.old_since_refused:
            self._refuse_old(asked, begins)
        below = self._high(asked, "next_token")
        found = (t for t in self._sorted(below) if test(t, names) and _made(t) >= begins)
        return self._page(found, asked, "next_token", smallest=10)

    def _mentions(self, native: str, asked: Mapping[str, str]) -> tuple[int, Any]:
        user = self.users.get(native)
        if user is None:
            return 200, {"errors": [_not_found("user", "id", native)]}
        test = parse(f"@{user['username']}")
        most = self.rules.mentions_most
        below = self._high(asked, "pagination_token") if most >= len(self.tweets) else None
        found = itertools.islice((t for t in self._sorted(below) if test(t, {})), most)
        return 200, self._page(found, asked, "pagination_token", smallest=5)

    def _lookup(self, asked: Mapping[str, str]) -> dict[str, Any]:
        ids = asked.get("ids", "").split(",")
        if len(ids) > 100:
            raise _Refused("ids", str(len(ids)), "size must be between 1 and 100")
        found = [self.tweets[i] for i in ids if i in self.tweets]
        body = self._told(found, asked)
        if not found:
            body.pop("data", None)
        missing = [_not_found("tweet", "ids", i) for i in ids if i not in self.tweets]
        return body | ({"errors": [*body.get("errors", []), *missing]} if missing else {})

    def _users(self, names: Sequence[str], parameter: str) -> dict[str, Any]:
        known = {user["username"].lower(): user for user in self.users.values()}
        body: dict[str, Any] = {"data": [known[n.lower()] for n in names if n.lower() in known]}
        missing = [_not_found("user", parameter, n) for n in names if n.lower() not in known]
        if not body["data"]:
            body.pop("data")
        return body | ({"errors": missing} if missing else {})

    def _page(
        self, found: Iterable[dict[str, Any]], asked: Mapping[str, str], token: str, *, smallest: int
    ) -> dict[str, Any]:
        size = int(asked.get("max_results", 10))
        if not smallest <= size <= 100:
            raise _Refused("max_results", str(size), f"must be between {smallest} and 100")
        if ("since_id" in asked or "until_id" in asked) and ("start_time" in asked or "end_time" in asked):
            raise _Refused("since_id", "", "since_id and until_id do not go with start_time and end_time")
        low, high = self._rank(asked.get("since_id"), 0), self._high(asked, token)
        if "start_time" in asked:
            start = datetime.fromisoformat(asked["start_time"])
            found = (t for t in found if _made(t) >= start)
        found = itertools.takewhile(lambda t: self._ranks[t["id"]] > (low or 0), found)
        left = (t for t in found if high is None or self._ranks[t["id"]] < high)
        page = list(itertools.islice(left, size + 1))
        more, page = len(page) > size, page[:size]
        body = self._told(page, asked)
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        else:
            body.pop("data", None)
        if more:
            meta["next_token"] = self._sealed(self._ranks[page[-1]["id"]])
        return body | {"meta": meta}

    def _told(self, page: Sequence[dict[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
        """Tweets with the fields and includes that were asked for, and what is missing of them."""
        fields = {*ALWAYS, *asked.get("tweet.fields", "").split(",")}
        body: dict[str, Any] = {"data": [{k: v for k, v in t.items() if k in fields} for t in page]}
        wanted = asked.get("expansions", "").split(",")
        includes: dict[str, Any] = {}
        if "author_id" in wanted:
            told = {"id", "name", "username", *asked.get("user.fields", "").split(",")}
            ids = dict.fromkeys(str(t.get("author_id")) for t in page)
            users = [self.users[i] for i in ids if i in self.users]
            includes["users"] = [{k: v for k, v in u.items() if k in told} for u in users]
        if "attachments.media_keys" in wanted:
            keys = (k for t in page for k in (t.get("attachments") or {}).get("media_keys", ()))
            includes["media"] = [self.media[k] for k in dict.fromkeys(keys) if k in self.media]
        if "referenced_tweets.id" in wanted:
            ids = dict.fromkeys(str(r["id"]) for t in page for r in t.get("referenced_tweets") or ())
            includes["tweets"] = [self.tweets[i] for i in ids if i in self.tweets]
            gone = [_not_found("tweet", "referenced_tweets.id", i) for i in ids if i not in self.tweets]
            if gone:
                body["errors"] = gone
        includes = {name: rows for name, rows in includes.items() if rows}
        return body | ({"includes": includes} if includes else {})

    def _sorted(self, below: int | None = None) -> Iterator[dict[str, Any]]:
        """Tweets, newest first, from below a rank on."""
        if self._order is None:
            self._order = sorted(self.tweets.values(), key=lambda t: self._ranks[t["id"]], reverse=True)
        order = self._order
        begins = 0
        if below is not None:
            begins = bisect.bisect_right(order, -below, key=lambda t: -self._ranks[t["id"]])
        return (order[place] for place in range(begins, len(order)))

    def _high(self, asked: Mapping[str, str], token: str) -> int | None:
        """The rank that a page lies below."""
        return (
            self._opened(asked[token], token) if token in asked else self._rank(asked.get("until_id"), None)
        )

    def _rank(self, native: str | None, otherwise: int | None) -> int | None:
        if native is None:
            return otherwise
        if native in self._ranks:
            return self._ranks[native]
        if native.isdigit():
            return int(native)
        raise _Refused("since_id", native, "is not a post id")

    def _refuse_old(self, asked: Mapping[str, str], begins: datetime) -> None:
        for name in ("since_id", "until_id"):
            native = asked.get(name)
            if native and native.isdigit() and int(native) < int(snowflake(begins)):
                raise _Refused(
                    name, native, f"'{name}' must be a tweet id created after {begins:%Y-%m-%dT%H:%MZ}"
                )

    def _sealed(self, rank: int) -> str:
        return base64.urlsafe_b64encode(f"{self._epoch}:{rank}".encode()).decode().rstrip("=")

    def _opened(self, token: str, name: str) -> int:
        try:
            epoch, _, rank = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(":")
            if self.rules.tokens_expire and int(epoch) != self._epoch:
                raise ValueError
            return int(rank)
        except ValueError:
            raise _Refused(name, token, f"the `{name}` query parameter value is not valid") from None

    def _limit(self, path: str) -> dict[str, str] | None:
        """Count a request of a path; gives the headers, None when it is one too many."""
        key = (path, int(self.now.timestamp()) // 900)
        self._used[key] += 1
        left = self.rules.per_window - self._used[key]
        return None if left < 0 else self._rate(path, left)

    def _rate(self, path: str, left: int) -> dict[str, str]:
        if not self.rules.rate_headers:
            return {}
        reset = (int(self.now.timestamp()) // 900 + 1) * 900
        return {
            "x-rate-limit-limit": str(self.rules.per_window), "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(reset),
        }  # fmt: skip

    def _capped(self, body: Any) -> bool:
        count = len(body["data"]) if isinstance(body.get("data"), list) else 0
        if self.rules.monthly_posts is not None and self.served + count > self.rules.monthly_posts:
            return True
        self.served += count
        return False


class _Refused(Exception):
    """A request that X answers with 400."""

    def __init__(self, parameter: str, value: str, message: str) -> None:
        super().__init__(message)
        self.body = {
            "errors": [{"parameters": {parameter: [value]}, "message": f"Invalid '{parameter}': {message}"}],
            "title": "Invalid Request", "detail": "One or more parameters to your request was invalid.",
            "type": f"{PROBLEMS}/invalid-request",
        }  # fmt: skip


def _made(tweet: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(tweet["created_at"])).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def _not_found(kind: str, parameter: str, value: str) -> dict[str, Any]:
    return {
        "value": value, "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error", "resource_type": kind, "parameter": parameter, "resource_id": value,
        "type": f"{PROBLEMS}/resource-not-found",
    }  # fmt: skip


def _forbidden() -> dict[str, Any]:
    return {
        "client_id": "1", "title": "Client Forbidden", "required_enrollment": "Appropriate Level of API Access",
        "detail": "When authenticating requests to the X API v2 endpoints, you must use keys and tokens from"
        " an app that is attached to a project.",
        "reason": "client-not-enrolled", "type": f"{PROBLEMS}/client-forbidden",
    }  # fmt: skip


def _capped() -> dict[str, Any]:
    return {
        "account_id": "1", "product_name": "standard-basic", "title": "UsageCapExceeded", "period": "Monthly",
        "scope": "Product", "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{PROBLEMS}/usage-capped",
    }  # fmt: skip


def sample(x: X, posts: int, *, handle: str = "acme") -> None:
    """Fill a server with a week of complaints, and the brand's replies to two of three."""
    x.add_user("99", handle)
    words = ("my parcel is late", "the app crashes #android", "thank you!", "where is my refund?")
    for n in range(posts):
        moment = x.now - timedelta(days=6.5 * (1 - n / max(posts, 1)))
        x.add_user(str(100 + n % 40), f"customer{n % 40}")
        root = snowflake(moment)
        x.add(post(root, str(100 + n % 40), f"@{handle} {words[n % 4]}", moment))
        if n % 3:
            later = moment + timedelta(minutes=7 + n % 50)
            x.add(post(snowflake(later, 1), "99", f"@customer{n % 40} We are looking into it.", later, root))


def post(
    native: str, author: str | None, text: str, moment: datetime, root: str | None = None, **more: Any
) -> dict[str, Any]:
    """A tweet as X tells it."""
    tags = [w.strip("#.,!?") for w in text[:1000].split() if w.startswith("#")]
    made: dict[str, Any] = {
        "id": native, "text": text, "conversation_id": root or native,
        "created_at": moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "lang": "en",
        "public_metrics": {
            "retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0, "bookmark_count": 0,
            "impression_count": 0,
        },
    }  # fmt: skip
    if author is not None:
        made["author_id"] = author
    if root:
        made["referenced_tweets"] = [{"type": "replied_to", "id": root}]
    if tags:
        made["entities"] = {"hashtags": [{"start": 0, "end": 1, "tag": tag} for tag in tags]}
    return made | more
