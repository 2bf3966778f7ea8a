"""Configured sources and uploaded files: checks, proposed mappings, previews, and the upload folder."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors._files_config import FileEntry, Reading, TablesConfig
from connectors._formats import READABLE, suffix
from connectors._found import found_files
from connectors._report import FileReport, reports
from connectors.base import CONNECTORS, CheckResult, ReadContext, Stream, configured
from core import encryption
from core.errors import AppError, ConfigError, SourceDataError, SourceNotFound
from core.home import Home
from core.settings import Settings, Source
from core.validation import problems
from core.written import one_writer, scratch
from jobs.source_files import described, read, source_of, write_uploads

PREVIEW_ROWS = 20
MAX_UPLOAD_BYTES = 4 << 30
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class MapReport:
    """One file: what it is, the proposed mapping, and its first canonical rows."""

    source: str
    file: FileReport
    preview: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    preview_counts: dict[str, int] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What an upload would load, or has put in place for the next refresh."""

    name: str
    file_name: str
    stored: bool
    mapping: MapReport
    message: str


def check(settings: Settings, name: str | None = None) -> dict[str, list[CheckResult]]:
    """A connection test of every configured source, or of one. Raises ConfigError for an unknown name."""
    results: dict[str, list[CheckResult]] = {}
    for source in _chosen(settings, name):
        try:
            results[source.name] = list(configured(source).check(ReadContext(source.name)))
        except AppError as error:
            results[source.name] = [CheckResult(source.kind, "error", error.message, error.code, error.hint)]
    return results


def listed(home: Home, settings: Settings, name: str | None = None) -> dict[str, Any]:
    """The configured sources (or one of them), where each is written, and the registered kinds."""
    wanted = {source.name for source in _chosen(settings, name)}
    found = [source for source in described(home, settings) if source["name"] in wanted]
    return {"sources": found, "kinds": CONNECTORS.names()}


def kind_of(settings: Settings, name: str) -> str:
    """The kind of a configured source. Raises ConfigError."""
    return _chosen(settings, name)[0].kind


def table_of(settings: Settings, name: str) -> dict[str, Any]:
    """A configured source as its table. Raises ConfigError."""
    return _chosen(settings, name)[0].model_dump(exclude_unset=True)


def discover(settings: Settings, name: str) -> list[Stream]:
    """What a configured source offers, with its columns and what they are taken for. Raises AppError."""
    source = _chosen(settings, name)[0]
    return list(configured(source).discover(ReadContext(source.name)))


def map_source(home: Home, settings: Settings, name: str) -> list[MapReport]:
    """The mapping of every file of a configured source of kind `files`."""
    (source,) = _chosen(settings, name)
    if source.kind != "files":
        raise ConfigError(f"a source of kind {source.kind} has no file columns to map.", source=name)
    config = configured(source).config
    found = (_mapped(home, file.path, file.name, config, name) for file in found_files(config, name)[0])
    return [one for tables in found for one in tables]


def map_file(
    home: Home, path: Path, reading: Reading | None = None, *, source: str = "file", name: str | None = None
) -> MapReport:
    """Propose a mapping for one file and show its first canonical rows. Problems are part of the answer.

    Of a file with several tables the first that can be read is shown; the others are told as findings.
    """
    if not path.is_file():
        raise SourceNotFound(f"there is no file {path}.", hint="Check the path.", source=source)
    own = (
        {key: getattr(reading, key) for key in reading.model_fields_set - {"path", "skip"}} if reading else {}
    )
    first, *others = sorted(
        _mapped(home, path, name or path.name, TablesConfig(**own), source),
        key=lambda one: one.file.problem is not None,
    )
    told = [f"also {one.file.file}: {one.file.reason}" for one in others]
    return replace(first, file=replace(first.file, findings=(*first.file.findings, *told)))


def _mapped(home: Home, path: Path, name: str, config: TablesConfig, source: str) -> list[MapReport]:
    """Every table of a file."""
    from store.bulk_preview import preview

    with tempfile.TemporaryDirectory(dir=scratch(home)) as folder:
        found, left_out = reports(path, name, config, source, Path(folder))
        mapped: list[MapReport] = []
        for one in found:
            told = replace(one, findings=(*one.findings, *left_out)) if not mapped else one
            if one.read is None:
                mapped.append(MapReport(source, told))
                continue
            shown = preview(home, one.read, rows=PREVIEW_ROWS)
            mapped.append(MapReport(source, told, shown.streams, shown.counts, shown.rejects))
        return mapped


def upload(
    home: Home,
    settings: Settings,
    path: Path,
    *,
    name: str | None = None,
    file_name: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    store: bool = True,
) -> UploadReport:
    """Put a file into the home as a source of its own, or only show what would be loaded.

    A file of the same name in the same upload replaces the older one. Raises ConfigError or ConnectorError.
    """
    wanted = safe_file_name(file_name or path.name)
    _refuse_size(home, settings, path)
    chosen = name or _slug(wanted)
    if not _NAME.fullmatch(chosen):
        raise ConfigError(f"{chosen!r} is no source name.", hint="Use letters, digits, - and _, at most 64.")
    entry = _entry(wanted, mapping or {})
    taken = {s.name for s in settings.sources} - {s["name"] for s in read_uploads(home)}
    if chosen in taken:
        raise ConfigError(
            f"a source called {chosen!r} is in the settings already.", hint="Choose another --name."
        )
    report_ = map_file(home, path, entry, source=chosen, name=wanted)
    problem = report_.file.problem
    if problem is not None or not store:
        told = f"{problem.message} {problem.hint}".strip() if problem else "this is what would be loaded."
        return UploadReport(chosen, wanted, False, report_, told)
    _store(home, path, chosen, wanted, entry)
    return UploadReport(chosen, wanted, True, report_, f"{wanted} is ready; the next refresh loads it.")


def safe_file_name(name: str) -> str:
    """A file name without folders or characters that mean something elsewhere. Raises SourceDataError."""
    bare = re.sub(r"[^\w .()+-]", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not bare.strip("._ ") or bare.startswith((".", "~")) or len(bare.encode()) > 200:
        raise SourceDataError(f"{name!r} is no usable file name.", hint="Rename the file.")
    if suffix(Path(bare)) not in READABLE:
        raise SourceDataError(
            f"{bare} cannot be loaded: files that can be read end in {', '.join(READABLE)}.",
            hint="Save it in one of these formats and load that file.",
        )
    return bare


def read_mapping(text: str) -> dict[str, Any]:
    """A mapping given as JSON, as TOML, or as the path of such a file. Raises ConfigError."""
    path = Path(text) if len(text) < 4096 and "\n" not in text and not text.lstrip().startswith("{") else None
    if path is not None and path.is_file():
        text = path.read_text(encoding="utf-8")
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the mapping is neither JSON nor TOML: {error}.") from None
    if not isinstance(found, dict):
        raise ConfigError("the mapping must be a table of settings.")
    return found


def read_uploads(home: Home) -> list[dict[str, Any]]:
    """The uploaded sources as they are written in uploads/sources.toml."""
    return read(home.uploads / "sources.toml")


def _entry(file_name: str, mapping: Mapping[str, Any]) -> FileEntry:
    try:
        return FileEntry(**{**mapping, "path": file_name})
    except ValidationError as error:
        raise ConfigError(f"the mapping is not valid: {problems(error)}.") from None


def _store(home: Home, path: Path, name: str, file_name: str, entry: FileEntry) -> None:
    encryption.refuse_readable(home, "uploaded files")
    with one_writer(home):
        folder = home.uploads / name
        _copy_in(home, path, folder, file_name)
        uploaded = read_uploads(home)
        source = next((s for s in uploaded if s["name"] == name), None)
        if source is None:
            source = {"name": name, "kind": "files", "path": str(folder.relative_to(home.root))}
            uploaded.append(source)
        entries = [e for e in source.get("files", []) if e["path"] != file_name]
        source["files"] = [*entries, _plain(entry)]
        source_of(home, source)
        write_uploads(home, uploaded)


def _copy_in(home: Home, path: Path, folder: Path, file_name: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() or not folder.resolve().is_relative_to(home.uploads.resolve()):
            raise ConfigError(
                f"{folder.name} in the upload folder leads out of it.", hint="Choose another --name."
            )
        scratch = folder / f".{file_name}.part"
        shutil.copyfile(path, scratch)
        scratch.replace(folder / file_name)
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written: {error.strerror}.", hint="Check the folder."
        ) from None


def _plain(entry: FileEntry) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude_unset=True, exclude_none=True)


def _refuse_size(home: Home, settings: Settings, path: Path) -> None:
    if not path.is_file():
        raise SourceNotFound(f"there is no file {path}.", hint="Check the path.")
    size = path.stat().st_size
    if size > MAX_UPLOAD_BYTES:
        raise SourceDataError(
            f"{path.name} has {size / 1e9:.1f} GB; an upload may have {MAX_UPLOAD_BYTES / 1e9:.1f} GB.",
            hint="Leave the file where it is and name its path in settings.toml.",
        )
    try:
        home.make()
    except OSError as error:
        raise ConfigError(f"{home.root} cannot be written: {error.strerror}.", hint="Check --home.") from None
    if shutil.disk_usage(home.root).free < size + settings.workspace.min_free_disk_mb * 1_000_000:
        raise SourceDataError(
            f"there is no room on the disk for {path.name}.", hint="Make room and try again."
        )


def _slug(file_name: str) -> str:
    bare = re.sub(r"[^A-Za-z0-9_-]+", "_", file_name.split(".")[0]).strip("_")[:64]
    return bare or "upload"


def _chosen(settings: Settings, name: str | None) -> list[Source]:
    if name is None:
        return list(settings.sources)
    found = [s for s in settings.sources if s.name == name]
    if not found:
        known = ", ".join(s.name for s in settings.sources) or "none"
        raise ConfigError(f"there is no source called {name}.", hint=f"Configured: {known}.")
    return found


def without_read(found: MapReport) -> dict[str, Any]:
    """A report as plain values; the store's own description of the file stays inside."""
    plain = asdict(found)
    plain["file"].pop("read")
    return plain
