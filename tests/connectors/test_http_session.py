"""The session of connectors over HTTP: redirects, bodies without end, proxies, addresses."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import pytest

from connectors._http import HttpSession, base_url
from connectors.base import ReadContext
from core.errors import AuthError, ConfigError, SourceNotFound, SourceUnavailable
from tests.fakes.running import running
from tests.fakes.zendesk import LOGIN_PAGE


class _Odd(BaseHTTPRequestHandler):
    """Redirects, sign-in pages, endless bodies."""

    seen: ClassVar[list[str]] = []

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.seen.append(self.path)
        if self.path == "/elsewhere":
            return self._send(302, b"", {"Location": "http://127.0.0.1:9/stolen"})
        if self.path == "/moved":
            return self._send(301, b"", {"Location": "/here"})
        if self.path == "/round":
            return self._send(301, b"", {"Location": "/round"})
        if self.path == "/login":
            return self._send(200, LOGIN_PAGE.encode(), {"Content-Type": "text/html"})
        if self.path == "/large":
            return self._send(200, b"x" * 5_000_000, {})
        return self._send(200, b'{"ok": "\xff"}', {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


@contextmanager
def odd() -> Iterator[str]:
    with running(_Odd) as address:
        yield address


def session(address: str, **changes: Any) -> HttpSession:
    return HttpSession(address, ReadContext("desk"), headers={}, **({"timeout_s": 5.0} | changes))


def test_redirects_stay_on_the_host() -> None:
    with odd() as address, closing(session(address)) as http:
        assert http.json("moved")[0] == {"ok": "\ufffd"}
        with pytest.raises(SourceNotFound, match="on to another one"):
            http.get("elsewhere")
        with pytest.raises(SourceNotFound, match="every request"):
            http.get("round")


def test_a_web_page_and_a_body_without_end() -> None:
    with odd() as address, closing(session(address, max_bytes=1_000_000)) as http:
        with pytest.raises(AuthError, match="sign-in page"):
            http.json("login")
        with pytest.raises(SourceUnavailable, match="larger than"):
            http.get("large")
        assert http.last_status == 504  # asked for in smaller pages


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with odd() as address, closing(session(address)) as http:
        assert http.get("here").status == 200


def test_nobody_answers() -> None:
    with socket.socket() as quiet:
        quiet.bind(("127.0.0.1", 0))
        quiet.listen()
        port = quiet.getsockname()[1]
        with (
            closing(session(f"http://127.0.0.1:{port}", timeout_s=0.2)) as http,
            pytest.raises(SourceUnavailable, match="did not answer within"),
        ):
            http.get("here")
    with (
        closing(session(f"http://127.0.0.1:{port}")) as http,
        pytest.raises(SourceUnavailable, match="failed"),
    ):
        http.get("here")


def test_addresses() -> None:
    assert base_url("https://acme.zendesk.com/", source="s") == "https://acme.zendesk.com"
    assert base_url("http://localhost:8093", source="s") == "http://localhost:8093"
    for wrong in ("acme.zendesk.com", "http://acme.zendesk.com", "https://a.b/?x=1", ""):
        with pytest.raises(ConfigError):
            base_url(wrong, source="s")
