"""A bucket in a test's hands: objects put into it, and readings of it."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ReadContext, configured
from core.home import Home
from core.settings import Source
from core.stream import Item
from tests.connectors.world import CANARY, Fault, HttpLab, Message, World, message
from tests.fakes import s3 as fakes

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


KEY = "exports/messages.csv"


def as_csv(messages: Sequence[Message]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in messages for key in row)))
    writer.writeheader()
    writer.writerows(messages)
    return text.getvalue().encode()


class S3Lab(HttpLab):
    """A bucket with one file of messages, behind a gate that can fail."""

    def __init__(self, address: str, gate: fakes.Gate, test: str) -> None:
        self.address, self.gate = address, gate
        self.bucket = f"lab-{hashlib.sha256(test.encode()).hexdigest()[:16]}"
        self.s3 = fakes.client(gate.moto)
        self.s3.create_bucket(Bucket=self.bucket)

    def options(self) -> dict[str, Any]:
        return {
            "kind": "s3", "bucket": self.bucket, "prefix": "exports/", "endpoint_url": self.address,
            "region": "us-east-1", "addressing_style": "path", "access_key_id": CANARY,
            "secret_access_key": CANARY, "session_token": CANARY, "timeout_s": 10,
        }  # fmt: skip

    def hold(self, messages: Sequence[Message]) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=as_csv(messages))

    def plan(self, *faults: Fault) -> None:
        self.gate.faults += [
            fakes.Fault(f.status, f.headers, f.body, cut=f.kind == "truncated", drop=f.kind == "reset")
            for f in faults
        ]

    def requests(self) -> list[str]:
        return list(self.gate.log)


def put(lab: S3Lab, key: str, *numbers: int, **changes: Any) -> None:
    lab.s3.put_object(Bucket=lab.bucket, Key=key, Body=as_csv([message(n, **changes) for n in numbers]))


def read(lab: S3Lab, context: ReadContext | None = None, **options: Any) -> list[Item]:
    source = Source(name="lab", **(lab.options() | options))
    return list(configured(source).read(context or ReadContext("lab", pace=0.0)))


def error_of(code: str, message: str = "no") -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    with fakes.moto() as address:
        yield address


@pytest.fixture
def lab(moto_url: str, request: pytest.FixtureRequest) -> Iterator[S3Lab]:
    with fakes.gated(moto_url) as (address, gate):
        yield S3Lab(address, gate, f"own {request.node.name}")


@pytest.fixture
def world(lab: S3Lab, home: Home) -> World:
    return World(lab, home)
