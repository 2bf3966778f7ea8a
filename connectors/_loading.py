"""Files of a source, wherever they lie, to what the store reads: one loader for all of them.

A connector lists its files and says how each is copied to this machine; the loader decides which of them are
new or changed, copies and describes only those, and yields items in the order in which they must be loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors._describe import Described, describe_table
from connectors._files_config import Reading, TablesConfig
from connectors._formats import Converted, Table, is_converted, local_table, tables_of
from connectors._streams import READ_ORDER
from connectors.base import ReadContext
from core.errors import ConnectorError, PermissionRefused, SchemaError, SourceDataError, SourceNotFound
from core.stream import FileGone, FileRead, Item, Progress

Fetch = Callable[[], Generator[Item, None, Path]]
# So much of a file is enough to tell what it is, and smaller files are copied whole at once.
HEAD_BYTES = 8 << 20
# So much stays copied between looking at files and loading them; what is more is copied again.
KEEP_BYTES = 2 << 30
# What concerns one file only; everything else concerns the source and ends its reading.
_ONE_FILE = (SourceDataError, SchemaError, SourceNotFound, PermissionRefused)
# Part of every mark: another number makes every file be described anew.
_VERSION = "1"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a source, perhaps not on this machine yet.

    `name` is its name inside the source. `fetch` is a generator that may yield Waiting or Progress and returns
    the path of a copy, which must keep the file's own name (in a folder of its own under `context.scratch`);
    it raises ConnectorError. `head` does the same for the first HEAD_BYTES. A file that is `here` needs no
    copying, so its beginning is looked at in every run. `etag` stands for the content where there is one.
    """

    name: str
    fetch: Fetch
    size: int
    modified_at: datetime | None = None
    etag: str | None = None
    here: bool = False
    head: Fetch | None = None
    settling: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a table that was loaded before."""

    size: int | None
    modified_at: datetime | None
    etag: str | None
    rows: int
    digest: str
    how: str = ""
    stream: str = ""
    tables: int = 0
    elsewhere: tuple[str, ...] = ()

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> Mark:
        """The mark of `context.files`; one that an older version wrote says nothing but its digest."""
        digest, *told = str(known.get("sha256") or "").split("-")
        mark = cls(
            known.get("size"), known.get("modified_at"), known.get("etag"), known.get("rows") or 0, digest
        )
        if len(told) != 5 or told[-1] != _VERSION:
            return mark
        how, stream, tables, elsewhere, _ = told
        others = tuple(elsewhere.split("+")) if elsewhere else ()
        return replace(mark, how=how, stream=stream, tables=int(tables), elsewhere=others)

    def same_file(self, file: SourceFile) -> bool:
        """Whether the file is the one that was loaded, by what its place says of it."""
        if file.etag and self.etag:
            return file.etag == self.etag
        return (file.size, file.modified_at) == (self.size, self.modified_at) and file.modified_at is not None


def marked(one: Described, others: Iterable[str], tables: int) -> FileRead:
    """The description in a source whose other files deliver these streams, with its mark in `sha256`."""
    elsewhere = _others(others, one.stream)
    digest = (one.read.sha256 or "").partition("-")[0]
    told = (digest, one.how, one.stream, str(tables), "+".join(elsewhere), _VERSION)
    return replace(one.read, elsewhere=elsewhere, sha256="-".join(told))


@dataclass(slots=True)
class Part:
    """A table of a file that is new or changed, or of which nobody knows yet."""

    file: SourceFile
    reading: Reading
    outline: Described
    tables: int = 1
    table: Table | None = None  # None: the copy was given up, or only the beginning was copied

    @property
    def name(self) -> str:
        return self.outline.read.source_file


def load(
    config: TablesConfig, source: str, context: ReadContext, files: Sequence[SourceFile]
) -> Iterator[Item]:
    """A FileRead for each new or changed table, a FileGone for each that vanished.

    Files that cannot be read are named in one error at the end, after the others were yielded.
    """
    return _Loading(config, source, context).items(files)


@dataclass
class _Loading:
    """One pass over the files of a source."""

    config: TablesConfig
    source: str
    context: ReadContext
    parts: list[Part] = field(default_factory=list)
    kept: dict[str, SourceFile] = field(default_factory=dict)
    problems: list[ConnectorError] = field(default_factory=list)
    tables: dict[str, set[str]] = field(default_factory=dict)  # of files that could be opened
    empty: list[str] = field(default_factory=list)  # files without any row or header
    held: int = 0

    def items(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        yield from self._look(files)
        if self.parts and not self.kept and not any(part.outline.layout.rows for part in self.parts):
            self.problems += [self._emptied(part.name) for part in self.parts]
            self.parts = []
        nothing_else = not self.parts and not self.kept
        self.problems += [self._emptied(n) for n in self.empty if nothing_else or self._had_rows(n)]
        if self.problems and not self.parts and not self.kept:
            raise self._together(len(files))
        yield from self._read()
        yield from (FileGone(name) for name in sorted(self.context.files) if self._is_gone(name, files))
        if self.problems:
            raise self._together(len(files))

    def _look(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Find out what every file is: from its mark, its beginning, or the whole of it."""
        for file in files:
            self.context.stop_if_asked()
            if self._is_known(file):
                self.kept[file.name] = file
            elif file.settling and is_converted(file.name):
                yield from self._still_changing(file)
            else:
                yield from self._outline(file)
        streams = self._streams()
        for file in list(self.kept.values()):
            wanted = [
                mark for mark in self._marks(file).values() if mark.elsewhere != _others(streams, mark.stream)
            ]
            if wanted:
                del self.kept[file.name]
                yield from self._outline(file)

    def _is_known(self, file: SourceFile) -> bool:
        """Whether all tables of a file were loaded from the file as it is now."""
        if self.context.full or (file.here and not is_converted(file.name)):
            return False
        marks = self._marks(file).values()
        return bool(marks) and all(m.tables == len(marks) and m.same_file(file) for m in marks)

    def _marks(self, file: SourceFile) -> dict[str, Mark]:
        return {n: Mark.of(known) for n, known in self.context.files.items() if _is_of(n, file.name)}

    def _streams(self) -> set[str]:
        kept = {mark.stream for file in self.kept.values() for mark in self._marks(file).values()}
        return kept | {part.outline.stream for part in self.parts}

    def _outline(self, file: SourceFile) -> Iterator[Item]:
        try:
            if is_converted(file.name) or file.here or file.size <= HEAD_BYTES or file.head is None:
                yield from self._outline_whole(file)
            else:
                path = yield from file.head()
                self._add(Converted([_table_at(path, file)]), file, copied=False)
                _discard(path, self.context)
        except _ONE_FILE as error:
            self.problems.append(error)

    def _outline_whole(self, file: SourceFile) -> Generator[Item, None, None]:
        content = yield from copied_tables(file, self.config, self.context)
        yield from (Progress(text) for text in content.left_out)
        if content.tables:
            self._add(content, file, copied=True)
        else:
            self.empty.append(file.name)

    def _add(self, content: Converted, file: SourceFile, *, copied: bool) -> None:
        """Describe the tables of a file; one without a mapping beside others that have one is left out."""
        found: list[Part] = []
        wrong: list[tuple[Table, ConnectorError]] = []
        for table in content.tables:
            reading = self.config.reading_of(table.name, within=file.name)
            if reading is None:
                continue
            try:
                outline = describe_table(table, reading, self.source, whole=table.parquet)
            except _ONE_FILE as error:
                _discard(table.path, self.context)
                wrong.append((table, error))
                continue
            self.held += _bytes_held(table, self.context)
            keep = copied and self.held <= KEEP_BYTES
            found.append(Part(file, reading, outline, table=table if keep else None))
            if copied and not keep:
                _discard(table.path, self.context)
        failed = [(table, e) for table, e in wrong if not found or self._is_wanted(table.name, e)]
        self.problems += [error for _, error in failed]
        self.tables[file.name] = {part.name for part in found} | {table.name for table, _ in failed}
        for part in found:
            part.tables = len(found) + len(failed)
        self.parts += found

    def _is_wanted(self, name: str, error: ConnectorError) -> bool:
        """Whether a table of several must be loaded: it was before, the settings name it, or it is broken."""
        return (
            name in self.context.files
            or self.config.entry(name) is not None
            or not isinstance(error, SchemaError)
        )

    def _read(self) -> Iterator[Item]:
        streams = self._streams()
        self.parts.sort(key=lambda part: READ_ORDER.index(part.outline.stream))
        for number, part in enumerate(self.parts, start=1):
            self.context.stop_if_asked()
            if self._probably_unchanged(part, streams):
                continue
            if part.file.settling:
                yield from self._still_changing(part.file)
                continue
            try:
                one = yield from self._whole(part)
            except _ONE_FILE as error:
                self.problems.append(error)
                continue
            if one.layout.rows or not self._known(part.name).get("rows"):
                yield from self._changed(part, one, streams, number)
            else:
                self.problems.append(self._emptied(part.name))
                _discard(Path(one.read.path), self.context)

    def _had_rows(self, name: str) -> bool:
        return any(known.get("rows") for of, known in self.context.files.items() if _is_of(of, name))

    def _still_changing(self, file: SourceFile) -> Iterator[Item]:
        """When everything is read anew, a file that is not must be a problem: its rows would be taken for gone."""
        said = f"{file.name} is still changing; it waits for the next run"
        if self.context.full and self._marks(file):
            hint = "Refresh again when it is complete."
            self.problems.append(SourceDataError(f"{said}.", hint=hint, source=self.source))
        else:
            yield Progress(said)

    def _known(self, name: str) -> Mapping[str, Any]:
        return self.context.files.get(name, {})

    def _probably_unchanged(self, part: Part, streams: set[str]) -> bool:
        """The same by size, time and reading, for a file on this machine whose beginning was looked at."""
        known = self._known(part.name)
        if self.context.full or part.outline.read.sha256 or not known:
            return False
        told = (marked(part.outline, streams, part.tables).sha256 or "").partition("-")[2]
        same = str(known.get("sha256")).partition("-")[2] == told
        return same and Mark.of(known).same_file(part.file)

    def _whole(self, part: Part) -> Generator[Item, None, Described]:
        table = part.table
        if table is None:
            content = yield from copied_tables(part.file, self.config, self.context)
            table = next((t for t in content.tables if t.name == part.name), None)
        if table is None:
            raise SourceDataError(f"{part.name} changed while it was read.", hint="Refresh again.",
                                  source=self.source)  # fmt: skip
        if table.parquet and part.table is not None:
            return part.outline
        part.table = table
        try:
            return describe_table(table, part.reading, self.source)
        except _ONE_FILE:
            _discard(table.path, self.context)
            raise

    def _changed(self, part: Part, one: Described, streams: set[str], number: int) -> Iterator[Item]:
        read, known = marked(one, streams, part.tables), self._known(part.name)
        looked_at_each_time = part.file.here and one.read.dialect.format != "parquet"
        same = known.get("sha256") == read.sha256 and not self.context.full
        if same and (looked_at_each_time or Mark.of(known).same_file(part.file)):
            _discard(Path(read.path), self.context)
            return
        yield Progress(f"{part.name}: {'; '.join(one.notes)}", number, len(self.parts))
        yield read
        for reject in part.table.rejects if part.table else ():
            yield replace(reject, stream=read.stream or read.form, source_file=part.name)

    def _is_gone(self, name: str, files: Sequence[SourceFile]) -> bool:
        owner = next((file for file in files if _is_of(name, file.name)), None)
        if owner is None:
            return True
        return owner.name in self.tables and name not in self.tables[owner.name]

    def _emptied(self, name: str) -> ConnectorError:
        """An export that failed often looks like this; nobody deletes everything by mistake."""
        return SourceDataError(
            f"{name} {'has no rows' if name in self.empty else 'has a header but no rows'}.",
            hint="Export it again; if its rows are really gone, remove the file and they are removed too.",
            source=self.source,
        )

    def _together(self, files: int) -> ConnectorError:
        """One error for all files that could not be read; a single one speaks for itself."""
        first = self.problems[0]
        if len(self.problems) == 1:
            return first
        said = " ".join(problem.message for problem in self.problems)
        return SourceDataError(f"{len(self.problems)} of {files} files could not be read: {said}",
                               hint=first.hint, source=self.source)  # fmt: skip


def copied_tables(
    file: SourceFile, config: TablesConfig, context: ReadContext
) -> Generator[Item, None, Converted]:
    """Copy a file here and find its tables. Raises ConnectorError."""
    path = yield from file.fetch()
    if not is_converted(file.name):
        return Converted([_table_at(path, file)])
    reading = config.reading(config.entry(file.name))
    found = tables_of(path, file.name, reading, context.scratch, context.stop_if_asked)
    _discard(path, context)
    return Converted([_from(table, file) for table in found.tables], found.left_out)


def _table_at(path: Path, file: SourceFile) -> Table:
    return _from(local_table(path, file.name), file)


def _from(table: Table, file: SourceFile) -> Table:
    return replace(table, size=file.size, modified_at=file.modified_at, etag=file.etag)


def _is_of(name: str, file: str) -> bool:
    """Whether a mark of that name speaks of the file or of one of its tables."""
    return name == file or (is_converted(file) and name.startswith(f"{file}#"))


def _others(streams: Iterable[str], own: str) -> tuple[str, ...]:
    return tuple(sorted(set(streams) - {own}))


def _bytes_held(table: Table, context: ReadContext) -> int:
    return table.path.stat().st_size if _is_copy(table.path, context) else 0


def _is_copy(path: Path, context: ReadContext) -> bool:
    return context.folder is not None and path.is_relative_to(context.folder)


def _discard(path: Path, context: ReadContext) -> None:
    """Remove a copy that nobody will read; a file of somebody else is never touched."""
    if _is_copy(path, context):
        path.unlink(missing_ok=True)
