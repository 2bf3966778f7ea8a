"""What a delimited file looks like: encoding, delimiter, header, date formats. Everything found is said."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import SourceDataError
from core.stream import Dialect

SAMPLE_BYTES = 1 << 20
SAMPLE_ROWS = 2000
_DELIMITERS = (",", ";", "\t", "|")
_SPOKEN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_MAGIC = {
    b"PK\x03\x04": "a ZIP archive or Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"SQLite format 3": "a SQLite database",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x7fELF": "a program",
}
_RENAME = {
    b"PK\x03\x04": "Unpack it, or let a workbook's name end in .xlsx, and load it again.",
    b"PAR1": "Let its name end in .parquet and load it again.",
}
# Letters and signs that Western text really uses above ASCII in cp1252.
_WESTERN = frozenset(
    "éèêëàâäáãåæçñíìîïóòôöõøœúùûüýÿßÉÈÊÀÂÄÁÃÅÆÇÑÍÌÎÓÒÔÖÕØŒÚÙÛÜ"
    "\u201c\u201d\u2018\u2019\u201e\u201a…\u2013—•€£°©®™«»§\u00b4¿¡½¼·".encode("cp1252")
) - {0xFF}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What one pass over the whole file found."""

    size: int
    sha256: str
    encoding: str
    nul_bytes: int = 0
    bad_lines: int = 0
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's dialect, its columns (every name once) and its first rows."""

    dialect: Dialect
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def values(self, column: str) -> list[str]:
        """The non-empty sample values of a column, trimmed."""
        at = self.header.index(column)
        return [row[at].strip() for row in self.rows if len(row) > at and row[at].strip()]


def is_gzip(path: Path) -> bool:
    """Whether the bytes, not the name, say gzip."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def opened(path: Path) -> IO[bytes]:
    """The file's bytes, decompressed."""
    return gzip.open(path) if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def fingerprint(path: Path) -> str:
    """The sha256 of the file as it lies on disk."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def inspect(path: Path, encoding: str | None = None, *, whole: bool = True) -> Content:
    """Read the whole file once in pieces: fingerprint, encoding, NUL bytes. Raises SourceDataError.

    With `whole=False` only the beginning is looked at and there is no fingerprint.
    """
    with readable(path):
        return _inspected(path, encoding, whole)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Says in a sentence why the bytes cannot be had. Raises SourceDataError."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceDataError(
            f"{path.name} is a damaged gzip file: {error}.", hint="Copy it again."
        ) from None
    except PermissionError:
        raise SourceDataError(
            f"{path.name} may not be read.", hint="Give this account the right to read the file."
        ) from None
    except FileNotFoundError:
        raise SourceDataError(
            f"{path.name} was taken away while it was read.",
            hint="The next refresh reads what is there then.",
        ) from None


def _inspected(path: Path, encoding: str | None, whole: bool) -> Content:
    size = path.stat().st_size
    with opened(path) as stream:
        head = stream.read(1 << 16)
    _refuse_binary(path, head)
    _refuse_other_text(path, head)
    if not head.strip():
        return Content(size, "", "utf-8", is_empty=True)
    chosen = encoding or _by_mark(head)
    if chosen and codecs.lookup(chosen).name not in ("utf-8", "utf-8-sig"):
        return Content(size, fingerprint(path) if whole else "", codecs.lookup(chosen).name)
    if not whole:
        return Content(size, "", "utf-8")
    return _read_through(path, size, forced=bool(encoding))


def _refuse_binary(path: Path, head: bytes) -> None:
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise SourceDataError(
                f"{path.name} is {what}, not delimited text.",
                hint=_RENAME.get(magic, "Export it as CSV (UTF-8) and load that file."),
            )
    if _by_mark(head):
        return
    control = sum(head.count(bytes([b])) for b in range(32) if b not in (9, 10, 12, 13))
    if control > max(8, len(head) * 0.05):
        raise SourceDataError(
            f"{path.name} is a binary file, not delimited text.",
            hint="Export it as CSV (UTF-8) and load that file.",
        )


def _refuse_other_text(path: Path, head: bytes) -> None:
    """Text that is no table: what a sign-in page saves under the name of the export, or another format."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceDataError(
            f"{path.name} is a web page, not delimited text.",
            hint="The download probably asked for a sign-in: open the file in a browser, then export again.",
        )
    if re.match(rb'[\[{]\s*[\[{"]|<\?xml', start):
        raise SourceDataError(
            f"{path.name} is {'XML' if start.startswith(b'<') else 'JSON'}, not delimited text.",
            hint="Export it as CSV (UTF-8) and load that file."
            if start.startswith(b"<")
            else "Let its name end in .json and load it again.",
        )
    if re.match(rb"sep=.\r?\n", start):
        raise SourceDataError(
            f"{path.name} begins with Excel's line {start[:5].decode(errors='replace')!r}.",
            hint="Remove the first line, or export it again as CSV (UTF-8).",
        )


def _by_mark(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = head[:4096]
    if len(pairs) >= 8:  # UTF-16 without a mark: every other byte of Western text is NUL
        odd, even = pairs[1::2].count(0), pairs[0::2].count(0)
        if odd > len(pairs) * 0.35 and even < len(pairs) * 0.05:
            return "utf-16-le"
        if even > len(pairs) * 0.35 and odd < len(pairs) * 0.05:
            return "utf-16-be"
    return None


def _read_through(path: Path, size: int, *, forced: bool) -> Content:
    digest, nul, bad_lines, many = hashlib.sha256(), 0, 0, 0
    strange: Counter[int] = Counter()
    packed = is_gzip(path)
    with opened(path) as stream:
        tail = b""
        while block := stream.read(1 << 22):
            if not packed:
                digest.update(block)
            nul += block.count(0)
            block = tail + block
            cut = block.rfind(b"\n") + 1 or len(block)
            block, tail = block[:cut], block[cut:]
            good, found = _invalid(block, strange)
            many, bad_lines = many + good, bad_lines + found
        good, found = _invalid(tail, strange)
        many, bad_lines = many + good, bad_lines + found
    sha = fingerprint(path) if packed else digest.hexdigest()
    western = bool(strange) and set(strange) <= _WESTERN
    if bad_lines and not forced and not many and western:
        return Content(size, sha, "cp1252", nul)
    return Content(size, sha, "utf-8", nul, bad_lines)


def _invalid(block: bytes, strange: Counter[int]) -> tuple[int, int]:
    """(characters above ASCII that are valid UTF-8, lines that are not valid UTF-8)."""
    if block.isascii():
        return 0, 0
    try:
        block.decode("utf-8")
        return 1, 0
    except UnicodeDecodeError:
        pass
    good, bad = 0, 0
    for line in block.split(b"\n"):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            good += 1
        except UnicodeDecodeError:
            bad += 1
            strange.update(b for b in line if b > 127)
    return good, bad


def lay_out(path: Path, content: Content, *, delimiter: str | None = None) -> Layout:
    """Detect delimiter and header from the beginning of the file. Raises SourceDataError."""
    with readable(path), opened(path) as stream:
        raw = stream.read(SAMPLE_BYTES + 64)
    whole = len(raw) <= SAMPLE_BYTES
    decoder = codecs.getincrementaldecoder(content.encoding)("replace")
    text = decoder.decode(raw[:SAMPLE_BYTES]).removeprefix("\ufeff")
    notes = [_said_encoding(content)]
    chosen = delimiter or _delimiter(text)
    records = _records(text, chosen, whole)
    if not records:
        raise SourceDataError(f"{path.name} has no rows.", hint="Export it again.")
    notes.append(f"delimiter: {_SPOKEN.get(chosen, repr(chosen))}" + (" (set)" if delimiter else ""))
    has_header = is_header(records[0])
    names = records[0] if has_header else [f"column_{i}" for i in range(1, len(records[0]) + 1)]
    if not has_header:
        notes.append("no header line: columns are called column_1, column_2, …")
    dialect = Dialect(
        delimiter=chosen,
        encoding=content.encoding,
        compression="gzip" if is_gzip(path) else None,
        has_header=has_header,
    )
    rows = records[1:] if has_header else records
    return Layout(dialect, unique_names(names), tuple(tuple(r) for r in rows), tuple(notes))


def _said_encoding(content: Content) -> str:
    said = f"encoding: {content.encoding}"
    if content.encoding == "cp1252":
        said += " (not valid UTF-8; read as Western European, set encoding if that is wrong)"
    if content.bad_lines:
        said += f", {content.bad_lines} lines are not valid UTF-8 and will be rejected"
    if content.nul_bytes and "16" not in content.encoding:
        said += f", {content.nul_bytes} NUL bytes will be removed from texts"
    return said


def _records(text: str, delimiter: str, whole: bool) -> list[list[str]]:
    csv.field_size_limit(SAMPLE_BYTES * 2)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    try:
        for record in reader:
            if record:
                records.append(record)
            if len(records) > SAMPLE_ROWS:
                return records
    except csv.Error:
        return records
    return records if whole or len(records) < 2 else records[:-1]


def _delimiter(text: str) -> str:
    """The delimiter that splits the most rows into the same number of fields."""

    def score(candidate: str) -> tuple[float, int]:
        widths = Counter(len(r) for r in _records(text[:200_000], candidate, len(text) <= 200_000)[:200])
        if not widths:
            return (0.0, 0)
        width, count = widths.most_common(1)[0]
        return (count / sum(widths.values()) if width > 1 else 0.0, width)

    return max(_DELIMITERS, key=score)


_WORD = re.compile(r"[^\W\d]")


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names things: no numbers, dates or long texts, no name twice."""
    first = [cell.strip() for cell in cells]
    if not any(first):
        return False
    value_like = sum(
        1 for c in first if c and (not _WORD.search(c) or looks_like_instant(c) or len(c) > 80 or "@" in c)
    )
    return value_like == 0 and len({c.lower() for c in first if c}) == len([c for c in first if c])


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns, trimmed, every one once."""
    seen: Counter[str] = Counter()
    found = []
    for position, name in enumerate(names, start=1):
        bare = name.strip().strip("\ufeff") or f"column_{position}"
        seen[bare.lower()] += 1
        found.append(bare if seen[bare.lower()] == 1 else f"{bare}_{seen[bare.lower()]}")
    return tuple(found)


_INSTANT = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T,].*)?$")


def looks_like_instant(text: str) -> bool:
    """Whether a value reads as a date written with digits."""
    return bool(_INSTANT.match(text.strip()))
