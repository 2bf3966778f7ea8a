"""A requester taken out of the files that the program keeps: uploads, the sample, logs, scratch.

A delimited text file loses their records, byte for byte the rest stays. A file of any other kind that holds them is
deleted, and its source is paused: what it brought stays in the warehouse. Files of people's own are never touched.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from connectors.base import Connector, ReadContext, configured
from core.errors import AppError
from core.home import Home
from core.settings import Settings, Source
from core.stream import FileRead
from jobs import source_files
from store.marks import Marks
from store.workspace.erased import Gone

_PERSONS = (
    "requester_id",
    "author_id",
    "person_id",
    "submitter_id",
    "author_name",
    "author_email",
    "email",
    "name",
)
_PIECE = 1 << 20
_ROOM = 100  # what blanks, brackets and signs may add to a mark


@dataclass(frozen=True, slots=True)
class FileDone:
    """What became of a file, or would: `records` were taken out of it, or it was `deleted`."""

    file: str
    records: int
    deleted: bool


def clean(home: Home, settings: Settings, theirs: Gone, *, dry: bool = False) -> list[FileDone]:
    """Take them out of every file the program keeps; with `dry` only say which. Raises StoreError."""
    done = [one for source in settings.sources for one in _of_source(home, source, theirs, dry=dry)]
    scratch = home.incoming
    if not dry:
        shutil.rmtree(scratch, ignore_errors=True)
    for path in _files(home.logs, home.cache):
        if not path.is_relative_to(home.pending) and holds(path, theirs.marks):
            done.append(FileDone(str(path.relative_to(home.root)), 0, True))
            if not dry:
                path.unlink(missing_ok=True)
    return done


def is_ours(home: Home, source: Source) -> bool:
    """Whether a source's files are copies that the program keeps."""
    path = source.options().get("path")
    if not isinstance(path, str) or "://" in path:
        return False
    return any(Path(path).resolve().is_relative_to(kept.resolve()) for kept in (home.uploads, home.sample))


def holds(path: Path, marks: Marks) -> bool:
    """Whether a file holds a mark in any way it is written, case aside."""
    forms = [
        form.encode(as_bytes) for form in marks.forms for as_bytes in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    longest, tail = max(map(len, forms), default=0) + _ROOM, b""
    with _opened(path) as file:
        while forms and (piece := file.read(_PIECE)):
            text = (tail + piece).lower()
            if any(form in text for form in forms) or _names(text, marks):
                return True
            tail = text[-longest:]
    return False


def _names(piece: bytes, marks: Marks) -> bool:
    """Whether a piece of a text has a mark in a spelling of its own: a number in other groups, a name on two lines."""
    if b"\0" in piece:
        return False
    text = piece.decode("utf-8", "replace")
    return marks.blot(text) != text


def _of_source(home: Home, source: Source, theirs: Gone, *, dry: bool) -> Iterator[FileDone]:
    path = source.options().get("path")
    place = Path(path).resolve() if isinstance(path, str) and "://" not in path else None
    if place is None or not any(place.is_relative_to(kept.resolve()) for kept in (home.uploads, home.sample)):
        return
    whole: set[Path] = set()
    seen: set[Path] = set()
    for read in _described(configured(source), source, home):
        original = _original(place, read)
        seen.add(original)
        if read.dialect.format == "delimited" and not _is_wide(read):
            if records := _records(original, read, source.name, theirs, dry=dry):
                yield FileDone(str(original.relative_to(home.root)), records, not original.is_file())
        elif _is_named(read, source.name, theirs):
            whole.add(original)
    whole |= {file for file in _files(place) if file not in seen and holds(file, theirs.marks)}
    for file in sorted(whole):
        yield FileDone(str(file.relative_to(home.root)), 0, True)
    if whole and not dry:
        source_files.enable(home, source.name, enabled=False)
        for file in whole:
            file.unlink(missing_ok=True)


def _described(connector: Connector, source: Source, home: Home) -> Iterator[FileRead]:
    """The description of every file that can be read at all."""
    folder = home.incoming / "erasing"
    context = ReadContext(source.name, full=True, folder=folder)
    try:
        yield from (item for item in connector.read(context) if isinstance(item, FileRead))
    except AppError:  # a file that cannot be read is searched for the marks instead
        return
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _original(place: Path, read: FileRead) -> Path:
    """The file that a table was read from."""
    folder = place if place.is_dir() else place.parent
    found = [path for path in _files(folder) if read.source_file.startswith(str(path.relative_to(folder)))]
    return max(found, key=lambda path: len(str(path)), default=Path(read.path))


def _tests(
    read: FileRead, header: Sequence[str], source: str, theirs: Gone
) -> list[tuple[int, frozenset[str]]]:
    """By which places of a record, and which values there, it is known to be theirs."""
    talks = frozenset(native for of, native in theirs.conversations if of == source)
    people = frozenset(person for of, person in theirs.people if of == source)
    wanted = {"conversation_id": talks, **dict.fromkeys(_PERSONS, people)}
    return [
        (header.index(column.column), values)
        for canonical, values in wanted.items()
        if (column := read.columns.get(canonical)) and column.column in header and values
    ]


def _is_wide(read: FileRead) -> bool:
    """Whether line ends cannot be found among its bytes."""
    return codecs.lookup(read.dialect.encoding).name.startswith(("utf-16", "utf-32"))


def _is_named(read: FileRead, source: str, theirs: Gone) -> bool:
    tests = _tests(read, read.header, source, theirs)
    return any(
        _matches(record, tests) or any(theirs.marks.blot(str(cell)) != str(cell) for cell in record if cell)
        for record in _cells(read)
    )


def _cells(read: FileRead) -> Iterator[Sequence[object]]:
    import pyarrow.parquet as pq

    if read.dialect.format == "delimited":
        with _opened(Path(read.path)) as file:
            text = file.read().decode(read.dialect.encoding)
        yield from csv.reader(
            io.StringIO(text), delimiter=read.dialect.delimiter, quotechar=read.dialect.quote
        )
        return
    for batch in pq.ParquetFile(read.path).iter_batches(columns=list(read.header)):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _matches(record: Sequence[object], tests: list[tuple[int, frozenset[str]]]) -> bool:
    return any(at < len(record) and str(record[at] or "").strip() in values for at, values in tests)


def _records(path: Path, read: FileRead, source: str, theirs: Gone, *, dry: bool) -> int:
    """Take the records of a delimited file out that are theirs, and marks out of the others; gives how many changed."""
    dialect, tests = read.dialect, _tests(read, read.header, source, theirs)
    changed = kept = 0
    scratch = path.with_name(f".{path.name}.part")
    try:
        with _opened(scratch, "wb", gzipped=bool(dialect.compression)) as out:
            for number, raw in enumerate(_raw_records(path, read)):
                text = raw.decode(dialect.encoding)
                if number == 0 and dialect.has_header:
                    out.write(raw)
                    continue
                fields = next(csv.reader([text], delimiter=dialect.delimiter, quotechar=dialect.quote), [])
                new = "" if _matches(fields, tests) else theirs.marks.blot(text)
                changed += new != text
                kept += bool(new)
                out.write(raw if new == text else new.encode(dialect.encoding))
        if changed and not dry:
            _put_in_place(scratch, path, is_empty=not kept)
    finally:
        scratch.unlink(missing_ok=True)
    return changed


def _put_in_place(scratch: Path, path: Path, *, is_empty: bool) -> None:
    if is_empty:  # a header alone is taken for an export that failed
        path.unlink()
        return
    scratch.chmod(path.stat().st_mode)
    scratch.replace(path)


def _raw_records(path: Path, read: FileRead) -> Iterator[bytes]:
    """The records with their line ends: lines are put together while a quote is open."""
    quote, held = read.dialect.quote.encode(), b""
    with _opened(path) as file:
        for line in file:
            held += line
            if not quote or held.count(quote) % 2 == 0:
                yield held
                held = b""
    if held:
        yield held


def _opened(path: Path, mode: str = "rb", *, gzipped: bool | None = None) -> IO[bytes]:
    if gzipped is None:
        with path.open("rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, mode) if gzipped else path.open(mode)  # type: ignore[return-value]


def _files(*folders: Path) -> list[Path]:
    found = [
        path for folder in folders for path in ((folder,) if folder.is_file() else sorted(folder.rglob("*")))
    ]
    return [path for path in found if path.is_file() and not path.is_symlink()]
