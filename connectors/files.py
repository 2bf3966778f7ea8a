"""Local delimited files: one file, a folder or a glob. Yields descriptions that the store reads itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from connectors._describe import Described, describe
from connectors._files_config import FilesConfig
from connectors._found import FoundFile, found_files
from connectors._streams import READ_ORDER
from connectors.base import CheckResult, Connector, ReadContext, Stream
from core import clock
from core.errors import Cancelled, ConnectorError, SourceDataError
from core.stream import FileGone, Item, Progress


class FilesConnector(Connector):
    """Files on this machine. Nothing is ever written to them."""

    kind: ClassVar[str] = "files"
    Config = FilesConfig
    config: FilesConfig

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """What each file is taken for, or why it cannot be read."""
        try:
            files, left_out = found_files(self.config, self.name)
        except ConnectorError as error:
            return [CheckResult(self.config.path, "error", error.message, error.code, error.hint)]
        results = []
        for file in files:
            try:
                results.append(CheckResult(file.name, "ok", "; ".join(self._describe(file).notes)))
            except ConnectorError as error:
                results.append(CheckResult(file.name, "error", error.message, error.code, error.hint))
        return [*results, *(CheckResult(text.split(" ")[0], "optional_missing", text) for text in left_out)]

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """The files, their columns, and what a row of each is. Raises ConnectorError."""
        described = [self._describe(file) for file in found_files(self.config, self.name)[0]]
        return [Stream(d.read.source_file, d.read.header, note="; ".join(d.notes)) for d in described]

    def read(self, context: ReadContext) -> Iterator[Item]:
        """A FileRead for each new or changed file, a FileGone for each that vanished.

        Files that cannot be read are named in one error at the end, after the others were yielded.
        """
        files, left_out = found_files(self.config, self.name)
        yield from (Progress(text) for text in left_out)
        described, problems = self._outlines(files, context)
        if described and not any(outline.layout.rows for _, outline in described):
            problems += [self._emptied(file) for file, _ in described]
            described = []
        if problems and not described:
            raise self._together(problems, len(files))
        streams = {d.stream for _, d in described}
        for number, (file, outline) in enumerate(described, start=1):
            self._stop_if_asked(context)
            known = None if context.full else context.files.get(file.name)
            others = {s for s in streams if s != outline.stream}
            if outline.beside(others).probably_unchanged(known):
                continue
            if self._settling(file):
                yield Progress(
                    f"{file.name} is still changing; it waits for the next run", number, len(described)
                )
                continue
            try:
                one = self._describe(file).beside(others)
            except ConnectorError as error:
                problems.append(error)
                continue
            if known and known.get("rows") and not one.layout.rows:
                problems.append(self._emptied(file))
                continue
            if not one.unchanged(known):
                yield Progress(f"{file.name}: {'; '.join(one.notes)}", number, len(described))
                yield one.read
        for gone in sorted(set(context.files) - {file.name for file in files}):
            yield FileGone(gone)
        if problems:
            raise self._together(problems, len(files))

    def _outlines(
        self, files: Sequence[FoundFile], context: ReadContext
    ) -> tuple[list[tuple[FoundFile, Described]], list[ConnectorError]]:
        """What the beginnings of the files say, in the order of reading."""
        described, problems = [], []
        for file in files:
            self._stop_if_asked(context)
            try:
                described.append((file, self._describe(file, whole=False)))
            except ConnectorError as error:
                problems.append(error)
        described.sort(key=lambda pair: (READ_ORDER.index(pair[1].stream), pair[0].name))
        return described, problems

    def _describe(self, file: FoundFile, *, whole: bool = True) -> Described:
        return describe(file.path, file.name, file.reading, self.name, whole=whole)

    def _emptied(self, file: FoundFile) -> ConnectorError:
        """An export that failed often looks like this; nobody deletes everything by mistake."""
        return SourceDataError(
            f"{file.name} has a header but no rows.",
            hint="Export it again; if its rows are really gone, remove the file and they are removed too.",
            source=self.name,
        )

    def _stop_if_asked(self, context: ReadContext) -> None:
        if context.cancelled():
            raise Cancelled("the run was stopped.", source=self.name)

    def _settling(self, file: FoundFile) -> bool:
        age_s = clock.now().timestamp() - file.path.stat().st_mtime
        return 0 <= age_s < self.config.settle_s

    def _together(self, problems: Sequence[ConnectorError], files: int) -> ConnectorError:
        """One error for all files that could not be read; a single one speaks for itself."""
        first = problems[0]
        if len(problems) == 1:
            return first
        said = " ".join(problem.message for problem in problems)
        return SourceDataError(f"{len(problems)} of {files} files could not be read: {said}",
                               hint=first.hint, source=self.name)  # fmt: skip
