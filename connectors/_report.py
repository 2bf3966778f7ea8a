"""What is known about a file before it is loaded: for `sources map` and the upload page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from connectors._describe import Described, describe_table, given_columns, laid_out
from connectors._detect import Layout
from connectors._files_config import Reading, TablesConfig
from connectors._formats import Table, tables_of
from connectors._formats_write import LIST_SEPARATOR
from connectors._mapping import Proposal, propose, synonyms
from connectors._streams import ATTRIBUTES, REQUIRED, STREAM_COLUMNS
from core.errors import AppError, SchemaError, SourceDataError
from core.stream import FileRead


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a file cannot be loaded as it is, and what to do."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One of our columns: which header fills it, how sure we are, and why."""

    canonical: str
    column: str | None
    confidence: float
    reason: str
    required: bool


@dataclass(frozen=True, slots=True)
class HeaderReport:
    """One column of the file: what it was taken for and some of its values."""

    name: str
    canonical: str | None
    examples: tuple[str, ...]
    distinct: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """Everything a page needs to show a file, its proposed mapping and what is wrong."""

    file: str
    form: str = ""
    stream: str = ""
    reason: str = ""
    findings: tuple[str, ...] = ()
    delimiter: str = ""
    encoding: str = ""
    compression: str | None = None
    has_header: bool = True
    columns: tuple[ColumnReport, ...] = ()
    header: tuple[HeaderReport, ...] = ()
    unmapped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    sample_rows: int = 0
    problem: FileProblem | None = None
    read: FileRead | None = field(default=None, compare=False)


def reports(
    path: Path, name: str, config: TablesConfig, source: str, scratch: Path
) -> tuple[list[FileReport], list[str]]:
    """Every table of a file, and sentences about what is left out. Problems are part of the answer.

    Copies of tables are written to `scratch`, where they must stay while the reports are used.
    """
    try:
        content = tables_of(path, name, config.reading(config.entry(name)), scratch, _go_on)
    except AppError as error:
        return [FileReport(name, problem=_problem(error))], []
    found = [
        (table.name, report_table(table, reading, source))
        for table in content.tables
        if (reading := config.reading_of(table.name, within=name)) is not None
    ]
    if not found:
        told = SourceDataError(f"{name} has no rows.", hint="Export it again.", source=source)
        return [FileReport(name, problem=_problem(told))], content.left_out
    if all(one.problem for _, one in found):
        return [one for _, one in found], content.left_out
    # A table without a mapping beside others that have one is left out when the file is loaded.
    needless = [
        one
        for table, one in found
        if one.problem and one.problem.code == SchemaError.code and not config.entry(table)
    ]
    told_of = [f"{one.file} left out: {one.problem.message}" for one in needless if one.problem]
    return [one for _, one in found if one not in needless], [*content.left_out, *told_of]


def _go_on() -> None:
    return


def report_table(table: Table, reading: Reading, source: str) -> FileReport:
    """Look at one table; problems are part of the answer and not raised."""
    try:
        layout, _ = laid_out(table, reading, source)
    except AppError as error:
        return FileReport(table.name, problem=_problem(error))
    try:
        found = describe_table(table, reading, source)
    except AppError as error:
        proposal = _proposal(table, layout, reading, source)
        return _outlined(table.name, layout, proposal, (*table.notes, *layout.notes), _problem(error))
    return _outlined(table.name, layout, found.proposal, found.notes, None, found)


def _problem(error: AppError) -> FileProblem:
    return FileProblem(error.code, error.message, error.hint)


def _proposal(table: Table, layout: Layout, reading: Reading, source: str) -> Proposal:
    try:
        given = given_columns(table.name, layout, reading, source)
    except AppError:
        given = {}
    return propose(Path(table.title), layout, given=given, form=reading.form, stream=reading.stream)


def _outlined(
    name: str, layout: Layout, proposal: Proposal, notes: tuple[str, ...], problem: FileProblem | None,
    found: Described | None = None,
) -> FileReport:  # fmt: skip
    guesses = {g.canonical: g for g in proposal.guesses}
    required = REQUIRED[proposal.stream]
    columns = [
        ColumnReport(
            c,
            g.column if g else None,
            g.confidence if g else 0.0,
            g.reason if g else "not found",
            c in required,
        )
        for c in _choices(proposal)
        for g in (guesses.get(c),)
    ]
    taken = {g.column: g.canonical for g in proposal.guesses}
    header = []
    for column in layout.header:
        values = layout.values(column)
        examples = tuple(v[:120].replace(LIST_SEPARATOR, ", ") for v in dict.fromkeys(values))[:3]
        header.append(HeaderReport(column, taken.get(column), examples, len(set(values))))
    return FileReport(
        file=name, form=proposal.form, stream=proposal.stream, reason=proposal.reason, findings=notes,
        delimiter=layout.dialect.delimiter if layout.dialect.format == "delimited" else "",
        encoding=layout.dialect.encoding,
        compression=layout.dialect.compression,
        has_header=layout.dialect.has_header, columns=tuple(columns), header=tuple(header),
        unmapped=proposal.unmapped, missing=proposal.missing, sample_rows=len(layout.rows), problem=problem,
        read=found.read if found else None,
    )  # fmt: skip


def _choices(proposal: Proposal) -> list[str]:
    """Our columns that a file of this form can fill, the needed and the known ones first."""
    own = STREAM_COLUMNS[proposal.stream] + (ATTRIBUTES if proposal.form == "messages" else ())
    known = synonyms(proposal.form, proposal.stream)
    return list(dict.fromkeys([*REQUIRED[proposal.stream], *known, *own]))
