"""Files on this machine: one file, a folder or a glob. Yields descriptions that the store reads itself."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from connectors._files_config import FilesConfig
from connectors._found import FoundFile, found_files
from connectors._loading import SourceFile, load
from connectors._looking import checked, discovered, with_scratch
from connectors.base import CheckResult, Connector, ReadContext, Stream
from core import clock
from core.errors import ConnectorError
from core.stream import Item, Progress


class FilesConnector(Connector):
    """Files on this machine. Nothing is ever written to them."""

    kind: ClassVar[str] = "files"
    title: ClassVar[str] = "Files"
    tells_gone: ClassVar[bool] = True
    looks_again: ClassVar[bool] = True
    Config = FilesConfig
    config: FilesConfig

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """What each file is taken for, or why it cannot be read."""
        try:
            files, left_out = found_files(self.config, self.name)
        except ConnectorError as error:
            return [CheckResult(self.config.path, "error", error.message, error.code, error.hint)]
        with with_scratch(context) as own:
            results = checked(self.config, self.name, own, [self._file(file) for file in files])
        return [*results, *(CheckResult(text.split(" ")[0], "optional_missing", text) for text in left_out)]

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """The files, their columns, and what a row of each is. Raises ConnectorError."""
        files = [self._file(file) for file in found_files(self.config, self.name)[0]]
        with with_scratch(context) as own:
            return discovered(self.config, self.name, own, files)

    def read(self, context: ReadContext) -> Iterator[Item]:
        """A FileRead for each new or changed file, a FileGone for each that vanished.

        Files that cannot be read are named in one error at the end, after the others were yielded.
        """
        files, left_out = found_files(self.config, self.name)
        yield from (Progress(text) for text in left_out)
        yield from load(self.config, self.name, context, [self._file(file) for file in files])

    def _file(self, file: FoundFile) -> SourceFile:
        status = file.path.stat()
        age_s = clock.now().timestamp() - status.st_mtime
        return SourceFile(
            file.name,
            fetch=lambda: _as_it_is(file.path),
            size=status.st_size,
            modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
            here=True,
            settling=0 <= age_s < self.config.settle_s,
        )


def _as_it_is(path: Path) -> Generator[Item, None, Path]:
    yield from ()
    return path
