"""The S3 connector against the contract of all connectors, on moto."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from tests.connectors.contract import CANARY, ConnectorContract, Lab, Message
from tests.fakes.s3 import Gate, client, gated, moto

KEY = "exports/messages.csv"


def as_csv(messages: Sequence[Message]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in messages for key in row)))
    writer.writeheader()
    writer.writerows(messages)
    return text.getvalue().encode()


class S3Lab(Lab):
    """A bucket with one file of messages."""

    def __init__(self, address: str, gate: Gate, bucket: str) -> None:
        self.address, self.gate, self.bucket = address, gate, bucket
        self.s3 = client(gate.moto)

    def options(self) -> dict[str, Any]:
        return {
            "kind": "s3", "bucket": self.bucket, "prefix": "exports/", "endpoint_url": self.address,
            "region": "us-east-1", "addressing_style": "path", "access_key_id": CANARY,
            "secret_access_key": CANARY, "session_token": CANARY, "retry_wait_s": 0.02, "timeout_s": 5,
        }  # fmt: skip

    def hold(self, messages: Sequence[Message]) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=as_csv(messages))


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    with moto() as address:
        yield address


class TestS3(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def lab(self, moto_url: str, request: pytest.FixtureRequest) -> Iterator[Lab]:
        bucket = f"lab-{abs(hash(request.node.name))}"
        with gated(moto_url) as (address, gate):
            lab = S3Lab(address, gate, bucket)
            lab.s3.create_bucket(Bucket=bucket)
            yield lab
