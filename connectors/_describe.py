"""From a file and its settings to the description that the store reads by, and what was found in words."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connectors._dates import DateFormats, Order, find_formats, order_of
from connectors._detect import Layout, inspect, lay_out, opened
from connectors._files_config import Reading, RolesConfig
from connectors._formats import Table
from connectors._formats_parquet import lay_out_parquet, text_rows
from connectors._formats_write import LIST_SEPARATOR
from connectors._mapping import Proposal, plain, propose
from connectors._presets import PRESET_VALUES, preset_columns
from connectors._streams import DENOMINATORS, INSTANTS, REQUIRED, STREAM_COLUMNS
from connectors._values import ROLE, SCORE, VALUE_MAPS
from core.errors import SchemaError, SourceDataError
from core.stream import ColumnRead, FileRead, Role, Roles

_TRUE = {"true": "false", "1": "false", "yes": "false", "private": "false", "internal": "false"}
_NOT_PUBLIC = ("private", "is private", "internal", "is internal")
_INCOMING = ("incoming", "inbound", "is customer")
_IS_AGENT = ("is agent", "outgoing", "outbound")


@dataclass(frozen=True, slots=True)
class Described:
    """A file's description for the store, what was found in words, and the proposal behind it."""

    read: FileRead
    layout: Layout
    proposal: Proposal
    notes: tuple[str, ...]

    @property
    def stream(self) -> str:
        """The stream that the file's rows are of."""
        return self.read.stream or self.proposal.stream

    @property
    def how(self) -> str:
        """A fingerprint of the reading, the streams of other files aside."""
        told = repr((self.read.form, self.read.stream, sorted(self.read.columns.items()), self.read.roles,
                     self.read.dialect, self.read.tag_separator, self.read.header))  # fmt: skip
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def describe_table(table: Table, reading: Reading, source: str, *, whole: bool = True) -> Described:
    """Detect, map and describe one table of any format. `whole=False` looks at its beginning only.

    Raises SourceDataError or SchemaError with what to do.
    """
    layout, sha256 = laid_out(table, reading, source, whole=whole)
    proposal = mapped(table, layout, reading, source)
    dates = _dates(table, layout, proposal, reading, source, whole=whole)
    columns = _all_columns(table.name, layout, proposal, dates, reading, source)
    read = FileRead(
        path=str(table.path),
        source_file=table.name,
        form=proposal.form,
        header=layout.header,
        columns=columns,
        stream=proposal.stream if proposal.form == "rows" else None,
        dialect=layout.dialect,
        roles=_roles(reading.roles, proposal),
        tag_separator=_separator(table, reading, proposal, layout),
        size=table.size,
        modified_at=table.modified_at,
        etag=table.etag,
        sha256=sha256,
    )
    notes = (
        proposal.reason,
        *table.notes,
        *layout.notes,
        *_said_dates(dates, proposal, reading.timezone or "UTC"),
        *_said_columns(proposal, read),
    )
    return Described(read, layout, proposal, notes)


def describe_rows(name: str, layout: Layout, reading: Reading, source: str) -> Described:
    """Map and describe rows that come in pages, from a sample of them. Raises what `describe` raises."""
    table = Table(name, Path(), title=name)
    proposal = mapped(table, layout, reading, source)
    for column in [c for ours, c in proposal.columns.items() if ours in INSTANTS]:
        if reading.day_first is None:
            _refuse_ambiguous(name, column, *order_of(layout.values(column)), None, source)
    dates = _dates(table, layout, proposal, reading, source, whole=False)
    stream = proposal.stream if proposal.form == "rows" else None
    columns = _all_columns(name, layout, proposal, dates, reading, source)
    read = FileRead("", name, proposal.form, layout.header, columns, stream=stream, complete=False,
                    roles=_roles(reading.roles, proposal),
                    tag_separator=_separator(table, reading, proposal, layout))  # fmt: skip
    notes = (*_said_dates(dates, proposal, reading.timezone or "UTC"), *_said_columns(proposal, read))
    return Described(read, layout, proposal, notes)


def laid_out(table: Table, reading: Reading, source: str, *, whole: bool = True) -> tuple[Layout, str]:
    """The table's columns and first rows, and the fingerprint of its file. Raises SourceDataError."""
    if table.parquet:
        return lay_out_parquet(table.path), table.sha256
    content = inspect(table.path, reading.encoding, whole=whole)
    if content.is_empty:
        raise SourceDataError(
            f"{table.name} is empty.", hint="Export it again, or remove the file.", source=source
        )
    return lay_out(table.path, content, delimiter=reading.delimiter), content.sha256


def _all_columns(
    source_file: str,
    layout: Layout,
    proposal: Proposal,
    dates: Mapping[str, DateFormats],
    reading: Reading,
    source: str,
) -> dict[str, ColumnRead]:
    zone = reading.timezone or "UTC"
    columns = {
        canonical: _column(canonical, column, layout, dates.get(canonical), zone, reading)
        for canonical, column in proposal.columns.items()
        if canonical != "author_role"
    }
    columns |= custom_columns(source_file, layout, proposal, reading, source)
    return columns | {
        c: ColumnRead(constant=v) for c, v in {**proposal.constants, **reading.constants}.items()
    }


def mapped(table: Table, layout: Layout, reading: Reading, source: str) -> Proposal:
    """The proposal with the settings' columns in it. Raises SchemaError when it cannot carry a load."""
    source_file = table.name
    given = given_columns(source_file, layout, reading, source)
    proposal = propose(Path(table.title), layout, given=given, form=reading.form, stream=reading.stream)
    missing = [c for c in proposal.missing if c not in reading.constants]
    if missing:
        raise SchemaError(
            f"no mapping found for {source_file}: read as {proposal.reason.split(':')[0]} it has no"
            f" column for"
            f" {', '.join(missing)} (columns: {', '.join(layout.header)}).",
            hint="Name them under [sources.columns], for example "
            + "; ".join(f'{c} = "…"' for c in missing)
            + (". A wrong delimiter also looks like this." if len(layout.header) == 1 else "."),
            source=source,
        )
    return proposal


def given_columns(source_file: str, layout: Layout, reading: Reading, source: str) -> dict[str, str]:
    """Our columns that the settings or a preset name. Raises SchemaError when the file lacks one."""
    names = {plain(c): c for c in reversed(layout.header)} | {c: c for c in layout.header}
    given: dict[str, str] = {}
    if reading.preset:
        given |= preset_columns(reading.preset, layout.header)
        if not {"conversation_id", "created_at"} & given.keys():
            raise SchemaError(
                f"{source_file} does not look like a {reading.preset} export (columns:"
                f" {', '.join(layout.header)}).",
                hint="Remove the preset; the columns are then proposed from their names.", source=source,
            )  # fmt: skip
    for canonical, column in reading.columns.items():
        found = names.get(column) or names.get(plain(column))
        if found is None:
            raise SchemaError(
                f"{source_file} has no column {column!r}, which the settings name for {canonical}.",
                hint=f"It has: {', '.join(layout.header)}.", source=source,
            )  # fmt: skip
        given = {c: h for c, h in given.items() if h != found} | {canonical: found}
    if reading.roles.column and (found := names.get(reading.roles.column)):
        given = {c: h for c, h in given.items() if h != found} | {"author_role": found}
    return given


def custom_columns(
    source_file: str, layout: Layout, proposal: Proposal, reading: Reading, source: str
) -> dict[str, ColumnRead]:
    """Attributes of their own: those that the settings name, and every column that nothing else reads."""
    named = {
        c: h
        for c, h in given_columns(source_file, layout, reading, source).items()
        if c.startswith("custom:")
    }
    keeps = proposal.stream == DENOMINATORS or "custom_fields" in STREAM_COLUMNS[proposal.stream]
    if proposal.form == "rows" and not keeps:
        return {}
    left = [c for c in proposal.unmapped if c not in named.values()]
    return {c: ColumnRead(h) for c, h in named.items()} | {f"custom:{c}": ColumnRead(c) for c in left}


def _column(
    canonical: str, column: str, layout: Layout, dates: DateFormats | None, zone: str, reading: Reading
) -> ColumnRead:
    if dates is not None:
        return ColumnRead(column, formats=() if dates.formats == ("iso",) else dates.formats, zone=zone)
    own = {native.lower(): ours for native, ours in reading.values.get(canonical, {}).items()}
    preset = PRESET_VALUES.get(reading.preset or "", {}).get(canonical, {})
    known: Mapping[str, str] = VALUE_MAPS.get(canonical, {})
    if canonical == "is_public" and plain(column) in _NOT_PUBLIC:
        known = {**_TRUE, **{"false": "true", "0": "true", "no": "true"}}
    if canonical == "score":
        known = scale(layout.values(column))
    ours_first = {
        ours: ours for ours in dict.fromkeys(known.values()) if canonical in ("status", "priority", "channel")
    }
    return ColumnRead(column, values=tuple({**ours_first, **known, **preset, **own}.items()))


def scale(values: Sequence[str]) -> dict[str, str]:
    """Native ratings to 0..1, from words and from the largest number seen."""
    numbers = [
        float(v.replace(",", ".")) for v in values if v.replace(",", ".").replace(".", "", 1).isdigit()
    ]
    top = max(numbers, default=1.0)
    if top <= 1:
        return dict(SCORE)
    low, high = next(
        ((lo, hi) for lo, hi in ((1, 3), (1, 5), (1, 7), (0, 10), (0, 100)) if top <= hi), (0, 100)
    )
    if low == 1 and 0.0 in numbers:
        low = 0
    steps = {
        f"{n / 2:g}": f"{max(0.0, (n / 2 - low) / (high - low)):g}" for n in range(2 * low, 2 * high + 1)
    }
    dotted = {f"{n}.0": steps[str(n)] for n in range(low, high + 1)}
    return {**SCORE, **steps, **dotted}


def _roles(config: RolesConfig, proposal: Proposal) -> Roles:
    column = proposal.columns.get("author_role")
    values: dict[str, Role] = {native.lower(): ours for native, ours in config.values.items()}
    if column:
        known: dict[str, str] = dict(ROLE)
        if plain(column) in _INCOMING:
            known |= {
                "true": "customer",
                "1": "customer",
                "yes": "customer",
                "false": "agent",
                "0": "agent",
                "no": "agent",
            }
        elif plain(column) in _IS_AGENT:
            known |= {
                "true": "agent",
                "1": "agent",
                "yes": "agent",
                "false": "customer",
                "0": "customer",
                "no": "customer",
            }
        values = {**known, **values}  # type: ignore[dict-item]
    return Roles(
        column=column,
        values=tuple(values.items()),
        agents=config.agents,
        first_author=config.first_author,
        default="customer" if config.agents else "unknown",
    )


def _separator(table: Table, reading: Reading, proposal: Proposal, layout: Layout) -> str:
    """Comma unless set; where no cell has one, semicolons, bars or spaces as Zendesk writes them."""
    column = proposal.columns.get("tags")
    if column in table.listed:
        return LIST_SEPARATOR
    if column is None or "tag_separator" in reading.model_fields_set:
        return reading.tag_separator
    cells = layout.values(column)
    return next(
        (s for s in (",", ";", "|") if any(s in c for c in cells)),
        " " if reading.preset == "zendesk" else ",",
    )


def _dates(
    table: Table,
    layout: Layout,
    proposal: Proposal,
    reading: Reading,
    source: str,
    *,
    whole: bool,
) -> dict[str, DateFormats]:
    """The formats of every date column. Raises SourceDataError where day and month cannot be told apart."""
    found = {c: layout.values(column) for c, column in proposal.columns.items() if c in INSTANTS}
    orders = {c: order_of(values) for c, values in found.items()}
    first = reading.day_first
    if first is None and any(order == "either" for order, _ in orders.values()):
        decided: Order | None = next(
            (order for order, _ in orders.values() if order in ("day", "month")), None
        )
        if decided is None and whole:
            decided = _decide_by_all(table, layout, [proposal.columns[c] for c in found])
        first = decided == "day" if decided is not None else None
    if reading.day_first is None and whole:
        for canonical, (order, example) in orders.items():
            _refuse_ambiguous(table.name, proposal.columns[canonical], order, example, first, source)
    return {c: _formats(table.name, c, proposal, values, first, source) for c, values in found.items()}


def _refuse_ambiguous(
    source_file: str, column: str, order: Order | None, example: str | None, first: bool | None, source: str
) -> None:
    if order == "both":
        raise SourceDataError(
            f"{source_file}: the dates in {column!r} put the day first in some rows and the month in others"
            f" (for example {example!r}).",
            hint="Export the file with one date format.",
            source=source,
        )
    if first is None and order == "either":
        raise SourceDataError(
            f"{source_file}: every date in {column!r} could begin with the day or the month"
            f" (for example {example!r}).",
            hint="Set day_first = true or day_first = false for this source.",
            source=source,
        )


def _formats(
    source_file: str,
    canonical: str,
    proposal: Proposal,
    values: Sequence[str],
    first: bool | None,
    source: str,
) -> DateFormats:
    formats = find_formats(values, day_first=first, least=0.1)
    if formats is None and values and canonical in REQUIRED[proposal.stream]:
        raise SourceDataError(
            f"{source_file}: the values of {proposal.columns[canonical]!r} are not dates"
            f" (for example {values[0]!r}).",
            hint=f"Map {canonical} to another column under [sources.columns].",
            source=source,
        )
    return formats or DateFormats(("iso",), 0.0)


def _decide_by_all(table: Table, layout: Layout, columns: Sequence[str]) -> Order | None:
    """Read on through the whole file until a date can only be read one way."""
    for row in _all_rows(table, layout, columns):
        order, _ = order_of(row)
        if order in ("day", "month"):
            return order
    return None


def _all_rows(table: Table, layout: Layout, columns: Sequence[str]) -> Iterator[list[str]]:
    """The cells of some columns, row by row."""
    if table.parquet:
        yield from text_rows(table.path, columns)
        return
    wanted = [layout.header.index(c) for c in columns]
    with opened(table.path) as stream:
        text = io.TextIOWrapper(stream, layout.dialect.encoding, errors="replace", newline="")
        lines = (line.replace("\0", "") for line in text)
        with suppress(csv.Error):
            for row in csv.reader(lines, delimiter=layout.dialect.delimiter):
                yield [row[i] for i in wanted if i < len(row)]


def _said_dates(dates: Mapping[str, DateFormats], proposal: Proposal, zone: str) -> list[str]:
    notes = []
    for canonical, found in dates.items():
        said = f"{proposal.columns[canonical]}: {found.said}"
        if found.decided_by and found.order in ("day", "month"):
            said += f" ({found.order} first, as {found.decided_by!r} shows)"
        if not found.carries_zone and found.share:
            said += f", read as {zone}"
        notes.append(said)
    return notes


def _said_columns(proposal: Proposal, read: FileRead) -> list[str]:
    pairs = ", ".join(f"{g.canonical} = {g.column}" for g in proposal.guesses)
    custom = [c[7:] for c in read.columns if c.startswith("custom:")]
    return [f"columns: {pairs}", *([f"kept as custom fields: {', '.join(custom)}"] if custom else [])]
