"""A loopback server that speaks the part of the X API v2 that the connector uses.

    python -m tests.fakes.twitter --port 8092 --posts 300

Point a source at it with base_url = "http://127.0.0.1:8092" and any bearer_token. `POST /_control` with
{"now": "2026-11-16T09:00:00Z", "faults": [{"status": 503}]} moves the clock and plans faults; `GET /_control`
shows the requests. What is documented, measured or recalled is said in docs/connectors/twitter.md; points that
are recalled only are switches of `Rules`.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.running import running
from tests.fakes.twitter_account import Fault, Rules, X, sample


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    x: X

    def log_message(self, *_: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.x.now, usegmt=True)

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        if split.path == "/_control":
            return self._send(200, {}, {"now": self.x.now.isoformat(), "requests": self.x.log})
        self.x.log.append(f"GET {self.path}")
        fault = self._fault(split.path)
        if fault is not None and not fault.cut:
            return self._fail(fault)
        if self.x.rules.token not in (None, self.headers.get("Authorization", "").removeprefix("Bearer ")):
            told = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            return self._send(401, {}, told)
        status, headers, body = self.x.answer(unquote(split.path), dict(parse_qsl(split.query)))
        return self._send(status, headers, body, cut=fault is not None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if urlsplit(self.path).path != "/_control":
            return self._refuse()
        told = json.loads(body or b"{}")
        if "now" in told:
            self.x.now = datetime.fromisoformat(told["now"]).astimezone(UTC)
        self.x.faults += [Fault(**one) for one in told.get("faults", ())]
        return self._send(200, {}, {"now": self.x.now.isoformat()})

    def _refuse(self) -> None:
        """Nothing can be written here; that somebody tried stays in the log."""
        self.x.log.append(f"{self.command} {self.path}")
        self._send(405, {}, {"title": "Method Not Allowed", "status": 405})

    do_PUT = do_DELETE = do_PATCH = _refuse

    def _fault(self, path: str) -> Fault | None:
        with self.x.lock:
            for number, fault in enumerate(self.x.faults):
                if path.startswith(fault.path):
                    return self.x.faults.pop(number)
        return None

    def _fail(self, fault: Fault) -> None:
        time.sleep(fault.delay_s)
        if fault.drop:
            self.close_connection = True
            return
        body = fault.body.encode() if isinstance(fault.body, str) else fault.body
        self._bytes(fault.status, fault.headers, body)

    def _send(self, status: int, headers: Mapping[str, str], body: Any, *, cut: bool = False) -> None:
        data = json.dumps(body).encode()
        self._bytes(status, {"Content-Type": "application/json; charset=utf-8", **headers}, data, cut=cut)

    def _bytes(self, status: int, headers: Mapping[str, str], data: bytes, *, cut: bool = False) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if cut else data)
            if cut:
                self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up waiting


@contextmanager
def serving(x: X, port: int = 0) -> Iterator[str]:
    """The address of a running server."""
    handler = type("Handler", (_Handler,), {"x": x})
    with running(handler, port) as address:
        yield address


def main(arguments: Iterable[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="tests.fakes.twitter", description=__doc__)
    parser.add_argument("--port", type=int, default=8092)
    parser.add_argument("--posts", type=int, default=300, help="complaints in the last week")
    parser.add_argument("--handle", default="acme")
    parser.add_argument("--now", default=None, help="ISO time; the present when absent")
    parser.add_argument("--window-days", type=float, default=7.0)
    parser.add_argument("--per-window", type=int, default=450, help="requests of a path in 15 minutes")
    chosen = parser.parse_args(list(arguments) if arguments is not None else None)
    now = datetime.fromisoformat(chosen.now).astimezone(UTC) if chosen.now else datetime.now(UTC)
    x = X(now.replace(microsecond=0), Rules(window_days=chosen.window_days, per_window=chosen.per_window))
    sample(x, chosen.posts, handle=chosen.handle)
    with serving(x, chosen.port) as address:
        print(f"X at {address}: {len(x.tweets)} posts about @{chosen.handle}. Stop with Ctrl-C.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
