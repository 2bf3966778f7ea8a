"""The S3 connector against the contract of all connectors, on moto."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.connectors.contract import HttpConnectorContract
from tests.connectors.world import CANARY, Fault, HttpLab, Lab, Message, World, message
from tests.fakes import s3 as fakes

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


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    with fakes.moto() as address:
        yield address


class TestS3(HttpConnectorContract):
    any_order = False

    @pytest.fixture
    def lab(self, moto_url: str, request: pytest.FixtureRequest) -> Iterator[Lab]:
        with fakes.gated(moto_url) as (address, gate):
            yield S3Lab(address, gate, request.node.name)

    @pytest.mark.point(8)
    def test_a_page_that_does_not_move_on(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(9)])
        told = "<Name>b</Name><KeyCount>0</KeyCount><IsTruncated>true</IsTruncated>"
        page = f"<ListBucketResult>{told}<NextContinuationToken>x</NextContinuationToken></ListBucketResult>"
        xml = {"Content-Type": "application/xml"}
        world.lab.plan(*[Fault(status=200, headers=xml, body=page.encode())] * 9)
        report = world.sync()
        assert [error.code for error in report.errors] == ["no_progress"]
        assert len(world.lab.requests()) == 2
