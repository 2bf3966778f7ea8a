"""The S3 connector against the contract of all connectors, on moto."""

from collections.abc import Iterator

import pytest

from tests.connectors.contract import HttpConnectorContract
from tests.connectors.s3_lab import S3Lab
from tests.connectors.world import Fault, Lab, World, message
from tests.fakes import s3 as fakes


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
