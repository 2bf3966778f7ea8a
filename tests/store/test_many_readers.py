"""Processes that read while another publishes and cleans up: they see whole generations, and no error."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.home import PROJECT, Home
from store import generations
from store.writer import Writer

READERS, GENERATIONS, KEPT, PER_GENERATION = 3, 20, 2, 50

# Reads as a page does until a file says stop: every number must be one generation's, and never go back.
READ = """
import json, sys
from pathlib import Path
from core.home import Home
from core.viewer import EVERYTHING
from store.reader import open_reader

home, stop, per = Home(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
tables = ("conversations", "messages", "conversation_facts")
seen, reads, errors, last = set(), 0, [], 0
while not stop.exists() or last < int(stop.read_text() or 0):
    try:
        reader = open_reader(home)
        counts = [reader.query(f"SELECT count(*) AS n FROM {{{t}}}", viewer=EVERYTHING)["n"][0].as_py() for t in tables]
        if set(counts) != {per * reader.number} or reader.number < last:
            errors.append(f"generation {reader.number} after {last}: {counts}")
        seen.add(reader.number)
        reads, last = reads + 1, reader.number
    except Exception as error:
        errors.append(f"{type(error).__name__}: {error}")
    if len(errors) > 5:
        break
print(json.dumps({"seen": sorted(seen), "reads": reads, "errors": errors}))
"""


def publish(home: Home, number: int) -> None:
    writer = Writer(home, run_id=f"run-{number}")
    with writer.transaction():
        for table in ("conversations", "messages", "conversation_facts"):
            writer.execute(
                f"INSERT INTO {table} (source_id, conversation_id) SELECT 's', 'c' || ({number} * 1000 + i) "
                f"FROM range({PER_GENERATION}) AS t(i)"
            )
    writer.close()
    assert generations.publish(home, writer.path, keep=KEPT).number == number


def test_readers_of_other_processes_see_every_generation_whole(home: Home, tmp_path: Path) -> None:
    publish(home, 1)
    stop = tmp_path / "stop"
    line = [sys.executable, "-c", READ, str(home.root), str(stop), str(PER_GENERATION)]
    readers = [
        subprocess.Popen(line, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    try:
        for number in range(2, GENERATIONS + 1):
            publish(home, number)
            time.sleep(0.02)
    finally:
        scratch = stop.with_suffix(".tmp")
        scratch.write_text(str(GENERATIONS))
        scratch.rename(stop)
    for reader in readers:
        out, err = reader.communicate(timeout=120)
        assert reader.returncode == 0, err[-2000:]
        told = json.loads(out)
        assert told["errors"] == []
        assert told["reads"] > 0 and told["seen"][-1] == GENERATIONS
    assert generations.all_generations(home) == [GENERATIONS - 1, GENERATIONS]


# --- kill -9 within a publish ---

# The steps of a publish after which the process is killed: where it may be when the power of a machine goes.
KILL = """
import os, shutil, signal, sys
from pathlib import Path
from core.home import Home
from store import generations

home, moment = Home(Path(sys.argv[1])), sys.argv[2]


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def half_copied(source, target):
    data = Path(source).read_bytes()
    Path(target).write_bytes(data[: len(data) // 2])
    die()


def after(call, times=1):
    calls = []

    def wrapped(*args):
        result = call(*args)
        calls.append(1)
        if len(calls) == times:
            die()
        return result

    return wrapped


if moment == "before the copy":
    generations._copy = die
elif moment == "within the copy":
    shutil.copyfile = half_copied
elif moment == "after the copy":
    shutil.copyfile = after(shutil.copyfile)
elif moment == "after the first sync":
    generations.sync = after(generations.sync)
elif moment == "after the rename":
    generations.sync = after(generations.sync, 2)
elif moment == "before the pointer":
    generations._point = die
elif moment == "after the pointer is written":
    generations.sync = after(generations.sync, 3)
elif moment == "after the pointer":
    generations.sync = after(generations.sync, 4)
elif moment == "before the old ones go":
    generations._forget_old = die
generations.publish(home, home.warehouse / "work.duckdb", keep=2, state="new")
"""
MOMENTS = {
    "before the copy": 3, "within the copy": 3, "after the copy": 3, "after the first sync": 3, "after the rename": 3,
    "before the pointer": 3, "after the pointer is written": 3, "after the pointer": 4, "before the old ones go": 4,
}  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_publish_may_be_killed_between_any_two_steps(home: Home, moment: str) -> None:
    from core.viewer import EVERYTHING
    from store.checksums import damage
    from store.reader import open_reader

    for number in range(1, 4):
        publish(home, number)
    writer = Writer(home, run_id="run-4")
    writer.execute("INSERT INTO conversations (source_id, conversation_id) VALUES ('s', 'new')")
    writer.close()
    line = [sys.executable, "-c", KILL, str(home.root), moment]
    killed = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr[-2000:]
    # Readers see the old generation or the new one, whole.
    current = generations.current(home)
    assert current.number == MOMENTS[moment] and damage(current.path) is None
    expected = 3 * PER_GENERATION + (current.number == 4)
    found = open_reader(home).query("SELECT count(*) AS n FROM {conversations}", viewer=EVERYTHING)
    assert found["n"][0].as_py() == expected
    # The next start publishes under a number that nobody has seen, and leaves nothing behind.
    before = generations.all_generations(home)
    made = generations.publish(home, home.warehouse / "work.duckdb", keep=2, state="new")
    assert made.number == max(before) + 1 and generations.current(home) == made
    assert damage(made.path) is None and len(generations.all_generations(home)) == 2
    assert not list(home.warehouse.rglob("*.tmp"))
    found = open_reader(home).query("SELECT count(*) AS n FROM {conversations}", viewer=EVERYTHING)
    assert found["n"][0].as_py() == 3 * PER_GENERATION + 1
