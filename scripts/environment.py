"""Create .venv and install the locked requirements into it. Standard library only: it runs before them.

`python3 scripts/environment.py [--dev]` does that and nothing else; scripts/run.py uses the same steps.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
STAMP = VENV / "installed.json"
OLDEST = (3, 11)
UV = "uv==0.13.8"
GIGABYTE = 1_000_000_000
NEEDED_TO_INSTALL = 3 * GIGABYTE
NEEDED_TO_RUN = GIGABYTE // 4
_NEWER_PYTHONS = ("python3.13", "python3.12", "python3.14", "python3.11")


def stop(sentence: str) -> NoReturn:
    """Say in one sentence what is missing, and leave."""
    print(f"supportlens: {sentence}", file=sys.stderr)
    sys.exit(1)


def say(text: str) -> None:
    """One line of progress."""
    print(f"  {text}", flush=True)


def require_python() -> None:
    """Go on with a Python that is new enough: this one, or another on the PATH; else say so."""
    if sys.version_info < OLDEST:
        for name in _NEWER_PYTHONS:
            path = shutil.which(name)
            if path and _is_new_enough(path):
                os.execv(path, [path, *sys.argv])  # noqa: S606 - the same script, by a newer Python
        stop(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}: install one, "
             "or name it with `make run PYTHON=/path/to/python3`.")  # fmt: skip
    try:
        import ensurepip
        import venv  # noqa: F401 - only asked whether they are there

        ensurepip.version()
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        stop(f"Python's venv module is missing: install it (Debian, Ubuntu: "
             f"`sudo apt install python{version}-venv`) and run the command again.")  # fmt: skip


def _is_new_enough(python: str) -> bool:
    code = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def require_disk(needed: int) -> None:
    """Stop when the disk of the checkout has less than `needed` bytes free."""
    free = shutil.disk_usage(PROJECT).free
    if free < needed:
        stop(f"{needed / GIGABYTE:.1f} GB of free disk are needed in {PROJECT}, and only "
             f"{free / GIGABYTE:.1f} GB are left.")  # fmt: skip


def venv_python() -> Path:
    """The interpreter of .venv."""
    return VENV / "bin" / "python"


def is_installed(lock: str) -> bool:
    """Whether exactly this lock was installed into this .venv, in this place."""
    return venv_python().exists() and _stamp().get(lock) == _wanted(lock)


def install(*, dev: bool = False) -> None:
    """Bring .venv to the state of the lock; does nothing when it is there already."""
    lock = "requirements-dev.lock" if dev else "requirements.lock"
    if is_installed(lock):
        return
    with _one_at_a_time():
        if is_installed(lock):
            return
        require_disk(NEEDED_TO_INSTALL)
        started = time.monotonic()
        _create_venv()
        packages = sum(1 for line in (PROJECT / lock).read_text().splitlines() if "==" in line)
        say(f"installing {packages} packages into .venv (once; it takes about 1.5 GB)")
        if not (_install_with_uv(lock) or _install_with_pip(lock)):
            stop("the packages could not be installed, for the reason printed above: most often the package "
                 "index cannot be reached; run the same command again when it can.")  # fmt: skip
        _write_stamp(lock, dev=dev)
        say(f"installed in {time.monotonic() - started:.0f} s")


def _create_venv() -> None:
    place = _stamp().get("place")
    if place not in (None, str(VENV)):  # a venv does not survive being moved
        say("the folder was moved: making .venv again")
        shutil.rmtree(VENV)
    if not (venv_python().exists() and _is_new_enough(str(venv_python()))):
        say(f"creating .venv with Python {sys.version.split()[0]}")
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode:
            stop("the virtual environment .venv could not be created, for the reason printed above.")
    if _run([str(venv_python()), "-m", "pip", "--version"], quiet=True):
        _run([str(venv_python()), "-m", "ensurepip", "--upgrade"], quiet=True)


def _install_with_uv(lock: str) -> bool:
    """uv takes seconds where pip takes minutes; it is itself installed by pip, into .venv."""
    python, uv = str(venv_python()), VENV / "bin" / "uv"
    if not uv.exists() and _run([python, "-m", "pip", "install", "--quiet", UV]):
        say("uv cannot be installed here: going on with pip")
        return False
    trust = ["--system-certs"] if _has_system_certificates() else []
    if _run([str(uv), "pip", "install", *trust, "--python", python, "-r", lock]) == 0:
        return True
    say("uv could not install them: trying with pip, which takes some minutes")
    return False


def _has_system_certificates() -> bool:
    """Companies add theirs to the system's; a slim container may have none, and uv brings its own."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())))


def _install_with_pip(lock: str) -> bool:
    return _run([str(venv_python()), "-m", "pip", "install", "-r", lock]) == 0


def _run(command: list[str], *, quiet: bool = False) -> int:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "VIRTUAL_ENV": str(VENV)}
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(command, cwd=PROJECT, env=environment, stdout=output, stderr=output, check=False)
    return done.returncode


def _wanted(lock: str) -> str:
    return hashlib.sha256((PROJECT / lock).read_bytes()).hexdigest()


def _stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(lock: str, *, dev: bool) -> None:
    stamp = {"place": str(VENV), lock: _wanted(lock)}
    if dev:  # the developers' lock holds every line of the other one
        stamp["requirements.lock"] = _wanted("requirements.lock")
    STAMP.write_text(json.dumps(stamp, indent=1))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two installations into one .venv would disturb each other: the second waits."""
    folder = os.open(PROJECT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another installation is running: waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    require_python()
    install(dev="--dev" in sys.argv[1:])
