"""What `jobs doctor` looks at: each check answers with one sentence, and nothing is changed."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics import catalogue, targets
from core import clock, encryption
from core.effective import effective_settings
from core.errors import AppError, NothingPublished, StoreError
from core.home import PROJECT, Home
from core.settings import Settings, load_settings, settings_path
from core.stream import KEYS
from core.viewer import EVERYTHING
from jobs import on_record
from jobs.damage import damaged_files
from jobs.findings import Check
from jobs.plain_files import encryption_checks
from store.database import is_kept
from store.erasures import Erasures
from store.reader import Reader, open_reader

MEGABYTE = 1_000_000
STALE_DAYS = 2
# Tables the refresh computes, with the key that makes a row unique beside source_id.
COMPUTED: dict[str, tuple[str, ...]] = {
    "conversation_facts": ("conversation_id",),
    "open_spans": ("conversation_id", "span_no"),
    "replies": ("conversation_id", "reply_no"),
    "solves": ("conversation_id", "solve_no"),
    "sla_instances": ("conversation_id", "sla_metric", "instance_no"),
    "message_enrichment": ("message_id",),
    "conversation_topics": ("conversation_id",),
    "chunks": ("conversation_id", "chunk_no"),
}


@dataclass
class Diagnosis:
    """Everything that was found, with the figures behind it."""

    checks: list[Check] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is broken; notes do not count."""
        return all(check.state != "broken" for check in self.checks)


def diagnose(home: Home, settings_file: Path | None) -> Diagnosis:
    """Look at everything, whatever the first finding is."""
    found = Diagnosis(facts={"home": str(home.root), "python": platform.python_version()})
    found.checks.append(_packages(found.facts))
    settings = _settings(home, settings_file, found)
    _disk(home, settings, found)
    if settings:
        found.checks.extend(_sources(effective_settings(home, settings)))
    found.checks.extend(_home(home))
    if settings:
        found.checks.extend(encryption_checks(home, settings, found.facts))
    files = list(damaged_files(home))
    found.checks.extend(files)
    broken = {check.name for check in files if check.state == "broken"}
    if settings and is_kept(home) and "workspace" not in broken:
        _runs(home, found)
        found.checks.extend(_erasures(home))
    # What is known to be damaged is not opened: reading it may end the program.
    reader = None if "generation" in broken else _generation(home, found)
    found.checks.extend(_certificates(home, reader))
    if reader:
        looks = (
            _keys,
            _orphans,
            _facts_complete,
            _calendars,
            *((_index,) if "index files" not in broken else ()),
        )
        for check in looks:
            found.checks.append(_guarded(check, home, reader, found.facts))
    return found


def _home(home: Home) -> Iterator[Check]:
    """Who may do what with the folder itself. That a group may read it is somebody's wish: none has that by itself."""
    if not home.root.exists():
        return
    if not os.access(home.root, os.W_OK):
        hint = "Refreshes cannot run and questions are not kept here; what was published can be read."
        yield Check("home", "note", f"{home.root} may only be read.", hint)
    reachable = all(folder.stat().st_mode & stat.S_IXOTH for folder in home.root.parents)
    if reachable and home.root.stat().st_mode & stat.S_IRWXO:
        hint = f"Run `chmod 700 {home.root}`; 750 where a group is to read it."
        yield Check("home", "note", f"every account of this machine may look into {home.root}.", hint)


def _erasures(home: Home) -> list[Check]:
    """A line for each erasure that was broken off: until it is finished its note names the person."""
    hint = "Run `python -m jobs erase --resume`."
    try:
        unfinished = Erasures(home).unfinished()
    except StoreError:  # an older workspace that may only be read has none
        return []
    return [
        Check(
            "erasure",
            "broken",
            f"erasure {one.id} of {one.begun_at:%Y-%m-%d %H:%M} UTC is not finished.",
            hint,
        )
        for one in unfinished
    ]


def _certificates(home: Home, reader: Reader | None) -> list[Check]:
    try:
        return list(on_record.checks(home, reader))
    except Exception as error:  # whatever a damaged store does, the other checks go on
        return [Check("erased", "broken", f"could not be checked: {error}")]


def _packages(facts: dict[str, Any]) -> Check:
    """Installed versions against requirements.txt."""
    pins = dict(
        re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)", (PROJECT / "requirements.txt").read_text(), re.M)
    )
    versions: dict[str, str | None] = {}
    for name in pins:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    facts["packages"] = versions
    missing = [name for name, version in versions.items() if version is None]
    other = [
        f"{name} {version}, not {pins[name]}" for name, version in versions.items() if version != pins[name]
    ]
    if missing:
        return Check("packages", "broken", f"not installed: {', '.join(missing)}.", "Run `make install`.")
    if other:
        return Check(
            "packages", "note", f"other versions than pinned: {'; '.join(other)}.", "Run `make install`."
        )
    return Check("packages", "ok", f"{len(pins)} packages as pinned.")


def _settings(home: Home, settings_file: Path | None, found: Diagnosis) -> Settings | None:
    try:
        path = settings_path(home, settings_file)
        settings = load_settings(home, settings_file)
        catalogue.check(settings)
        targets.check(settings)
    except AppError as error:
        encryption.use(encryption.Storage)  # who encrypts is not known: plain files are still looked at
        found.checks.append(Check("settings", "broken", error.message, error.hint))
        return None
    found.facts["settings_file"] = str(path) if path else None
    found.facts["reporting_zone"] = settings.workspace.reporting_zone
    where = f"{path} is valid." if path else "no settings file: the defaults hold."
    found.checks.append(Check("settings", "ok", where))
    return settings


def _disk(home: Home, settings: Settings | None, found: Diagnosis) -> None:
    there = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    free_mb = shutil.disk_usage(there).free // MEGABYTE
    sizes = {
        folder.name: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // MEGABYTE
        for folder in (
            home.warehouse,
            home.vectors,
            home.index,
            home.sample,
            home.uploads,
            home.cache,
            home.logs,
        )
        if folder.exists()
    }
    found.facts["disk"] = {"free_mb": free_mb, "used_mb": sizes}
    needed = settings.workspace.min_free_disk_mb if settings else 0
    message = f"{free_mb:,} MB free, {sum(sizes.values()):,} MB used by this home."
    if free_mb < needed:
        hint = f"A refresh stops below workspace.min_free_disk_mb = {needed}: free some space."
        found.checks.append(Check("disk", "broken", message, hint))
    else:
        found.checks.append(Check("disk", "ok", message))


def _sources(settings: Settings) -> Iterator[Check]:
    """Whether each configured source can be built; `jobs sources check` also tries to reach it."""
    from connectors.base import configured

    if not settings.sources:
        yield Check("sources", "note", "no source is configured.", "The first refresh generates a sample.")
    for source in settings.sources:
        try:
            configured(source)
        except AppError as error:
            yield Check(f"source {source.name}", "broken", error.message, error.hint)
        else:
            off = "" if source.enabled else ", disabled"
            yield Check(f"source {source.name}", "ok", f"kind {source.kind}{off}.")


def _runs(home: Home, found: Diagnosis) -> None:
    from store.runs import RunLog

    try:
        runs = RunLog(home).recent(1)
    except Exception as error:  # the database may be on another machine, or may only be read
        hint = error.hint if isinstance(error, AppError) else ""
        found.checks.append(Check("refresh", "note", f"the run log cannot be read: {error}", hint))
        return
    if not runs:
        return
    run = runs[0]
    found.facts["last_run"] = {"run_id": run.run_id, "status": run.status, "started_at": run.started_at}
    message = f"the last refresh ({run.started_at:%Y-%m-%d %H:%M} UTC) ended {run.status}."
    if run.status in ("ok", "running"):
        if run.status == "running":
            message = f"a refresh is running since {run.started_at:%Y-%m-%d %H:%M} UTC."
        found.checks.append(Check("refresh", "ok", message))
    else:
        hint = run.error_hint or "`python -m jobs runs` shows what happened."
        parts = [part for part in run.sources if part.error_message]
        told = (
            " ".join(f"{part.source_id}: {part.error_message}" for part in parts) or run.error_message or ""
        )
        found.checks.append(Check("refresh", "note", f"{message} {told}".strip(), hint))


def _generation(home: Home, found: Diagnosis) -> Reader | None:
    try:
        reader = open_reader(home)
    except NothingPublished as error:
        found.facts["generation"] = None
        found.checks.append(Check("generation", "note", error.message, error.hint))
        return None
    except Exception as error:  # a damaged file can fail in many ways: the doctor has to say so, not fail
        told = (
            error.message if isinstance(error, AppError) else f"the published file cannot be opened: {error}"
        )
        hint = error.hint if isinstance(error, AppError) else "Run `python -m jobs refresh`."
        found.checks.append(Check("generation", "broken", told, hint))
        return None
    age = clock.now() - reader.generation.published_at
    found.facts["generation"] = reader.number
    found.facts["published_at"] = reader.generation.published_at
    old = age.days >= STALE_DAYS
    message = f"generation {reader.number}, published {reader.generation.published_at:%Y-%m-%d %H:%M} UTC"
    message += f", {age.days} days ago." if old else "."
    hint = "Run `python -m jobs refresh`." if old else ""
    found.checks.append(Check("generation", "note" if old else "ok", message, hint))
    return reader


def _guarded(
    check: Callable[[Home, Reader, dict[str, Any]], Check], home: Home, reader: Reader, facts: dict[str, Any]
) -> Check:
    try:
        return check(home, reader, facts)
    except Exception as error:  # whatever a damaged store does, the other checks go on
        return Check(check.__name__.strip("_"), "broken", f"could not be checked: {error}")


def _keys(home: Home, reader: Reader, facts: dict[str, Any]) -> Check:
    """Every table's key is unique: the merge promises it, DuckDB does not enforce it."""
    rows: dict[str, int] = {}
    twice: list[str] = []
    for table, key in {**KEYS, **COMPUTED}.items():
        groups = f"SELECT count(*) AS n FROM {{{table}}} GROUP BY {', '.join(('source_id', *key))}"
        sql = f"SELECT sum(n) AS n, count(*) FILTER (n > 1) AS twice FROM ({groups})"
        row = reader.query(sql, viewer=EVERYTHING).to_pylist()[0]
        rows[table] = int(row["n"] or 0)
        if row["twice"]:
            twice.append(f"{table} ({row['twice']})")
    facts["rows"] = rows
    if twice:
        hint = "Run `python -m jobs refresh --full`; if it stays, please report it."
        return Check("keys", "broken", f"keys that are there twice: {', '.join(twice)}.", hint)
    return Check("keys", "ok", f"unique in {len(rows)} tables, {sum(rows.values()):,} rows.")


def _orphans(home: Home, reader: Reader, facts: dict[str, Any]) -> Check:
    """Every message, event, rating and tag belongs to a conversation that is there."""
    lost = {}
    for table in ("messages", "conversation_events", "csat", "conversation_tags"):
        lost[table] = _count_without(reader, table, "conversations")
    facts["without_conversation"] = lost
    told = ", ".join(f"{n:,} {table}" for table, n in lost.items() if n)
    if lost["messages"]:
        return Check("belonging", "broken", f"rows without their conversation: {told}.",
                     "Run `python -m jobs refresh --full`.")  # fmt: skip
    if told:
        return Check("belonging", "note", f"rows without their conversation: {told}.",
                     "The source delivered them without it; they are not counted.")  # fmt: skip
    return Check("belonging", "ok", "every message, event, rating and tag has its conversation.")


def _facts_complete(home: Home, reader: Reader, facts: dict[str, Any]) -> Check:
    """Every conversation has its facts, and no facts are left of a conversation that is gone."""
    counts = [
        _count_without(reader, "conversations", "conversation_facts"),
        _count_without(reader, "conversation_facts", "conversations"),
    ]
    facts["without_facts"], facts["facts_left_over"] = counts
    if any(counts):
        message = f"{counts[0]:,} conversations without facts, {counts[1]:,} facts without a conversation."
        return Check("facts", "broken", message, "Run `python -m jobs refresh`.")
    return Check("facts", "ok", "every conversation has its facts.")


def _calendars(home: Home, reader: Reader, facts: dict[str, Any]) -> Check:
    """Calendars whose hours cannot be counted, and why."""
    sql = "SELECT calendar, reason FROM {calendars} WHERE NOT is_usable ORDER BY calendar"
    unused = reader.query(sql, viewer=EVERYTHING).to_pylist()
    facts["calendars_not_used"] = {row["calendar"]: row["reason"] for row in unused}
    if unused:
        told = "; ".join(f"{row['calendar']}: {row['reason']}" for row in unused)
        hint = "Mend them at their source or in the settings: until then there are no business hours by them."
        return Check("calendars", "note", f"not used: {told}.", hint)
    return Check("calendars", "ok", "the hours of every calendar can be counted.")


def _count_without(reader: Reader, table: str, other: str) -> int:
    sql = (
        f"SELECT count(*) AS n FROM {{{table}}} AS a"
        f" ANTI JOIN {{{other}}} AS b USING (source_id, conversation_id) WHERE a.conversation_id IS NOT NULL"
    )
    return int(reader.query(sql, viewer=EVERYTHING).column("n")[0].as_py())


def _index(home: Home, reader: Reader, facts: dict[str, Any]) -> Check:
    from rag.index import lag

    behind = lag(home, reader)
    facts["index"] = {"generation": behind.indexed_generation, "chunks_behind": behind.chunks_behind}
    if behind.chunks_behind:
        message = f"the search index is {behind.chunks_behind:,} pieces behind."
        return Check("index", "note", message, "The next refresh catches up.")
    if behind.vectors_lost:
        message = (
            f"{behind.vectors_lost:,} stored vectors are gone: what they stood for is found by words alone."
        )
        return Check("index", "note", message, "The next refresh embeds these texts again.")
    return Check("index", "ok", "the search index is complete.")
