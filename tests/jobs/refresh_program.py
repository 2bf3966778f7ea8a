"""Kills refreshes at random moments: run by the crash test in a process of its own.

    refresh_program.py FOLDER ROUNDS SEED

Forks one refresh a round, kills it with SIGKILL after a random time, checks the store, refreshes again and
compares the rows with those of a refresh that nobody disturbed. Prints one JSON document.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from connectors.base import CONNECTORS, CheckResult, Connector, ReadContext, Stream
from core.home import Home
from core.settings import Settings, Source
from core.stream import Batch, Checkpoint, Item
from jobs.refresh import Steps, refresh
from store.generations import current_or_none
from store.reader import open_reader
from store.writer import Writer

PAGES, PER_PAGE, MESSAGES = 4, 30, 3
START = datetime(2026, 1, 1, tzinfo=UTC)


class NumberedPages(Connector):
    """Pages whose rows carry the number of their page; the cursor is the last page."""

    kind = "numbered_pages"

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        return [CheckResult("pages", "ok")]

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        return [Stream("messages")]

    def read(self, context: ReadContext) -> Iterator[Item]:
        done = context.state.get("messages", {}).get("page", 0)
        for page in range(done + 1, PAGES + 1):
            yield from _rows(page)
            yield Checkpoint("messages", {"page": page}, "page")


def _rows(page: int) -> Iterator[Batch]:
    # Every page repeats a third of the page before, as an overlapping read does.
    first = (page - 1) * PER_PAGE - (PER_PAGE // 3 if page > 1 else 0)
    ids = list(range(first, page * PER_PAGE))
    at = [START + timedelta(minutes=n) for n in ids]
    yield Batch("conversations", pa.table({
        "conversation_id": [f"c{n}" for n in ids], "subject": [f"page {page}"] * len(ids), "created_at": at,
        "source_version": [page] * len(ids),
    }))  # fmt: skip
    pairs = [(n, m) for n in ids for m in range(MESSAGES)]
    yield Batch("messages", pa.table({
        "message_id": [f"m{n}-{m}" for n, m in pairs], "conversation_id": [f"c{n}" for n, _ in pairs],
        "body_text": [f"page {page}"] * len(pairs), "source_version": [page] * len(pairs),
        "created_at": [START + timedelta(minutes=n) for n, _ in pairs],
    }))  # fmt: skip


def _enrich(writer: Writer, settings: Settings, progress: Callable[..., None]) -> None:
    """Facts for dirty conversations, a few a transaction, as the real step does it."""
    while writer.query("SELECT 1 FROM dirty_conversations LIMIT 1").num_rows:
        with writer.transaction():
            writer.execute(
                """CREATE OR REPLACE TEMP TABLE part AS
                   SELECT DISTINCT source_id, conversation_id FROM dirty_conversations ORDER BY ALL LIMIT 40"""
            )
            for table in ("conversation_facts", "dirty_conversations"):
                writer.execute(
                    f"DELETE FROM {table} t USING part p WHERE t.conversation_id = p.conversation_id"
                )
            writer.execute(
                """INSERT INTO conversation_facts BY NAME SELECT source_id, conversation_id, c.subject,
                   (SELECT count(*) FROM messages m WHERE m.conversation_id = c.conversation_id) AS message_count
                   FROM conversations c SEMI JOIN part USING (source_id, conversation_id)"""
            )
        progress("facts", 1, None)


STEPS = Steps(_enrich, lambda writer, settings: None, lambda home, settings, reader, progress: None)
SETTINGS = Settings(sources=(Source(name="pages", kind="numbered_pages"),))


def run(home: Home) -> None:
    report = refresh(home, SETTINGS, steps=STEPS)
    assert report.status == "ok", report


def check_store(home: Home) -> None:
    """After a kill: the store opens, whole pages only, and nothing half published."""
    if (home.warehouse / "work.duckdb").exists():
        writer = Writer(home, run_id="check")
        found = writer.con.execute("SELECT cursor FROM sync_state WHERE stream = 'messages'").fetchone()
        page = json.loads(found[0])["page"] if found else 0
        conversations, messages = writer.con.execute(
            "SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM messages)"
        ).fetchone() or (0, 0)
        assert conversations == page * PER_PAGE, (conversations, page)
        assert messages == page * PER_PAGE * MESSAGES, (messages, page)
        writer.con.close()
    if current_or_none(home):
        assert facts(home) == PAGES * PER_PAGE


def facts(home: Home) -> int:
    from core.viewer import EVERYTHING

    table = open_reader(home).query(
        "SELECT count(*) AS n FROM {conversation_facts} WHERE message_count = ?",
        [MESSAGES],
        viewer=EVERYTHING,
    )
    return int(table["n"][0].as_py())


def fingerprint(home: Home) -> str:
    """Of all rows, without what names a run or an instant of writing."""
    writer, told = Writer(home, run_id="compare"), []
    for table, hidden in {
        "conversations": "first_seen_run, last_seen_run", "messages": "first_seen_run, last_seen_run",
        "conversation_facts": "facts_version", "sync_state": "run_id, updated_at",
        "dirty_conversations": "source_id", "sync_rejects": "run_id, occurred_at",
    }.items():  # fmt: skip
        columns = f"* EXCLUDE ({hidden})"
        told.append((table, writer.con.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()))
    writer.con.close()
    return hashlib.sha256(repr(told).encode()).hexdigest()


def void(_: object) -> None:
    """A lambda's value, dropped."""


def in_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own; gives its exit code."""
    pid = start(work)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def start(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def one_round(home: Home, undisturbed: str, seconds: float, chance: random.Random) -> str:
    pid = start(lambda: run(home))
    time.sleep(chance.uniform(0, seconds))
    os.kill(pid, signal.SIGKILL)
    killed = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL

    def verify() -> None:
        check_store(home)
        run(home)
        assert facts(home) == PAGES * PER_PAGE
        assert fingerprint(home) == undisturbed, "the rows differ from an undisturbed refresh"

    assert in_child(verify) == 0, f"see stderr; home {home.root}"
    return "killed" if killed else "ended"


def main(folder: str, rounds: int, seed: int) -> None:
    base, chance = Path(folder), random.Random(seed)
    CONNECTORS.names()  # imported once here, not in every child
    undisturbed, told = Home(base / "undisturbed"), base / "fingerprint"
    begun = time.monotonic()
    assert in_child(lambda: run(undisturbed)) == 0
    seconds = time.monotonic() - begun
    assert in_child(lambda: void(told.write_text(fingerprint(undisturbed)))) == 0
    rows = told.read_text()
    outcomes = [one_round(Home(base / f"round{n}"), rows, seconds, chance) for n in range(rounds)]
    print(
        json.dumps({"killed": outcomes.count("killed"), "ended": outcomes.count("ended"), "seconds": seconds})
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
