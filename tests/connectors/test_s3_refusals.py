"""Refusals of a bucket, a store that stumbles, credentials and what is said of them."""

import io
import logging
import threading
import time
import tomllib
from pathlib import Path

import boto3
import pytest

from connectors.base import ReadContext, configured
from core.errors import (
    AppError,
    AuthError,
    Cancelled,
    ConfigError,
    PermissionRefused,
    RateLimited,
    SourceDataError,
    SourceNotFound,
    SourceUnavailable,
)
from core.settings import Source
from core.stream import FileGone, FileRead, Waiting
from tests.connectors.s3_lab import EXAMPLES, S3Lab, error_of, lab, moto_url, put, read, world
from tests.connectors.world import CANARY, World
from tests.fakes.s3 import SLOW_DOWN, Fault

__all__ = ["lab", "moto_url", "world"]


@pytest.mark.parametrize(
    ("status", "code", "raised", "words"),
    [
        (403, "InvalidAccessKeyId", AuthError, "refused the credentials"),
        (403, "SignatureDoesNotMatch", AuthError, "refused the credentials"),
        (400, "ExpiredToken", AuthError, "refused the credentials"),
        (403, "RequestTimeTooSkewed", AuthError, "clock"),
        (403, "AccessDenied", PermissionRefused, "may not be listed"),
        (404, "NoSuchBucket", SourceNotFound, "no bucket"),
        (301, "PermanentRedirect", ConfigError, "not here"),
        (400, "AuthorizationHeaderMalformed", ConfigError, "not here"),
        (400, "InvalidArgument", ConfigError, "InvalidArgument"),
    ],
)
def test_refusals_are_told_apart(
    lab: S3Lab, status: int, code: str, raised: type[AppError], words: str
) -> None:
    lab.gate.faults = [Fault(status, body=error_of(code)) for _ in range(9)]
    with pytest.raises(raised, match=words) as error:
        read(lab)
    assert error.value.source == "lab"
    assert error.value.hint
    assert CANARY not in str(error.value)
    assert len(lab.gate.log) <= 4  # boto3 itself looks for the right region


def test_the_right_region_is_named(lab: S3Lab) -> None:
    region = {"x-amz-bucket-region": "eu-west-1"}
    lab.gate.faults = [Fault(301, region, error_of("PermanentRedirect")) for _ in range(9)]
    with pytest.raises(ConfigError, match="eu-west-1"):
        read(lab)


def test_a_missing_bucket(lab: S3Lab) -> None:
    with pytest.raises(SourceNotFound, match="there is no bucket nobody-has-this"):
        read(lab, bucket="nobody-has-this")


def test_one_object_that_may_not_be_read(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    put(lab, "exports/b.csv", 2)
    lab.gate.faults = [Fault(403, body=error_of("AccessDenied"), keys=False)]
    report = world.sync()
    assert report.status == "partial"
    assert report.error is not None
    assert report.error.code == "permission"
    assert len(world.texts()) == 1


def test_an_archived_object(lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    lab.gate.faults = [Fault(403, body=error_of("InvalidObjectState"), keys=False)]
    with pytest.raises(SourceDataError, match="archived"):
        read(lab)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, body=SLOW_DOWN),
        Fault(503, {"Retry-After": "0"}, SLOW_DOWN),
        Fault(429, body="slow down, please"),
        Fault(500, body=error_of("InternalError")),
        Fault(502, body="<html><body>Bad gateway</body></html>"),
        Fault(504, body=""),
        Fault(drop=True),
        Fault(cut=True),
        Fault(200, {"Content-Type": "text/html"}, "<html><body>Please sign in</body></html>"),
        Fault(200, {"Content-Type": "text/html"}, "<!doctype html><p>Please sign in"),
    ],
    ids=["slow", "slow-said", "429", "500", "502", "504", "drop", "cut", "sign-in", "sign-in-html"],
)
def test_a_stumble_is_waited_out(lab: S3Lab, fault: Fault) -> None:
    put(lab, "exports/a.csv", 1)
    lab.gate.faults = [fault, fault]
    items = read(lab)
    assert len([item for item in items if isinstance(item, Waiting)]) == 2
    assert len([item for item in items if isinstance(item, FileRead)]) == 1
    assert len(lab.gate.log) <= 5


@pytest.mark.parametrize("fault", [Fault(cut=True, keys=False), Fault(503, body=SLOW_DOWN, keys=False)])
def test_a_stumble_while_an_object_is_read(world: World, lab: S3Lab, fault: Fault) -> None:
    put(lab, "exports/a.csv", *range(40))
    lab.gate.faults = [fault, fault]
    assert world.sync().status == "ok"
    assert len(world.texts()) == 40


def test_a_store_that_stays_down_ends_the_reading(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    world.sync()
    lab.gate.faults = [Fault(500, body=error_of("InternalError")) for _ in range(50)]
    lab.gate.log.clear()
    report = world.sync()
    assert report.error is not None
    assert report.error.code == "transient"
    assert len(lab.gate.log) <= 6
    assert set(world.texts()) == {"m1"}


def test_nobody_answers(lab: S3Lab) -> None:
    with pytest.raises(SourceUnavailable, match="could not be reached"):
        read(lab, endpoint_url="http://127.0.0.1:9")


def test_a_slow_answer_is_given_up(lab: S3Lab) -> None:
    lab.gate.faults = [Fault(200, delay_s=0.4) for _ in range(6)]
    with pytest.raises(SourceUnavailable, match=r"did not answer within 0\.1 seconds"):
        read(lab, timeout_s=0.1)


def test_cancelled_during_a_wait(lab: S3Lab) -> None:
    lab.gate.faults = [Fault(503, {"Retry-After": "600"}, SLOW_DOWN)]
    context = ReadContext("lab")
    items = configured(Source(name="lab", **lab.options())).read(context)
    assert isinstance(next(items), Waiting)
    threading.Timer(0.2, context.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        next(items)
    assert time.monotonic() - begun < 2


def test_cancelled_during_a_download(lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    context = ReadContext("lab")
    lab.gate.before = lambda _method, path: context.stop.set() if path.endswith(".csv") else None
    with pytest.raises(Cancelled):
        read(lab, context)


def test_it_only_reads(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    world.sync()
    world.sync(full=True)
    configured(world.lab.source()).check(ReadContext("lab"))
    assert lab.gate.log
    assert {line.split(" ")[0] for line in lab.gate.log} == {"GET"}


def test_credentials_of_the_machine(lab: S3Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    put(lab, "exports/a.csv", 1)
    none = {"access_key_id": None, "secret_access_key": None, "session_token": None}
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(AuthError, match="no usable credentials"):
        read(lab, **none)
    assert lab.gate.log == []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHEMACHINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-machine")
    assert read(lab, **none)
    assert "AKIAOFTHEMACHINE" in lab.gate.headers[0]["Authorization"]


def test_a_profile(lab: S3Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put(lab, "exports/a.csv", 1)
    none = {"access_key_id": None, "secret_access_key": None, "session_token": None}
    with pytest.raises(ConfigError, match="ProfileNotFound"):
        read(lab, profile="nobody", **none)
    file = tmp_path / "credentials"
    file.write_text("[reader]\naws_access_key_id = AKIAREADER\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    assert read(lab, profile="reader", **none)
    assert "AKIAREADER" in lab.gate.headers[0]["Authorization"]


def test_the_example_is_valid(lab: S3Lab) -> None:
    put(lab, "helpdesk/2026/messages.csv", 1)
    told = tomllib.loads((EXAMPLES / "s3.settings.toml").read_text(encoding="utf-8"))["sources"][0]
    own = {"bucket": lab.bucket, "settle_s": 0}
    (file,) = [i for i in read(lab, **{k: v for k, v in told.items() if k not in ("name", "kind")} | own)
               if isinstance(i, FileRead)]  # fmt: skip
    assert file.source_file == "2026/messages.csv"


def test_half_a_key_is_refused(lab: S3Lab) -> None:
    with pytest.raises(ConfigError, match="go together"):
        read(lab, secret_access_key=None)


def test_secrets_stay_out_of_the_log(lab: S3Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    put(lab, "exports/a.csv", 1)
    lab.gate.faults = [Fault(403, body=error_of("AccessDenied"))]
    caplog.clear()
    with pytest.raises(PermissionRefused):
        read(lab)
    assert CANARY not in caplog.text


def test_check_and_discover(lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1, 2)
    connector = configured(Source(name="lab", **lab.options()))
    assert [(c.name, c.status) for c in connector.check(ReadContext("lab"))] == [("a.csv", "ok")]
    assert [s.name for s in connector.discover(ReadContext("lab"))] == ["a.csv"]
    lab.gate.faults = [Fault(403, body=error_of("AccessDenied"))]
    (told,) = connector.check(ReadContext("lab"))
    assert (told.status, told.code) == ("denied", "permission")
    lab.gate.faults = [Fault(403, body=error_of("InvalidAccessKeyId"))]
    (told,) = connector.check(ReadContext("lab"))
    assert (told.status, told.code) == ("error", "auth")


def test_gone_files_are_named(lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    context = ReadContext("lab", files={"old.csv": {"rows": 3, "etag": "x", "sha256": ""}})
    assert FileGone("old.csv") in read(lab, context)


def test_unknown_addresses_are_no_write(lab: S3Lab) -> None:
    """moto itself takes writes, so that the log above proves something."""
    writer = boto3.client("s3", endpoint_url=lab.address, region_name="us-east-1", aws_access_key_id="a",
                          aws_secret_access_key="b")  # fmt: skip
    writer.upload_fileobj(io.BytesIO(b"x"), lab.bucket, "x")
    assert any(line.startswith("PUT") for line in lab.gate.log)


def test_throttling_says_until_when(lab: S3Lab) -> None:
    lab.gate.faults = [Fault(503, {"Retry-After": "0"}, SLOW_DOWN) for _ in range(6)]
    with pytest.raises(RateLimited):
        read(lab)
    assert len(lab.gate.log) == 6


@pytest.mark.point(8)
def test_an_empty_page_of_keys_is_not_the_end(lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    real = lab.s3.head_object(Bucket=lab.bucket, Key="exports/a.csv")
    made, etag = real["LastModified"].strftime("%Y-%m-%dT%H:%M:%S.000Z"), real["ETag"].strip('"')
    empty = "<KeyCount>0</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken>"
    full = (
        "<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>exports/a.csv</Key>"
        f"<LastModified>{made}</LastModified><ETag>&quot;{etag}&quot;</ETag><Size>9</Size></Contents>"
    )
    pages = [f"<ListBucketResult><Name>b</Name>{page}</ListBucketResult>" for page in (empty, full)]
    lab.gate.faults = [Fault(200, body=page, keys=True) for page in pages]
    assert [item.source_file for item in read(lab) if isinstance(item, FileRead)] == ["a.csv"]
    assert "continuation-token=2" in lab.gate.log[1]
