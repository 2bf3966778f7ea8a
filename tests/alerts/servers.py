"""Servers that channels talk to: a mail server and a webhook on this machine, which can refuse and break off."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Mailbox:
    """What a mail server was given. `answer` is what it says to a message, `recipient` to an address."""

    answer: str = "250 OK"
    recipient: str = "250 OK"
    mails: list[Message] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.answer == "hang up":  # it has the message, and is not heard of again
            self.mails.append(message_from_bytes(envelope.content, policy=default))
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 OK"
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.answer

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}/?from=desk@shop.example&to=ops@shop.example"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server without TLS."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        box = Mailbox(port=taken.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Hook:
    """What a webhook was sent: headers and bodies. It answers `status`."""

    status: int = 200
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    tls: bool = False

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/in/tok3n-of-the-hook"


@contextmanager
def webhook(
    context: ssl.SSLContext | None = None, on_call: Callable[[], object] = lambda: None
) -> Iterator[Hook]:
    """An HTTP server, with TLS when there is a context. `on_call` runs before it answers."""
    hook = Hook(tls=context is not None)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.calls.append((dict(self.headers), body))
            on_call()
            with contextlib.suppress(OSError):  # whoever called may be gone
                self._answer()

        def _answer(self) -> None:
            self.send_response(hook.status)
            if 300 <= hook.status < 400:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
