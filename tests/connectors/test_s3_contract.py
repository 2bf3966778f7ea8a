"""The S3 connector against the contract of all connectors, on moto."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from tests.connectors.contract import CANARY, Fault, HttpConnectorContract, Lab, Message
from tests.fakes import s3 as fakes

KEY = "exports/messages.csv"


def as_csv(messages: Sequence[Message]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in messages for key in row)))
    writer.writeheader()
    writer.writerows(messages)
    return text.getvalue().encode()


class S3Lab(Lab):
    """A bucket with one file of messages, behind a gate that can fail."""

    http = True

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


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    with fakes.moto() as address:
        yield address


class TestS3(HttpConnectorContract):
    any_order = False
    gaps: ClassVar[Mapping[str, str]] = {
        "a page that does not move on": "lists of keys are shown in test_s3.py",
    }

    @pytest.fixture
    def lab(self, moto_url: str, request: pytest.FixtureRequest) -> Iterator[Lab]:
        with fakes.gated(moto_url) as (address, gate):
            yield S3Lab(address, gate, request.node.name)
