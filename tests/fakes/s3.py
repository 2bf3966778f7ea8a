"""An S3 server for tests and for trying the connector by hand: moto, and a gate in front of it that fails.

    python -m tests.fakes.s3 --port 8093 --files exports/messages.csv

serves a bucket `exports` with these files; any credentials will do. The gate passes requests on to moto, keeps
a log of them, and answers as the fault plan says instead: moto itself checks no credentials and never throttles.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.running import running

SLOW_DOWN = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Fault:
    """What the next request gets instead of its answer. `cut` sends half of the real answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""
    cut: bool = False
    drop: bool = False  # closes the connection without a word
    delay_s: float = 0.0
    keys: bool | None = None  # True: only lists of keys; False: only objects


@dataclass
class Gate:
    """What the gate does and saw."""

    moto: str
    faults: list[Fault] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _method, _path: None  # called before a request is passed on
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self) -> list[str]:
        """The requests without what they asked for."""
        return [line.partition("?")[0] for line in self.log]

    def fault(self, path: str) -> Fault | None:
        """The next fault that means this request."""
        keys = "list-type=2" in path
        with self.lock:
            for number, fault in enumerate(self.faults):
                if fault.keys in (None, keys):
                    return self.faults.pop(number)
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate

    def log_message(self, *_: object) -> None:
        pass

    def _pass(self) -> None:
        gate, path = self.gate, self.path
        gate.log.append(f"{self.command} {path}")
        gate.headers.append(dict(self.headers.items()))
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = gate.fault(path)
        if fault is not None and not fault.cut:
            return self._fail(fault)
        gate.before(self.command, path)
        link = http.client.HTTPConnection(urlsplit(gate.moto).netloc, timeout=60)
        try:
            link.request(self.command, path, sent or None, dict(self.headers.items()))
            answer = link.getresponse()
            data, headers = answer.read(), dict(answer.getheaders())
        finally:
            link.close()
        return self._send(answer.status, headers, data, cut=fault is not None)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass

    def _fail(self, fault: Fault) -> None:
        time.sleep(fault.delay_s)
        if fault.drop:
            self.close_connection = True
            return
        kind = {"Content-Type": "application/xml"} | dict(fault.headers)
        body = fault.body.encode() if isinstance(fault.body, str) else fault.body
        self._send(fault.status, kind, body)

    def _send(self, status: int, headers: Mapping[str, str], data: bytes, *, cut: bool = False) -> None:
        length = headers.get("content-length") or headers.get("Content-Length")
        head = self.command == "HEAD"
        try:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(length if head and length else len(data)))
            self.end_headers()
            if not head:
                self.wfile.write(data[: len(data) // 2] if cut else data)
            if cut:
                self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up waiting


@contextmanager
def moto(port: int = 0) -> Iterator[str]:
    """The address of a running moto server, in a process of its own."""
    chosen = port or _free_port()
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(chosen)]
    process = subprocess.Popen(command, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(chosen, process)
        yield f"http://127.0.0.1:{chosen}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@contextmanager
def gated(moto_url: str, port: int = 0) -> Iterator[tuple[str, Gate]]:
    """The address of a gate in front of a moto server, and the gate."""
    gate = Gate(moto_url)
    handler = type("Handler", (_Handler,), {"gate": gate})
    with running(handler, port) as address:
        yield address, gate


def client(address: str) -> Any:
    """A boto3 client that may write, for filling a bucket."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"moto ended with {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("moto did not answer within a minute")


def main(arguments: Iterable[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="tests.fakes.s3", description=__doc__)
    parser.add_argument("--port", type=int, default=8093)
    parser.add_argument("--bucket", default="exports")
    parser.add_argument(
        "--files", nargs="*", type=Path, default=[], help="put into the bucket by their names"
    )
    chosen = parser.parse_args(list(arguments) if arguments is not None else None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that moto ends too
    with moto() as inner, gated(inner, chosen.port) as (address, _):
        bucket = client(inner)
        bucket.create_bucket(Bucket=chosen.bucket)
        for file in chosen.files:
            bucket.put_object(Bucket=chosen.bucket, Key=file.name, Body=file.read_bytes())
        print(
            f"S3 at {address}, bucket {chosen.bucket}: {len(chosen.files)} files. Stop with Ctrl-C.",
            flush=True,
        )
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
