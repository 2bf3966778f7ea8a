"""Requests to S3 and what is compatible with it: three reads, bounded waits, errors in our own classes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

from core import clock
from core.errors import (
    AppError,
    AuthError,
    ConfigError,
    NoProgress,
    PermissionRefused,
    RateLimited,
    SourceDataError,
    SourceNotFound,
    SourceUnavailable,
)

T = TypeVar("T")
_CHUNK = 1 << 20
_WRONG_KEY = frozenset({
    "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "InvalidToken",
    "TokenRefreshRequired", "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure",
})  # fmt: skip
_WRONG_REGION = frozenset({
    "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301", "307",
    "IllegalLocationConstraintException", "InvalidRegion",
})  # fmt: skip
_THROTTLED = frozenset({
    "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests",
    "TooManyRequestsException", "BandwidthLimitExceeded", "429", "503", "ServiceUnavailable",
})  # fmt: skip
_PASSING = frozenset({"InternalError", "RequestTimeout", "OperationAborted", "408", "500", "502", "504"})
_NO_CREDENTIALS = (
    "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError",
    "TokenRetrievalError", "SSOError", "SSOTokenLoadError", "UnauthorizedSSOTokenError", "LoginError",
    "LoginRefreshRequired", "LoginTokenLoadError", "MetadataRetrievalError", "RefreshWithMFAUnsupportedError",
)  # fmt: skip
_WRONG_SETTING = (
    "ProfileNotFound", "ConfigParseError", "ConfigNotFound", "ParamValidationError", "InvalidRegionError",
    "NoRegionError", "SSLError", "InvalidConfigError", "EndpointProviderError", "UnknownEndpointError",
    "InvalidDNSNameError", "InvalidProxiesConfigError",
)  # fmt: skip


class Changed(SourceDataError):
    """The object is another one than was listed."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the bucket is and how to get in. Without a key the default chain of boto3 is asked."""

    source: str
    bucket: str
    region: str | None = None
    endpoint_url: str | None = None
    profile: str | None = None
    key_id: str | None = None
    secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    addressing_style: str = "auto"
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of the bucket."""

    key: str
    etag: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of keys; `moment` is the store's own time."""

    objects: tuple[Listed, ...]
    next_token: str | None
    moment: datetime


class S3:
    """A bucket that is only read. Every method raises ConnectorError or ConfigError."""

    def __init__(self, access: Access, note: Callable[..., None]) -> None:
        self.access, self._note = access, note
        self._redirects = 0
        self._client = self._call(_client, access)
        # boto3 looks for a bucket's region by itself, and for ever where nobody tells it.
        self._client.meta.events.register("before-call.s3.HeadBucket", self._look_once)

    def page(self, prefix: str, token: str | None, keys: int) -> Listing:
        """A page of the objects whose keys begin with `prefix`, in the order of their keys."""
        asked = {"Bucket": self.access.bucket, "Prefix": prefix, "MaxKeys": keys}
        if token is not None:
            asked["ContinuationToken"] = token
        told = self._call(self._client.list_objects_v2, **asked)
        if "Name" not in told and "KeyCount" not in told:
            raise _no_store("what answered is no list of objects.", self.access.source)
        after = told.get("NextContinuationToken") if told.get("IsTruncated") else None
        if told.get("IsTruncated") and after in (None, token):
            raise NoProgress("the store gives the same page of keys again.", source=self.access.source,
                             hint="Try again later; nothing is lost.")  # fmt: skip
        objects = tuple(_listed(one) for one in told.get("Contents", ()))
        return Listing(objects, after, _moment(told))

    def look(self, key: str) -> Listed:
        """An object as it is now. Raises SourceNotFound when it is gone."""
        told = self._call(self._client.list_objects_v2, Bucket=self.access.bucket, Prefix=key, MaxKeys=1)
        found = [_listed(one) for one in told.get("Contents", ()) if one["Key"] == key]
        if not found:
            raise _gone(key, self.access.source)
        return found[0]

    def download(
        self, one: Listed, target: Path, tick: Callable[[], None], first_bytes: int | None = None
    ) -> None:
        """Write an object, or its beginning, into a file. Raises Changed when it is not the listed one."""
        asked = {"Bucket": self.access.bucket, "Key": one.key, "IfMatch": f'"{one.etag}"'}
        if first_bytes is not None:
            asked["Range"] = f"bytes=0-{first_bytes - 1}"
        told = self._call(self._client.get_object, one.key, **asked)
        with target.open("wb") as file:
            self._call(self._copy, one.key, body=told["Body"], file=file, tick=tick)

    def _look_once(self, **_: Any) -> None:
        self._redirects += 1
        if self._redirects > 1:
            raise _wrong_region({}, self.access)

    def _copy(self, body: Any, file: Any, tick: Callable[[], None]) -> None:
        try:
            for chunk in body.iter_chunks(_CHUNK):
                tick()
                self._note(bytes=len(chunk))
                file.write(chunk)
        finally:
            body.close()

    def _call(self, call: Callable[..., T], *about: Any, **asked: Any) -> T:
        """Make one request; what boto3 raises becomes one of ours."""
        from botocore.exceptions import BotoCoreError, ClientError

        self._redirects = 0
        key = str(about[0]) if about and isinstance(about[0], str) else ""
        try:
            if call is _client:
                return call(*about)
            if call != self._copy:
                self._note(requests=1)
            return call(**asked)
        except ClientError as error:
            raise _refused(error.response, key, self.access) from None
        except BotoCoreError as error:
            raise _failed(error, self.access) from None
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno:
                raise  # a full disk is no fault of the store
            raise SourceUnavailable(
                f"the connection to the bucket broke ({type(error).__name__}).", hint=_LATER,
                source=self.access.source,
            ) from None  # fmt: skip


_LATER = "Try again later."


def _client(access: Access) -> Any:
    """boto3's client: no tries of its own, short metadata probes, plain log lines."""
    import boto3
    import botocore.session
    from botocore.config import Config

    logging.getLogger("botocore").setLevel(logging.INFO)  # below, it logs session tokens
    core = botocore.session.Session(profile=access.profile)
    core.set_config_variable("metadata_service_timeout", 1)
    core.set_config_variable("metadata_service_num_attempts", 1)
    session = boto3.Session(
        botocore_session=core, aws_access_key_id=access.key_id, aws_secret_access_key=access.secret,
        aws_session_token=access.token, region_name=access.region,
    )  # fmt: skip
    return session.client(
        "s3",
        endpoint_url=access.endpoint_url,
        region_name=access.region or session.region_name or "us-east-1",
        config=Config(
            connect_timeout=min(access.timeout_s, 10.0),
            read_timeout=access.timeout_s,
            retries={"total_max_attempts": 1, "mode": "standard"},
            s3={"addressing_style": access.addressing_style},
        ),
    )


def _listed(told: Mapping[str, Any]) -> Listed:
    return Listed(
        str(told["Key"]), str(told.get("ETag", "")).strip('"'), int(told.get("Size", 0)),
        told["LastModified"].astimezone(UTC),
    )  # fmt: skip


def _moment(told: Mapping[str, Any]) -> datetime:
    """When the store answered, by its own clock."""
    headers = told.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return clock.now()


def _no_store(message: str, source: str) -> SourceUnavailable:
    hint = "A proxy or a sign-in page in between looks like this; check endpoint_url."
    return SourceUnavailable(message, hint=hint, source=source)


def _gone(key: str, source: str) -> SourceNotFound:
    return SourceNotFound(f"{key} disappeared while it was read.", hint="Refresh again.", source=source)


def _refused(response: Mapping[str, Any], key: str, access: Access) -> AppError:
    """The error behind an answer that is one; its words differ from call to call, so codes decide."""
    told = response.get("Error", {})
    code, source = str(told.get("Code", "")), access.source
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in ("PreconditionFailed", "412") or status == 412:
        return Changed(f"{key} changed while it was read.", hint="Refresh again.", source=source)
    if code in _WRONG_KEY:
        return AuthError(
            f"the store refused the credentials ({code}).",
            hint="Check access_key_id and secret_access_key, or renew the session.", source=source,
        )  # fmt: skip
    if code == "RequestTimeTooSkewed":
        return AuthError("the clock of this machine is too far from the store's.", hint="Set the clock.",
                         source=source)  # fmt: skip
    if code == "NoSuchKey":
        return _gone(key, source)
    if code == "NoSuchBucket" or (status == 404 and not key):
        return SourceNotFound(f"there is no bucket {access.bucket}.",
                              hint="Check bucket, endpoint_url and region.", source=source)  # fmt: skip
    if code == "InvalidObjectState":
        return SourceDataError(f"{key} is archived and cannot be read.", source=source,
                               hint="Restore it, or leave it out with pattern.")  # fmt: skip
    if code in _WRONG_REGION or status in (301, 307):
        return _wrong_region(response, access)
    return _by_status(code, status, key, response, access)


def _by_status(
    code: str, status: int, key: str, response: Mapping[str, Any], access: Access
) -> AppError:  # fmt: skip
    source, told = access.source, f" ({code})" if code else ""
    if code in _THROTTLED or status in (429, 503):
        return RateLimited("the store asks for fewer requests.", retry_at=_retry_at(response), source=source,
                           hint="The refresh waits and goes on by itself.")  # fmt: skip
    kind = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", "")
    if "html" in kind and (code in _PASSING or status >= 500):  # boto3 calls any answer it cannot read a 500
        return _no_store("a web page came instead of the store's answer.", source)
    if code in _PASSING or status >= 500:
        return SourceUnavailable(f"the store failed{told}.", hint=_LATER, source=source)
    if code in ("AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403") or status == 403:
        if key:
            return PermissionRefused(f"{key} may not be read.", source=source,
                                     hint="Grant s3:GetObject on it, and kms:Decrypt if it is encrypted.")  # fmt: skip
        return PermissionRefused(f"the bucket {access.bucket} may not be listed.", source=source,
                                 hint="Grant s3:ListBucket on it; docs/connectors/s3.md has the policy.")  # fmt: skip
    return ConfigError(f"the store does not accept the request{told}.",
                       hint="Check bucket, prefix, region and endpoint_url.", source=source)  # fmt: skip


def _wrong_region(response: Mapping[str, Any], access: Access) -> ConfigError:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    where = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region")
    told = f"it is in {where}" if where else "another region or endpoint serves it"
    hint = f'Set region = "{where}".' if where else "Set region and endpoint_url to the bucket's own."
    return ConfigError(f"the bucket {access.bucket} is not here: {told}.", hint=hint, source=access.source)


def _retry_at(response: Mapping[str, Any]) -> datetime | None:
    after = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after", "")
    return clock.now() + timedelta(seconds=int(after)) if str(after).isdigit() else None


def _failed(error: Exception, access: Access) -> AppError:
    """The error behind a request that got no answer."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    name, source = type(error).__name__, access.source
    if kinds & set(_NO_CREDENTIALS):
        return AuthError(
            f"no usable credentials were found ({name}).", source=source,
            hint="Set access_key_id and secret_access_key, a profile, or give this machine a role.",
        )  # fmt: skip
    if kinds & set(_WRONG_SETTING):
        hint = "Check profile, region and endpoint_url; a private certificate needs AWS_CA_BUNDLE."
        return ConfigError(
            f"the bucket cannot be reached with these settings ({name}).", hint=hint, source=source
        )
    if "TimeoutError" in name:
        told = f"the store did not answer within {access.timeout_s:g} seconds."
        return SourceUnavailable(told, hint="Check the network and endpoint_url.", source=source)
    return SourceUnavailable(
        f"the store could not be reached or broke off ({name}).", hint="Check the network and endpoint_url.",
        source=source,
    )  # fmt: skip
