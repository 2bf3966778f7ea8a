"""`make lock`: resolve the requirements again, exactly, for every platform, without naming an index."""

from __future__ import annotations

import subprocess
import sys

from environment import PROJECT, VENV

COMMON = ("--universal", "--python-version", "3.11", "--no-emit-index-url", "--quiet",
          "--custom-compile-command", "make lock")  # fmt: skip


def lock(source: str, target: str, *more: str) -> int:
    """Write one lock file; an existing one is kept as far as it still fits."""
    command = [str(VENV / "bin" / "uv"), "pip", "compile", source, "-o", target, *COMMON, *more]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode


if __name__ == "__main__":
    upgrade = sys.argv[1:]  # for example --upgrade-package chromadb
    sys.exit(
        lock("requirements.txt", "requirements.lock", *upgrade)
        or lock("requirements-dev.txt", "requirements-dev.lock", "-c", "requirements.lock", *upgrade)
    )
