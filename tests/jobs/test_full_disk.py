"""A disk that fills up in the middle: what was published stays, it is said why, and room is all that is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.home import PROJECT

PROGRAM = Path(__file__).with_name("full_disk_program.py")
REWRITE = Path(__file__).with_name("full_disk_rewrite_program.py")


def own_disk(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A shell line with a disk of 64 MB of its own at `folder`, which nobody else sees."""
    mount = f'mount -t tmpfs -o size=64m tmpfs {folder} && exec "$@"'
    line = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", *words]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.run(line, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    if shutil.which("unshare") is None or own_disk(tmp_path, "true").returncode:
        pytest.skip("this system gives nobody a disk of his own")
    return tmp_path


def test_what_was_published_stays_and_the_next_refresh_brings_all(disk: Path) -> None:
    """100 KB: not even the run log can be written any more. 6 MB: a page or two, and then no more."""
    done = own_disk(disk, sys.executable, str(PROGRAM), str(disk), "100", "6000")
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert set(told) == {"100", "6000"}
    for free, found in told.items():
        status, message = found["full"]
        assert status in ("failed", "partial", "disk_full"), free
        assert "disk" in message and "SQL" not in message and "Error" not in message, message
        assert found["seen"] == 2_000, "readers see what was published before"
        assert found["after"][:2] == ["ok", ""] and found["rows"] == 8_000, free
    assert "filled up" in told["6000"]["after"][2], "the next refresh says what happened to the one before"


def test_a_work_file_that_cannot_be_written_anew_says_why_and_leaves_nothing_in_the_way(disk: Path) -> None:
    """Half the room that it takes: what a rule or an erasure took out is gone only when all that stays was copied."""
    done = own_disk(disk, sys.executable, str(REWRITE), str(disk))
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["first"] == ["ok", "", 8_000]
    status, message, seen, left = told["no room"]
    assert (status, seen, left) == ("failed", 8_000, [])
    assert message.startswith("disk_full") and "written anew" in message and "reserve" not in message
    code, message, left = told["in the middle"]
    assert code == "disk_full" and "filled up while the work file was written anew" in message and left == []
    assert told["room"] == ["ok", "", 6_000, []]
    assert told["killed"] == ["ok", "", []]
