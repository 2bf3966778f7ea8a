"""A loopback server that speaks the part of the Zendesk API that reads an account.

    python -m tests.fakes.zendesk --port 8093 --tickets 500

Point a source at it with base_url = "http://127.0.0.1:8093", any email and any api_token. `POST /_control` with
{"now": "2026-11-16T09:00:00Z", "faults": [{"status": 503}], "rules": {"export_per_minute": 10}} moves the
clock, plans faults and changes rules; `GET /_control` shows the requests. What is documented and what is
assumed is said in docs/connectors/zendesk.md; assumed points are marked [R] and are switches of `Rules`.
"""

from __future__ import annotations

import argparse
import base64
import json
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.zendesk_data import Account
from tests.fakes.zendesk_paging import Refusal
from tests.fakes.zendesk_routes import answer
from tests.fakes.zendesk_shapes import ROOT, Row

EXPORTS = "incremental/"
PER_MINUTE_WORDS = "Number of allowed API requests per minute exceeded"
EXPORT_LIMIT = {
    "error": "APIRateLimitExceeded",
    "description": "Number of allowed incremental export API requests per minute exceeded",
}
FORBIDDEN = {
    "error": {  # the title is recalled [R]
        "title": "Forbidden",
        "message": "Access to this resource is restricted. Please contact the account administrator for assistance.",
    }
}
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"


@dataclass
class Fault:
    """What the next request gets instead of its answer. `cut` sends half of the real answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    cut: bool = False
    drop: bool = False  # closes the connection without a word
    delay_s: float = 0.0
    path: str = ""  # only for requests whose path (after /api/v2/) begins so


@dataclass
class Rules:
    """What may differ between plans and times. Points marked [R] are recalled, not documented."""

    email: str | None = None  # refuses every other user of an API token
    api_token: str | None = None
    oauth_token: str | None = None
    forbidden: tuple[str, ...] = ()  # beginnings of paths that the plan or the role leaves out
    missing: tuple[str, ...] = ()  # beginnings of paths that answer 404
    per_minute: int = 700
    export_per_minute: int | None = None  # 10 in a real account
    page: int = 1000  # the most that an export gives at a time
    too_much: int | None = None  # exports of more rows than this answer 504
    doubled: bool = False  # an export gives its first ticket twice
    empty_pages: int = 0  # so many export pages come empty although they are not the end
    stuck: bool = False  # exports give the same cursor again and say that there is more
    ratings_filter_by: str = "updated_at"  # what start_time of ratings compares [R]
    date_ahead_s: float = 0.0  # how far the Date header runs ahead of the data's clock
    end_of_stream: bool = True  # False leaves the word out, as older answers did


class Zendesk:
    """What the server holds, and how it behaves."""

    def __init__(self, now: datetime | None = None) -> None:
        self._shift, self._fixed = timedelta(), now
        self.account = Account(self.now)
        self.rules, self.faults = Rules(), deque[Fault]()
        self.log: list[str] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.lock = threading.RLock()
        self.port = 0
        self._sent: dict[str, deque[datetime]] = {}

    def now(self) -> datetime:
        """The server's clock: as set, else the real time (moved by what was asked for)."""
        return (self._fixed or datetime.now(UTC)) + self._shift

    def seconds(self) -> int:
        return int(self.now().timestamp())

    def set_now(self, now: datetime) -> None:
        self._fixed, self._shift = now, timedelta()

    def advance(self, seconds: float) -> None:
        self._shift += timedelta(seconds=seconds)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def offered_ms(self, response: Row) -> int:
        """When a survey response was made, told by its id."""
        letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        value = 0
        for letter in str(response["id"])[:10]:
            value = value * 32 + letters.index(letter)
        return value

    def take_fault(self, path: str) -> Fault | None:
        for fault in list(self.faults):
            if path.startswith(fault.path):
                self.faults.remove(fault)
                return fault
        return None

    def throttled(self, path: str) -> tuple[int, Row | str] | None:
        """Seconds to wait and the body, when a limit is reached; counts the request otherwise."""
        limits: list[tuple[str, int, Row | str]] = [("all", self.rules.per_minute, PER_MINUTE_WORDS)]
        if path.startswith(EXPORTS) and self.rules.export_per_minute is not None:
            limits.insert(0, ("exports", self.rules.export_per_minute, EXPORT_LIMIT))
        for name, most, body in limits:
            sent = self._sent.setdefault(name, deque())
            while sent and (self.now() - sent[0]).total_seconds() >= 60:
                sent.popleft()
            if len(sent) >= most:
                return max(1, 60 - int((self.now() - sent[0]).total_seconds())), body
        for name, _, _ in limits:
            self._sent[name].append(self.now())
        return None

    def rate_headers(self, path: str) -> dict[str, str]:
        used = len(self._sent.get("all", ()))
        left = str(max(0, self.rules.per_minute - used))
        told = {"X-Rate-Limit": str(self.rules.per_minute), "X-Rate-Limit-Remaining": left}
        if path == "tickets":
            told |= {"ratelimit-limit": told["X-Rate-Limit"], "ratelimit-remaining": left, "ratelimit-reset": "41",
                     "zendesk-ratelimit-tickets-index": "total=100; remaining=99; resets=41"}  # fmt: skip
        return told

    def body(self, path: str, query: dict[str, str], url: str) -> Row:
        """The answer of a GET. Raises Refusal."""
        if any(path.startswith(start) for start in self.rules.forbidden):
            raise Refusal(403, FORBIDDEN)
        if any(path.startswith(start) for start in self.rules.missing):
            raise Refusal(404, {"error": "InvalidEndpoint", "description": "Not found"})
        asked = int(query.get("per_page", 1000)) if path.startswith(EXPORTS) else 0
        if self.rules.too_much is not None and asked > self.rules.too_much:
            raise Refusal(504, {"error": "GatewayTimeout"})
        if path.startswith(EXPORTS) and path.endswith("cursor") and self.rules.empty_pages:
            self.rules.empty_pages -= 1
            return self._empty_page(path, query, url)
        page = answer(self, path, query, url)
        if self.rules.stuck and path.startswith(EXPORTS):
            page |= {"end_of_stream": False, "after_cursor": query.get("cursor", "MC4wfHx8"),
                     "end_time": int(query.get("start_time", 0))}  # fmt: skip
        if not self.rules.end_of_stream:
            page.pop("end_of_stream", None)
        return page

    def _empty_page(self, path: str, query: dict[str, str], url: str) -> Row:
        key = path.split("/")[1]
        page = answer(self, path, {**query, "per_page": "1"}, url)
        before = query.get("cursor") or base64.b64encode(f"{query['start_time']}.0|||".encode()).decode()
        decoded = base64.b64decode(before).decode()
        cursor = base64.b64encode(f"{decoded}{self.rules.empty_pages}".encode()).decode()
        return page | {key: [], "after_cursor": cursor, "end_of_stream": False}


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "Zendesk-fake/1", ""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body would otherwise wait 40 ms for each other
    wbufsize = 1 << 16
    zendesk: Zendesk

    def log_message(self, *_: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        ahead = timedelta(seconds=self.zendesk.rules.date_ahead_s)
        return format_datetime(self.zendesk.now() + ahead, usegmt=True)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/_control":
            return self._send(200, self._told())
        path = unquote(parts.path).removeprefix("/api/v2/").removesuffix(".json").strip("/")
        query = _query(parts.query)
        with self.zendesk.lock:
            self.zendesk.log.append(f"GET {unquote(parts.path)}")
            self.zendesk.calls.append((path, query))
            fault = self.zendesk.take_fault(path)
        if fault is not None and not fault.cut:
            return self._fault(fault)
        with self.zendesk.lock:
            status, body, headers = self._answer(path, query)
        return self._send(status, body, headers, cut=fault is not None)

    def _told(self) -> Row:
        account = self.zendesk.account
        holds = {name: len(rows) for name, rows in account.lists.items()} | {
            "tickets": len(account.tickets), "comments": sum(map(len, account.comments.values())),
            "audits": sum(map(len, account.audits.values())), "messages": sum(map(len, account.logs.values())),
        }  # fmt: skip
        return {"requests": self.zendesk.log, "now": self.zendesk.now().isoformat(), "holds": holds}

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, Row | str, dict[str, str]]:
        zendesk = self.zendesk
        if not self._known():
            return 401, {"error": "Couldn't authenticate you"}, {}
        wait = zendesk.throttled(path)
        if wait is not None:
            return 429, wait[1], {"Retry-After": str(wait[0])}
        headers = zendesk.rate_headers(path)
        if not urlsplit(self.path).path.startswith("/api/v2/"):
            return 404, {"error": "InvalidEndpoint", "description": "Not found"}, headers
        try:
            return 200, zendesk.body(path, query, f"{zendesk.url}/api/v2/{path}.json"), headers
        except Refusal as refusal:
            return refusal.status, refusal.body, headers
        except ValueError as error:  # a number or date that is none
            return 400, {"error": "InvalidValue", "description": str(error)}, headers

    def _known(self) -> bool:
        rules, sent = self.zendesk.rules, self.headers.get("Authorization", "")
        kind, _, value = sent.partition(" ")
        if kind == "Bearer":
            return value == (rules.oauth_token or value) != ""
        try:
            user, _, token = base64.b64decode(value).decode().partition(":")
        except ValueError:
            return False
        right = rules.email is None or user == f"{rules.email}/token"
        return (
            kind == "Basic"
            and user.endswith("/token")
            and right
            and token == (rules.api_token or token) != ""
        )

    def _fault(self, fault: Fault) -> None:
        time.sleep(fault.delay_s)
        if fault.drop:
            self.close_connection = True
            self.connection.close()
            return
        self._send(fault.status, fault.body or "", dict(fault.headers))

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_control":
            return self._control(json.loads(text or b"{}"))
        with self.zendesk.lock:
            self.zendesk.log.append(f"{self.command} {unquote(urlsplit(self.path).path)}")
        return self._send(403, FORBIDDEN)

    do_PUT = do_PATCH = do_DELETE = do_POST

    def _control(self, wish: Row) -> None:
        zendesk = self.zendesk
        with zendesk.lock:
            if "now" in wish:
                zendesk.set_now(datetime.fromisoformat(wish["now"]))
            zendesk.advance(float(wish.get("advance_s", 0)))
            zendesk.faults.extend(Fault(**one) for one in wish.get("faults", []))
            for name, value in wish.get("rules", {}).items():
                setattr(zendesk.rules, name, tuple(value) if isinstance(value, list) else value)
        self._send(200, {"now": zendesk.now().isoformat()})

    def _send(
        self, status: int, body: Row | str, headers: Mapping[str, str] | None = None, *, cut: bool = False
    ) -> None:
        if isinstance(body, str):
            text, kind = body, "text/html; charset=utf-8" if body.lstrip().startswith("<") else "text/plain"
        else:
            text, kind = (
                json.dumps(body).replace(ROOT, f"{self.zendesk.url}/api/v2"),
                "application/json; charset=utf-8",
            )
        data = text.encode()
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if cut else data)
            self.close_connection = self.close_connection or cut
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up waiting


def _query(text: str) -> dict[str, str]:
    """Parameters by name; one that is repeated (role[]=…&role[]=…) becomes a list with commas."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that hangs up is no news


@contextmanager
def serving(zendesk: Zendesk, port: int = 0) -> Iterator[Zendesk]:
    """The server on loopback while the block runs."""
    handler = type("Handler", (_Handler,), {"zendesk": zendesk})
    server = _Server(("127.0.0.1", port), handler)
    zendesk.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield zendesk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve generated data until interrupted."""
    from tests.fakes.zendesk_sample import fill

    parser = argparse.ArgumentParser(description="A Zendesk account on this machine, with generated data.")
    parser.add_argument("--port", type=int, default=8093)
    parser.add_argument("--tickets", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--export-per-minute", type=int, default=None, help="10 in a real account")
    chosen = parser.parse_args()
    zendesk = Zendesk()
    zendesk.rules.export_per_minute = chosen.export_per_minute
    fill(zendesk.account, tickets=chosen.tickets, seed=chosen.seed)
    with serving(zendesk, chosen.port):
        print(f"Zendesk with {chosen.tickets} tickets on {zendesk.url}. Ctrl-C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("ended")


if __name__ == "__main__":
    main()
