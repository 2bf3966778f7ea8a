"""Files in an S3 bucket, or in a store that speaks its language. Nothing is ever written there."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, model_validator

from connectors._files_config import TablesConfig
from connectors._formats import PASSED_OVER, is_converted, verdict
from connectors._loading import HEAD_BYTES, SourceFile, load
from connectors._looking import checked, discovered, with_scratch
from connectors._retry import attempts
from connectors._s3_client import S3, Access, Changed, Listed
from connectors.base import CheckResult, Connector, ReadContext, Stream
from core.errors import AppError, PermissionRefused, SourceDataError, SourceNotFound
from core.settings import secret_value
from core.stream import Item, Progress

_LONGEST_NAME_BYTES = 200
_TIMES_CHANGED = 3
_PASSED_OVER = (*PASSED_OVER, "_")  # what programs that write tables in many files leave beside them


class S3Config(TablesConfig):
    """A `[[sources]]` table of kind `s3`."""

    operational: ClassVar[frozenset[str]] = frozenset(
        {"access_key_id", "secret_access_key", "session_token", "profile", "region", "addressing_style",
         "timeout_s", "page_keys", "settle_s", "max_object_mb"}
    )  # fmt: skip

    bucket: str = Field(min_length=3, max_length=255, description="The bucket's name or access point.")
    prefix: str = Field("", description='Only keys that begin so, for example "exports/".')
    pattern: str = Field("*", description="Only names that match, as in *.csv; * also stands for slashes.")
    region: str | None = Field(None, description="The bucket's region; the machine's own when empty.")
    endpoint_url: str | None = Field(None, description="Of a compatible store such as MinIO; AWS when empty.")
    profile: str | None = Field(None, description="Profile of the machine's AWS settings.")
    access_key_id: SecretStr | None = Field(
        None, description='"env:NAME" or "secret:NAME"; else the machine\'s own.'
    )
    secret_access_key: SecretStr | None = Field(None, description='"env:NAME" or "secret:NAME".')
    session_token: SecretStr | None = Field(None, description="Of temporary credentials.")
    addressing_style: Literal["auto", "path", "virtual"] = Field(
        "auto", description="Whether the bucket is part of the path or of the host."
    )
    settle_s: float = Field(0, ge=0, description="An object younger than this waits for the next run.")
    max_object_mb: float = Field(5000, gt=0, description="Larger objects are set aside.")
    page_keys: int = Field(1000, ge=1, le=1000, description="Keys asked for at once.")
    timeout_s: float = Field(30, gt=0, description="Seconds without an answer before a request is given up.")

    @model_validator(mode="after")
    def _whole_key(self) -> S3Config:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("access_key_id and secret_access_key go together")
        return self

    @property
    def folder(self) -> str:
        """What every key begins with and no name of a file repeats."""
        return self.prefix[: self.prefix.rfind("/") + 1]


class S3Connector(Connector):
    """The files below a prefix, read like local ones: new and changed objects only."""

    kind: ClassVar[str] = "s3"
    title: ClassVar[str] = "S3 bucket"
    tells_gone: ClassVar[bool] = True
    Config = S3Config
    config: S3Config

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """Whether the bucket can be listed, and what its newest files are taken for."""
        where = f"{self.config.bucket}/{self.config.prefix}"
        try:
            with with_scratch(context) as own:
                files, left_out = self._first_files(own)
                results = checked(self.config, self.name, own, files)
        except PermissionRefused as error:
            return [CheckResult(where, "denied", error.message, error.code, error.hint)]
        except AppError as error:
            return [CheckResult(where, "error", error.message, error.code, error.hint)]
        return [*results, *(CheckResult(text.split(" ")[0], "optional_missing", text) for text in left_out)]

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """The newest files, their columns, and what a row of each is. Raises ConnectorError."""
        with with_scratch(context) as own:
            return discovered(self.config, self.name, own, self._first_files(own)[0])

    def read(self, context: ReadContext) -> Iterator[Item]:
        """A FileRead for each new or changed object, the newest first; a FileGone for each that vanished."""
        bucket = self._bucket(context)
        listed: list[Listed] = []
        settling: set[str] = set()
        token: str | None = None
        while True:
            page = yield from attempts(
                partial(bucket.page, self.config.prefix, token, self.config.page_keys), context
            )
            young = page.moment - timedelta(seconds=self.config.settle_s)
            settling |= {one.key for one in page.objects if one.modified_at > young}
            listed += page.objects
            token = page.next_token
            if token is None:
                break
            yield Progress(f"{len(listed)} keys listed")
        chosen, left_out = self._chosen(listed)
        yield from (Progress(text) for text in left_out)
        files = [self._file(bucket, one, context) for one in chosen]
        if self.config.settle_s:
            files = [replace(f, settling=one.key in settling) for f, one in zip(files, chosen, strict=True)]
        yield from load(self.config, self.name, context, files)

    def _first_files(self, context: ReadContext) -> tuple[list[SourceFile], list[str]]:
        """The files of the first page, of which only the beginning is copied where that is enough."""
        bucket = self._bucket(context)
        page = bucket.page(self.config.prefix, None, self.config.page_keys)
        chosen, left_out = self._chosen(page.objects)
        files = [self._file(bucket, one, context) for one in chosen]
        files = [replace(f, fetch=f.head) if f.head and not is_converted(f.name) else f for f in files]
        return files, [*left_out, *(["… and more keys"] if page.next_token else [])]

    def _chosen(self, listed: Sequence[Listed]) -> tuple[list[Listed], list[str]]:
        """The objects that are files of this source, newest first, and sentences about those left out."""
        found, left_out = [], []
        for one in listed:
            name = self._name(one)
            if one.key.endswith("/") or not fnmatchcase(name, self.config.pattern):
                continue
            if self.config.reading_of(name) is None:
                continue
            is_read, why = verdict(name, named=self._is_named(one), passed_over=_PASSED_OVER)
            if is_read:
                found.append(one)
            elif why:
                left_out.append(why)
        if not found:
            reason = f" ({'; '.join(left_out)})" if left_out else ""
            raise SourceNotFound(
                f"there is no file that can be read in {self.config.bucket}/{self.config.prefix}{reason}.",
                hint="Check prefix and pattern. Nothing that was loaded before is removed.", source=self.name,
            )  # fmt: skip
        return sorted(found, key=lambda one: (-one.modified_at.timestamp(), one.key)), left_out

    def _is_named(self, one: Listed) -> bool:
        config = self.config
        return config.pattern != "*" or config.prefix == one.key or config.entry(self._name(one)) is not None

    def _name(self, one: Listed) -> str:
        return one.key.removeprefix(self.config.folder)

    def _file(self, bucket: S3, one: Listed, context: ReadContext) -> SourceFile:
        def whole() -> Generator[Item, None, Path]:
            return self._fetch(bucket, one, context, None)

        def head() -> Generator[Item, None, Path]:
            return self._fetch(bucket, one, context, HEAD_BYTES)

        return SourceFile(
            self._name(one), fetch=whole, size=one.size, modified_at=one.modified_at, etag=one.etag or None,
            head=head if one.size > HEAD_BYTES else None,
        )  # fmt: skip

    def _fetch(
        self, bucket: S3, one: Listed, context: ReadContext, first_bytes: int | None
    ) -> Generator[Item, None, Path]:
        """A copy of an object under its own name. An object that changed since it was listed is looked up again."""
        if first_bytes is None and one.size > self.config.max_object_mb * 1_000_000:
            raise SourceDataError(
                f"{self._name(one)} has {one.size / 1e6:,.0f} MB; {self.config.max_object_mb:,.0f} MB are allowed.",
                hint="Split it, or raise max_object_mb.", source=self.name,
            )  # fmt: skip
        target = Path(tempfile.mkdtemp(dir=context.scratch)) / _file_name(one.key)
        for left in range(_TIMES_CHANGED, -1, -1):
            try:
                yield from attempts(
                    partial(bucket.download, one, target, context.stop_if_asked, first_bytes), context
                )
                break
            except Changed:
                if not left:
                    raise
                one = yield from attempts(partial(bucket.look, one.key), context)
        return target

    def _bucket(self, context: ReadContext) -> S3:
        config = self.config
        secrets = (config.access_key_id, config.secret_access_key, config.session_token)
        key_id, secret, token = (None if one is None else secret_value(one) for one in secrets)
        access = Access(
            self.name, config.bucket, config.region, config.endpoint_url, config.profile, key_id, secret, token,
            config.addressing_style, config.timeout_s,
        )  # fmt: skip
        return S3(access, context.note)


def _file_name(key: str) -> str:
    """The last part of a key as a name that every file system takes; its ending stays."""
    bare = re.sub(r"[\x00-\x1f/\\]", "_", Path(key).name) or "object"
    while len(bare.encode()) > _LONGEST_NAME_BYTES:
        bare = bare[1:]
    return bare
