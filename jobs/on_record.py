"""Certificates of erasures against what the workspace has on record: where it was lost, the certificates are what is left."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.errors import InputError, StoreError
from core.home import Home
from core.viewer import EVERYTHING
from jobs import certificates
from jobs.findings import Check
from store.database import is_kept, shared_url
from store.erasures import Erasures, Kind, Tombstones, hash_sql, tombstones
from store.reader import Reader

logger = logging.getLogger(__name__)
Kept = dict[Path, Mapping[str, Any]]


def take_over(home: Home) -> None:
    """Put erasures on record again that only their certificates know, so that who was erased stays away. Raises StoreError."""
    kept, problems = _kept(home)
    for problem in problems:
        logger.warning("%s", problem)
    if kept and (taken := Erasures(home).take_over(kept.values())):
        logger.warning(
            "erasures that the workspace did not know any more are on record again, by their certificates",
            extra={"erasures": ", ".join(map(str, taken))},
        )


def go_on(before: Home, home: Home) -> list[int]:
    """Erasures that were broken off where a backup was put in place are begun here; gives their numbers.

    One that had its certificate already leaves that: what was put back may hold the persons again, as the doctor says.
    """
    if shared_url() is not None or not is_kept(before):  # a shared workspace is the same one as before
        return []
    try:
        of_before = Erasures(before)
        unfinished = [(one, of_before.tombstones(one.id)) for one in of_before.unfinished()]
    except StoreError as error:  # damaged: what a backup is put back for
        logger.warning("whether an erasure was broken off in %s cannot be said: %s", before.root, error)
        return []
    for one, _ in unfinished:
        if one.certificate and not certificates.path(home, one.certificate).exists():
            certificates.write(home, one.certificate)
    if unfinished:
        take_over(home)  # before one gets a number
    begun = [Erasures(home).go_on(one, stones) for one, stones in unfinished if one.work]
    return [number for number in begun if number is not None]


def checks(home: Home, reader: Reader | None) -> Iterator[Check]:
    """A line for each certificate that is not on record, that cannot be read, or whose persons are in the warehouse."""
    kept, problems = _kept(home)
    for problem in problems:
        yield Check("certificate", "broken", problem.message, "Put a copy of it in its place.")
    try:
        known = tombstones(home)
    except StoreError:  # an older workspace that may only be read has none
        known = Tombstones()
    back = _back(reader, kept) if reader else set[str]()
    for path, one in kept.items():
        if back.intersection(one["tombstones"]):
            hint = f"Run `python -m jobs erase --again {path} --yes`."
            yield Check(
                "erased", "broken", f"persons of erasure {one['erasure']} are in the data again.", hint
            )
        elif not known.hashes.issuperset(one["tombstones"]):
            yield Check(
                "erased", "note",
                f"erasure {one['erasure']} is not on record, for the workspace {'is another' if is_kept(home) else 'was lost'}.",
                f"The next `python -m jobs refresh` puts it on record by {path}, and keeps its persons out.",
            )  # fmt: skip


def _kept(home: Home) -> tuple[Kept, list[InputError]]:
    """The certificates that lie in the home, the oldest first, and what is wrong with others."""
    found: Kept = {}
    problems = []
    for path in sorted(home.erasures.glob("erasure-*.json")):
        try:
            found[path] = certificates.read(path)
        except InputError as error:
            problems.append(error)
    return found, problems


def _back(reader: Reader, kept: Kept) -> set[str]:
    """Tombstones whose person or conversation is in the published data."""
    hashes: dict[str, set[str]] = {}
    for one in kept.values():
        hashes.setdefault(one["salt"], set()).update(one["tombstones"])
    return {
        str(row["hash"])
        for salt, those in hashes.items()
        for kind, table, column in _PLACES
        for row in reader.query(
            _found_sql(kind, table, column), [salt, sorted(those)], viewer=EVERYTHING
        ).to_pylist()
    }


_PLACES: tuple[tuple[Kind, str, str], ...] = (
    ("person", "people", "person_id"),
    ("conversation", "conversations", "conversation_id"),
)


def _found_sql(kind: Kind, table: str, column: str) -> str:
    hashed = hash_sql(kind, "source_id", column, salt="$1")
    return f"SELECT hash FROM (SELECT {hashed} AS hash FROM {{{table}}}) WHERE hash IN (SELECT unnest($2::VARCHAR[]))"
