"""The whole line, as the night job runs it: killed at random moments, finished by the next run."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from core.home import PROJECT, Home
from core.viewer import EVERYTHING
from jobs.sample import generate
from rag.index import lag
from store.reader import open_reader

# What two undisturbed refreshes agree on: everything but the names and times of runs.
COMPARED = {
    "conversations": "* EXCLUDE (first_seen_run, last_seen_run, source_version)",
    "messages": "* EXCLUDE (first_seen_run, last_seen_run, source_version)",
    "conversation_events": "* EXCLUDE (first_seen_run, last_seen_run, source_version)",
    "message_enrichment": "*",
    "conversation_topics": "*",
    "conversation_facts": "*",
    "open_spans": "*",
    "chunks": "*",
    "dirty_conversations": "*",
}


def start(home: Home, settings: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jobs", "refresh", "--json", "--quiet"]
    places = ["--home", str(home.root), "--settings", str(settings)]
    environment = {**os.environ, "SUPPORTLENS_NOW": "2026-11-16T09:00:00+00:00"}
    return subprocess.Popen(
        [*command, *places], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(home: Home, settings: Path) -> float:
    begun = time.monotonic()
    process = start(home, settings)
    _, told = process.communicate()
    assert process.returncode == 0, told.decode()[-3000:]
    return time.monotonic() - begun


def rows(home: Home) -> dict[str, str]:
    reader, told = open_reader(home), {}
    for table, columns in COMPARED.items():
        found = reader.query(f"SELECT {columns} FROM {{{table}}} ORDER BY ALL", viewer=EVERYTHING)
        told[table] = f"{found.num_rows} {hashlib.sha256(repr(found.to_pylist()).encode()).hexdigest()}"
    assert lag(home, reader).chunks_behind == 0
    with closing(sqlite3.connect(home.index / "keywords.sqlite")) as words:
        told["index"] = repr(words.execute("SELECT id, hash FROM chunk ORDER BY id").fetchall())
        told["words"] = repr(words.execute("SELECT count(*) FROM words").fetchall())
    return told


def kill_and_finish(folder: Path, *, rounds: int, seed: int) -> int:
    source = folder / "source"
    generate(source, conversations=80, seed=seed, end=date(2026, 11, 15))
    settings, calm = source / "settings.toml", Home(folder / "calm")
    seconds = finish(calm, settings)
    undisturbed, chance, killed = rows(calm), random.Random(seed), 0
    for number in range(rounds):
        home = Home(folder / f"round{number}")
        process = start(home, settings)
        time.sleep(chance.uniform(0.2, 1.0) * seconds)
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        finish(home, settings)
        assert rows(home) == undisturbed, f"round {number}"
    return killed


@pytest.mark.slow
def test_the_whole_line_may_be_killed_twenty_times(tmp_path: Path) -> None:
    assert kill_and_finish(tmp_path, rounds=20, seed=11) >= 10
