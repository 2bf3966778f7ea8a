"""Whatever a family started is gone when its block ends: grandchildren, the detached, the deaf."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jobs.family import Family

# A child that starts a detached grandchild, writes both ids down and waits.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {body!r}], start_new_session=True)
open({out!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(60)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def pids_in(file: Path) -> list[int]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if file.exists() and len(file.read_text().split()) == 2:
            return [int(pid) for pid in file.read_text().split()]
        time.sleep(0.02)
    raise AssertionError("the child did not start")


@pytest.mark.parametrize("body", ["import time; time.sleep(60)", DEAF])
def test_nothing_is_left_of_a_child_and_its_detached_child(tmp_path: Path, body: str) -> None:
    out = tmp_path / "pids"
    script = PARENT.format(body=body, out=str(out))
    with Family(patience_s=0.5) as family:
        family.start([sys.executable, "-c", script], cwd=tmp_path, env=os.environ)
        pids = pids_in(out)
        assert all(is_alive(pid) for pid in pids)
    assert not any(is_alive(pid) for pid in pids)


def test_a_child_ends_when_its_parent_is_killed_outright(tmp_path: Path) -> None:
    out = tmp_path / "pids"
    script = (
        "import os, sys, time; from pathlib import Path; from jobs.family import Family\n"
        "family = Family().__enter__()\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "child = family.start(command, cwd=Path('.'), env=os.environ)\n"
        f"Path({str(out)!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(60)\n"
    )
    project = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=project)
    pids = pids_in(out)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while is_alive(pids[1]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(pids[1])


def test_wait_gives_the_exit_code(tmp_path: Path) -> None:
    with Family() as family:
        process = family.start([sys.executable, "-c", "raise SystemExit(3)"], cwd=tmp_path, env=os.environ)
        assert family.wait(process) == 3
