"""Everything that is held of one requester in one archive, for them: unmasked, and noted in the audit log."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import clock
from core.errors import InputError, StoreError
from core.home import Home
from store import generations, requesters
from store.connection import connect
from store.export_cells import harmless
from store.requesters import Find
from store.workspace import Workspace, erased

_ABOUT = (
    "Every table is there twice, as JSON and as CSV. In CSV a text that a spreadsheet would take for a formula begins "
    "with an apostrophe, and what is nested is JSON. Times are UTC; columns that end in _local are in the reporting "
    "zone. Texts of other people that name the requester are not in here, as they are about others too."
)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What was written: rows by table, those of people's own tables under `workspace/`."""

    file: str
    bytes: int
    generation: int
    people: tuple[requesters.Requester, ...]
    rows: dict[str, int]


def hand_out(home: Home, find: Find, target: Path, *, viewer: str) -> HandedOut:
    """Write the archive, readable by its owner only. Raises QuestionError, InputError, StoreError."""
    if target.suffix != ".zip":
        raise InputError(f"{target.name} is no archive.", hint="Name a file that ends in .zip.")
    generation = generations.current(home)
    with connect(generation.path, home, read_only=True) as con:
        people = find(con)
        requesters.collect(con)
        tables = {
            table: con.execute(f'SELECT * FROM "{table}" WHERE {where}').to_arrow_table().to_pylist()
            for table, where in requesters.conditions(con).items()
        }
        keys = frozenset(con.execute("FROM requester_conversations").fetchall())
        marks = requesters.marks(con)
    gone = erased.Gone(keys, frozenset((one.source_id, one.person_id) for one in people), marks)
    tables |= {f"workspace/{table}": rows for table, rows in erased.rows(home, gone).items()}
    tables = {table: rows for table, rows in tables.items() if rows}
    counts = {table: len(rows) for table, rows in tables.items()}
    Workspace(home).audit(
        "exported", viewer=viewer, detail={"what": "requester", "rows": sum(counts.values())}
    )
    about = {
        "made_at": clock.now(), "generation": generation.number, "persons": [str(one) for one in people],
        "rows": counts, "about": _ABOUT,
    }  # fmt: skip
    _write(target, about, tables)
    return HandedOut(str(target), target.stat().st_size, generation.number, people, counts)


def _write(target: Path, about: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    scratch = target.with_name(f".{target.name}.part")
    try:
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("about.json", _json(about))
            for table, rows in tables.items():
                archive.writestr(f"{table}.json", _json(rows))
                archive.writestr(f"{table}.csv", _csv(rows))
        scratch.replace(target)
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror}.", hint="Choose another folder."
        ) from None
    finally:
        scratch.unlink(missing_ok=True)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n"


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(rows[0])
    out.writerows([*map(_cell, row.values())] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return harmless(_json(value).strip() if isinstance(value, dict | list) else str(value))


def lines(done: HandedOut) -> Iterator[str]:
    """To print."""
    yield f"{done.file}: {sum(done.rows.values()):,} rows of {', '.join(map(str, done.people))}, generation {done.generation}"
    yield from (f"  {table}: {n:,}" for table, n in done.rows.items())
