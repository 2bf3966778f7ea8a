"""Looks at the files of a home: which is damaged, and what cures it. Nothing is changed.

What could end the program, reading a file whose checksums are wrong or a damaged vector index, is done by a
process of its own: `python -m jobs.damage HOME work|generation|index`.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from core import encryption
from core.errors import ConfigError, StoreError, WarehouseLocked
from core.home import PROJECT, Home
from jobs.findings import Check
from store import generations
from store.checksums import damage, read_everything
from store.cipher import is_encrypted
from store.connection import connect
from store.database import LOST_WITH_IT
from store.lock import holder, refresh_lock

PATIENCE_S = 600


def damaged_files(home: Home) -> Iterator[Check]:
    """One line per kind of file that is there."""
    for look in (_work, _workspace, _generations, _index):
        try:
            yield from look(home)
        except Exception as error:  # whatever a damaged home does, the other looks go on
            yield Check(look.__name__.strip("_"), "broken", f"could not be looked at: {error}")


def _work(home: Home) -> Iterator[Check]:
    path = home.warehouse / "work.duckdb"
    if not path.is_file():
        if generations.all_generations(home):
            yield Check(
                "work file", "note", f"{path} is missing.", "The next refresh reads every source again."
            )
        return
    if _is_refreshing(home):
        yield Check("work file", "ok", "a refresh is writing it: not looked at.")
        return
    if _is_locked(home, path):
        yield Check("work file", "note", f"{path} is not looked at: it is encrypted and does not open.")
        return
    problem = damage(path) or _unread(home, path, "work")
    if problem and _is_refreshing(home):
        yield Check("work file", "ok", "a refresh is writing it: not looked at.")
    elif problem and (told := _elsewhere(home, "work")):
        yield Check("work file", "broken", f"{path}: {problem} ({told}).", _cure_of_work(home, path))
    elif problem:
        yield Check("work file", "note", f"{path}: {problem}; all rows can be read, so no row lies in them.")
    else:
        yield Check("work file", "ok", "every block of the work file is sound.")


def _unread(home: Home, path: Path, what: str) -> str | None:
    """An encrypted file tells nothing of its blocks, so it is read whole."""
    return _elsewhere(home, what) if is_encrypted(path) else None


def _is_locked(home: Home, path: Path) -> bool:
    """Whether an encrypted file does not open: said by the look at encryption, and no reason to throw it away."""
    if not is_encrypted(path):
        return False
    try:
        connect(path, home, read_only=True).close()
    except (ConfigError, WarehouseLocked):
        return True
    except StoreError:
        return False  # damaged, or a refresh has begun: seen by whoever reads it
    return False


def _is_refreshing(home: Home) -> bool:
    try:
        return holder(home) is not None
    except OSError:  # a folder that may not be written to: nobody refreshes there
        return False


def _cure_of_work(home: Home, path: Path) -> str:
    aside = f"move it away, with {path.name}.wal if that is there, and run `python -m jobs refresh`"
    whole = _newest_whole(home)
    if whole is None:
        return f"To cure it, {aside}: every source is read again."
    return (
        f"To cure it, {aside}: every source is read again, and what is published stays. Quicker: put a copy of "
        f"{whole} in its place first, then only what is newer is read again."
    )


def _newest_whole(home: Home) -> Path | None:
    for number in reversed(generations.all_generations(home)):
        path = generations.file_of(home, number)
        if damage(path) is None:
            return path
    return None


def _workspace(home: Home) -> Iterator[Check]:
    path = home.workspace_db
    if not path.is_file():
        return
    problem = _sqlite_problem(path)
    if problem:
        hint = (
            f"Put a backup in its place, or move it away, with {path.name}-wal and {path.name}-shm if they are there: "
            f"{LOST_WITH_IT} Conversations are not in it; erased persons stay away by the certificates in {home.erasures}."
        )
        yield Check("workspace", "broken", f"{path}: {problem}.", hint)
    else:
        yield Check("workspace", "ok", "what people created can be read.")


def _sqlite_problem(path: Path) -> str | None:
    """What SQLite finds wrong with a file, or None."""
    for way in (
        "mode=ro",
        "immutable=1",
    ):  # a folder that may not be written to can only be read the second way
        try:
            with closing(sqlite3.connect(f"file:{path}?{way}", uri=True, timeout=10)) as con:
                rows = con.execute("PRAGMA quick_check(3)").fetchall()
            told = "; ".join(str(row[0]) for row in rows)
            return None if told == "ok" else told.replace("\n", " ")
        except sqlite3.OperationalError as error:
            if way == "immutable=1" or "locked" in str(error):
                return None if "locked" in str(error) else str(error)
        except sqlite3.DatabaseError as error:
            return str(error)
    return None


def _generations(home: Home) -> Iterator[Check]:
    """The pointer, the published file, and the older ones that a rollback would go back to."""
    numbers = generations.all_generations(home)
    current = generations.current_or_none(home)
    if current is None:
        pointer, hint = (
            home.warehouse / "CURRENT",
            "Run `python -m jobs refresh`: it publishes the data again.",
        )
        if pointer.is_file():
            yield Check("pointer", "broken", f"{pointer}, which says what is published, is damaged.", hint)
        elif numbers:
            yield Check("pointer", "broken", f"{pointer} is missing, and generations are there.", hint)
        return
    if not current.path.is_file():
        hint = "Run `python -m jobs refresh`: it publishes the data again. Until then `python -m jobs rollback` may help."
        yield Check("generation", "broken", f"{current.path} is missing.", hint)
    elif _is_locked(home, current.path):
        yield Check("published file", "note", f"{current.path} is not looked at: it does not open.")
    elif problem := damage(current.path) or _unread(home, current.path, "generation"):
        hint = f"Delete {current.path} and run `python -m jobs refresh`: it publishes the data again."
        if any(number < current.number for number in numbers):
            hint += " Until then `python -m jobs rollback` shows the data before."
        yield Check("generation", "broken", f"{current.path}: {problem}.", hint)
    else:
        yield Check("published file", "ok", f"every block of generation {current.number} is sound.")
    for number in numbers:
        path = generations.file_of(home, number)
        if path != current.path and (problem := damage(path)):
            yield Check(f"generation {number}", "note", f"{path}: {problem}; nobody reads it.",
                        "Delete it: a rollback cannot go back to it.")  # fmt: skip


def _index(home: Home) -> Iterator[Check]:
    words, dense = home.index / "keywords.sqlite", home.index / "chroma" / "chroma.sqlite3"
    problems = [
        f"{path}: {told}" for path in (words, dense) if path.is_file() and (told := _sqlite_problem(path))
    ]
    if not problems and dense.is_file() and (told := _elsewhere(home, "index")):
        problems = [f"{dense.parent}: {told}"]
    if problems:
        hint = f"Delete {home.index} and run `python -m jobs refresh`: the index is built again from the stored vectors."
        yield Check("index files", "broken", f"{'; '.join(problems)}.", hint)
    elif words.is_file():
        yield Check("index files", "ok", "the search index can be read.")


def _elsewhere(home: Home, what: str) -> str | None:
    """Try it in a process of its own; what went wrong, or None."""
    line = [sys.executable, "-m", "jobs.damage", str(home.root), what]
    environment = {**os.environ, **encryption.variables(home)}
    try:
        done = subprocess.run(
            line,
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"reading it takes longer than {PATIENCE_S} s"
    if done.returncode < 0:
        return f"reading it ends the program with signal {-done.returncode}"
    told = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return None if done.returncode == 0 else (told[-1] if told else f"exit code {done.returncode}")


def _try(home: Home, what: str) -> None:
    if what == "work":
        with refresh_lock(home, run_id="doctor", wait_s=5):
            read_everything(home.warehouse / "work.duckdb", home)
        return
    if what == "generation":
        read_everything(generations.current(home).path, home)
        return
    from rag.index import probe

    probe(home)


def main(root: str, what: str) -> int:
    """Exit code 0 when it can be read; else the reason on stdout."""
    try:
        _try(Home(Path(root)), what)
    except Exception as error:  # every reason counts
        print(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
