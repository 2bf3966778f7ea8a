"""Erasing a requester everywhere in a home: first noted, then done step by step, at last certified.

Every step may be done again. Where the process is killed, the note says what is left, and the next
`python -m jobs erase` goes on from there. See docs/security.md.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import clock
from core.effective import effective_settings
from core.errors import RetentionHeld, StoreError
from core.home import Home
from core.memory import overwritten
from core.settings import Settings
from jobs import certificates, erasing_copies, erasing_files, on_record
from jobs.refresh import refresh
from store import erase, generations, requesters
from store.connection import connect
from store.erasures import Erasure, Erasures, keys_of
from store.lock import refresh_lock
from store.marks import Marks
from store.requesters import Find
from store.vectors import keep_published
from store.workspace import Workspace, erased
from store.writer import Writer

logger = logging.getLogger(__name__)
_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What erasing a requester would do: persons, rows and texts by table, files, copies on their way, generations."""

    people: tuple[requesters.Requester, ...]
    conversations: int
    rows: dict[str, int]
    texts: dict[str, int]
    workspace: dict[str, int]
    files: list[dict[str, Any]]
    copies: dict[str, int]
    generations: list[int]
    words: tuple[str, ...]


def look(home: Home, settings: Settings, find: Find, *, also: Sequence[str] = ()) -> Plan:
    """What would be erased; nothing is changed. Raises QuestionError, StoreError, RefreshRunning."""
    with refresh_lock(home, run_id="erase", wait_s=_WAIT_S):
        return _plan(home, settings, _found(home, find, also))


@overwritten()
def run(
    home: Home,
    settings: Settings,
    find: Find,
    *,
    also: Sequence[str] = (),
    viewer: str,
    backups: Sequence[Path] = (),
) -> dict[str, Any]:
    """Erase, and give the certificate. Raises QuestionError, StoreError, RefreshRunning."""
    with refresh_lock(home, run_id="erase", wait_s=_WAIT_S):
        found = _found(home, find, also)
        plan = _plan(home, settings, found, backups)
        people = [(one.source_id, one.person_id) for one in found.people]
        emails = [one.email for one in found.people if one.email]
        work = {
            "people": people, "conversations": found.conversations, "marks": found.marks.plain(),
            "plan": {**asdict(plan), "people": len(people), "words": len(plan.words)},
            "backups": [str(path) for path in backups],
        }  # fmt: skip
        on_record.take_over(home)  # before the new one gets a number
        number = Erasures(home).begin(
            json.loads(json.dumps(work)), keys_of(people, emails, found.conversations), viewer=viewer
        )
    return finish(home, settings, next(one for one in Erasures(home).unfinished() if one.id == number))


@overwritten()
def finish(home: Home, settings: Settings, erasure: Erasure) -> dict[str, Any]:
    """Do what an erasure has noted, from wherever it was broken off; gives its certificate. Raises StoreError."""
    if erasure.work:
        theirs = _theirs(erasure.work)
        with refresh_lock(home, run_id=f"erase-{erasure.id}", wait_s=_WAIT_S):
            _take_out(home, theirs)
            erasing_files.clean(home, effective_settings(home, settings), theirs)
            erasing_copies.remove(home, [Path(path) for path in erasure.work["backups"]])
        _publish(home, settings)
        with refresh_lock(home, run_id=f"erase-{erasure.id}", wait_s=_WAIT_S):
            generations.forget_others(home)
            vectors = keep_published(home)
            erased.forget(home, theirs)
            _certify(home, settings, erasure, theirs, vectors)
    done = next(one for one in Erasures(home).all() if one.id == erasure.id)
    certificate = done.certificate or {}
    certificates.write(home, certificate)
    erased.shred(home)
    Erasures(home).finish(erasure.id)
    logger.info("erased", extra={"erasure": erasure.id})
    return certificate


def _found(home: Home, find: Find, also: Sequence[str]) -> erase.Found:
    writer = Writer(home, run_id="erase")
    try:
        return erase.look(writer.con, find(writer.con), also)
    finally:
        writer.close()


def _plan(home: Home, settings: Settings, found: erase.Found, backups: Sequence[Path] = ()) -> Plan:
    people = frozenset((one.source_id, one.person_id) for one in found.people)
    theirs = erased.Gone(frozenset(found.conversations), people, found.marks)
    files = erasing_files.clean(home, effective_settings(home, settings), theirs, dry=True)
    return Plan(
        found.people, len(found.conversations), found.rows, found.texts,
        erased.look(home, theirs),
        [asdict(one) for one in files], erasing_copies.counted(home, backups),
        generations.all_generations(home), found.marks.words,
    )  # fmt: skip


def _theirs(work: dict[str, Any]) -> erased.Gone:
    people, conversations = (
        frozenset((one, other) for one, other in work[name]) for name in ("people", "conversations")
    )
    return erased.Gone(conversations, people, Marks.of(work["marks"]))


def _take_out(home: Home, theirs: erased.Gone) -> None:
    writer = Writer(home, run_id="erase")
    try:
        erase.name(writer.con, sorted(theirs.conversations), sorted(theirs.people))
        with writer.transaction():
            erase.remove(writer.con, theirs.marks, run_id=writer.run_id)
    finally:
        writer.close()
    erase.rewrite(home)


def _publish(home: Home, settings: Settings) -> None:
    """A generation and an index without them: facts of what is left are made anew where they have to be."""
    from rag import index

    index.forget(home)
    report = refresh(home, settings, sources=(), wait_s=_WAIT_S)
    if report.error is not None and report.error.code != RetentionHeld.code:
        raise StoreError(
            f"the erasure is not finished: {report.error.message}",
            hint="Cure that and run the same command again.",
        )


def _certify(home: Home, settings: Settings, erasure: Erasure, theirs: erased.Gone, vectors: int) -> None:
    """Look for them once more, keep the certificate in the place of the note, and say so in the audit log."""
    work, published = erasure.work or {}, generations.current(home)
    for path in (published.path, home.warehouse / "work.duckdb"):
        with connect(path, home, read_only=True) as con:
            erase.name(con, sorted(theirs.conversations), sorted(theirs.people))
            if left := erase.left(con, theirs.marks):
                raise StoreError(
                    f"{path.name} still holds {', '.join(left)}.", hint="Run the same command again."
                )
    plan = work["plan"]
    stones = Erasures(home).tombstones(erasure.id)
    certificate = {
        "erasure": erasure.id, "begun_at": erasure.begun_at.isoformat(), "made_at": clock.now().isoformat(),
        "by": erasure.viewer, "persons": plan["people"], "conversations": plan["conversations"],
        "rows": plan["rows"], "texts_of_others": plan["texts"], "workspace": plan["workspace"], "files": plan["files"],
        "copies": plan.get("copies", {}),
        "generation": published.number, "generations_removed": plan["generations"], "vectors_removed": vectors,
        "not_touched": list(_not_touched(home, settings, work["backups"])),
        "salt": next(iter(stones.salts), ""), "tombstones": sorted(stones.hashes),
    }  # fmt: skip
    Workspace(home).audit(
        "erased",
        viewer=erasure.viewer,
        detail={"erasure": erasure.id, "conversations": plan["conversations"]},
    )
    Erasures(home).certify(erasure.id, theirs.marks.blot_value(certificate))


def _not_touched(home: Home, settings: Settings, backups: Sequence[str]) -> Iterator[str]:
    """Where they may still be, in words: what this program cannot reach, or must not."""
    yield f"backups made before {clock.now():%Y-%m-%d %H:%M} UTC, whole or broken off (*.tar.part)"
    yield from (f"backup {path}" for folder in backups for path in sorted(Path(folder).glob("*.tar")))
    yield from (f"folder {path}" for path in sorted(home.root.parent.glob(f"{home.root.name}.before-*")))
    for source in (one for one in settings.sources if not erasing_files.is_ours(home, one)):
        yield f"the source {source.name} ({source.kind}) itself: what it delivers of them again is kept out"
    yield "files that were exported, and letters and messages that were sent"
    if os.environ.get("SUPPORTLENS_DATABASE_URL"):
        yield "replicas, logs and backups of the workspace's PostgreSQL server"
    if os.environ.get("CHROMA_URL"):
        yield "logs and backups of the Chroma server; its collection no longer holds them"
    if settings.llm.provider != "none":
        yield f"what the provider of the language model ({settings.llm.provider}) keeps of questions"
