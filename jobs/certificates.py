"""The certificate of an erasure, as JSON and to read. It names nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.home import Home
from core.written import replace_file


def write(home: Home, certificate: Mapping[str, Any]) -> None:
    """Write both files to `erasures/` in the home."""
    file = path(home, certificate)
    replace_file(file, json.dumps(certificate, indent=2, ensure_ascii=False) + "\n", mode=0o600)
    replace_file(file.with_suffix(".txt"), "\n".join(lines(certificate)) + "\n", mode=0o600)


def path(home: Home, certificate: Mapping[str, Any]) -> Path:
    """Where a certificate lies in a home, as JSON."""
    return home.erasures / f"erasure-{certificate['erasure']:04d}.json"


def read(file: Path) -> dict[str, Any]:
    """A certificate that was written. Raises InputError."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        datetime.fromisoformat(found["begun_at"]), datetime.fromisoformat(found["made_at"])
        return {
            **found, "erasure": int(found["erasure"]), "by": str(found["by"]),
            "salt": str(found["salt"]), "tombstones": [str(one) for one in found["tombstones"]],
        }  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{file} is no certificate of an erasure.",
            hint="They are in the folder erasures of a home, as JSON.",
        ) from None


def lines(certificate: Mapping[str, Any]) -> Iterator[str]:
    """To read and to print."""
    yield f"Certificate of erasure {certificate['erasure']}"
    yield f"begun {certificate['begun_at'][:19]} UTC, finished {certificate['made_at'][:19]} UTC, by {certificate['by']}"
    yield f"persons: {certificate['persons']:,}; conversations: {certificate['conversations']:,}"
    yield from _counted("Removed from the warehouse", certificate["rows"], "rows")
    yield from _counted(
        "Named in texts of others, made unreadable there", certificate["texts_of_others"], "texts"
    )
    yield from _counted("Removed or made unreadable in what people created", certificate["workspace"], "rows")
    yield from _files(certificate["files"])
    yield from _counted("Copies removed, whoever they were of", certificate.get("copies", {}), "files")
    removed = ", ".join(map(str, certificate["generations_removed"])) or "none"
    yield f"Generations removed: {removed}. Generation {certificate['generation']} was made without them."
    yield f"Search index: built anew. Vectors removed: {certificate['vectors_removed']:,}."
    yield f"Tombstones: {len(certificate['tombstones']):,} salted hashes keep out what sources deliver again."
    yield "Not touched:"
    yield from (f"  {words}" for words in certificate["not_touched"])


def _counted(title: str, counts: Mapping[str, int], unit: str) -> Iterator[str]:
    yield f"{title}:" if counts else f"{title}: nothing"
    yield from (f"  {name}: {n:,} {unit}" for name, n in counts.items())


def _files(files: list[dict[str, Any]]) -> Iterator[str]:
    yield "Files:" if files else "Files: nothing"
    for one in files:
        yield f"  {one['file']}: " + ("deleted" if one["deleted"] else f"{one['records']:,} records")
